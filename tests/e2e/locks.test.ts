/** Redlock and rate-limiter-flexible as applications use them, over TCP. */
import { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'

// Its package has no types.
// @ts-expect-error
const { default: Redlock } = await import('redlock')

const clock = new ManualClock()
let server: Server
let listener: TcpListener
let redis: Redis

beforeAll(async () => {
  server = createServer({ clock })
  listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
  redis = new Redis({ port: listener.port })
})
afterAll(async () => {
  redis.disconnect()
  await listener.close(0)
  await server.close()
})
beforeEach(() => redis.flushall())

describe('redlock', () => {
  test('lets one at a time into what it guards, and lets go', async () => {
    const redlock = new Redlock([redis], { retryCount: 200, retryDelay: 5, retryJitter: 5 })
    let inside = 0
    let most = 0
    let total = 0
    const enter = async (): Promise<void> => {
      const lock = await redlock.lock('locks:account', 5_000)
      most = Math.max(most, ++inside)
      const read = total
      await redis.ping()
      total = read + 1
      inside--
      await lock.unlock()
    }
    await Promise.all(Array.from({ length: 20 }, enter))
    expect([most, total, await redis.exists('locks:account')]).toEqual([1, 20, 0])
  })

  test('holds several resources or none, extends only what is its own, and does not free the lock of another', async () => {
    const redlock = new Redlock([redis], { retryCount: 0 })
    const lock = await redlock.lock(['a', 'b'], 5_000)
    await expect(redlock.lock(['b', 'c'], 5_000)).rejects.toThrow(/Exceeded 0 attempts/)
    expect(await redis.exists('a', 'b', 'c')).toBe(2)
    const longer = await lock.extend(60_000)
    expect(await redis.pttl('a')).toBeGreaterThan(50_000)
    await redis.set('a', 'somebody else')
    await expect(longer.extend(60_000)).rejects.toThrow()
    await longer.unlock().catch(() => {})
    expect(await redis.mget('a', 'b')).toEqual(['somebody else', null])
  })
})

describe('rate-limiter-flexible on ioredis', () => {
  test('counts points, blocks past them, penalises, rewards and forgets', async () => {
    const limiter = new RateLimiterRedis({ storeClient: redis, points: 5, duration: 60, blockDuration: 600 })
    for (let left = 4; left >= 0; left--) expect(await limiter.consume('ip')).toMatchObject({ remainingPoints: left })
    const refused = await limiter.consume('ip').catch((reason) => reason)
    expect(refused).toBeInstanceOf(RateLimiterRes)
    expect(refused.msBeforeNext).toBeGreaterThan(590_000)
    expect(await redis.pttl('rlflx:ip')).toBeGreaterThan(590_000)
    expect(await limiter.delete('ip')).toBe(true)
    expect(await limiter.penalty('ip', 3)).toMatchObject({ consumedPoints: 3 })
    expect(await limiter.reward('ip', 2)).toMatchObject({ consumedPoints: 1 })
    expect(await limiter.get('ip')).toMatchObject({ consumedPoints: 1, remainingPoints: 4 })
  })

  test('is exact under many requests at once, and begins anew when the time is over', async () => {
    const limiter = new RateLimiterRedis({ storeClient: redis, points: 50, duration: 10 })
    const passing = async (): Promise<number> => {
      const all = await Promise.allSettled(Array.from({ length: 200 }, () => limiter.consume('crowd')))
      return all.filter(({ status }) => status === 'fulfilled').length
    }
    expect(await passing()).toBe(50)
    clock.advance(10_000)
    expect(await passing()).toBe(50)
  })
})
