/** ioredis, as applications use it, over TCP. */
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'

describe('ioredis', () => {
  let server: Server
  let listener: TcpListener
  let port: number
  let redis: Redis

  beforeAll(async () => {
    server = createServer({ requirepass: 'secret' })
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    port = listener.port
  })

  afterAll(async () => {
    await listener.close(0)
    await server.close()
  })

  beforeEach(async () => {
    redis = new Redis({ port, password: 'secret' })
    await redis.flushall()
  })

  afterEach(() => redis.disconnect())

  test('connects by URL with a password, a user, a database and a name', async () => {
    const client = new Redis(`redis://default:secret@127.0.0.1:${port}/3`, { connectionName: 'by-url' })
    await client.set('k', 'in three')
    expect(await client.client('GETNAME')).toBe('by-url')
    expect(await redis.get('k')).toBeNull()
    await redis.select(3)
    expect(await redis.get('k')).toBe('in three')
    client.disconnect()
  })

  test('comes in as a user of the ACL, who is held to his rules', async () => {
    await redis.acl('SETUSER', 'alice', 'on', '>pw', '~a:*', '+@read', '+set', '+info', '+client')
    const client = new Redis(`redis://alice:pw@127.0.0.1:${port}`)
    expect(await client.set('a:1', 'v')).toBe('OK')
    expect(await client.get('a:1')).toBe('v')
    await expect(client.get('b')).rejects.toThrow('NOPERM No permissions to access a key')
    await expect(client.del('a:1')).rejects.toThrow("has no permissions to run the 'del' command")
    await redis.acl('DELUSER', 'alice')
    client.disconnect()
  })

  test('is refused with a wrong password', async () => {
    const client = new Redis({ port, password: 'wrong', lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => {})
    await expect(client.get('k')).rejects.toThrow()
    client.disconnect()
  })

  test('reads and writes text and binary', async () => {
    await redis.set('text', 'héllo ☃ 💾')
    expect(await redis.get('text')).toBe('héllo ☃ 💾')
    const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    await redis.set('binary', binary)
    expect(await redis.getBuffer('binary')).toEqual(binary)
  })

  test('pipelines', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 5000; i++) pipeline.incr('counter')
    pipeline.lpush('counter', 'x')
    const results = await pipeline.exec()
    expect(results).toHaveLength(5001)
    expect(results![4999]).toEqual([null, 5000])
    expect(results![5000][0]?.message).toContain('WRONGTYPE')
  })

  test('runs transactions, and sees a watched key change', async () => {
    expect(await redis.multi().set('a', '1').incr('a').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
    ])
    await redis.watch('a')
    const other = redis.duplicate()
    await other.set('a', '7')
    expect(await redis.multi().incr('a').exec()).toBeNull()
    other.disconnect()
  })

  test('waits for a list', async () => {
    const waiting = redis.duplicate()
    const popped = waiting.blpop('queue', 5)
    await until(() => server.engine.blocking.size === 1)
    await redis.rpush('queue', 'job')
    expect(await popped).toEqual(['queue', 'job'])
    waiting.disconnect()
  })

  test('scans as a stream', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 1000; i++) pipeline.set(`key:${i}`, 'v')
    await pipeline.exec()
    const found = new Set<string>()
    for await (const keys of redis.scanStream({ match: 'key:*', count: 50 })) for (const key of keys) found.add(key)
    expect(found.size).toBe(1000)
  })

  test('gets the shapes of the types', async () => {
    await redis.hset('hash', { a: '1', b: '2' })
    expect(await redis.hgetall('hash')).toEqual({ a: '1', b: '2' })
    await redis.zadd('zset', 1.5, 'one', 2, 'two')
    expect(await redis.zrange('zset', '0', '-1', 'WITHSCORES')).toEqual(['one', '1.5', 'two', '2'])
    await redis.sadd('set', 'x', 'y')
    expect((await redis.smembers('set')).sort()).toEqual(['x', 'y'])
    const id = await redis.xadd('stream', '*', 'f', 'v')
    expect(await redis.xrange('stream', '-', '+')).toEqual([[id, ['f', 'v']]])
  })

  test('publishes and subscribes, to channels and to patterns', async () => {
    const reader = redis.duplicate()
    const heard: string[][] = []
    reader.on('message', (channel, message) => heard.push([channel, message]))
    reader.on('pmessage', (pattern, channel, message) => heard.push([pattern, channel, message]))
    expect(await reader.subscribe('news', 'weather')).toBe(2)
    expect(await reader.psubscribe('n*')).toBe(3)
    expect(await redis.publish('news', 'hello')).toBe(2)
    expect(await redis.publish('weather', 'rain')).toBe(1)
    await until(() => heard.length === 3)
    expect(heard).toEqual([
      ['news', 'hello'],
      ['n*', 'news', 'hello'],
      ['weather', 'rain'],
    ])
    expect(await reader.unsubscribe('news')).toBe(2)
    expect(await redis.publish('news', 'again')).toBe(1)
    reader.disconnect()
  })

  test('monitors', async () => {
    const monitor = await redis.duplicate().monitor()
    const seen: string[][] = []
    monitor.on('monitor', (_time, argv) => seen.push(argv))
    await redis.set('watched', 'v')
    await until(() => seen.some((argv) => argv.join(' ') === 'set watched v'))
    monitor.disconnect()
  })

  test('comes back after it was disconnected', async () => {
    const id = await redis.client('ID')
    const other = redis.duplicate()
    await other.call('CLIENT', 'KILL', 'ID', `${id}`)
    expect(await redis.ping()).toBe('PONG')
    expect(await redis.client('ID')).not.toBe(id)
    other.disconnect()
  })
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
