import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { workerServer } from 'zerodis/testing'

test('a worker has a store of its own', async () => {
  const redis = new Redis(workerServer().url)
  const key = `file-of-worker-${process.env.VITEST_POOL_ID}`
  await redis.set(key, 'a')
  expect(await redis.keys('*')).toEqual([key])
  await redis.quit()
})
