/**
 * ioredis over WebSocket, for hosts that expose HTTP only. An unmodified ioredis 5 or 6 takes the connector as an option, and
 * all of it works as over TCP: pipelines, blocking commands, subscriptions.
 *
 *     import { Redis } from 'ioredis'
 *     import { connector } from 'zerodis/ioredis'
 *     const redis = new Redis({ Connector: connector('wss://example.com', { token }) })
 *
 * ioredis asks a connector for a stream and takes that for a socket: `SocketOverWebSocket` is a Duplex whose writes become
 * binary frames, with the few things of a socket that ioredis calls. Knows nothing of ioredis's modules, so it fits both
 * versions.
 */
import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { type Connector, connectorOf } from './transports/connector.ts'

export interface ConnectorOptions {
  /** The REST token. Not needed where the URL has one (`?token=`), or where ioredis says AUTH. */
  readonly token?: string | undefined
  /** Headers of the request that opens the connection. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export type { Connector } from './transports/connector.ts'

/** Longest frame sent: a server need not take in more at a time. */
const FRAME_BYTES = 64 * 1024

/** Received bytes not yet read from which the server is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024

/** Connects by `ws://host` or `wss://host`, at `/ws` where the URL has no path. */
export function connector(url: string | URL, options: ConnectorOptions = {}): Connector {
  const address = new URL(url)
  if (address.pathname === '/') address.pathname = '/ws'
  const headers: Record<string, string> = { ...options.headers }
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`
  return connectorOf((event) => new SocketOverWebSocket(address, headers, event))
}

class SocketOverWebSocket extends Duplex {
  readonly #socket: WebSocket
  readonly remoteAddress: string
  readonly remotePort: number
  connecting = true
  #timer: NodeJS.Timeout | undefined

  constructor(url: URL, headers: Readonly<Record<string, string>>, connectEvent: string) {
    super({ readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES })
    this.remoteAddress = url.hostname
    this.remotePort = Number(url.port) || (url.protocol === 'wss:' ? 443 : 80)
    const socket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: 0 })
    this.#socket = socket
    socket.on('open', () => {
      this.connecting = false
      this.emit(connectEvent)
    })
    socket.on('message', (data) => {
      if (!this.push(data as Buffer)) socket.pause()
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => {
      this.push(null)
      this.destroy()
    })
  }

  /** The frames leave as they are. */
  setNoDelay(): this {
    return this
  }

  /** The server pings. */
  setKeepAlive(): this {
    return this
  }

  /** For ioredis's connectTimeout, the one that it asks for. */
  setTimeout(ms: number, run?: () => void): this {
    clearTimeout(this.#timer)
    if (ms > 0) this.#timer = setTimeout(() => run?.(), ms)
    return this
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#whenOpen(() => {
      this.#socket.close(1000)
      done()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.connecting = false
    this.#socket.terminate()
    done(error)
  }

  #send(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      // On its way to its end: 'close' follows, and ioredis sends again what was not answered.
      if (this.#socket.readyState !== WebSocket.OPEN) {
        done()
        return
      }
      let start = 0
      for (; bytes.length - start > FRAME_BYTES; start += FRAME_BYTES) {
        this.#socket.send(bytes.subarray(start, start + FRAME_BYTES))
      }
      this.#socket.send(bytes.subarray(start), () => done())
    })
  }

  #whenOpen(run: () => void): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.once('open', run)
    else run()
  }
}
