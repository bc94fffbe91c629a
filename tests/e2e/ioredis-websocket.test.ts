/** ioredis 5 and 6, unmodified, over WebSocket. */
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ConnectorOptions, connector } from '../../lib/ioredis.ts'
import { createServer, type Server } from '../../lib/server.ts'

const TOKEN = 'secret-token'

/** What both versions have in common, as the types of the newer say it. */
const versions: readonly (readonly [string, typeof Redis])[] = [
  ['ioredis 6', Redis],
  ['ioredis 5', Redis5 as unknown as typeof Redis],
]

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe.each(versions)('%s over WebSocket', (_, Client) => {
  let server: Server
  let url: string
  let redis: Redis
  const connect = (options: ConnectorOptions = { token: TOKEN }) => new Client({ Connector: connector(url, options) })

  beforeAll(async () => {
    server = createServer({ 'rest-token': TOKEN, 'rest-read-only-token': 'read-only', log: () => {} })
    const { httpPort } = await server.listen({ port: false, httpPort: 0 })
    url = `ws://127.0.0.1:${httpPort}`
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    redis = connect()
    await redis.flushall()
  })
  afterEach(() => redis.disconnect())

  test('reads and writes text and binary, short and long', async () => {
    await redis.set('text', 'héllo ☃ 💾')
    expect(await redis.get('text')).toBe('héllo ☃ 💾')
    const binary = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => i & 255))
    await redis.set('binary', binary)
    expect((await redis.getBuffer('binary'))!.equals(binary)).toBe(true)
  })

  test('pipelines and transactions', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 5000; i++) pipeline.incr('counter')
    const results = await pipeline.exec()
    expect(results![4999]).toEqual([null, 5000])
    expect(await redis.multi().set('a', '1').incr('a').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
    ])
  })

  test('runs scripts, also those that it defines as commands', async () => {
    expect(await redis.eval("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}", 1, 'k', 'a')).toEqual([
      'k',
      'a',
      1,
    ])
    redis.defineCommand('addTwice', {
      numberOfKeys: 1,
      lua: "redis.call('INCRBY', KEYS[1], ARGV[1]) return redis.call('INCRBY', KEYS[1], ARGV[1])",
    })
    const scripted = redis as Redis & { addTwice(key: string, amount: number): Promise<number> }
    expect(await scripted.addTwice('k', 10)).toBe(21)
    expect(await scripted.addTwice('k', 1)).toBe(23) // by EVALSHA from now on
  })

  test('waits for a list', async () => {
    const waiting = redis.duplicate()
    const popped = waiting.blpop('queue', 5)
    await until(() => server.engine.blocking.size === 1)
    await redis.rpush('queue', 'job')
    expect(await popped).toEqual(['queue', 'job'])
    waiting.disconnect()
  })

  test('subscribes, and hears messages in order', async () => {
    const subscriber = connect()
    const messages: string[] = []
    subscriber.on('message', (channel: string, message: string) => messages.push(`${channel} ${message}`))
    subscriber.on('pmessage', (_: string, channel: string, message: string) => messages.push(`p ${channel} ${message}`))
    expect(await subscriber.subscribe('chat')).toBe(1)
    expect(await subscriber.psubscribe('ch*')).toBe(2)
    for (let i = 0; i < 100; i++) expect(await redis.publish('chat', `${i}`)).toBe(2)
    await until(() => messages.length === 200)
    expect(messages.filter((message) => !message.startsWith('p '))).toEqual(
      Array.from({ length: 100 }, (_, i) => `chat ${i}`),
    )
    await subscriber.quit()
  })

  test('takes the token from the URL, and the read-only one', async () => {
    const reader = new Client({ Connector: connector(`${url}/api/redis/ws?token=read-only`) })
    expect(await reader.get('k')).toBeNull()
    await expect(reader.set('k', 'v')).rejects.toThrow('NOPERM')
    reader.disconnect()
  })

  test('a wrong token is an error that says so', async () => {
    const stranger = new Client({ Connector: connector(url, { token: 'wrong' }), retryStrategy: () => null })
    const errors: Error[] = []
    stranger.on('error', (error: Error) => errors.push(error))
    await expect(stranger.get('k')).rejects.toThrow()
    expect(String(errors[0])).toContain('401')
  })

  test('says AUTH where the server has a password', async () => {
    await redis.config('SET', 'requirepass', 'secret')
    const client = new Client({ Connector: connector(url), password: 'secret' })
    expect(await client.set('k', 'v')).toBe('OK')
    await client.config('SET', 'requirepass', '')
    client.disconnect()
  })

  test('comes back after it was disconnected', async () => {
    const id = await redis.client('ID')
    const other = redis.duplicate()
    await other.call('CLIENT', 'KILL', 'ID', `${id}`)
    expect(await redis.ping()).toBe('PONG')
    expect(await redis.client('ID')).not.toBe(id)
    other.disconnect()
  })

  test('QUIT and disconnect leave nothing behind', async () => {
    const client = connect()
    await client.ping()
    await client.quit()
    redis.disconnect()
    await until(() => server.clientCount === 0)
  })
})
