/**
 * A connection to a store in this process that a client takes for a socket: what the client writes goes to a RESP connection of
 * the store as it is, and back. No port, no descriptor. Both sides feel the other's back pressure as over TCP.
 */
import { Duplex } from 'node:stream'
import type { Bytes } from '../base/bytes.ts'
import { MAX_CLIENTS } from '../base/errors.ts'
import { immediately } from '../base/runtime.ts'
import { RespConnection } from '../transports/resp.ts'
import type { TcpHost } from '../transports/tcp.ts'
import type { Wire } from '../transports/wire.ts'

/** Bytes not yet read by the client from which the store is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024

const ADDRESS = '127.0.0.1'
/** Ports of connections, told apart in CLIENT LIST; no port of the machine is behind them. */
const FIRST_PORT = 40_000
const PORTS = 20_000
let opened = 0

export class MemorySocket extends Duplex {
  readonly remoteAddress = ADDRESS
  readonly remotePort: number
  readonly localAddress = ADDRESS
  readonly localPort = FIRST_PORT + (opened++ % PORTS)
  connecting = true
  /** None where the store is closed, or `maxclients` are there already. */
  readonly #connection: RespConnection | undefined
  readonly #wire: ClientWire
  /** Goes on writing once the store reads again. */
  #held: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** `isOpen`: whether somebody listens. */
  constructor(host: TcpHost, port: number, connectEvent: 'connect' | 'secureConnect', isOpen: boolean) {
    super({ readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES })
    this.remotePort = port
    const { config, stats } = host.engine
    this.#wire = new ClientWire(this, () => this.#goOn())
    if (!isOpen) {
      // Once the client listens for errors.
      immediately(() => this.#refuse())
      return
    }
    if (host.clientCount < config.maxclients) {
      stats.connections++
      const [addr, laddr] = [`${ADDRESS}:${this.localPort}`, `${ADDRESS}:${port}`]
      this.#connection = new RespConnection(host, 'tcp', this.#wire, addr, laddr)
    } else stats.rejectedConnections++
    process.nextTick(() => {
      this.connecting = false
      if (this.destroyed) return
      this.emit(connectEvent)
      if (this.#connection !== undefined) return
      this.#wire.write(`-${MAX_CLIENTS.text}\r\n`)
      this.#wire.end()
    })
  }

  /** Ends the connection as a cut line would. */
  cut(): void {
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' }))
  }

  /** Fails as a connection to a port at which nobody listens. */
  #refuse(): void {
    const [code, syscall, address] = ['ECONNREFUSED', 'connect', ADDRESS]
    const message = `${syscall} ${code} ${address}:${this.remotePort}`
    this.destroy(Object.assign(new Error(message), { code, errno: -111, syscall, address, port: this.remotePort }))
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  /** For a client's connectTimeout, the one that it asks for. */
  setTimeout(ms: number, run?: () => void): this {
    clearTimeout(this.#timer)
    if (ms > 0) this.#timer = setTimeout(() => (run === undefined ? this.emit('timeout') : run()), ms)
    return this
  }

  override _read(): void {
    this.#connection?.drained()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection?.receive(chunk)
    if (this.#wire.paused) this.#held = done
    else done()
  }

  override _final(done: () => void): void {
    this.#connection?.ended()
    // Replies that are due at the end of this turn still come.
    setImmediate(() => {
      if (!this.destroyed) this.push(null)
    })
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.connecting = false
    this.#wire.closed = true
    this.#connection?.closed()
    done(error)
  }

  #goOn(): void {
    const held = this.#held
    this.#held = undefined
    held?.()
  }
}

/** The store's side: what it writes waits for the client to read it. */
class ClientWire implements Wire {
  readonly #socket: MemorySocket
  readonly #resumed: () => void
  paused = false
  closed = false

  constructor(socket: MemorySocket, resumed: () => void) {
    this.#socket = socket
    this.#resumed = resumed
  }

  get unsentBytes(): number {
    return this.closed ? 0 : this.#socket.readableLength
  }

  write(part: Bytes): boolean {
    return this.closed || this.#socket.push(Buffer.from(part, 'latin1'))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.#resumed()
  }

  end(): void {
    this.#socket.push(null)
    if (!this.#socket.writableEnded) this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
