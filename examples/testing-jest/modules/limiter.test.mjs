import { Redis } from 'ioredis'
import { createTestServer } from 'zerodis/testing'
import { Limiter } from '../limiter.js'

test('the store of the environment', async () => {
  const redis = new Redis({ Connector: store.Connector })
  const limiter = new Limiter(redis, { limit: 1, windowMs: 1000 })
  expect([await limiter.allows('ann'), await limiter.allows('ann')]).toEqual([true, false])
  store.clock.advance(1000)
  expect(await limiter.allows('ann')).toBe(true)
  await redis.quit()
})

test('a store of its own', async () => {
  const own = await createTestServer({ frozen: true })
  const redis = new Redis({ Connector: own.Connector })
  await redis.set('k', 'v', 'EX', 1)
  own.clock.advance(1000)
  expect(await redis.get('k')).toBe(null)
  await redis.quit()
  await own.close()
})
