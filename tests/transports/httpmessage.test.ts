/** Our own HTTP server, which answers by a shorter way than Node's, beside a server of node:http that does not. */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server/server.ts'

const TOKEN = 't0ken'
const HOST = '127.0.0.1'

let server: Server
let own: number
let others: number
const bare = createHttpServer({ keepAliveTimeout: 65_000 }, (request, response) => server.handle(request, response))

beforeAll(async () => {
  server = createServer({ 'rest-token': TOKEN, 'rest-max-request-size': 1024 * 1024 })
  own = (await server.listen({ port: false, httpPort: 0 })).httpPort
  await new Promise<void>((resolve) => bare.listen(0, HOST, resolve))
  others = (bare.address() as AddressInfo).port
})
afterAll(async () => {
  bare.closeAllConnections()
  bare.close()
  await server.close()
})

/** What comes back for pieces of text that are sent one after the other, up to `count` answers or the end. */
function exchange(port: number, pieces: readonly string[], count = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST)
    let text = ''
    const finish = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.on('error', reject).on('end', finish)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.split('"result"').length + text.split('"error"').length - 2 === count && /[\]}]$/.test(text)) finish()
    })
    const send = ([piece, ...rest]: readonly string[]): void => {
      socket.write(piece, 'latin1', () => rest.length > 0 && setImmediate(() => send(rest)))
    }
    send(pieces)
  })
}

/** Without what no two answers share. */
function masked(answer: string): string {
  return answer.replace(/(upstash-sync-token: |Date: )[^\r]*/g, '$1…')
}

function post(body: string, { version = '1.1', method = 'POST', more = '' } = {}): string {
  const head = `${method} / HTTP/${version}\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n${more}`
  return `${head}content-length: ${body.length}\r\n\r\n${body}`
}

const PING = '["PING"]'

describe('an answer', () => {
  test.each([
    ['to one command', [post(PING)], 1],
    ['to a body in pieces', [post(PING).slice(0, -4), PING.slice(-4)], 1],
    ['to a client of HTTP/1.0', [post(PING, { version: '1.0' })], 1],
    ['to one of HTTP/1.0 that stays', [post(PING, { version: '1.0', more: 'connection: keep-alive\r\n' })], 1],
    ['to one that goes', [post(PING, { more: 'connection: close\r\n' })], 1],
    ['to one that asks to go on', [post(PING, { more: 'expect: 100-continue\r\n' })], 1],
    ['to a wrong command', [post('["NOSUCH"]')], 1],
    ['to no body', [post('')], 1],
    ['to a path', [`GET /ping HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`], 1],
    ['to requests that came at once', [post('["ECHO","1"]') + post('["ECHO","2"]') + post('["ECHO","3"]')], 3],
    ['to one behind a long body', [post(`["SET","k","${'v'.repeat(100_000)}"]`) + post('["STRLEN","k"]')], 2],
    ['to a body that is too long', [post(`["SET","k","${'v'.repeat(1024 * 1024)}"]`)], 1],
    [
      'in chunks',
      [`${post('').replace('content-length: 0', 'transfer-encoding: chunked')}8\r\n${PING}\r\n0\r\n\r\n`],
      1,
    ],
  ])('%s is as Node writes it', async (_, pieces, count) => {
    const [ours, nodes] = await Promise.all([own, others].map((port) => exchange(port, pieces, count)))
    expect(ours).toMatch(/^HTTP\/1\.1 /)
    expect(masked(ours)).toBe(masked(nodes))
  })

  test('to HEAD has no body', async () => {
    const head = `HEAD /ping HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`
    const [ours, nodes] = await Promise.all([own, others].map((port) => exchange(port, [head])))
    expect(ours).toMatch(/\r\n\r\n$/)
    expect(masked(ours)).toBe(masked(nodes))
  })

  test('tells the time of day', async () => {
    const [, date] = /Date: ([^\r]*)/.exec(await exchange(own, [post(PING)]))!
    expect(new Date(date).toUTCString()).toBe(date)
    expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(10_000)
  })
})

test('who hangs up in the midst of a body has run nothing, and the next is served', async () => {
  const whole = post('["SET","half","1"]')
  await new Promise<void>((resolve) => {
    const socket = connect(own, HOST, () => socket.write(whole.slice(0, -3), () => socket.destroy()))
    socket.on('close', () => resolve())
  })
  expect(await exchange(own, [post('["EXISTS","half"]')])).toMatch(/\{"result":0\}$/)
})
