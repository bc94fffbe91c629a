/**
 * Readers that do not read, over real sockets, of a server whose heap is small: all of them together would exhaust it, if each
 * were given a copy of what it asked for. Others are served meanwhile.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'

const MB = 2 ** 20
const HEAP_MB = 256
const READERS = 110
const VALUE_BYTES = 8 * MB
/** The longest that a PING may take while the machine does other things, too. */
const MOMENT_MS = 2000

let server: Program
let control: Socket
let [port, httpPort] = [0, 0]
const readers: Socket[] = []

beforeAll(async () => {
  ;[port, httpPort] = [await freePort(), await freePort()]
  server = new Program([
    ...[`--max-old-space-size=${HEAP_MB}`, cli()],
    ...['--port', `${port}`, '--http-port', `${httpPort}`, '--rest-token', 't', '--save', ''],
  ])
  await server.until(() => new RegExp(`${httpPort}`).test(server.output))
  control = connect(port, '127.0.0.1')
  await once(control, 'connect')
}, 60_000)

afterEach(() => {
  for (const reader of readers.splice(0)) reader.destroy()
})

afterAll(async () => {
  control.destroy()
  await server.stop()
})

/** What the control connection is answered, up to a pattern. */
async function answer(pattern: RegExp): Promise<string> {
  let text = ''
  while (!pattern.test(text)) text += (await once(control, 'data'))[0]
  return text
}

async function set(byte: string): Promise<void> {
  control.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${VALUE_BYTES}\r\n`)
  control.write(Buffer.alloc(VALUE_BYTES, byte))
  control.write('\r\n')
  expect(await answer(/\r\n$/)).toBe('+OK\r\n')
}

async function info(field: string): Promise<number> {
  control.write('INFO everything\r\n')
  const text = await answer(/# Keyspace[\s\S]*\r\n\r\n$/)
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)![1])
}

/** A connection on which something was asked, and nothing is read. */
async function reader(toPort: number, ask: string | Buffer): Promise<Socket> {
  const socket = connect(toPort, '127.0.0.1')
  socket.on('error', () => {})
  readers.push(socket)
  await once(socket, 'connect')
  socket.pause()
  socket.write(ask)
  return socket
}

const httpGet = (...headers: string[]): string =>
  ['GET /get/k HTTP/1.1', 'Host: x', 'Authorization: Bearer t', ...headers, '', ''].join('\r\n')

const UPGRADE =
  'GET /ws?format=json&token=t HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
const FRAME = Buffer.concat([Buffer.from([0x81, 0x80 | 11, 0, 0, 0, 0]), Buffer.from('["GET","k"]')])

const ASK: Record<string, () => Promise<Socket>> = {
  'REST, as JSON': () => reader(httpPort, httpGet()),
  'REST, as base64': () => reader(httpPort, httpGet('Upstash-Encoding: base64')),
  'REST, as RESP2': () => reader(httpPort, httpGet('Upstash-Response-Format: resp2')),
  'WebSocket, as JSON': () => reader(httpPort, Buffer.concat([Buffer.from(UPGRADE), FRAME])),
  'RESP over TCP': () => reader(port, 'GET k\r\n'),
}

async function longestPing(): Promise<number> {
  let longest = 0
  for (let i = 0; i < 50; i++) {
    const at = performance.now()
    control.write('PING\r\n')
    expect(await answer(/\r\n$/)).toBe('+PONG\r\n')
    longest = Math.max(longest, performance.now() - at)
  }
  return longest
}

describe(`${READERS} readers of a value of 8 MB that do not read, beside a heap of ${HEAP_MB} MB`, () => {
  test.each(Object.keys(ASK))(
    'over %s: none is cut, others are served, and each gets all of it in the end',
    async (way) => {
      await set('x')
      const before = await info('client_memory_guard_disconnections')
      for (let i = 0; i < READERS; i++) await ASK[way]()
      expect(await longestPing()).toBeLessThan(MOMENT_MS)
      expect(await info('client_memory_guard_disconnections')).toBe(before)
      expect(await info('used_memory_rss')).toBeLessThan(3 * HEAP_MB * MB)
      const least = way.includes('base64') ? (VALUE_BYTES * 4) / 3 : VALUE_BYTES
      let read = 0
      const [first] = readers
      first.on('data', (chunk: Buffer) => {
        read += chunk.length
      })
      first.resume()
      while (read < least) await once(first, 'data')
    },
    60_000,
  )
})

test('readers that each hold a value of their own are cut when it is too much, the others served', async () => {
  for (let i = 0; i < 40; i++) {
    await set(String.fromCharCode(97 + (i % 26)))
    await ASK[i % 2 === 0 ? 'REST, as JSON' : 'RESP over TCP']()
  }
  expect(await longestPing()).toBeLessThan(MOMENT_MS)
  expect(await info('client_memory_guard_disconnections')).toBeGreaterThan(20)
  expect(await info('used_memory_rss')).toBeLessThan(4 * HEAP_MB * MB)
}, 60_000)
