import { test as base, expect } from '@playwright/test'
import { Redis } from 'ioredis'
import { fixtures, workerServer } from 'zerodis/testing'

const test = base.extend(fixtures())

test('a test that names the store has one of its own', async ({ store }) => {
  const redis = new Redis({ Connector: store.Connector })
  await redis.set('visits', 1, 'EX', 60)
  store.clock.advance(60_000)
  expect(await redis.get('visits')).toBe(null)
  await redis.quit()
})

test('a worker has a store of its own', async () => {
  const redis = new Redis(workerServer().url)
  const key = `file-of-worker-${process.env.TEST_PARALLEL_INDEX}`
  await redis.set(key, 'b')
  expect(await redis.keys('*')).toEqual([key])
  await redis.quit()
})
