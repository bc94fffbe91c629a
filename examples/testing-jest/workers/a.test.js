const { Redis } = require('ioredis')
const { workerServer } = require('zerodis/testing')

test('a worker has a store of its own', async () => {
  const redis = new Redis(workerServer().url)
  const key = `file-of-worker-${process.env.JEST_WORKER_ID}`
  await redis.set(key, 'a')
  expect(await redis.keys('*')).toEqual([key])
  await redis.quit()
})
