/** Connections past Node's streams, and the ordinary ones that take their place where Node hides what that needs. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { type Opened, openSocket } from '../../lib/transports/sockets.ts'
import { openRaw } from '../clients/raw.ts'

const MB = 1024 * 1024

/** Text of which each part differs from all others, and more than a connection takes. */
const NUMBERED: Bytes = Array.from({ length: (20 * MB) / 8 }, (_, i) => `${i}`.padStart(8, '0')).join('')

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
    let at = 0
    while (opened.wire.unsentBytes < bytes) {
      opened.wire.write(NUMBERED.slice(at, at + 100_000))
      at += 100_000
    }
    return NUMBERED.slice(0, at)
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

/** A handle that takes every part whole and reports it later, as libuv does where the reader makes room meanwhile. */
class LateHandle {
  readonly requests: { oncomplete?: (status: number) => void; getAsyncId(): number }[] = []
  readonly writeQueueSize = 0

  getAsyncId(): number {
    return 1
  }
  readStart(): number {
    return 0
  }
  readStop(): number {
    return 0
  }
  useUserBuffer(): void {}
  close(closed?: () => void): void {
    closed?.()
  }
  writeLatin1String(given: { getAsyncId(): number } | null): unknown {
    const request = given ?? { getAsyncId: () => 7, writeStatus: null }
    if (given !== null && this.requests.includes(given)) throw new Error('the request is in use')
    request.getAsyncId = () => 7
    this.requests.push(request)
    return given === null ? request : 0
  }
}

describe('a write request', () => {
  let handle: LateHandle
  let opened: Opened
  let drained: number

  beforeEach(() => {
    handle = new LateHandle()
    drained = 0
    const accepted = { _handle: handle, on: () => accepted, destroy: () => {} }
    opened = openSocket(
      accepted as unknown as Socket,
      () => {},
      () => drained++,
    )
  })
  afterEach(() => opened.socket.destroy())

  test('is not used again before its completion, though nothing waits in the queue', () => {
    for (let i = 0; i < 3; i++) expect(opened.wire.write('part')).toBe(true)
    expect(new Set(handle.requests).size).toBe(3)
    expect(opened.wire.unsentBytes).toBe(12)
    for (const { oncomplete } of handle.requests) oncomplete?.(0)
    expect(opened.wire.unsentBytes).toBe(0)
    expect(drained).toBe(1)
  })

  test('that fails ends the connection', () => {
    opened.wire.write('part')
    handle.requests[0].oncomplete?.(-32)
    expect(opened.socket.destroyed).toBe(true)
    expect(drained).toBe(0)
  })
})

describe('a runtime whose handle is not that of Node', () => {
  test.each(['readStart', 'readStop', 'useUserBuffer', 'writeLatin1String', 'getAsyncId', 'close'])(
    'without %s it is read and written as an ordinary socket',
    (missing) => {
      const handle = Object.assign(new LateHandle(), { [missing]: undefined })
      const written: unknown[] = []
      const listeners = new Map<string, (chunk: Buffer) => void>()
      const accepted = {
        _handle: handle,
        on: (event: string, listen: (chunk: Buffer) => void) => listeners.set(event, listen),
        write: (...args: unknown[]) => written.push(args) > 0,
      }
      let received = ''
      const { socket, wire } = openSocket(
        accepted as unknown as Socket,
        (buffer, length) => {
          received += buffer.latin1Slice(0, length)
        },
        () => {},
      )
      expect(socket).toBe(accepted)
      wire.write('reply')
      expect(written).toEqual([['reply', 'latin1']])
      listeners.get('data')?.(Buffer.from('command'))
      expect(received).toBe('command')
      expect(handle.requests).toEqual([])
    },
  )
})
