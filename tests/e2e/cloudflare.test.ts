/** The entry for Cloudflare in Cloudflare's own runtime (workerd, by Miniflare): all doors, and what an object keeps. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { smoke } from '../../examples/smoke.mjs'
import { buildApplication, type Sizes } from './cloudflare/application.ts'
import { Host } from './cloudflare/runtime.ts'

const TOKEN = 'token-of-objects'
const VARIABLES = {
  KV_REST_API_TOKEN: TOKEN,
  KV_REST_API_READ_ONLY_TOKEN: 'token-of-readers',
  ZERODIS_TOKENS: JSON.stringify({ 'token-of-a': 'a', 'token-of-b': 'b' }),
}

const folder = mkdtempSync(join(tmpdir(), 'cloudflare-'))
const startHost = (): Promise<Host> => Host.start(folder, join(folder, 'storage'), VARIABLES)
/** Starting the runtime takes seconds: one serves all tests, each with objects of its own. */
let host: Host
let sizes: Sizes
beforeAll(async () => {
  sizes = await buildApplication(folder)
  host = await startHost()
}, 120_000)
afterAll(async () => {
  await host.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** A WebSocket whose messages can be waited for. */
class Client {
  readonly #socket: WebSocket
  received = ''

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      this.received += data.toString()
    })
  }

  static async open(url: string, format = ''): Promise<Client> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?token=${TOKEN}${format}`)
    const client = new Client(socket)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return client
  }

  send(text: string): void {
    this.#socket.send(Buffer.from(text))
  }

  say(text: string): void {
    this.#socket.send(text)
  }

  async sees(text: string, withinMs = 10_000): Promise<void> {
    for (const until = Date.now() + withinMs; !this.received.includes(text); ) {
      if (Date.now() > until) throw new Error(`no ${JSON.stringify(text)} in ${JSON.stringify(this.received)}`)
      await pause(10)
    }
  }

  close(): void {
    this.#socket.terminate()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('is small: its code with the SDK, and the modules of WebAssembly for themselves', () => {
  expect(sizes.code).toBeLessThanOrEqual(350 * 1024)
  expect(sizes.modules).toBeLessThanOrEqual(105 * 1024)
})

// It takes half a minute to fall asleep and to wait, while others are asked.
describe.concurrent('an object', () => {
  test('sleeps while WebSockets are open, and goes on where it was; a transaction that is being queued keeps it awake', async () => {
    const path = '/db/sleeper'
    const runId = async (): Promise<string> =>
      /run_id:(\w+)/.exec(String(await host.ask(['INFO', 'server'], { path })))![1]
    const subscriber = await Client.open(host.url + path)
    subscriber.send('HELLO 3\r\nCLIENT SETNAME me\r\nSELECT 2\r\nSUBSCRIBE c\r\nPSUBSCRIBE p*\r\n')
    await subscriber.sees('psubscribe')
    const waiter = await Client.open(host.url + path)
    waiter.send('BLPOP list 0\r\n')
    const patient = await Client.open(host.url + path)
    patient.send('BLPOP none 20\r\n')
    const page = await Client.open(host.url + path, '&format=json')
    page.say('["SUBSCRIBE","c"]')
    await page.sees('subscribe')
    const queuing = await Client.open(`${host.url}/db/awake`)
    queuing.send('MULTI\r\nINCR n\r\n')
    await queuing.sees('+QUEUED\r\n')
    const before = await runId()
    const waitsSince = Date.now()
    await pause(13_000)
    expect(await host.ask(['PUBLISH', 'c', 'late'], { path })).toBe(2)
    expect(await runId()).not.toBe(before)
    await subscriber.sees('late')
    await page.sees('late')
    await host.ask(['RPUSH', 'list', 'x'], { path })
    await waiter.sees('*2\r\n$4\r\nlist\r\n$1\r\nx\r\n')
    await patient.sees('*-1\r\n', 15_000)
    expect(Date.now() - waitsSince).toBeLessThan(24_000)
    subscriber.send('CLIENT GETNAME\r\n')
    await subscriber.sees('$2\r\nme\r\n')
    queuing.send('EXEC\r\n')
    await queuing.sees('*1\r\n:1\r\n')
    for (const client of [subscriber, waiter, patient, page, queuing]) client.close()
  }, 60_000)

  test('answers REST, path commands, pipelines, transactions, bytes and streams of events', async () => {
    await smoke(host.url, TOKEN)
    const redis = new Redis({ url: `${host.url}/db/rest`, token: TOKEN })
    await redis.set('k', { a: 1 })
    expect(await redis.get('k')).toEqual({ a: 1 })
    await redis.hset('h', { f: 'v' })
    await redis.zadd('z', { score: 1, member: 'm' })
    await redis.json.set('j', '$', { n: 1 })
    expect(await redis.pipeline().hgetall('h').zscore('z', 'm').json.get('j', '$.n').xlen('x').exec()).toEqual([
      { f: 'v' },
      1,
      [1],
      0,
    ])
    const info = String(await host.ask(['INFO', 'everything']))
    expect(info).toMatch(/store_kind:durable-object\r\n/)
    expect(info).toMatch(/used_cpu_user:0/)
    expect(await host.ask(['RESTORE', 'copy', 0, 'x'])).toBe('ERR DUMP payload version or checksum are wrong')
    expect(await host.ask(['BITCOUNT', 'none'])).toBe(0)
    expect(await host.ask(['CONFIG', 'GET', 'maxmemory'])).toEqual(['maxmemory', `${64 * 2 ** 20}`])
    expect(await host.ask(['BGSAVE'])).toMatch(/^ERR unknown command/)
    expect(await host.ask(['REPLICAOF', 'h', '1'])).toMatch(/^ERR/)
  })

  test('is found by a token or a path, and by nobody without a token', async () => {
    const names = [{ path: '' }, { path: '/db/default' }, { path: '/db/c' }, ...tokens('a', 'b', 'a')]
    const counts = []
    for (const name of names) counts.push(await host.ask(['INCR', 'count'], name))
    expect(counts).toEqual([1, 2, 1, 1, 1, 2])
    expect(await host.ask(['INCR', 'n'], { token: 'wrong' })).toBe('WRONGPASS invalid or missing auth token')
    expect(await host.ask(['INCR', 'n'], { token: 'token-of-readers' })).toMatch(/^NOPERM/)
    expect((await fetch(`${host.url}/healthz`)).status).toBe(200)
  })

  test('removes keys and fields when their time comes, with nobody asking for them', async () => {
    const path = '/db/expiry'
    const at = Date.now() + 3000
    await host.ask(['HSET', 'h', 'f', 'v', 'g', 'w'], { path })
    await host.ask(['HPEXPIREAT', 'h', at, 'FIELDS', '1', 'f'], { path })
    await host.ask(['SET', 'a', '1', 'PXAT', at], { path })
    await host.ask(['SET', 'b', '1', 'EX', '1000'], { path })
    await pause(at + 2000 - Date.now())
    expect(await host.ask(['DBSIZE'], { path })).toBe(2)
    const stats = String(await host.ask(['INFO', 'stats'], { path }))
    expect(stats).toMatch(/expired_keys:1\r\n/)
    expect(stats).toMatch(/expired_subkeys:1\r\n/)
  })

  test('runs Lua with its libraries, and ends what does not end', async () => {
    const path = '/db/lua'
    const incr = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
    expect(await host.ask(['EVAL', incr, '1', 'n', '5'], { path })).toBe(5)
    const json = 'return cjson.encode(cjson.decode(ARGV[1]))'
    expect(await host.ask(['EVAL', json, '0', '[1,{"a":2}]'], { path })).toBe('[1,{"a":2}]')
    await host.ask(['CONFIG', 'SET', 'lua-hard-time-limit', '100'], { path })
    expect(await host.ask(['EVAL', 'while true do end', '0'], { path })).toMatch(/100/)
    expect(await host.ask(['GET', 'n'], { path })).toBe('5')
  })

  test('is called by other Workers: execute, redis() and the SDK', async () => {
    expect(await host.call('execute', 'SET', 'k', 'v')).toBe('OK')
    expect(await host.call('execute', 'GET', 'k')).toBe('v')
    expect(await host.call('execute', 'INCR', 'k')).toMatch(/not an integer/)
    expect(await host.call('redis', 'hset', 'h', { a: 1 })).toBe(1)
    expect(await host.call('redis', 'hgetall', 'h')).toEqual({ a: 1 })
    expect(await host.call('sdk', 'set', 's', { b: 2 })).toBe('OK')
    expect(await host.call('sdk', 'get', 's')).toEqual({ b: 2 })
    expect(await host.call('multi', 'm')).toEqual([1, 2])
  })

  test('ends waits over REST and WebSockets in time', async () => {
    const path = '/db/waits'
    const startedAt = Date.now()
    expect(await host.ask(['BLPOP', 'none', '0.5'], { path })).toBe(null)
    expect(Date.now() - startedAt).toBeGreaterThan(450)
    const popped = host.ask(['BLPOP', 'list', '9'], { path })
    await pause(300)
    await host.ask(['RPUSH', 'list', 'x'], { path })
    expect(await popped).toEqual(['list', 'x'])
    const client = await Client.open(host.url + path)
    client.send('BLPOP none 0.3\r\n')
    await client.sees('*-1\r\n')
    client.close()
  })

  test('speaks RESP2, RESP3 and JSON over WebSockets', async () => {
    const path = '/db/sockets'
    const client = await Client.open(host.url + path)
    client.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGE')
    client.send('T\r\n$1\r\nk\r\n')
    await client.sees('+OK\r\n$1\r\nv\r\n')
    client.send('HELLO 3\r\nSUBSCRIBE c\r\n')
    await client.sees('>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n')
    expect(await host.ask(['PUBLISH', 'c', 'hello'], { path })).toBe(1)
    await client.sees('>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n')
    const page = await Client.open(host.url + path, '&format=json')
    page.say('["GET","k"]')
    await page.sees('{"result":"v"}')
    page.close()
    client.close()
    const refused = await new Promise((resolve) => {
      const socket = new WebSocket(`${host.url.replace('http', 'ws')}/ws?token=wrong`)
      socket.on('error', () => {})
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode))
    })
    expect(refused).toBe(401)
  })
})

describe('an object that is killed', () => {
  test('has all that it acknowledged after kill -9 in the midst of writes', async () => {
    const path = '/db/killed'
    const long = 'x'.repeat(3 * 2 ** 20)
    expect(await host.ask(['SET', 'long', long], { path })).toBe('OK')
    const library = "#!lua name=l\nredis.register_function('f', function() return 7 end)"
    expect(await host.ask(['FUNCTION', 'LOAD', library], { path })).toBe('l')
    const hasSnapshot = async (): Promise<boolean> =>
      /store_snapshot_position:[1-9]/.test(String(await host.ask(['INFO', 'store'], { path })))
    for (let tries = 0; tries < 100 && !(await hasSnapshot()); tries++) await pause(50)
    expect(await hasSnapshot()).toBe(true)

    const written = [-1, -1, -1, -1]
    const write = async (n: number): Promise<void> => {
      for (let i = 0; ; i++) {
        const reply = await host.ask(['SET', `k:${n}:${i}`, 'v'.repeat(100)], { path }).catch(() => undefined)
        if (reply !== 'OK') return
        written[n] = i
      }
    }
    const writers = written.map((_, n) => write(n))
    while (written.reduce((sum, last) => sum + last + 1, 0) < 300) await pause(5)
    await host.kill()
    await Promise.all(writers)
    host = await startHost()
    for (const [n, last] of written.entries()) {
      const keys = Array.from({ length: last + 1 }, (_, i) => `k:${n}:${i}`)
      expect(await host.ask(['EXISTS', ...keys], { path })).toBe(keys.length)
    }
    expect(await host.ask(['STRLEN', 'long'], { path })).toBe(long.length)
    expect(await host.ask(['FCALL', 'f', '0'], { path })).toBe(7)
  }, 120_000)
})

function tokens(...names: readonly string[]): { readonly token: string }[] {
  return names.map((name) => ({ token: `token-of-${name}` }))
}
