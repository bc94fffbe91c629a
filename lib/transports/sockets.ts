/**
 * Plain TCP connections and Unix sockets without the cost of Node's streams, which was measured at half of the time that a
 * request takes outside the kernel (docs/adr/0007, 0012).
 *
 * - Reading: all connections read into one buffer. A socket of Node's otherwise gets 64 KB of memory for each read and gives
 *   back what it did not need. Node offers its `onread` to outgoing connections only; an accepted one is taken over by a
 *   socket that was told of the buffer.
 * - Writing: text goes straight to the handle, which is libuv's stream, as Node's own socket gives it there.
 *
 * Where Node does not show what this needs, the connection is an ordinary socket: slower, and otherwise the same.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import type { Wire } from './resp.ts'

/** Unsent bytes from which a connection says that it is full. */
const HIGH_WATER_BYTES = 64 * 1024

/** What one read takes at the most. Its content is valid until the reader's callback returns. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** What Node keeps of a connection, and lets another socket be made of. Not documented, the same for years. */
interface Handle {
  /** Sends at once what the kernel takes and keeps the rest. Returns an error of libuv's (negative) or 0. */
  writeLatin1String(request: WriteRequest, text: Bytes): number
  /** Bytes kept. */
  readonly writeQueueSize: number
}

/** What Node keeps of a write that is under way; one that has not been needed may serve again. */
interface WriteRequest {
  oncomplete?: (status: number) => void
}

interface Accepted {
  _handle?: Handle | null
}
interface TakeOver {
  readonly handle: object
  readonly onread: OnReadOpts
  readonly writableHighWaterMark: number
}

/** A connection to serve: the socket for its events, the wire to write to. */
export interface Opened {
  readonly socket: Socket
  readonly wire: Wire
}

/**
 * Has `receive` called with each piece that arrives (the first `length` bytes of a buffer that is the caller's again
 * afterwards), and `drained` when the wire has sent all that it held. `accepted` is not to be used any more.
 */
export function openSocket(
  accepted: Socket,
  receive: (buffer: Buffer, length: number) => void,
  drained: () => void,
): Opened {
  const handle = (accepted as Socket & Accepted)._handle
  if (!handle || 'encrypted' in accepted) {
    accepted.on('data', (chunk: Buffer) => receive(chunk, chunk.length))
    accepted.on('drain', drained)
    return { socket: accepted, wire: new StreamWire(accepted) }
  }
  ;(accepted as Socket & Accepted)._handle = null
  const onread: OnReadOpts = {
    buffer: shared,
    callback(length) {
      receive(shared, length)
      return true
    },
  }
  const options: SocketConstructorOpts & TakeOver = { handle, writableHighWaterMark: HIGH_WATER_BYTES, onread }
  const socket = new Socket(options)
  // The listener counts the one it has accepted.
  socket.on('close', () => accepted.destroy())
  if (requestClass === undefined) requestClass = findRequestClass() ?? null
  if (requestClass !== null && 'writeQueueSize' in handle) {
    return { socket, wire: new HandleWire(socket, handle, requestClass, drained) }
  }
  socket.on('drain', drained)
  return { socket, wire: new StreamWire(socket) }
}

class StreamWire implements Wire {
  protected readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  get unsentBytes(): number {
    return this.socket.writableLength
  }

  write(part: Bytes): boolean {
    return this.socket.write(part, 'latin1')
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** Writes past the stream. Its end, by which Node waits for what the handle keeps, is still the socket's affair. */
class HandleWire extends StreamWire {
  readonly #handle: Handle
  readonly #Request: new () => WriteRequest
  readonly #drained: () => void
  #spare: WriteRequest
  /** Bytes of the parts of which the handle keeps something. */
  #kept = 0

  constructor(socket: Socket, handle: Handle, Request: new () => WriteRequest, drained: () => void) {
    super(socket)
    this.#handle = handle
    this.#Request = Request
    this.#drained = drained
    this.#spare = new Request()
  }

  override get unsentBytes(): number {
    return this.#kept
  }

  override write(part: Bytes): boolean {
    const handle = this.#handle
    const request = this.#spare
    if (handle.writeLatin1String(request, part) !== 0) {
      this.socket.destroy()
      return false
    }
    if (handle.writeQueueSize === 0) return true
    this.#kept += part.length
    request.oncomplete = (status) => this.#completed(status, part.length)
    this.#spare = new this.#Request()
    return this.#kept < HIGH_WATER_BYTES
  }

  #completed(status: number, length: number): void {
    this.#kept -= length
    if (status !== 0) this.socket.destroy()
    else if (this.#kept === 0) this.#drained()
  }
}

/** Undefined before it was sought, null where there is none. */
let requestClass: (new () => WriteRequest) | null | undefined

/** The class of Node's write requests, which only a handle gets to see. */
function findRequestClass(): (new () => WriteRequest) | undefined {
  let found: WriteRequest | undefined
  const nothing = (): number => 0
  const handle = {
    getAsyncId: nothing,
    readStart: nothing,
    readStop: nothing,
    close: nothing,
    writeLatin1String(request: WriteRequest) {
      found = request
      return 0
    },
  }
  try {
    const probe = new Socket({ handle } as SocketConstructorOpts)
    probe.on('error', nothing)
    probe.write('.', 'latin1')
    probe.destroy()
  } catch {
    // There is no such thing in this Node.
  }
  return found?.constructor as (new () => WriteRequest) | undefined
}
