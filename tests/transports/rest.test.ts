/** What REST answers, the same on node:http and on Request and Response. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { httpRest, READ_ONLY_TOKEN, type RestServer, webRest } from '../clients/rest.ts'

const UNAUTHORIZED = { error: 'WRONGPASS invalid or missing auth token' }

describe.each([
  ['node:http', httpRest],
  ['Request and Response', webRest],
])('REST on %s', (_, open) => {
  let rest: RestServer
  const post = async (body: unknown, path = '/', headers = {}) =>
    (await rest.call('POST', path, { body, headers })).json as never

  beforeAll(async () => {
    rest = await open()
  })
  afterAll(() => rest.close())
  beforeEach(() => post(['FLUSHALL']))

  it('runs a command of the body', async () => {
    expect(await post(['SET', 'k', 'v'])).toEqual({ result: 'OK' })
    expect(await post(['GET', 'k'])).toEqual({ result: 'v' })
    expect(await post(['GET', 'none'])).toEqual({ result: null })
    expect(await post(['SET', 'n', 1.5])).toEqual({ result: 'OK' })
    expect(await post(['GET', 'n'])).toEqual({ result: '1.5' })
  })

  it('counts a request as a read and its answer as a write', async () => {
    const { stats } = rest.server.engine
    stats.reset()
    await post(['GET', 'k'])
    await rest.call('POST', '/pipeline', {
      body: [
        ['GET', 'k'],
        ['GET', 'k'],
      ],
    })
    expect([stats.reads, stats.writes]).toEqual([2, 2])
  })

  it('runs a command of the path, with every method that carries one', async () => {
    expect((await rest.call('GET', '/set/a/1')).json).toEqual({ result: 'OK' })
    expect((await rest.call('POST', '/set/b?EX=100', { body: 'two' })).json).toEqual({ result: 'OK' })
    expect((await rest.call('PUT', '/append/b', { body: '!' })).json).toEqual({ result: 4 })
    expect((await rest.call('GET', '/mget/a/b')).json).toEqual({ result: ['1', 'two!'] })
    expect((await rest.call('GET', '/ttl/b')).json).toEqual({ result: 100 })
  })

  it('answers HEAD without a body', async () => {
    const { status, body, headers } = await rest.call('HEAD', '/set/a/1')
    expect([status, body, headers.get('content-type')]).toEqual([200, '', 'application/json'])
    expect(await post(['GET', 'a'])).toEqual({ result: '1' })
    expect((await rest.call('HEAD', '/nosuch')).status).toBe(400)
    const big = await rest.call('POST', '/set/big', { body: 'x'.repeat(300_000) })
    expect(big.status).toBe(200)
    expect(await rest.call('HEAD', '/get/big')).toMatchObject({ status: 200, body: '' })
  })

  it('takes a raw body as the bytes that it is', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await rest.call('POST', '/set/bin', { body: bytes })
    expect((await rest.call('GET', '/strlen/bin')).json).toEqual({ result: 256 })
    const { json } = await rest.call('GET', '/get/bin', { headers: { 'Upstash-Encoding': 'base64' } })
    expect(json).toEqual({ result: Buffer.from(bytes).toString('base64') })
    const raw = await rest.call('GET', '/get/bin', { headers: { 'Upstash-Response-Format': 'resp2' } })
    expect(raw.headers.get('content-type')).toBe('application/octet-stream')
    expect(raw.body).toBe(`$256\r\n${Buffer.from(bytes).toString('latin1')}\r\n`)
  })

  it('answers what failed with 400 and the error', async () => {
    const { status, json } = await rest.call('POST', '/', { body: ['GET'] })
    expect([status, json]).toEqual([400, { error: "ERR wrong number of arguments for 'get' command" }])
    expect(await post(['NOSUCH', 'a'])).toEqual({
      error: "ERR unknown command 'NOSUCH', with args beginning with: 'a' ",
    })
    const resp2 = await rest.call('POST', '/', { body: ['GET'], headers: { 'upstash-response-format': 'resp2' } })
    expect([resp2.status, resp2.json]).toEqual([400, json])
  })

  it('asks for a token', async () => {
    for (const token of ['', 'wrong', 'full-toke', 'full-token2']) {
      const { status, json } = await rest.call('POST', '/', { body: ['SET', 'k', 'v'], token })
      expect([status, json]).toEqual([401, UNAUTHORIZED])
    }
    const basic = { authorization: `Basic ${btoa('default:full-token')}` }
    expect((await rest.call('GET', '/get/k', { token: '', headers: basic })).status).toBe(401)
    expect((await rest.call('GET', '/get/k?_token=wrong', { token: '' })).json).toEqual(UNAUTHORIZED)
    expect((await rest.call('GET', '/get/k?_token=full-token', { token: '' })).json).toEqual({ result: null })
  })

  it('lets a read-only token read and nothing else', async () => {
    const read = async (...argv: string[]) => {
      const { status, json } = await rest.call('POST', '/', { body: argv, token: READ_ONLY_TOKEN })
      return [status, json]
    }
    const denied = (name: string) => [
      400,
      { error: `NOPERM this user has no permissions to run the '${name}' command` },
    ]
    await post(['SET', 'k', 'v'])
    expect(await read('GET', 'k')).toEqual([200, { result: 'v' }])
    expect(await read('PING')).toEqual([200, { result: 'PONG' }])
    expect(await read('SET', 'k', 'w')).toEqual(denied('set'))
    expect(await read('KEYS', '*')).toEqual(denied('keys'))
    expect(await read('scan', '0')).toEqual(denied('scan'))
    expect(await read('CONFIG', 'GET', 'rest-token')).toEqual(denied('config|get'))
    expect(await read('CLIENT', 'KILL', 'ID', '1')).toEqual(denied('client|kill'))
    expect(await read('FLUSHALL')).toEqual(denied('flushall'))
    expect(await read('SHUTDOWN')).toEqual(denied('shutdown'))
    expect(await post(['GET', 'k'])).toEqual({ result: 'v' })
  })

  it('holds a read-only token to its bounds throughout a pipeline and a transaction', async () => {
    const send = async (path: string, body: unknown) =>
      (await rest.call('POST', path, { body, token: READ_ONLY_TOKEN })).json
    const denied = (name: string) => ({ error: `NOPERM this user has no permissions to run the '${name}' command` })
    expect(
      await send('/pipeline', [
        ['RESET'],
        ['SET', 'k', 'v'],
        ['AUTH', 'x'],
        ['AUTH', 'default', 'x'],
        ['HELLO', '3', 'AUTH', 'default', 'x'],
        ['SET', 'k', 'v'],
        ['GET', 'k'],
      ]),
    ).toEqual([
      { error: expect.stringContaining('needs a connection') },
      denied('set'),
      { error: expect.stringContaining('AUTH') },
      { error: expect.stringContaining('WRONGPASS') },
      { error: expect.stringContaining('needs a connection') },
      denied('set'),
      { result: null },
    ])
    expect(await send('/pipeline', [['MULTI'], ['SET', 'k', 'v'], ['EXEC']])).toEqual([
      { error: expect.stringContaining('/multi-exec') },
      denied('set'),
      { error: expect.stringContaining('/multi-exec') },
    ])
    expect(await send('/multi-exec', [['GET', 'k'], ['PING']])).toEqual([{ result: null }, { result: 'PONG' }])
    expect(
      await send('/multi-exec', [
        ['GET', 'k'],
        ['SET', 'k', 'v'],
      ]),
    ).toEqual({
      error: 'EXECABORT Transaction discarded because of previous errors.',
    })
    expect(await send('/multi-exec', [['SCAN', '0']])).toMatchObject({ error: expect.stringMatching(/^EXECABORT/) })
    expect(await post(['EXISTS', 'k'])).toEqual({ result: 0 })
  })

  it('runs a pipeline in order, each command with its result or its error', async () => {
    const body = [['SET', 'a', 1], ['INCR', 'a'], ['LPUSHX'], [], ['INCR', 'a', 'b'], ['GET', 'a']]
    const { status, json } = await rest.call('POST', '/pipeline', { body })
    expect(status).toBe(200)
    expect(json).toEqual([
      { result: 'OK' },
      { result: 2 },
      { error: expect.stringMatching(/^ERR/) },
      { error: 'ERR empty pipeline command' },
      { error: "ERR wrong number of arguments for 'incr' command" },
      { result: '2' },
    ])
  })

  it('keeps what a pipeline says to its session within the pipeline', async () => {
    const body = [
      ['SELECT', 3],
      ['SET', 'k', 'three'],
      ['HELLO', 3],
      ['GET', 'k'],
      ['CLIENT', 'SETNAME', 'me'],
    ]
    await rest.call('POST', '/pipeline', { body })
    expect(await post(['GET', 'k'])).toEqual({ result: null })
    expect(await post(['CLIENT', 'GETNAME'])).toEqual({ result: null })
    expect(
      await post(
        [
          ['SELECT', '3'],
          ['GET', 'k'],
        ],
        '/pipeline',
      ),
    ).toEqual([{ result: 'OK' }, { result: 'three' }])
  })

  it('runs a transaction at once, with errors of the run as items', async () => {
    const body = [
      ['SET', 'a', 'x'],
      ['INCR', 'a'],
      ['GET', 'a'],
    ]
    const { status, json } = await rest.call('POST', '/multi-exec', { body })
    expect(status).toBe(200)
    expect(json).toEqual([{ result: 'OK' }, { error: 'ERR value is not an integer or out of range' }, { result: 'x' }])
  })

  it.each([
    ['an unknown command', ['NOSUCH']],
    ['a wrong number of arguments', ['GET']],
    ['an empty command', []],
    ['EXEC', ['EXEC']],
    ['MULTI', ['MULTI']],
    ['DISCARD', ['DISCARD']],
    ['WATCH', ['WATCH', 'a']],
  ])('discards a transaction with %s in it', async (_, bad) => {
    const body = [['SET', 'a', 'x'], bad, ['SET', 'b', 'x']]
    const { status, json } = await rest.call('POST', '/multi-exec', { body })
    expect([status, json]).toEqual([400, { error: 'EXECABORT Transaction discarded because of previous errors.' }])
    expect(await post(['EXISTS', 'a', 'b'])).toEqual({ result: 0 })
  })

  it('encodes as base64 where asked to', async () => {
    const headers = { 'Upstash-Encoding': 'base64' }
    expect(await post(['SET', 'k', 'é'], '/', headers)).toEqual({ result: 'OK' })
    expect(await post(['MGET', 'k', 'no'], '/', headers)).toEqual({ result: ['w6k=', null] })
    expect(await post([['PING'], ['ECHO', 'OK'], ['STRLEN', 'k']], '/pipeline', headers)).toEqual([
      { result: 'UE9ORw==' },
      { result: 'T0s=' },
      { result: 2 },
    ])
  })

  it('answers CORS and tells its sync token', async () => {
    const first = await rest.call('POST', '/', { body: ['PING'], headers: { 'upstash-sync-token': '' } })
    const second = await rest.call('POST', '/', { body: ['GET'], headers: { 'upstash-sync-token': 'x y z' } })
    const refused = await rest.call('GET', '/ping', { token: '' })
    const tokens = [first, second, refused].map(({ headers }) => headers.get('upstash-sync-token'))
    expect(new Set(tokens).size).toBe(3)
    for (const { headers } of [first, second, refused]) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-expose-headers')).toContain('upstash-sync-token')
      expect(headers.get('content-type')).toBe('application/json')
    }
    const preflight = await rest.call('OPTIONS', '/pipeline', {
      token: '',
      headers: {
        origin: 'https://app.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,upstash-telemetry-new',
      },
    })
    expect([preflight.status, preflight.body]).toEqual([204, ''])
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    for (const name of ['authorization', 'upstash-encoding', 'upstash-telemetry-new', 'upstash-telemetry-sdk']) {
      expect(preflight.headers.get('access-control-allow-headers')).toContain(name)
    }
  })

  it('refuses other methods', async () => {
    for (const method of ['DELETE', 'PATCH']) {
      const { status, json, headers } = await rest.call(method, '/get/a')
      expect([status, json]).toEqual([405, { error: expect.stringMatching(/^ERR/) }])
      expect(headers.get('allow')).toContain('POST')
    }
  })

  it('refuses a body past the limit and changes nothing', async () => {
    const body = ['SET', 'big', 'x'.repeat(11 * 2 ** 20)]
    const { status, json } = await rest.call('POST', '/', { body })
    expect([status, json]).toEqual([413, { error: 'ERR max request size exceeded' }])
    expect(await post(['EXISTS', 'big'])).toEqual({ result: 0 })
    expect(await post(['SET', 'big', 'x'.repeat(9 * 2 ** 20)])).toEqual({ result: 'OK' })
    const { body: back } = await rest.call('GET', '/get/big')
    expect(back).toHaveLength(9 * 2 ** 20 + '{"result":""}'.length)
  })

  it('runs 100,000 commands of one pipeline, and others in between', async () => {
    const pipeline = rest.call('POST', '/pipeline', { body: new Array(100_000).fill(['INCR', 'n']) })
    let between = 0
    const timer = setInterval(() => between++, 0)
    const { json } = await pipeline
    clearInterval(timer)
    expect(json).toHaveLength(100_000)
    expect((json as unknown[])[99_999]).toEqual({ result: 100_000 })
    expect(between).toBeGreaterThan(3)
  })

  it('takes bytes that are not UTF-8, NUL and lone surrogates without harm', async () => {
    const invalid = Buffer.concat([Buffer.from('["SET","k","'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('"]')])
    expect((await rest.call('POST', '/', { body: invalid })).json).toEqual({ result: 'OK' })
    expect((await rest.call('GET', '/get/k', { headers: { 'upstash-encoding': 'base64' } })).json).toEqual({
      result: '//6A',
    })
    await post(['SET', 'a\0b', '\0'])
    expect((await rest.call('GET', '/get/a%00b')).json).toEqual({ result: '\0' })
    await rest.call('POST', '/', { body: '["SET","k","a\\ud800b"]' })
    expect(await post(['GET', 'k'])).toEqual({ result: 'a\ufffdb' })
  })

  it.each([
    ['/', '{"a":1}'],
    ['/', '["SET","k"'],
    ['/', '["SET","k",["v"]]'],
    ['/', '[["SET","k","v"]]'],
    ['/', ''],
    ['/', '[]'],
    ['/pipeline', '[[["SET","k","v"]]]'],
    ['/pipeline', '["SET","k","v"]'],
    ['/pipeline', '[["SET","k","v"],"x"]'],
    ['/pipeline', '[["SET","k","v"],["SET","l",{}]]'],
    ['/pipeline', '[]'],
    ['/multi-exec', '[["SET","k","v"],7]'],
    ['/set/k/%zz', ''],
  ])('refuses the shape POST %s %s and changes nothing', async (path, body) => {
    const { status, json } = await rest.call('POST', path, { body })
    expect([status, json]).toEqual([400, { error: expect.stringMatching(/^ERR (failed to parse|empty)/) }])
    expect(await post(['DBSIZE'])).toEqual({ result: 0 })
  })

  it('waits in a blocking command, up to the limit', async () => {
    await post(['CONFIG', 'SET', 'rest-blocking-timeout', '50'])
    expect(await post(['BLPOP', 'list', '0'])).toEqual({ result: null })
    await post(['CONFIG', 'SET', 'rest-blocking-timeout', '5000'])
    const waiting = post(['BLPOP', 'list', '0'])
    while (rest.server.engine.blocking.size === 0) await new Promise((resolve) => setImmediate(resolve))
    await post(['RPUSH', 'list', 'x'])
    expect(await waiting).toEqual({ result: ['list', 'x'] })
    expect(await post([['BLPOP', 'list', '0.01'], ['PING']], '/pipeline')).toEqual([
      { result: null },
      { result: 'PONG' },
    ])
  })

  it('leaves no session behind', async () => {
    await post([['PING'], ['GET', 'a']], '/pipeline')
    await post([['PING'], ['NOSUCH']], '/multi-exec')
    const { result } = (await post(['CLIENT', 'LIST'])) as { result: string }
    expect(result.trim().split('\n')).toHaveLength(1)
    expect(rest.server.clientCount).toBe(0)
  })

  it('answers as Upstash where it differs from Redis', async () => {
    await post(['SET', 'k', 'v'])
    expect(await post(['COPY', 'k', 'k'])).toEqual({ result: 0 })
    expect(await post(['COPY', 'k', 'l'])).toEqual({ result: 1 })
    await post(['SADD', 's', 'a'])
    const { result } = (await post(['SCAN', '0', 'COUNT', '100', 'WITHTYPE'])) as { result: [string, string[]] }
    expect(result[0]).toBe('0')
    expect(Object.fromEntries(Array.from({ length: 3 }, (_, i) => result[1].slice(2 * i, 2 * i + 2)))).toEqual({
      k: 'string',
      l: 'string',
      s: 'set',
    })
    await post(['ZADD', 'z', 1, 'a', 2, 'b', 3, 'c', 4, 'd'])
    expect(await post(['ZRANGE', 'z', 0, -1, 'LIMIT', 1, 2])).toEqual({ result: ['b', 'c'] })
    expect(await post(['ZRANGE', 'z', 0, -1, 'REV', 'LIMIT', 1, -1, 'WITHSCORES'])).toEqual({
      result: ['c', '3', 'b', '2', 'a', '1'],
    })
    expect(
      await post(
        [
          ['COPY', 'k', 'k'],
          ['ZRANGE', 'z', 0, -1, 'LIMIT', 0, 1],
        ],
        '/multi-exec',
      ),
    ).toEqual([{ result: 0 }, { result: ['a'] }])
  })
})

describe('a REST door without a token', () => {
  it('answers 503 to everyone', async () => {
    const rest = await webRest({ 'rest-token': '', 'rest-read-only-token': '' })
    for (const token of ['', 'undefined', 'any']) {
      const { status, json } = await rest.call('POST', '/', { body: ['PING'], token })
      expect([status, json]).toEqual([503, { error: expect.stringMatching(/^ERR no REST token/) }])
    }
    await rest.close()
  })
})
