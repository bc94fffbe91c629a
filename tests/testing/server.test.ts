/** `zerodis/testing`, with the clients that applications use. */
import { existsSync } from 'node:fs'
import { Redis as Upstash } from '@upstash/redis'
import { Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { afterEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, type TestServerOptions } from '../../lib/testing.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function create(options?: TestServerOptions): Promise<TestServer> {
  const store = await createTestServer(options)
  closing.push(() => store.close())
  return store
}

function ioredis(store: TestServer): Redis {
  const redis = new Redis({ Connector: store.Connector, retryStrategy: () => 1 })
  closing.push(() => redis.disconnect())
  return redis
}

describe('clients', () => {
  test('ioredis 6 and 5 work without a socket: pipelines, large values, subscriptions, blocking commands', async () => {
    const store = await create()
    const old = new Redis5({ Connector: store.Connector })
    closing.push(() => old.disconnect())
    for (const redis of [ioredis(store), old] as Redis[]) {
      const large = 'x'.repeat(3_000_000)
      const pipeline = redis.pipeline()
      for (let i = 0; i < 20; i++) pipeline.set('large', large).get('large')
      const replies = await pipeline.exec()
      expect(replies!.filter(([error, reply]) => error === null && reply === large)).toHaveLength(20)
      const subscriber = redis.duplicate()
      closing.push(() => subscriber.disconnect())
      const heard = new Promise((resolve) => subscriber.once('message', (...args) => resolve(args)))
      await subscriber.subscribe('chat')
      await redis.publish('chat', 'hello')
      expect(await heard).toEqual(['chat', 'hello'])
      const waiting = redis.duplicate()
      closing.push(() => waiting.disconnect())
      const popped = waiting.blpop('queue', 0)
      await redis.rpush('queue', 'job')
      expect(await popped).toEqual(['queue', 'job'])
      await redis.quit()
    }
  })

  test('over TCP, REST and a Unix socket the same keys are there', async () => {
    const store = await create({ unixSocket: true, requirepass: 'pa:ss' })
    const overTcp = new Redis(store.url)
    closing.push(() => overTcp.disconnect())
    const overRest = new Upstash({ url: store.restUrl, token: store.token })
    const overSocket = createClient({ socket: { path: store.socketPath, tls: false }, password: 'pa:ss' })
    await overSocket.connect()
    closing.push(() => overSocket.close())
    await overTcp.set('k', 'v')
    expect([await overRest.get('k'), await overSocket.get('k'), store.execute('GET', 'k')]).toEqual(['v', 'v', 'v'])
    const { socketPath } = store
    overSocket.destroy()
    closing.pop()
    await store.close()
    expect(existsSync(socketPath)).toBe(false)
  })

  test('BullMQ works on it', async () => {
    const store = await create()
    const connection = new Redis({ Connector: store.Connector, maxRetriesPerRequest: null })
    const queue = new Queue('mail', { connection })
    const events = new QueueEvents('mail', { connection })
    const worker = new Worker('mail', async ({ data }) => data.n * 2, { connection })
    closing.push(async () => {
      await Promise.all([worker.close(), queue.close(), events.close()])
      connection.disconnect()
    })
    const job = await queue.add('double', { n: 21 })
    expect(await job.waitUntilFinished(events)).toBe(42)
  })
})

describe('time', () => {
  test('moves keys, fields, blocked clients and ids of streams', async () => {
    const store = await create({ now: new Date('2030-01-01T00:00:00Z'), frozen: true })
    const redis = ioredis(store)
    await redis.set('k', 'v', 'EX', 60)
    await redis.hset('h', 'f', '1')
    await redis.hpexpire('h', 1000, 'FIELDS', 1, 'f')
    expect(await redis.xadd('s', '*', 'a', '1')).toBe(`${Date.UTC(2030, 0)}-0`)
    const popped = redis.blpop('queue', 30)
    await expect.poll(() => store.execute('INFO', 'clients')).toContain('blocked_clients:1')
    store.clock.advance(29_999)
    expect(store.execute('INFO', 'clients')).toContain('blocked_clients:1')
    store.clock.advance(1)
    expect(await popped).toBe(null)
    expect(store.execute('DBSIZE')).toBe(2) // the hash went with its field
    store.clock.advance(30_000)
    expect(store.execute('DBSIZE')).toBe(1)
    expect(await redis.xadd('s', '*', 'a', '1')).toBe(`${Date.UTC(2030, 0) + 60_000}-0`)
  })

  test('goes on by itself where it is not frozen', async () => {
    const store = await create()
    const redis = ioredis(store)
    expect(await redis.blpop('queue', 0.01)).toBe(null)
    store.clock.advance(3_600_000)
    const [seconds] = await redis.time()
    expect(+seconds * 1000 - Date.now()).toBeGreaterThan(3_590_000)
    const popped = redis.blpop('queue', 0.05)
    store.clock.freeze()
    store.clock.resume()
    expect(await popped).toBe(null)
    expect(() => store.clock.advance(-1)).toThrow(RangeError)
  })

  test('a day passes at once, and keys of it are told to be gone', async () => {
    const store = await create({ 'notify-keyspace-events': 'Ex' })
    const redis = ioredis(store)
    const heard: string[] = []
    const subscriber = redis.duplicate()
    closing.push(() => subscriber.disconnect())
    subscriber.on('message', (_channel, key) => heard.push(key))
    await subscriber.subscribe('__keyevent@0__:expired')
    for (let i = 0; i < 200; i++) await redis.set(`k${i}`, 'v', 'EX', 3600 + i)
    store.clock.advance(86_400_000)
    await subscriber.ping()
    expect(heard).toHaveLength(200)
  })
})

