/** Upstash's own packages through a server that keeps nothing, in front of a genuine Redis: over REST and in process. */
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { createClient } from '@vercel/kv'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRedis } from '../../lib/index.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'

describe.skipIf(genuineVersion === undefined).each(['over REST', 'in process'])('%s', (door) => {
  let genuine: Genuine
  let rest: RestServer
  let redis: Redis

  beforeAll(async () => {
    genuine = await Genuine.start()
    rest = await httpRest({ upstream: `unix:${genuine.path}` })
    redis = door === 'in process' ? createRedis({ server: rest.server }) : new Redis({ url: rest.url, token: TOKEN })
  })
  afterAll(async () => {
    await rest.close()
    await genuine.stop()
  })
  beforeEach(() => redis.flushall())

  test('@upstash/redis keeps values of every kind', async () => {
    for (const value of ['text', 'é€😀', '', 42, -1.5, true, { a: [1, null, { b: 'c' }] }, [1, 'two'], 'OK']) {
      expect(await redis.set('k', value)).toBe('OK')
      expect(await redis.get('k')).toEqual(value)
    }
    expect(await redis.get('none')).toBe(null)
    expect(await redis.hset('h', { a: 1, b: { c: 2 } })).toBe(2)
    expect(await redis.hgetall('h')).toEqual({ a: 1, b: { c: 2 } })
    expect(await redis.zadd('z', { score: 1.5, member: 'one' }, { score: 2, member: 'two' })).toBe(2)
    expect(await redis.zrange('z', 0, -1, { withScores: true })).toEqual(['one', 1.5, 'two', 2])
    expect(await redis.lpush('l', 'a', 'b')).toBe(2)
    expect(await redis.xadd('x', '1-1', { field: 'v' })).toBe('1-1')
    const [cursor, found] = await redis.scan('0', { withType: true, count: 100 })
    expect(cursor).toBe('0')
    expect(new Map(found.map(({ key, type }) => [key, type]))).toEqual(
      new Map([
        ['k', 'string'],
        ['h', 'hash'],
        ['z', 'zset'],
        ['l', 'list'],
        ['x', 'stream'],
      ]),
    )
  })

  test('@upstash/redis runs pipelines, transactions and scripts', async () => {
    const pipeline = redis.pipeline().set('a', 1).incr('a').get('a')
    expect(await pipeline.exec()).toEqual(['OK', 2, 2])
    expect(await redis.multi().set('b', 1).incr('b').exec()).toEqual(['OK', 2])
    await redis.set('text', 'x')
    await expect(redis.multi().incr('text').exec()).rejects.toThrow(/not an integer/)
    const script = redis.createScript<string>("return redis.call('GET', KEYS[1])")
    expect(await script.exec(['text'], [])).toBe('x')
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow(
      /NOSCRIPT No matching script\. Please use EVAL\./,
    )
  })

  test('@upstash/redis hears messages', async () => {
    const messages: unknown[] = []
    const subscription = redis.subscribe<string>(['chat'])
    const heard = new Promise<void>((resolve) => {
      subscription.on('message', ({ message }) => {
        messages.push(message)
        resolve()
      })
    })
    while ((await redis.publish('chat', 'hello')) === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await heard
    expect(messages[0]).toBe('hello')
    await subscription.unsubscribe()
  })

  test('@upstash/ratelimit counts', async () => {
    for (const limiter of [Ratelimit.slidingWindow(3, '60 s'), Ratelimit.tokenBucket(3, '60 s', 3)]) {
      const ratelimit = new Ratelimit({ redis, limiter, ephemeralCache: false, prefix: `${Math.random()}` })
      const passed = []
      for (let i = 0; i < 5; i++) passed.push((await ratelimit.limit('user')).success)
      expect(passed).toEqual([true, true, true, false, false])
    }
  })

  test.skipIf(door === 'in process')('@vercel/kv pipelines by itself', async () => {
    const kv = createClient({ url: rest.url, token: TOKEN })
    await kv.set('user', { name: 'é' }, { ex: 60 })
    expect(await Promise.all([kv.get('user'), kv.incr('visits'), kv.incr('visits')])).toEqual([{ name: 'é' }, 1, 2])
    const keys = new Set<string>()
    for await (const key of kv.scanIterator({ count: 1 })) keys.add(key)
    expect(keys).toEqual(new Set(['user', 'visits']))
    expect(await kv.multi().set('a', 1).incr('a').exec()).toEqual(['OK', 2])
  })
})
