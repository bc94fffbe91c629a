/**
 * @upstash/ratelimit over REST and in process, with each of its algorithms. It takes the time of the process, which is the
 * store's as well here: it stands still until a test moves it.
 */
import { type Algorithm, type Duration, Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../lib/base/clock.ts'
import { createRedis } from '../../lib/index.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'

const START = Date.UTC(2026, 0, 1)
const seconds = (count: number): void => {
  vi.setSystemTime(Date.now() + count * 1000)
}

describe.each(['over REST', 'in process'])('@upstash/ratelimit %s', (door) => {
  let rest: RestServer
  let redis: Redis
  beforeAll(async () => {
    rest = await httpRest({ clock: { ...systemClock, now: () => Date.now() } })
    redis = door === 'in process' ? createRedis({ server: rest.server }) : new Redis({ url: rest.url, token: TOKEN })
  })
  afterAll(() => rest.close())
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START })
    await redis.flushall()
    await redis.scriptFlush()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  type Limiter = Algorithm<{ redis: Redis }>
  const limited = (limiter: unknown, options: object = {}) =>
    new Ratelimit({ redis, limiter: limiter as Limiter & never, ephemeralCache: false, ...options })
  /** How many of these requests pass. */
  const passing = async (ratelimit: Ratelimit, count: number, id = 'user'): Promise<number> => {
    let passed = 0
    for (let i = 0; i < count; i++) if ((await ratelimit.limit(id)).success) passed++
    return passed
  }
  const ten: Duration = '10 s'

  it('counts in fixed windows', async () => {
    const ratelimit = limited(Ratelimit.fixedWindow(5, ten))
    expect(await ratelimit.limit('user')).toMatchObject({
      success: true,
      limit: 5,
      remaining: 4,
      reset: START + 10_000,
    })
    expect(await passing(ratelimit, 10)).toBe(4)
    expect(await passing(ratelimit, 3, 'other')).toBe(3)
    seconds(9)
    expect((await ratelimit.limit('user')).success).toBe(false)
    seconds(1)
    expect(await passing(ratelimit, 10)).toBe(5)
  })

  it('counts in a sliding window, in which what is past weighs less and less', async () => {
    const ratelimit = limited(Ratelimit.slidingWindow(10, ten))
    expect(await passing(ratelimit, 12)).toBe(10)
    seconds(12)
    // A fifth of the window is over: 8 of the 10 still count.
    expect(await passing(ratelimit, 10)).toBe(2)
    seconds(3)
    expect(await passing(ratelimit, 10)).toBe(3)
    expect((await ratelimit.getRemaining('user')).remaining).toBe(0)
    seconds(30)
    expect(await passing(ratelimit, 12)).toBe(10)
  })

  it('hands out tokens from a bucket that fills up', async () => {
    const ratelimit = limited(Ratelimit.tokenBucket(3, ten, 8))
    expect(await passing(ratelimit, 10)).toBe(8)
    seconds(10)
    expect(await passing(ratelimit, 10)).toBe(3)
    seconds(25)
    expect(await passing(ratelimit, 10)).toBe(6)
    seconds(100)
    expect((await ratelimit.limit('user', { rate: 5 })).remaining).toBe(3)
    expect((await ratelimit.limit('user', { rate: 5 })).success).toBe(false)
  })

  it('counts in fixed windows with a cache, which the store follows', async () => {
    const cache = new Map<string, number>()
    const ratelimit = limited(Ratelimit.cachedFixedWindow(5, ten), { ephemeralCache: cache })
    const pending: Promise<unknown>[] = []
    let passed = 0
    for (let i = 0; i < 10; i++) {
      const answer = await ratelimit.limit('user')
      pending.push(answer.pending)
      if (answer.success) passed++
    }
    await Promise.all(pending)
    expect(passed).toBe(5)
    const [key] = await redis.keys('*')
    expect(await redis.get(key)).toBe(5)
    // Another instance, whose cache is empty, learns of it.
    const other = limited(Ratelimit.cachedFixedWindow(5, ten), { ephemeralCache: new Map() })
    expect((await other.limit('user')).success).toBe(false)
    seconds(10)
    expect(await passing(ratelimit, 10)).toBe(5)
  })

  it('is exact under many requests at once', async () => {
    const ratelimit = limited(Ratelimit.slidingWindow(50, ten))
    const answers = await Promise.all(Array.from({ length: 200 }, () => ratelimit.limit('crowd')))
    expect(answers.filter(({ success }) => success)).toHaveLength(50)
    expect(
      answers
        .map(({ remaining }) => remaining)
        .sort((a, b) => b - a)
        .slice(0, 51),
    ).toEqual([...Array.from({ length: 50 }, (_, i) => 49 - i), 0])
  })

  it('forgets on request, and counts what is left', async () => {
    const ratelimit = limited(Ratelimit.fixedWindow(5, ten))
    await passing(ratelimit, 3)
    expect(await ratelimit.getRemaining('user')).toMatchObject({ remaining: 2, reset: START + 10_000 })
    await ratelimit.resetUsedTokens('user')
    expect(await passing(ratelimit, 10)).toBe(5)
  })
})