describe('state', () => {
  test('is kept and brought back: keys, times, databases, functions; connections stay', async () => {
    const store = await create({ frozen: true })
    const redis = ioredis(store)
    await redis.mset('a', '1', 'b', '2')
    await redis.expire('a', 60)
    store.execute('FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 7 end)")
    const before = store.snapshot()
    await redis.del('a')
    await redis.set('c', '3')
    await redis.function('FLUSH')
    await redis.watch('b')
    store.restore(before)
    expect(await redis.multi().get('b').exec()).toBe(null)
    expect([await redis.get('a'), await redis.ttl('a'), await redis.exists('c')]).toEqual(['1', 60, 0])
    expect(await redis.fcall('f', 0)).toBe(7)
  })

  test('is copied by a fork, and each goes on by itself', async () => {
    const store = await create({ now: 1_000_000_000_000, frozen: true, maxmemory: '50mb' })
    store.execute('SET', 'k', 'v', 'PX', '500')
    const fork = await store.fork()
    closing.push(() => fork.close())
    fork.clock.advance(500)
    fork.execute('SET', 'mine', '1')
    expect([store.execute('GET', 'k'), store.execute('GET', 'mine')]).toEqual(['v', null])
    expect([fork.execute('GET', 'k'), fork.execute('CONFIG', 'GET', 'maxmemory')]).toEqual([
      null,
      ['maxmemory', '52428800'],
    ])
  })
})

describe('faults', () => {
  test('a command fails as often as asked, whichever client sends it, and then no more', async () => {
    const store = await create()
    const redis = ioredis(store)
    store.faults.failNext('set', 'ERR disk on fire', 2)
    await expect(redis.set('k', 'v')).rejects.toThrow('ERR disk on fire')
    store.execute('SET', 'k', 'mine')
    const rest = new Upstash({ url: store.restUrl, token: store.token, retry: false })
    await expect(rest.set('k', 'v')).rejects.toThrow('disk on fire')
    expect(await redis.set('k', 'v')).toBe('OK')
    store.faults.failNext('config|get', 'ERR no')
    await expect(redis.config('GET', 'maxmemory')).rejects.toThrow('ERR no')
    expect(() => store.faults.failNext('sett', 'ERR')).toThrow("there is no command 'sett'")
  })

  test('loading, readonly and oom answer as Redis does', async () => {
    const store = await create()
    const redis = new Redis({ Connector: store.Connector, enableReadyCheck: false })
    closing.push(() => redis.disconnect())
    await redis.set('k', 'v')
    store.faults.readonly()
    await expect(redis.set('k', 'w')).rejects.toThrow("READONLY You can't write against a read only replica.")
    expect(await redis.get('k')).toBe('v')
    store.faults.clear()
    store.faults.oom()
    await expect(redis.set('k', 'w')).rejects.toThrow("OOM command not allowed when used memory > 'maxmemory'.")
    expect(await redis.del('k')).toBe(1)
    store.faults.oom(false)
    store.faults.loading()
    await expect(redis.get('k')).rejects.toThrow('LOADING Redis is loading the dataset in memory')
    expect(await redis.info('server')).toContain('redis_version')
    store.faults.loading(false)
    expect(await redis.set('k', 'w')).toBe('OK')
  })

  test('a slow command waits by the clock of the store, and others of that client behind it', async () => {
    const store = await create({ frozen: true })
    const redis = ioredis(store)
    await redis.set('k', 'v')
    store.faults.delay('get', 1000)
    const got = redis.get('k')
    let isThere = false
    void got.then(() => (isThere = true))
    const after = redis.set('k', 'later')
    await expect.poll(() => store.execute('INFO', 'commandstats')).toContain('cmdstat_info')
    const other = ioredis(store)
    for (let i = 0; i < 5; i++) await other.ping()
    expect([isThere, store.execute('GET', 'k')]).toEqual([false, 'v'])
    store.clock.advance(1000)
    expect([await got, await after]).toEqual(['v', 'OK'])
  })

  test('connections are cut, and clients come again', async () => {
    const store = await create()
    const [inMemory, overTcp] = [ioredis(store), new Redis(store.url, { retryStrategy: () => 1 })]
    closing.push(() => overTcp.disconnect())
    await Promise.all([inMemory.ping(), overTcp.ping()])
    for (const redis of [inMemory, overTcp]) redis.on('error', () => {}) // 'close' follows
    const cut = Promise.all([inMemory, overTcp].map((redis) => new Promise((resolve) => redis.once('close', resolve))))
    store.faults.disconnectAll()
    await cut
    expect(await Promise.all([inMemory.ping(), overTcp.ping()])).toEqual(['PONG', 'PONG'])
  })
})
