/** A snapshot on its way to a replica: as much at a time as the replica takes, and what happened meanwhile behind it. */
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { engineClient } from '../contract/harness/subjects.ts'

const VALUE_BYTES = 400_000
const VALUES = 100

let server: Server
let listener: TcpListener
let socket: Socket
let received: Buffer[]
let log: string[]

const tell = (line: string) => engineClient(server).send(line.split(' '))
const length = (): number => received.reduce((sum, { length }) => sum + length, 0)

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('waited for 10 s')
    await new Promise(setImmediate)
  }
}

beforeEach(async () => {
  log = []
  server = createServer({
    rdbcompression: false,
    'client-output-buffer-limit': 'replica 16mb 0 0',
    'repl-diskless-sync-delay': 0,
    log: (_, line) => log.push(line),
  })
  listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
  for (let i = 0; i < VALUES; i++) await tell(`SET key:${i} ${'v'.repeat(VALUE_BYTES)}`)
  received = []
  socket = connect({ port: listener.port, host: '127.0.0.1' })
  socket.on('data', (chunk) => received.push(chunk))
  socket.on('error', () => {})
})
afterEach(async () => {
  socket.destroy()
  await listener.close()
  await server.close()
})

describe('a snapshot larger than what a replica may leave unread', () => {
  test('reaches it, and what was written meanwhile comes behind', async () => {
    socket.write('PSYNC ? -1\r\n')
    await until(() => length() > 1000)
    socket.pause()
    await tell('SET meanwhile 1')
    const session = [...server.engine.ports.connections.clients].find((one) => one.replica)!
    await until(() => session.link.outputBytes > 0)
    expect(session.link.outputBytes).toBeLessThan(3 * 2 ** 20)
    socket.resume()
    await until(() => log.some((line) => line.endsWith('succeeded')))
    await tell('SET later 1')
    const whole = (): string => Buffer.concat(received).toString('latin1')
    await until(() => received.at(-1)!.toString('latin1').endsWith('later\r\n$1\r\n1\r\n'))
    const [, announced, rest] = /^\+FULLRESYNC \w{40} 0\r\n\n*\$(\d+)\r\n(.*)$/s.exec(whole())!
    expect(+announced).toBeGreaterThan(VALUES * VALUE_BYTES)
    expect(rest.slice(0, 5)).toBe('REDIS')
    expect(rest.slice(+announced)).toBe(['*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n', set('meanwhile'), set('later')].join(''))
  })

  test('is not sent on to one for whom too much waits behind it', async () => {
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write('PSYNC ? -1\r\n')
    await until(() => length() > 1000)
    socket.pause()
    for (let i = 0; i < 50; i++) await tell(`SET more:${i} ${'v'.repeat(VALUE_BYTES)}`)
    socket.resume()
    await closed
    expect([...server.engine.ports.connections.clients].filter((one) => one.replica)).toEqual([])
  })

  test('is not made for one who asks for functions alone', async () => {
    await engineClient(server).send([
      'FUNCTION',
      'LOAD',
      "#!lua name=lib\nredis.register_function('f', function() return 1 end)",
    ])
    socket.write('REPLCONF rdb-only 1 rdb-filter-only functions\r\n')
    await until(() => length() > 0)
    socket.write('SYNC\r\n')
    await until(() => length() > 5)
    socket.write('REPLCONF capa eof\r\n')
    await until(() => Buffer.concat(received).toString('latin1').endsWith('+OK\r\n'))
    socket.write('SYNC\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    const text = Buffer.concat(received).toString('latin1')
    expect(text).toMatch(
      /^\+OK\r\n-ERR Filtered replica requires EOF capability\r\n\+OK\r\n\n*\$EOF:(\w{40})\r\nREDIS.*#!lua name=lib.*\1$/s,
    )
    expect(text.length).toBeLessThan(1000)
    expect(text).not.toContain('key:')
  })
})

const set = (key: string): string => `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$1\r\n1\r\n`
