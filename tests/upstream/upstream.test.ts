/** What holds in front of a genuine Redis besides what it answers: connections, faults, rights, streams. */
import { connect as connectTcp, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { RespClient } from '../clients/resp.ts'
import { EventReader } from '../clients/sse.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'

const TOKEN = 'full-token'
const READER = 'read-only-token'

describe.skipIf(genuineVersion === undefined)('an upstream', () => {
  let genuine: Genuine
  let control: RespClient
  let server: Server

  beforeAll(async () => {
    genuine = await Genuine.start()
    control = await genuine.connect()
  })
  afterAll(async () => {
    control.close()
    await genuine.stop()
  })
  beforeEach(async () => {
    await control.send(['FLUSHALL'])
    server = open()
  })
  afterEach(() => server.close())

  function open(options: ServerOptions = {}): Server {
    return createServer({
      upstream: `unix:${genuine.path}`,
      'rest-token': TOKEN,
      'rest-read-only-token': READER,
      log: () => {},
      ...options,
    })
  }

  async function ask(path: string, init: { body?: unknown; token?: string; headers?: Record<string, string> } = {}) {
    const { body, token = TOKEN, headers = {} } = init
    const response = await server.fetch(
      new Request(`http://store.test${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
    return {
      status: response.status,
      text,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    }
  }

  const connections = async (): Promise<number> =>
    ((await control.send(['CLIENT', 'LIST'])) as string).split('\n').filter((line) => line.includes('name=zerodis'))
      .length

  describe('over REST', () => {
    test('takes every form of a request', async () => {
      expect(await ask('/', { body: ['SET', 'k', 'v\u00e9'] })).toMatchObject({ status: 200, json: { result: 'OK' } })
      expect((await ask('/get/k')).json).toEqual({ result: 'v\u00c3\u00a9' })
      expect((await ask('/set/b?EX=100', { body: 'bin\u0000' })).json).toEqual({ result: 'OK' })
      expect(await control.send(['TTL', 'b'])).toBe(100)
      const pipeline = [['INCR', 'n'], ['LPUSH', 'n', 'x'], [], ['INCR', 'n'], ['NO_SUCH']]
      expect((await ask('/pipeline', { body: pipeline })).json).toEqual([
        { result: 1 },
        { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
        { error: 'ERR empty pipeline command' },
        { result: 2 },
        { error: "ERR unknown command 'NO_SUCH', with args beginning with: " },
      ])
      expect(
        (
          await ask('/multi-exec', {
            body: [
              ['INCR', 'n'],
              ['LPUSH', 'n', 'x'],
              ['GET', 'n'],
            ],
          })
        ).json,
      ).toEqual([
        { result: 3 },
        { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
        { result: '3' },
      ])
      expect(await ask('/multi-exec', { body: [['INCR', 'n'], ['INCR']] })).toMatchObject({
        status: 400,
        json: { error: 'EXECABORT Transaction discarded because of previous errors.' },
      })
      expect((await ask('/get/n')).json).toEqual({ result: '3' })
      const base64 = { headers: { 'upstash-encoding': 'base64' } }
      expect((await ask('/get/k', base64)).json).toEqual({ result: Buffer.from('v\u00e9').toString('base64') })
      const resp2 = { headers: { 'upstash-response-format': 'resp2' } }
      expect((await ask('/get/none', resp2)).text).toBe('$-1\r\n')
      expect((await ask('/set/k/OK', resp2)).text).toBe('+OK\r\n')
      expect((await ask('/get/k', resp2)).text).toBe('$2\r\nOK\r\n')
      expect((await ask('/blpop/none/0.01', resp2)).text).toBe('*-1\r\n')
    })

    test('a pipeline of any length is answered in order, and SELECT holds in it', async () => {
      const many = Array.from({ length: 3000 }, (_, i) => ['RPUSH', 'list', `${i}`])
      const { json } = await ask('/pipeline', { body: many })
      expect(json.map(({ result }: { result: number }) => result)).toEqual(many.map((_, i) => i + 1))
      const selected = [['SELECT', '5'], ['SET', 'five', '1'], ['DBSIZE']]
      expect((await ask('/pipeline', { body: selected })).json).toEqual([
        { result: 'OK' },
        { result: 'OK' },
        { result: 1 },
      ])
      expect((await ask('/exists/five')).json).toEqual({ result: 0 })
    })

    test('what blocks in a pipeline is passed by nothing', async () => {
      const body = [
        ['RPUSH', 'q', 'a'],
        ['BLPOP', 'q', '1'],
        ['LLEN', 'q'],
      ]
      expect((await ask('/pipeline', { body })).json).toEqual([{ result: 1 }, { result: ['q', 'a'] }, { result: 0 }])
    })

    test('the rights of a token hold, and nothing that needs a connection is taken', async () => {
      expect((await ask('/set/k/v', { token: READER })).json).toEqual({
        error: "NOPERM this user has no permissions to run the 'set' command",
      })
      expect((await ask('/get/k', { token: READER })).json).toEqual({ result: null })
      expect((await ask('/keys/*', { token: READER })).status).toBe(400)
      expect((await ask('/no_such', { token: READER })).json.error).toMatch(/^NOPERM/)
      expect((await ask('/get/k', { token: 'wrong' })).status).toBe(401)
      expect((await ask('/subscribe', { body: ['SUBSCRIBE', 'c'] })).status).toBe(400)
      expect((await ask('/', { body: ['WATCH', 'k'] })).json.error).toMatch(/needs a connection that stays/)
      await server.execute('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '+@all')
      const token = (await ask('/', { body: ['ACL', 'RESTTOKEN', 'app', 'pw'] })).json.result
      expect((await ask('/set/app:1/v', { token })).json).toEqual({ result: 'OK' })
      expect((await ask('/set/other/v', { token })).json.error).toMatch(/^NOPERM/)
    })

    test('of a transaction that is discarded nothing is done here, either', async () => {
      const discarded = [['ACL', 'SETUSER', 'late', 'on'], ['NO_SUCH']]
      expect((await ask('/multi-exec', { body: discarded })).text).toContain('EXECABORT')
      expect(await server.execute('ACL', 'GETUSER', 'late')).toBe(null)
      const done = [
        ['INCR', 'n'],
        ['ACL', 'SETUSER', 'late', 'on'],
        ['INCR', 'n'],
      ]
      expect((await ask('/multi-exec', { body: done })).json).toEqual([{ result: 1 }, { result: 'OK' }, { result: 2 }])
    })

    test('scripts and SORT do not reach what a user may not touch', async () => {
      await control.send(['MSET', 'other', 'secret', 'app:n', '1'])
      await control.send(['RPUSH', 'app:list', '1'])
      await server.execute('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '+@all', '-flushall')
      const token = (await ask('/', { body: ['ACL', 'RESTTOKEN', 'app', 'pw'] })).json.result
      for (const body of [
        ['EVAL', "return redis.call('GET', 'other')", '0'],
        ['EVAL_RO', "return redis.call('GET', 'other')", '0'],
        ['EVALSHA', '0'.repeat(40), '0'],
        ['FCALL', 'f', '0'],
      ]) {
        expect((await ask('/', { body, token })).json.error).toMatch(/^NOPERM scripts/)
        expect((await ask('/pipeline', { body: [body], token })).text).toMatch(/NOPERM scripts/)
        expect((await ask('/multi-exec', { body: [body], token })).text).toMatch(/EXECABORT/)
      }
      expect(
        (await ask('/', { body: ['EVAL_RO', "return redis.call('KEYS', '*')", '0'], token: READER })).text,
      ).toMatch(/NOPERM scripts/)
      const sort = ['SORT', 'app:list', 'BY', 'nosort']
      expect((await ask('/', { body: sort, token })).json).toEqual({ result: ['1'] })
      expect((await ask('/', { body: [...sort, 'GET', 'other'], token })).json.error).toMatch(
        /GET option of SORT denied/,
      )
      expect((await ask('/', { body: ['SORT', 'app:list', 'BY', 'x*'], token })).json.error).toMatch(
        /BY option of SORT/,
      )
      expect((await ask('/', { body: ['EVAL', "return redis.call('GET', 'other')", '0'] })).json.result).toBe('secret')
    })

    test('where Upstash differs', async () => {
      await ask('/set/k/v')
      await ask('/lpush/l/1')
      expect((await ask('/copy/k/k')).json).toEqual({ result: 0 })
      const { result } = (await ask('/scan/0/withtype')).json
      expect(result[0]).toBe('0')
      expect(new Map([result[1].slice(0, 2), result[1].slice(2)])).toEqual(
        new Map([
          ['k', 'string'],
          ['l', 'list'],
        ]),
      )
    })
  })

  test('a thousand callers share few connections', async () => {
    await server.close()
    server = open({ 'upstream-max-connections': '6' })
    const callers = Array.from({ length: 1000 }, (_, i) =>
      i % 2 === 0
        ? ask(`/incr/k${i}`)
        : ask('/multi-exec', {
            body: [
              ['INCR', `k${i}`],
              ['INCR', `k${i}`],
            ],
          }),
    )
    const answers = await Promise.all(callers)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await connections()).toBeLessThanOrEqual(6)
    expect(await control.send(['DBSIZE'])).toBe(1000)
  })

  test('200 transfers at once: the total never moves, MULTI never nests', async () => {
    await control.send(['MSET', 'a', '1000', 'b', '1000'])
    const transfers = Array.from({ length: 200 }, (_, i) =>
      ask('/multi-exec', {
        body:
          i % 2
            ? [
                ['INCR', 'a'],
                ['DECR', 'b'],
                ['MGET', 'a', 'b'],
              ]
            : [
                ['DECR', 'a'],
                ['INCR', 'b'],
                ['MGET', 'a', 'b'],
              ],
      }),
    )
    for (const { status, json } of await Promise.all(transfers)) {
      expect(status).toBe(200)
      const [a, b] = json[2].result
      expect(Number(a) + Number(b)).toBe(2000)
    }
    expect(await control.send(['MGET', 'a', 'b'])).toEqual(['1000', '1000'])
  })

  describe('what waits', () => {
    test('waits at the upstream, on a connection of its own, and ends without a loss', async () => {
      const popped = ask('/blpop/q/5')
      await until(async () => /blocked_clients:1/.test((await control.send(['INFO', 'clients'])) as string))
      expect((await ask('/rpush/q/x')).json).toEqual({ result: 1 })
      expect((await popped).json).toEqual({ result: ['q', 'x'] })
    })

    test('for no longer than rest-blocking-timeout', async () => {
      await server.close()
      server = open({ 'rest-blocking-timeout': '50' })
      expect(await ask('/blpop/none/0')).toMatchObject({ status: 200, json: { result: null } })
      expect((await control.send(['INFO', 'clients'])) as string).toMatch(/blocked_clients:0/)
      expect(await connections()).toBeGreaterThan(0)
    })

    test('in bounded numbers, and transactions get by', async () => {
      await server.close()
      server = open({ 'upstream-max-connections': '5' })
      const first = [ask('/blpop/a/5'), ask('/blpop/a/5')]
      await until(async () => /blocked_clients:2/.test((await control.send(['INFO', 'clients'])) as string))
      expect((await ask('/blpop/a/5')).json.error).toMatch(/upstream-max-connections/)
      expect((await ask('/multi-exec', { body: [['SET', 'k', 'v']] })).status).toBe(200)
      await control.send(['RPUSH', 'a', '1', '2'])
      await Promise.all(first)
    })
  })

  describe('in process', () => {
    test('execute returns a promise, whoever answers', async () => {
      const set = server.execute('SET', 'k', 'v')
      expect(set).toBeInstanceOf(Promise)
      expect(await set).toBe('OK')
      const here = server.execute('ACL', 'WHOAMI')
      expect(here).toBeInstanceOf(Promise)
      expect(await here).toBe('default')
      await expect(server.execute('INCR', 'k')).rejects.toThrow('ERR value is not an integer or out of range')
      expect(await server.executeBuffer('GET', 'k')).toEqual(Buffer.from('v'))
    })

    test('WATCH has a connection of its own there', async () => {
      const door = server.inProcess()
      expect(await door.execute('WATCH', 'k')).toBe('OK')
      await control.send(['SET', 'k', 'other'])
      await door.execute('MULTI')
      expect(await door.execute('SET', 'k', 'mine')).toBe('QUEUED')
      expect(await door.execute('EXEC')).toBeNull()
      await door.execute('WATCH', 'k')
      await door.execute('MULTI')
      await door.execute('SET', 'k', 'mine')
      expect(await door.execute('EXEC')).toEqual(['OK'])
      expect(await control.send(['GET', 'k'])).toBe('mine')
      door.close()
    })

    test('messages come from the upstream', async () => {
      const messages = server.inProcess().subscribe('psubscribe', ['c:*'])
      await until(async () => (await control.send(['PUBSUB', 'NUMPAT'])) === 1)
      await control.send(['PUBLISH', 'c:1', 'hello'])
      expect(await messages.next()).toEqual({
        done: false,
        value: { pattern: 'c:*', channel: 'c:1', message: 'hello' },
      })
      messages.close()
    })
  })

  test("INFO tells of the upstream, CONFIG is the upstream's but for what is ours", async () => {
    const info = (await ask('/info')).json.result
    expect(info).toMatch(new RegExp(`redis_version:${genuineVersion}`))
    expect(info).toMatch(/# Upstream\r\nupstream_url:unix:.*\r\nupstream_status:up/)
    expect((await ask('/info/upstream')).json.result).toMatch(/^# Upstream/)
    expect((await ask('/config/set/rest-blocking-timeout/77')).json).toEqual({ result: 'OK' })
    expect((await ask('/config/get/rest-blocking*')).json).toEqual({ result: ['rest-blocking-timeout', '77'] })
    expect((await ask('/config/set/hash-max-listpack-entries/77')).json).toEqual({ result: 'OK' })
    expect(await control.send(['CONFIG', 'GET', 'hash-max-listpack-entries'])).toEqual([
      'hash-max-listpack-entries',
      '77',
    ])
    expect((await ask('/config/set/requirepass/x/maxmemory/0')).json.error).toMatch(/either directives of this process/)
    await control.send(['CONFIG', 'SET', 'requirepass', 'theirs'])
    try {
      expect((await ask('/config/get/require*')).json.result).toEqual(['requirepass', ''])
    } finally {
      await control.send(['CONFIG', 'SET', 'requirepass', ''])
    }
  })

  describe('streams of events', () => {
    async function events(path: string): Promise<EventReader> {
      const response = await server.fetch(
        new Request(`http://store.test${path}`, { headers: { authorization: `Bearer ${TOKEN}` } }),
      )
      expect(response.status).toBe(200)
      return new EventReader(response.body!)
    }

    test('many readers of a channel are one subscriber there', async () => {
      const readers = await Promise.all([
        events('/subscribe/chat'),
        events('/subscribe/chat'),
        events('/psubscribe/ch*'),
      ])
      for (const reader of readers) expect(await reader.next()).toMatch(/^p?subscribe,ch/)
      expect(await control.send(['PUBSUB', 'NUMSUB', 'chat'])).toEqual(['chat', 1])
      expect((await ask('/publish/chat/hello')).json).toEqual({ result: 2 })
      expect(await readers[0].next()).toBe('message,chat,hello')
      expect(await readers[1].next()).toBe('message,chat,hello')
      expect(await readers[2].next()).toBe('pmessage,ch*,chat,hello')
      for (const reader of readers) await reader.cancel()
      server.cron()
      await until(async () => {
        const [, count] = (await control.send(['PUBSUB', 'NUMSUB', 'chat'])) as [string, number]
        if (count !== 0) server.cron()
        return count === 0
      })
    })

    test('MONITOR shows what runs there', async () => {
      const reader = await events('/monitor')
      expect(await reader.next()).toBe('"OK"')
      await control.send(['SET', 'seen', '1'])
      let line = ''
      while (!line.includes('seen')) line = await reader.next()
      expect(line).toMatch(/^\d+\.\d+ \[0 .*\] "SET" "seen" "1"$/)
      await reader.cancel()
    })

    test('go on after the connection was lost', async () => {
      const reader = await events('/subscribe/chat')
      await reader.next()
      await control.send(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
      await until(async () => ((await control.send(['PUBSUB', 'NUMSUB', 'chat'])) as number[])[1] === 1)
      await control.send(['PUBLISH', 'chat', 'again'])
      expect(await reader.next()).toBe('message,chat,again')
      await reader.cancel()
    })
  })

  describe('faults', () => {
    test('a server that cannot be reached: 502, with its host and without its password', async () => {
      await server.close()
      server = open({ upstream: 'redis://user:topsecret@127.0.0.1:1/2' })
      for (const init of [{ body: undefined }, { body: ['GET', 'k'] }]) {
        const { status, text } = await ask(init.body === undefined ? '/get/k' : '/', init)
        expect(status).toBe(502)
        expect(text).toContain('redis://127.0.0.1:1')
        expect(text).not.toContain('topsecret')
      }
      expect(
        (
          await ask('/pipeline', {
            body: [
              ['GET', 'k'],
              ['SET', 'k', 'v'],
            ],
          })
        ).status,
      ).toBe(502)
      expect((await ask('/multi-exec', { body: [['GET', 'k']] })).status).toBe(502)
      expect((await ask('/blpop/k/1')).status).toBe(502)
      expect((await ask('/subscribe/c')).status).toBe(502)
      expect((await ask('/monitor')).status).toBe(502)
      await expect(server.execute('GET', 'k')).rejects.toThrow(/cannot be reached/)
      expect((await ask('/readyz')).status).toBe(503)
      expect((await ask('/healthz')).status).toBe(200)
      expect((await ask('/info/upstream')).json.result).toMatch(/upstream_circuit:open/)
    })

    test('one that does not answer in time: 504, and then it is found again', async () => {
      await server.close()
      server = open({ 'upstream-timeout': '100' })
      expect((await ask('/set/k/v')).status).toBe(200)
      const asleep = control.send(['DEBUG', 'SLEEP', '0.5'])
      expect(await ask('/set/k/w')).toMatchObject({
        status: 504,
        json: { error: expect.stringMatching(/did not answer within 100 ms, the command may have run/) },
      })
      await asleep
      await until(async () => (await ask('/ping')).status === 200)
      await until(async () => (await ask('/readyz')).status === 200)
    })

    test('a wrong password is told, and not what it was', async () => {
      await control.send(['CONFIG', 'SET', 'requirepass', 'right'])
      try {
        await server.close()
        server = open({ upstream: `unix://:wrong-one@${genuine.path}` })
        const { status, text } = await ask('/get/k')
        expect(status).toBe(502)
        expect(text).toContain('WRONGPASS')
        expect(text).not.toContain('wrong-one')
        await server.close()
        server = open({ upstream: `unix://:right@${genuine.path}` })
        expect((await ask('/get/k')).status).toBe(200)
      } finally {
        await control.send(['CONFIG', 'SET', 'requirepass', ''])
      }
    })

    test('READONLY names the server', async () => {
      await control.send(['REPLICAOF', '127.0.0.1', '1'])
      try {
        expect((await ask('/set/k/v')).json.error).toMatch(/^READONLY .* \(upstream unix:/)
        // EXEC itself would say no more than EXECABORT.
        expect(
          (
            await ask('/multi-exec', {
              body: [
                ['GET', 'k'],
                ['SET', 'k', 'v'],
              ],
            })
          ).json.error,
        ).toMatch(/^READONLY .* \(upstream unix:/)
      } finally {
        await control.send(['REPLICAOF', 'NO', 'ONE'])
      }
    })
  })

  describe('a lost connection', () => {
    let proxy: CuttingProxy
    beforeEach(async () => {
      proxy = await CuttingProxy.before(genuine.path)
      await server.close()
      server = open({ upstream: `redis://127.0.0.1:${proxy.port}` })
      await ask('/ping')
    })
    afterEach(() => proxy.close())

    test('a read is asked again, a write is not: none runs twice', async () => {
      await ask('/ping')
      proxy.cutsReplies = 1
      expect((await ask('/incr/n')).status).toBe(502)
      expect(await control.send(['GET', 'n'])).toBe('1')
      await ask('/ping')
      proxy.cutsReplies = 1
      expect(await ask('/get/n')).toMatchObject({ status: 200, json: { result: '1' } })
      await ask('/ping')
      proxy.cutsReplies = 1
      const { status, json } = await ask('/pipeline', {
        body: [
          ['GET', 'n'],
          ['INCR', 'n'],
          ['GET', 'n'],
        ],
      })
      expect([status, json[1].error]).toEqual([200, expect.stringMatching(/may have run/)])
      expect(json[0].result).toMatch(/1|2/)
      expect(await control.send(['GET', 'n'])).toBe('2')
      await ask('/multi-exec', { body: [['GET', 'n']] }) // its connection is there
      proxy.cutsReplies = 1
      expect((await ask('/multi-exec', { body: [['INCR', 'n']] })).status).toBe(502)
      expect(await control.send(['GET', 'n'])).toBe('3')
    })

    test('leaves nothing behind, however often it comes', async () => {
      for (let i = 0; i < 50; i++) {
        await control.send(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
        expect((await ask('/get/n')).status).toBe(200)
      }
      expect(proxy.size).toBeLessThanOrEqual(2)
    })
  })
})

/** Passes connections on to a server, and cuts them instead of passing on what it answers, as often as it is told to. */
class CuttingProxy {
  cutsReplies = 0
  readonly #server: TcpServer
  readonly #sockets = new Set<Socket>()

  private constructor(path: string) {
    this.#server = createTcpServer((client) => {
      const behind = connectTcp(path)
      this.#sockets.add(client)
      client.on('data', (data) => behind.write(data))
      behind.on('data', (data) => {
        if (this.cutsReplies === 0) client.write(data)
        else {
          this.cutsReplies--
          client.destroy()
        }
      })
      for (const [one, other] of [
        [client, behind],
        [behind, client],
      ]) {
        one.on('error', () => {})
        one.on('close', () => {
          this.#sockets.delete(client)
          other.destroy()
        })
      }
    })
  }

  static async before(path: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(path)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  get size(): number {
    return this.#sockets.size
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

/** Waits until something is so, for at most five seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; ) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it did not come to be so')
}
