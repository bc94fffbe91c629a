/** Connections past Node's streams, and the ordinary ones that take their place where Node hides what that needs. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { type Opened, openSocket } from '../../lib/transports/sockets.ts'
import { openRaw } from '../clients/raw.ts'

const MB = 1024 * 1024

/** Text of which each part differs from all others. */
const numbered = (bytes: number): Bytes =>
  Array.from({ length: Math.ceil(bytes / 8) }, (_, i) => `${i}`.padStart(8, '0')).join('')

const ways = {
  'past the streams': (accepted: Socket) => accepted,
  'as ordinary sockets': (accepted: Socket) => Object.assign(accepted, { encrypted: true }),
}

describe.each(Object.entries(ways))('connections %s', (name, prepare) => {
  let server: Server
  let client: Socket
  let opened: Opened
  let received: Bytes
  let drained: number

  beforeEach(async () => {
    received = ''
    drained = 0
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepting = once(server, 'connection')
    const { port } = server.address() as { port: number }
    client = await openRaw({ port, host: '127.0.0.1' })
    const [accepted] = (await accepting) as [Socket]
    opened = openSocket(
      prepare(accepted),
      (buffer, length) => {
        received += buffer.latin1Slice(0, length)
      },
      () => drained++,
    )
    opened.socket.on('error', () => {})
  })
  afterEach(async () => {
    client.destroy()
    opened.socket.destroy()
    server.close()
    await once(server, 'close')
  })

  /** Writes until the connection holds as much; returns what was written. */
  const fill = (bytes: number): Bytes => {
    const whole = numbered(20 * MB)
    let at = 0
    while (opened.wire.unsentBytes < bytes) {
      opened.wire.write(whole.slice(at, at + 100_000))
      at += 100_000
    }
    return whole.slice(0, at)
  }
  const readAll = async (): Promise<Bytes> => {
    const chunks: Buffer[] = []
    for await (const chunk of client) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('latin1')
  }

  test('bytes arrive both ways', async () => {
    client.write(Buffer.from([0, 128, 255]))
    expect(opened.wire.write('\0\x80\xff')).toBe(true)
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect([...answer]).toEqual([0, 128, 255])
    for (let turn = 0; received === '' && turn < 1000; turn++) await new Promise(setImmediate)
    expect(received).toBe('\0\x80\xff')
    expect(drained).toBe(0)
  })

  test('what the kernel does not take is kept, counted and sent in order', async () => {
    client.pause()
    const written = fill(MB)
    expect(opened.wire.write('last')).toBe(false)
    expect(opened.wire.unsentBytes).toBeGreaterThan(MB)
    // What distinguishes the two ways: whether the stream knows of it.
    expect(opened.socket.writableLength > 0).toBe(name === 'as ordinary sockets')
    let bytes = ''
    client.on('data', (chunk) => {
      bytes += chunk.latin1Slice()
    })
    client.resume()
    for (let turn = 0; drained === 0 && turn < 100_000; turn++) await new Promise(setImmediate)
    expect(drained).toBeGreaterThan(0)
    expect(opened.wire.unsentBytes).toBe(0)
    opened.wire.end()
    await once(client, 'end')
    expect(bytes === `${written}last`).toBe(true)
  })

  test('an end waits for what is kept', async () => {
    client.pause()
    const written = fill(MB)
    opened.wire.end()
    expect((await readAll()) === written).toBe(true)
  })

  test('a client that goes leaves nothing behind', async () => {
    client.pause()
    fill(MB)
    const closed = new Promise((resolve) => opened.socket.once('close', resolve))
    client.resetAndDestroy()
    await closed
    expect(opened.wire.write('to nobody')).toBe(false)
    expect(drained).toBe(0)
  })

  test('a connection that was cut takes nothing more', async () => {
    client.pause()
    fill(MB)
    opened.wire.destroy()
    expect(opened.wire.write('to nobody')).toBe(false)
    await once(opened.socket, 'close')
    expect(opened.wire.write('to nobody')).toBe(false)
  })
})
