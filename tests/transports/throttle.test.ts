/** What a stranger costs at each door: wrong passwords and tokens take time, and nobody takes more than his place. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { ServerOptions } from '../../lib/server.ts'
import { HttpListener } from '../../lib/transports/http.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { openRaw } from '../clients/raw.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer, TOKEN, webRest } from '../clients/rest.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'

const HOST = '127.0.0.1'
const FREE = 16
const wrongPass = { kind: 'error', text: 'WRONGPASS invalid username-password pair or user is disabled.' }
const unauthorized = { error: 'WRONGPASS invalid or missing auth token' }
const ok = { kind: 'status', text: 'OK' }

let clock: ManualClock
let rest: RestServer
let listener: TcpListener

async function start(options: ServerOptions = {}, make = httpRest): Promise<void> {
  clock = new ManualClock()
  rest = await make({ clock, requirepass: 'secret', ...options })
  listener = await TcpListener.listen(rest.server, { host: HOST, port: 0 })
}
afterEach(async () => {
  await listener.close(0)
  await rest.close()
})

const enter = () => RespClient.connect({ host: HOST, port: listener.port })
const { authFailures } = { authFailures: () => rest.server.engine.ports.access.authFailures }
const failTimes = (times: number): void => {
  for (let i = 0; i < times; i++) authFailures().failedAt(`${HOST}:1`)
}
const sessions = () => [...rest.server.engine.ports.connections.clients]

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Lets everything happen that can without the clock. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Whether it is over by the time when everything has happened. */
async function isOver(pending: Promise<unknown>): Promise<boolean> {
  let over = false
  void pending
    .catch(() => {})
    .then(() => {
      over = true
    })
  await turns()
  return over
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

describe('wrong passwords over RESP', () => {
  test.each([
    ['AUTH', ['AUTH', 'wrong']],
    ['AUTH with a user', ['AUTH', 'default', 'wrong']],
    ['HELLO', ['HELLO', '3', 'AUTH', 'default', 'wrong']],
  ])('%s: the first are answered at once, then an answer waits, and is the last of its connection', async (_, argv) => {
    await start()
    const client = await enter()
    expect(await client.pipeline(Array(FREE).fill(argv))).toEqual(Array(FREE).fill(wrongPass))
    const refused = client.send(argv)
    const behind = client.send(['AUTH', 'secret'])
    behind.catch(() => {})
    expect(await isOver(refused)).toBe(false)
    clock.advance(49)
    expect(await isOver(refused)).toBe(false)
    clock.advance(1)
    expect(await refused).toEqual(wrongPass)
    await client.closed
    await expect(behind).rejects.toThrow()
    const next = (await enter()).send(['AUTH', 'secret'])
    expect(await isOver(next)).toBe(false)
    clock.advance(50)
    expect(await next).toEqual(ok)
  })

  test('one who is held is not read: what he sends stays outside', async () => {
    await start()
    const client = await enter()
    failTimes(FREE)
    client.write(encodeCommand(['AUTH', 'wrong']))
    await until(() => sessions()[0]?.link.isHeld === true)
    client.write(encodeCommand(['AUTH', 'wrong']).repeat(500_000))
    await turns()
    expect(sessions()[0].link.inputBytes).toBeLessThan(200_000)
    expect(sessions()[0].netInputBytes).toBeLessThan(200_000)
    client.close()
  })

  test('a new connection of the address is held at its beginning, and never longer than the bound', async () => {
    await start()
    const inside = await enter()
    await inside.send(['AUTH', 'secret'])
    failTimes(1000)
    const good = await enter()
    const welcome = good.send(['AUTH', 'secret'])
    expect(await isOver(welcome)).toBe(false)
    expect(await inside.send(['PING'])).toMatchObject({ text: 'PONG' })
    clock.advance(1000)
    expect(await welcome).toEqual(ok)
    expect(await good.send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('nobody is held where there is no password', async () => {
    await start({ requirepass: '' })
    failTimes(1000)
    expect(await (await enter()).send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('within a transaction only the first is looked at', async () => {
    await start()
    const client = await enter()
    await client.send(['AUTH', 'secret'])
    failTimes(FREE)
    await client.pipeline([['MULTI'], ['AUTH', 'wrong'], ['AUTH', 'secret'], ['AUTH', 'wrong']])
    const replies = client.send(['EXEC'])
    expect(await isOver(replies)).toBe(false)
    clock.advance(50)
    expect(await replies).toEqual([wrongPass, wrongPass, wrongPass])
    expect(authFailures().delayAt(`${HOST}:1`)).toBe(50)
  })

  test('one who goes while he is held, or when the server ends, is gone', async () => {
    await start()
    const [gone, stays] = [await enter(), await enter()]
    failTimes(FREE)
    gone.write(encodeCommand(['AUTH', 'wrong']))
    stays.write(encodeCommand(['AUTH', 'wrong']))
    await until(() => sessions().every(({ link }) => link.isHeld))
    gone.close()
    const reply = stays.reply()
    await listener.close()
    expect(await reply).toEqual(wrongPass)
    await until(() => rest.server.clientCount === 0)
    clock.advance(1000)
  })
})

describe('wrong tokens over HTTP', () => {
  const request = (token: string, body: string) =>
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  /** An HTTP connection of bare bytes; what it received is in `received`. */
  async function openHttp(): Promise<{ socket: Socket; received(): string }> {
    const socket = await openRaw({ host: HOST, port: rest.server.doors.httpPort })
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    return { socket, received: () => received }
  }

  test('the first are answered at once on the same connection, then each waits and is the last of its connection', async () => {
    await start()
    const { socket, received } = await openHttp()
    for (let i = 1; i <= FREE; i++) {
      socket.write(request('wrong', '["PING"]'))
      await until(() => received().split('HTTP/1.1 401').length === i + 1)
    }
    socket.write(request('wrong', '["PING"]') + request(TOKEN, '["SET","k","v"]'))
    await turns()
    expect(received().split('HTTP/1.1 401')).toHaveLength(FREE + 1)
    socket.write(request(TOKEN, '["SET","k","v"]'))
    clock.advance(50)
    await closed(socket)
    expect(received().split('HTTP/1.1 401')).toHaveLength(FREE + 2)
    expect(received().split(/Connection: close/i)).toHaveLength(2)
    expect(rest.server.inProcess().execute('EXISTS', 'k')).toBe(0)
  })

  test('a connection that is held is not read', async () => {
    await start()
    failTimes(FREE)
    const { socket } = await openHttp()
    let seen = 0
    const many = request('wrong', '["PING"]').repeat(1000)
    for (let i = 0; i < 100; i++) socket.write(many, () => seen++)
    await turns()
    expect(seen).toBeLessThan(100)
    expect(authFailures().delayAt(`${HOST}:1`)).toBeLessThanOrEqual(50)
    socket.destroy()
  })

  test('hundreds of guesses in one piece are one guess', async () => {
    await start()
    const { socket, received } = await openHttp()
    socket.write(request('wrong', '').repeat(500))
    await until(() => received().split('HTTP/1.1 401').length === FREE + 1)
    await turns()
    clock.advance(50)
    await closed(socket)
    expect(received().split('HTTP/1.1 401')).toHaveLength(FREE + 2)
    expect(authFailures().delayAt(`${HOST}:1`)).toBe(50)
    const next = await openHttp()
    next.socket.write(request('wrong', '').repeat(500))
    await turns()
    expect(next.socket.destroyed).toBe(false)
    clock.advance(50)
    await closed(next.socket)
    expect(next.received()).toBe('')
  })

  test('a connection that has shown its token goes on, and a new one with the right token waits no longer than the bound', async () => {
    await start()
    const { socket, received } = await openHttp()
    socket.write(request(TOKEN, '["PING"]'))
    await until(() => received().includes('PONG'))
    failTimes(1000)
    socket.write(request(TOKEN, '["ECHO","still"]'))
    await until(() => received().includes('still'))
    const late = await openHttp()
    late.socket.write(request(TOKEN, '["ECHO","a"]') + request(TOKEN, '["ECHO","b"]'))
    await turns()
    expect(late.received()).toBe('')
    clock.advance(1000)
    await until(() => late.received().includes('{"result":"b"}'))
    expect(late.received()).toMatch(/"a".*"b"/s)
    socket.destroy()
    late.socket.destroy()
  })

  test('a request without a token is no attempt', async () => {
    await start()
    for (let i = 0; i < 2 * FREE; i++) expect((await rest.call('POST', '/', { token: '' })).status).toBe(401)
    expect(authFailures().size).toBe(0)
  })

  test('as a Request, by the address that a proxy names', async () => {
    await start({}, webRest)
    const headers = { 'x-forwarded-for': '10.0.0.1, 10.9.9.9' }
    const call = (options = {}) => rest.call('POST', '/', { body: ['PING'], headers, ...options })
    for (let i = 0; i < FREE; i++) expect((await call({ token: 'wrong' })).json).toEqual(unauthorized)
    const refused = call({ token: 'wrong' })
    expect(await isOver(refused)).toBe(false)
    expect((await call()).json).toEqual({ result: 'PONG' })
    expect((await call({ token: 'wrong', headers: { 'x-forwarded-for': '2001:db8::1' } })).status).toBe(401)
    clock.advance(50)
    expect((await refused).json).toEqual(unauthorized)
  })

  test('AUTH over REST is no way around: it waits, and in a transaction only the first is looked at', async () => {
    await start()
    await rest.call('POST', '/', { body: ['PING'] }) // a connection that is not held at its beginning
    failTimes(FREE)
    const body = Array(3).fill(['AUTH', 'wrong'])
    const one = rest.call('POST', '/multi-exec', { body })
    expect(await isOver(one)).toBe(false)
    expect(authFailures().delayAt(`${HOST}:1`)).toBe(50)
    clock.advance(1000)
    expect((await one).json).toEqual(Array(3).fill({ error: wrongPass.text }))
    const two = rest.call('POST', '/pipeline', { body })
    for (let i = 0; i < 3; i++) {
      expect(await isOver(two)).toBe(false)
      clock.advance(1000)
    }
    expect((await two).json).toEqual(Array(3).fill({ error: wrongPass.text }))
  })
})

describe('strangers at the WebSocket door', () => {
  const url = (query: string) => `ws${rest.url.slice(4)}/ws${query}`

  test('wrong tokens: the first are refused at once, then an upgrade waits before it is looked at', async () => {
    await start()
    for (let i = 0; i <= FREE; i++) {
      expect(await new RespSocket(url('?token=wrong')).opened).toEqual([401, unauthorized])
    }
    const good = new RespSocket(url(`?token=${TOKEN}`))
    expect(await isOver(good.opened)).toBe(false)
    clock.advance(50)
    expect(await good.opened).toBe('open')
    expect(await good.ask('PING')).toMatchObject({ text: 'PONG' })
    good.socket.close()
  })

  test('a wrong token among the subprotocols counts, although a password may follow; and more than a few are not looked at', async () => {
    await start()
    const offer = async (...protocols: string[]) => {
      const client = new RespSocket(url(''), protocols)
      expect(await client.opened).toBe('open')
      return client
    }
    for (let i = 0; i <= FREE; i++) (await offer('zerodis', 'wrong')).socket.close()
    expect(authFailures().delayAt(`${HOST}:1`)).toBe(50)
    clock.advance(60 * 60_000)
    const many = await offer('a', 'b', 'c', 'd', TOKEN)
    expect(await many.ask('PING')).toEqual({ kind: 'error', text: 'NOAUTH Authentication required.' })
    const right = await offer('zerodis', TOKEN)
    expect(await right.ask('PING')).toMatchObject({ text: 'PONG' })
    await many.socket.terminate()
    await right.socket.terminate()
  })

  test.each(['resp', 'json'])('wrong passwords in the mode %s are held, too', async (mode) => {
    await start()
    const client = mode === 'json' ? new TextSocket(url('?format=json')) : new RespSocket(url(''))
    const refusal = mode === 'json' ? { error: wrongPass.text } : wrongPass
    for (let i = 0; i < FREE; i++) expect(await client.ask('AUTH', 'wrong')).toEqual(refusal)
    const refused = client.ask('AUTH', 'wrong')
    expect(await isOver(refused)).toBe(false)
    clock.advance(50)
    expect(await refused).toEqual(refusal)
    expect(await client.ended).toBe(1000)
  })
})

describe('a stranger has bounds', () => {
  test('in what waits for him: one who reads no refusals is cut', async () => {
    await start()
    const client = await enter()
    client.socket.pause()
    client.write(encodeCommand(['PING']).repeat(2_000_000))
    await until(() => rest.server.engine.stats.outputBufferDisconnections === 1)
    await until(() => rest.server.clientCount === 0)
  })

  test('one who reads is served, however many refusals he asks for', async () => {
    await start()
    const client = await enter()
    const replies = await client.pipeline(Array(300).fill(['PING']))
    expect(new Set(replies.map((reply) => (reply as { text: string }).text))).toEqual(
      new Set(['NOAUTH Authentication required.']),
    )
  })

  test('in time: one who does not authenticate is cut after unauthenticated-timeout, whatever else he says', async () => {
    await start({ 'unauthenticated-timeout': 30 })
    const [inside, stranger] = [await enter(), await enter()]
    await inside.send(['AUTH', 'secret'])
    clock.advance(29_000)
    rest.server.cron()
    await stranger.send(['PING'])
    expect(rest.server.clientCount).toBe(2)
    clock.advance(2000)
    rest.server.cron()
    await stranger.closed
    expect(await inside.send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('in the time for the head of a request: 408, and the end', async () => {
    await start()
    const own = await HttpListener.listen(rest.server, { host: HOST, port: 0 })
    expect([own.server.headersTimeout, own.server.requestTimeout]).toEqual([15_000, 120_000])
    own.server.headersTimeout = 100
    const slow = connect(own.port, HOST)
    let received = ''
    slow.on('data', (chunk) => {
      received += chunk
    })
    slow.write('POST / HTTP/1.1\r\nHost: x\r\nA')
    await closed(slow)
    expect(received).toMatch(/^HTTP\/1\.1 408 /)
    await own.close()
  })
})

describe('rest-max-streams-per-token', () => {
  const full = { error: 'ERR max number of streams per token reached' }
  const subscribe = (token: string) =>
    fetch(`${rest.url}/subscribe/news`, { headers: { authorization: `Bearer ${token}` } })
  const socket = (token: string) => new RespSocket(`ws${rest.url.slice(4)}/ws?token=${token}`)

  test('bounds the streams and WebSockets of one token together, and no other token', async () => {
    await start({ 'rest-max-streams-per-token': 2 })
    const reader = new EventReader((await subscribe(TOKEN)).body!)
    await reader.next()
    const open = socket(TOKEN)
    expect(await open.opened).toBe('open')
    const refused = await subscribe(TOKEN)
    expect([refused.status, await refused.json()]).toEqual([429, full])
    expect(await socket(TOKEN).opened).toEqual([429, full])
    const other = socket(READ_ONLY_TOKEN)
    expect(await other.opened).toBe('open')
    await reader.cancel()
    await until(() => rest.server.clientCount === 2)
    const next = socket(TOKEN)
    expect(await next.opened).toBe('open')
    for (const each of [open, other, next]) each.socket.close()
  })

  test('a stream counts against maxclients', async () => {
    await start({ maxclients: 1 })
    const reader = new EventReader((await subscribe(TOKEN)).body!)
    await reader.next()
    const refused = await subscribe(TOKEN)
    expect([refused.status, await refused.json()]).toEqual([503, { error: 'ERR max number of clients reached' }])
    await reader.cancel()
  })
})
