/**
 * Plain TCP connections and Unix sockets without the cost of Node's streams, which was measured at half of the time that a
 * request takes outside the kernel (docs/adr/0007, 0012).
 *
 * - Reading: all connections read into one buffer. A socket of Node's otherwise gets 64 KB of memory for each read and gives
 *   back what it did not need. Node offers its `onread` to outgoing connections only; an accepted one is taken over by a
 *   socket that was told of the buffer.
 * - Writing: text goes straight to the handle, which is libuv's stream, as Node's own socket gives it there.
 *
 * A write request belongs to libuv from the write that used it until its completion has been reported. An empty write
 * queue does not say that it is free again: libuv may send the rest at once, and report it on the next turn of the loop.
 * The request itself tells: it has an async id exactly while it is in use.
 *
 * Where the runtime does not show all of what this needs (other Nodes, Bun, Deno, TLS), the connection is an ordinary
 * socket: slower, and otherwise the same. All of it is sought before any of it is used: see `probe`.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { descriptorOf } from './endpoint.ts'
import type { Wire } from './wire.ts'

/** Unsent bytes from which a connection says that it is full. */
const HIGH_WATER_BYTES = 64 * 1024

/** What one read takes at the most. Its content is valid until the reader's callback returns. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** What Node keeps of a connection, and lets another socket be made of. Not documented, the same for years. */
interface Handle {
  /**
   * Sends at once what the kernel takes and keeps the rest. Returns an error of libuv's (negative), or 0. Given null
   * instead of a request, as Node since 24.22 does, it returns the request where it keeps something.
   */
  writeLatin1String(request: WriteRequest | null, text: Bytes): number | WriteRequest
}

/** What Node keeps of a write that is under way. */
interface WriteRequest {
  oncomplete?: (status: number) => void
  /** `UNUSED` before the handle has taken the request, and after it has failed to. */
  getAsyncId(): number
  /** Only of a request that the handle has made: the status of a write that was complete before the call returned. */
  readonly writeStatus?: number | null
}

const UNUSED = -1

interface Accepted {
  _handle?: object | null
}
interface TakeOver {
  readonly handle: object
  readonly onread: OnReadOpts
  readonly allowHalfOpen: true
}

/** A connection to serve: the socket for its events, the wire to write to. */
export interface Opened {
  readonly socket: Socket
  readonly wire: Wire
}

/**
 * Has `receive` called with each piece that arrives (the first `length` bytes of a buffer that is the caller's again
 * afterwards), and `drained` when the wire has sent all that it held. `accepted` is not to be used any more. A peer that
 * ends its side can still be sent to: whoever hears of it ('end') has to end the connection.
 */
export function openSocket(
  accepted: Socket,
  receive: (buffer: Buffer, length: number) => void,
  drained: () => void,
): Opened {
  if (writes === undefined) writes = probe()
  const handle = (accepted as Socket & Accepted)._handle
  if (writes === null || !isNodesOwn(handle) || 'encrypted' in accepted) {
    accepted.allowHalfOpen = true
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
  const options: SocketConstructorOpts & TakeOver = { handle, onread, allowHalfOpen: true }
  const socket = new Socket(options)
  // The listener counts the one it has accepted.
  socket.on('close', () => accepted.destroy())
  return { socket, wire: writes(socket, handle, drained) }
}

class StreamWire implements Wire {
  protected readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  get fd(): number {
    return descriptorOf(this.socket)
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
abstract class HandleWire extends StreamWire {
  protected readonly handle: Handle
  readonly #drained: () => void
  /** Bytes of the parts of which the handle keeps something. */
  #kept = 0

  constructor(socket: Socket, handle: Handle, drained: () => void) {
    super(socket)
    this.handle = handle
    this.#drained = drained
  }

  override get unsentBytes(): number {
    return this.#kept
  }

  /** The handle has taken `request` for a part of `length` bytes. */
  protected keep(request: WriteRequest, length: number): boolean {
    this.#kept += length
    request.oncomplete = (status) => this.#completed(status, length)
    return this.#kept < HIGH_WATER_BYTES
  }

  protected fail(): boolean {
    this.socket.destroy()
    return false
  }

  #completed(status: number, length: number): void {
    this.#kept -= length
    if (status !== 0) this.socket.destroy()
    else if (this.#kept === 0) this.#drained()
  }
}

/** Gives each write a request, which serves again unless the handle has taken it. */
class LendingWire extends HandleWire {
  readonly #Request: RequestClass
  #spare: WriteRequest

  constructor(socket: Socket, handle: Handle, drained: () => void, Request: RequestClass) {
    super(socket, handle, drained)
    this.#Request = Request
    this.#spare = new Request()
  }

  override write(part: Bytes): boolean {
    const request = this.#spare
    if (this.handle.writeLatin1String(request, part) !== 0) return this.fail()
    if (request.getAsyncId() === UNUSED) return true
    this.#spare = new this.#Request()
    return this.keep(request, part.length)
  }
}

/** Is given a request by the handle where it keeps something. */
class GivenWire extends HandleWire {
  override write(part: Bytes): boolean {
    const answer = this.handle.writeLatin1String(null, part)
    if (answer === 0) return true
    if (typeof answer !== 'object' || answer.getAsyncId() === UNUSED) return this.fail()
    const { writeStatus } = answer
    if (typeof writeStatus === 'number') return writeStatus === 0 || this.fail()
    return this.keep(answer, part.length)
  }
}

type RequestClass = new () => WriteRequest

/** How connections are written to past their streams. */
type Writes = (socket: Socket, handle: Handle, drained: () => void) => Wire

/** Undefined before it was sought, null where there is no such way. */
let writes: Writes | null | undefined

const NEEDED = ['readStart', 'readStop', 'useUserBuffer', 'writeLatin1String', 'getAsyncId', 'close'] as const

function isNodesOwn(handle: Accepted['_handle']): handle is Handle {
  return handle != null && NEEDED.every((name) => typeof Reflect.get(handle, name) === 'function')
}

/** Sees what a socket does with a handle of our own: reads into the buffer that it was told of, and writes with a request. */
function probe(): Writes | null {
  let readsIntoBuffer = false
  let request: WriteRequest | null | undefined
  const nothing = (): number => 0
  const handle = {
    getAsyncId: nothing,
    readStart: nothing,
    readStop: nothing,
    close: nothing,
    useUserBuffer(buffer: unknown) {
      readsIntoBuffer = buffer === shared
    },
    writeLatin1String(given: WriteRequest | null) {
      request = given
      return 0
    },
  }
  try {
    const onread: OnReadOpts = { buffer: shared, callback: () => true }
    const probing = new Socket({ handle, onread } as SocketConstructorOpts)
    probing.on('error', nothing)
    probing.write('.', 'latin1')
    probing.destroy()
    if (!readsIntoBuffer || request === undefined) return null
    if (request === null) return (socket, its, drained) => new GivenWire(socket, its, drained)
    const Request = request.constructor as RequestClass
    if (new Request().getAsyncId() !== UNUSED) return null
    return (socket, its, drained) => new LendingWire(socket, its, drained, Request)
  } catch {
    return null // this runtime has no such thing
  }
}
