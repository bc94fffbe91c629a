/** What holds at the WebSocket door besides RESP: who may come in, frames cut anywhere, floods, hang-ups, the JSON mode. */
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { experimental_upgradeWebSocket } from '@vercel/functions'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { ServerOptions } from '../../lib/server.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer, TOKEN } from '../clients/rest.ts'
import { RespSocket, request, TextSocket } from '../clients/websocket.ts'

let rest: RestServer
let base: string

async function start(options: ServerOptions = {}): Promise<void> {
  await rest?.close()
  rest = await httpRest(options)
  base = `ws${rest.url.slice(4)}`
}

beforeEach(() => start())
afterEach(() => rest.close())

const withToken = (path = '/ws'): string => `${base}${path}${path.includes('?') ? '&' : '?'}token=${TOKEN}`
const clients = (): number => rest.server.clientCount
const execute = (...argv: string[]) => rest.server.inProcess().execute(...argv)

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

const ok = { kind: 'status', text: 'OK' }
const noPermission = (name: string) => ({
  kind: 'error',
  text: `NOPERM this user has no permissions to run the '${name}' command`,
})

describe('who comes in', () => {
  it.each([
    ['a token in the query', `/ws?token=${TOKEN}`, [], {}],
    ['a token as REST names it', `/ws?_token=${TOKEN}`, [], {}],
    ['a bearer token', '/ws', [], { headers: { authorization: `Bearer ${TOKEN}` } }],
    ['a token among the subprotocols', '/ws', ['zerodis', TOKEN], {}],
    ['a token as the only subprotocol', '/ws', [TOKEN], {}],
    ['the path below the REST base', `/api/redis/ws?token=${TOKEN}`, [], {}],
  ])('%s opens the door', async (_, path, protocols, options) => {
    const client = new RespSocket(base + path, protocols, options)
    expect(await client.opened).toBe('open')
    expect(await client.ask('SET', 'k', 'v')).toEqual(ok)
    if (protocols.length === 2) expect(client.socket.protocol).toBe('zerodis')
    client.socket.close()
  })

  it.each([
    ['no token', '/ws', []],
    ['a wrong token', '/ws?token=wrong', []],
    ['a wrong token beside a right subprotocol', '/ws?token=wrong', [TOKEN]],
    ['a wrong subprotocol', '/ws', ['wrong']],
  ])('%s is refused', async (_, path, protocols) => {
    const client = new RespSocket(base + path, protocols)
    expect(await client.opened).toEqual([401, { error: 'WRONGPASS invalid or missing auth token' }])
    expect(clients()).toBe(0)
  })

  it('a server without a token and without a password lets nobody in', async () => {
    await start({ 'rest-token': '', 'rest-read-only-token': '' })
    const client = new RespSocket(`${base}/ws`)
    expect(await client.opened).toEqual([503, { error: expect.stringContaining('no REST token') }])
  })

  it('with a password one may come in without a token, and must say AUTH', async () => {
    await start({ requirepass: 'secret' })
    const client = new RespSocket(`${base}/ws`)
    expect(await client.ask('GET', 'k')).toEqual({ kind: 'error', text: 'NOAUTH Authentication required.' })
    expect(await client.ask('AUTH', 'secret')).toEqual(ok)
    expect(await client.ask('GET', 'k')).toBe(null)
    const bearer = new RespSocket(withToken())
    expect(await bearer.ask('GET', 'k')).toBe(null)
    client.socket.close()
    bearer.socket.close()
  })

  it('the read-only token reads, and neither writes nor lists keys', async () => {
    await execute('SET', 'k', 'v')
    const client = new RespSocket(`${base}/ws?token=${READ_ONLY_TOKEN}`)
    expect(await client.ask('GET', 'k')).toEqual('v')
    for (const argv of [
      ['SET', 'k', 'w'],
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['FLUSHALL'],
      ['PUBLISH', 'c', 'm'],
      ['CONFIG', 'GET', '*'],
    ]) {
      const name = argv[0] === 'CONFIG' ? 'config|get' : argv[0].toLowerCase()
      expect(await client.ask(...argv)).toEqual(noPermission(name))
    }
    expect(await client.ask('RESET')).toEqual({ kind: 'status', text: 'RESET' })
    expect(await client.ask('SET', 'k', 'w')).toEqual(noPermission('set'))
    client.socket.close()
    const json = new TextSocket(`${base}/ws?format=json&token=${READ_ONLY_TOKEN}`)
    await json.opened
    expect(await json.ask('GET', 'k')).toEqual({ result: 'v' })
    expect(await json.ask('SET', 'k', 'w')).toEqual({ error: noPermission('set').text })
    json.socket.close()
  })

  it('pages of other sites come in only where the directive names them', async () => {
    const origin = 'https://app.example'
    const anywhere = new RespSocket(withToken(), [], { origin })
    expect(await anywhere.opened).toBe('open')
    await execute('CONFIG', 'SET', 'websocket-allowed-origins', 'https://other.example')
    const refused = new RespSocket(withToken(), [], { origin })
    expect(await refused.opened).toEqual([403, { error: 'NOPERM pages of this origin may not connect' }])
    const own = new RespSocket(withToken(), [], { origin: rest.url })
    expect(await own.opened).toBe('open')
    const program = new RespSocket(withToken())
    expect(await program.opened).toBe('open')
    await execute('CONFIG', 'SET', 'websocket-allowed-origins', 'https://other.example HTTPS://App.example')
    const named = new RespSocket(withToken(), [], { origin })
    expect(await named.opened).toBe('open')
    for (const each of [anywhere, own, program, named]) each.socket.close()
  })

  it('counts against maxclients', async () => {
    await start({ maxclients: 1 })
    const first = new RespSocket(withToken())
    expect(await first.opened).toBe('open')
    await until(() => clients() === 1)
    const second = new RespSocket(withToken())
    expect(await second.opened).toEqual([503, { error: 'ERR max number of clients reached' }])
    expect(rest.server.engine.stats.rejectedConnections).toBe(1)
    first.socket.close()
  })

  it('what is not for WebSockets of ours stays HTTP', async () => {
    const elsewhere = new RespSocket(withToken('/elsewhere'))
    await elsewhere.ended
    const h2c = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n`
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1')
    socket.write(`${h2c}Content-Length: 8\r\n\r\n["PING"]`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('{"result":"PONG"}')
    socket.destroy()
  })
})

describe('a RESP stream in frames', () => {
  it('may be cut anywhere', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    const bytes = request(['SET', 'k', 'a\x00\xff\r\n']) + request(['GET', 'k']) + 'PING\r\n'
    for (const byte of bytes) client.send(byte)
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      ok,
      'a\x00\xff\r\n',
      { kind: 'status', text: 'PONG' },
    ])
    client.socket.close()
  })

  it('may carry many commands in one frame, in RESP3 too', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    client.send(request(['HELLO', '3']) + request(['HSET', 'h', 'f', 'v']) + request(['HGETALL', 'h']))
    expect(await client.next()).toMatchObject({ kind: 'map' })
    expect(await client.next()).toBe(1)
    expect(await client.next()).toMatchObject({ kind: 'map', flat: ['f', 'v'] })
    client.socket.close()
  })

  it('text frames are taken for their bytes', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    client.socket.send('ECHO é\r\n')
    expect(await client.next()).toBe(Buffer.from('é').toString('latin1'))
    client.socket.close()
  })

  it('carries large values both ways', async () => {
    const client = new RespSocket(withToken(), [], { maxPayload: 0 })
    await client.opened
    const value = 'x'.repeat(5_000_000)
    expect(await client.ask('SET', 'k', value)).toEqual(ok)
    expect(await client.ask('GET', 'k')).toBe(value)
    client.socket.close()
  })

  it('a command waits, and what follows it waits with it', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    client.send(request(['BLPOP', 'list', '0']) + request(['PING']))
    await until(() => rest.server.engine.blocking.size === 1)
    await execute('RPUSH', 'list', 'x')
    expect(await client.next()).toEqual(['list', 'x'])
    expect(await client.next()).toEqual({ kind: 'status', text: 'PONG' })
    client.socket.close()
  })

  it('a breach of the protocol is answered, then the connection ends', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    client.send('*1\r\n+oops\r\n')
    expect(await client.next()).toEqual({ kind: 'error', text: "ERR Protocol error: expected '$', got '+'" })
    expect(await client.ended).toBe(1000)
  })

  it('QUIT ends the connection after its answer', async () => {
    const client = new RespSocket(withToken())
    expect(await client.ask('QUIT')).toEqual(ok)
    expect(await client.ended).toBe(1000)
    await until(() => clients() === 0)
  })

  it('a frame longer than allowed ends the connection with 1009', async () => {
    await execute('CONFIG', 'SET', 'websocket-max-payload', '2048')
    const client = new RespSocket(withToken())
    await client.opened
    client.send(request(['SET', 'k', 'x'.repeat(3000)]))
    expect(await client.ended).toBe(1009)
    expect(await execute('EXISTS', 'k')).toBe(0)
  })

  it('bytes that are no frames end the connection', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    const { _socket: socket } = client.socket as unknown as { _socket: import('node:net').Socket }
    socket.write('no frame at all')
    await client.ended
    await until(() => clients() === 0)
  })

  it('a client that hangs up in the midst of a wait leaves nothing behind', async () => {
    const client = new RespSocket(withToken())
    await client.opened
    client.send(request(['BLPOP', 'list', '0']))
    await until(() => rest.server.engine.blocking.size === 1)
    client.socket.terminate()
    await until(() => clients() === 0)
    expect(rest.server.engine.blocking.size).toBe(0)
  })

  it('a client that asks without reading is not served further until it reads', async () => {
    await execute('SET', 'k', 'x'.repeat(1_000_000))
    const client = new RespSocket(withToken())
    await client.opened
    client.socket.pause()
    for (let i = 0; i < 100; i++) client.send(request(['GET', 'k']))
    const { stats } = rest.server.engine
    await until(() => stats.netOutputBytes > 2_000_000)
    const most = 20_000_000
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(stats.netOutputBytes).toBeLessThan(most)
    client.socket.resume()
    for (let i = 0; i < 100; i++) expect(await client.next()).toHaveLength(1_000_000)
    client.socket.close()
  })

  it('CLIENT LIST shows it, CLIENT KILL cuts it', async () => {
    const client = new RespSocket(withToken())
    const id = await client.ask('CLIENT', 'ID')
    expect(String(await execute('CLIENT', 'LIST', 'ID', `${id}`))).toMatch(
      /addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:\d+/,
    )
    await execute('CLIENT', 'KILL', 'ID', `${id}`)
    expect(await client.ended).toBe(1006)
  })

  it('who does not answer pings is cut', async () => {
    const clock = new ManualClock()
    await start({ clock })
    const deaf = new RespSocket(withToken(), [], { autoPong: false })
    const sound = new RespSocket(withToken())
    await Promise.all([deaf.opened, sound.opened])
    await until(() => clients() === 2)
    clock.advance(30_000)
    await new Promise((resolve) => sound.socket.once('ping', resolve))
    expect(await sound.ask('PING')).toEqual({ kind: 'status', text: 'PONG' })
    clock.advance(30_000)
    expect(await deaf.ended).toBe(1006)
    expect(clients()).toBe(1)
    expect(await sound.ask('PING')).toEqual({ kind: 'status', text: 'PONG' })
    sound.socket.close()
  })

  it('the end of the server answers what was sent, and ends waits', async () => {
    const [busy, waiting] = [new RespSocket(withToken()), new RespSocket(withToken())]
    await Promise.all([busy.opened, waiting.opened])
    waiting.send(request(['BLPOP', 'list', '0']))
    await until(() => rest.server.engine.blocking.size === 1)
    const answer = busy.ask('PING')
    await answer
    await rest.server.close()
    expect(await Promise.all([busy.ended, waiting.ended])).toEqual([1000, 1006])
  })
})

describe('the JSON mode', () => {
  const open = async (): Promise<TextSocket> => {
    const client = new TextSocket(withToken('/ws?format=json'))
    await client.opened
    return client
  }

  it('answers each command with one document', async () => {
    const client = await open()
    for (const command of [
      ['SET', 'k', 'é'],
      ['GET', 'k'],
      ['INCR', 'k'],
      ['HSET', 'h', 'f', 1],
    ]) {
      client.socket.send(JSON.stringify(command))
    }
    client.socket.send('["HGETALL","h"]')
    client.socket.send('["ZADD","z",1.5,"m"]')
    client.socket.send('["ZSCORE","z","m"]')
    client.socket.send('["GET","none"]')
    const answers: unknown[] = []
    while (answers.length < 8) answers.push(await client.next())
    expect(answers).toEqual([
      { result: 'OK' },
      { result: 'é' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 1 },
      { result: ['f', '1'] },
      { result: 1 },
      { result: '1.5' },
      { result: null },
    ])
    client.socket.close()
  })

  it('answers what is no command with an error, and goes on', async () => {
    const client = await open()
    for (const frame of ['', 'no JSON', '{}', '[["GET","k"]]', '[{}]', '[]', '["NOSUCH"]']) client.socket.send(frame)
    const failed = { error: 'ERR failed to parse command' }
    for (let i = 0; i < 5; i++) expect(await client.next()).toEqual(failed)
    expect(await client.next()).toEqual({ error: 'ERR empty command' })
    expect(await client.next()).toEqual({ error: expect.stringContaining("unknown command 'NOSUCH'") })
    expect(await client.ask('PING')).toEqual({ result: 'PONG' })
    client.socket.close()
  })

  it('sends a long reply as one message', async () => {
    const client = await open()
    const value = 'x'.repeat(1_000_000)
    expect(await client.ask('SET', 'k', value)).toEqual({ result: 'OK' })
    expect(await client.ask('GET', 'k')).toEqual({ result: value })
    client.socket.close()
  })

  it('runs commands in order behind one that waits', async () => {
    const client = await open()
    client.socket.send('["BLPOP","list",0]')
    client.socket.send('["PING"]')
    await until(() => rest.server.engine.blocking.size === 1)
    await execute('RPUSH', 'list', 'x')
    expect(await client.next()).toEqual({ result: ['list', 'x'] })
    expect(await client.next()).toEqual({ result: 'PONG' })
    client.socket.close()
  })

  it('stays in its form whatever HELLO says', async () => {
    const client = await open()
    await client.ask('HSET', 'h', 'f', 'v')
    for (const proto of ['2', '3']) {
      await client.ask('HELLO', proto)
      expect(await client.ask('HGETALL', 'h')).toEqual({ result: ['f', 'v'] })
    }
    client.socket.close()
  })

  it('QUIT ends it after its answer', async () => {
    const client = await open()
    expect(await client.ask('QUIT')).toEqual({ result: 'OK' })
    expect(await client.ended).toBe(1000)
  })

  it('a flood behind a command that waits is cut at the limit', async () => {
    await execute('CONFIG', 'SET', 'client-query-buffer-limit', '1mb')
    const client = await open()
    client.socket.send('["BLPOP","list",0]')
    await until(() => rest.server.engine.blocking.size === 1)
    const flood = JSON.stringify(['SET', 'k', 'x'.repeat(100_000)])
    for (let i = 0; i < 20; i++) client.socket.send(flood)
    expect(await client.ended).toBe(1006)
    expect(await execute('EXISTS', 'k')).toBe(0)
  })
})

describe('messages', () => {
  it('reach a RESP client and a JSON client in order, told apart from replies', async () => {
    const resp = new RespSocket(withToken())
    await resp.ask('HELLO', '3')
    expect(await resp.ask('SUBSCRIBE', 'a')).toEqual({ kind: 'push', items: ['subscribe', 'a', 1] })
    const json = new TextSocket(withToken('/ws?format=json'))
    expect(await json.ask('SUBSCRIBE', 'a', 'b')).toEqual({ push: ['subscribe', 'a', 1] })
    expect(await json.next()).toEqual({ push: ['subscribe', 'b', 2] })
    expect(await json.ask('PSUBSCRIBE', 'b*')).toEqual({ push: ['psubscribe', 'b*', 3] })
    for (let i = 0; i < 100; i++) expect(await execute('PUBLISH', 'a', `${i}`)).toBe(2)
    for (let i = 0; i < 100; i++) {
      expect(await resp.next()).toEqual({ kind: 'push', items: ['message', 'a', `${i}`] })
      expect(await json.next()).toEqual({ push: ['message', 'a', `${i}`] })
    }
    expect(await json.ask('GET', 'k')).toEqual({ result: null })
    expect(await execute('PUBLISH', 'b', 'é')).toBe(2)
    expect([await json.next(), await json.next()]).toEqual([
      { push: ['message', 'b', 'é'] },
      { push: ['pmessage', 'b*', 'b', 'é'] },
    ])
    expect(await json.ask('UNSUBSCRIBE')).toMatchObject({ push: ['unsubscribe', expect.anything(), 2] })
    resp.socket.terminate()
    json.socket.terminate()
    await until(() => rest.server.pubsub.channels.size === 0 && rest.server.pubsub.patterns.size === 0)
  })

  it('are the lines of MONITOR too', async () => {
    const json = new TextSocket(withToken('/ws?format=json'))
    expect(await json.ask('MONITOR')).toEqual({ result: 'OK' })
    await execute('GET', 'k')
    expect(await json.next()).toEqual({ push: [expect.stringMatching(/^\d+\.\d{6} \[0 inprocess\] "GET" "k"$/)] })
    json.socket.close()
    await json.ended
    await until(() => rest.server.engine.monitors.size === 0)
  })

  it('a subscriber that does not read is cut at its limit, and the others get all', async () => {
    await execute('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 0 0')
    const [slow, quick] = [new RespSocket(withToken()), new RespSocket(withToken())]
    await slow.ask('SUBSCRIBE', 'a')
    await quick.ask('SUBSCRIBE', 'a')
    slow.socket.pause()
    const message = 'x'.repeat(100_000)
    for (let i = 0; i < 200; i++) {
      await execute('PUBLISH', 'a', message)
      expect(await quick.next()).toEqual(['message', 'a', message])
    }
    await until(() => rest.server.pubsub.channels.subscribersOf('a')?.size === 1)
    expect(rest.server.engine.stats.outputBufferDisconnections).toBe(1)
    slow.socket.terminate()
    quick.socket.close()
  })
})

describe('the upgrade of a Request', () => {
  /** Vercel's side, as its package sees it: what the platform knows of the request hangs on a global. */
  const CONTEXT = Symbol.for('@vercel/request-context')
  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<Response> => {
    Object.assign(globalThis, {
      [CONTEXT]: { get: () => ({ upgradeWebSocket: () => ({ req: incoming, socket, head }) }) },
    })
    const headers = new Headers(incoming.headers as Record<string, string>)
    headers.set('x-forwarded-for', '203.0.113.7')
    return rest.server.upgrade(new Request(`http://x${incoming.url}`, { headers }), experimental_upgradeWebSocket)
  }

  it('serves a WebSocket of the platform, and refuses strangers before the upgrade', async () => {
    const answers: number[] = []
    const platform = createHttpServer().on('upgrade', async (incoming, socket, head) => {
      const { status } = await upgrade(incoming, socket, head)
      answers.push(status)
      if (status !== 204) socket.end(`HTTP/1.1 ${status} x\r\nContent-Length: 2\r\n\r\n{}`)
    })
    await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
    const url = `ws://127.0.0.1:${(platform.address() as AddressInfo).port}/api/redis/ws`
    const client = new RespSocket(`${url}?token=${TOKEN}`)
    expect(await client.ask('SET', 'k', 'v')).toEqual(ok)
    expect(await client.ask('CLIENT', 'LIST')).toMatch(/addr=203\.0\.113\.7:0 /)
    const stranger = new RespSocket(url)
    expect(await stranger.opened).toEqual([401, {}])
    expect(answers.sort()).toEqual([204, 401])
    client.socket.close()
    await client.ended
    platform.close()
    Reflect.deleteProperty(globalThis, CONTEXT)
  })

  it('is answered with 501 where the platform cannot', async () => {
    const request = new Request('http://x/api/redis/ws', { headers: { authorization: `Bearer ${TOKEN}` } })
    const answer = await rest.server.upgrade(request, experimental_upgradeWebSocket)
    expect(answer.status).toBe(501)
    expect(clients()).toBe(0)
  })
})
