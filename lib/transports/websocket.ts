/**
 * RESP over WebSocket, for hosts that expose HTTP only: binary frames carry one ordinary RESP2 or RESP3 byte stream, cut
 * into frames anywhere (a text frame is taken for its bytes). With `?format=json` text frames carry JSON: see
 * websocketjson.ts. What holds per connection is in `RespConnection`, as on TCP.
 *
 * A token opens the door: `?token=` or `?_token=`, `Authorization: Bearer`, or an entry of `Sec-WebSocket-Protocol`, the
 * one header that a page may set (`new WebSocket(url, ['zerodis', token])`). With `requirepass` one may also come in
 * without, and say AUTH as on TCP; without it nobody comes in without a token, as pages of other sites can connect too.
 * `websocket-allowed-origins` names the sites whose pages may. The bearer of the read-only token may read.
 *
 * A peer that does not answer pings (`websocket-ping-interval`) is cut; a frame longer than `websocket-max-payload` ends
 * the connection with 1009.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { type Bytes, fromText } from '../base/bytes.ts'
import {
  MAX_CLIENTS,
  REST_NO_TOKEN,
  REST_STREAMS,
  REST_UNAUTHORIZED,
  WEBSOCKET_ORIGIN,
  WEBSOCKET_UNAVAILABLE,
} from '../base/errors.ts'
import { inBackground } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { errorBody, Refusal, type RestRequest } from '../protocol/rest.ts'
import type { Pass } from '../session/pass.ts'
import type { Link, Session } from '../session/session.ts'
import type { Tokens } from './access.ts'
import { descriptorOf, endpoint, forwardedAddress } from './endpoint.ts'
import { openRespStream } from './respstream.ts'
import type { TcpHost } from './tcp.ts'
import { JsonConnection } from './websocketjson.ts'
import type { Wire } from './wire.ts'

/** Paths at which WebSockets are served. */
const PATHS: readonly string[] = ['/ws', '/api/redis/ws']

/** The subprotocol to name beside a token, so that the token itself is not sent back. */
const SUBPROTOCOL = 'zerodis'

/** Subprotocols that are looked at. */
const OFFERED_MAX = 4

/** The code of a WebSocket's end for a client that may not be here. */
const POLICY_VIOLATION = 1008

/** Unsent bytes from which a connection is full. */
const HIGH_WATER_BYTES = 64 * 1024

/** How an upgraded connection was let in. */
export interface Admission {
  /** What its token let it in by; undefined without one: then AUTH is asked for. */
  readonly pass: Pass | undefined
  readonly json: boolean
}

/** A client's stream, whatever its frames carry. */
export interface Connection extends Link {
  readonly session: Session
  receive(message: Buffer): void
  drained(): void
  closed(): void
}

/** What is used of a WebSocket of `ws`; said here, so that users of our types need not have those of `ws`. */
export interface OpenSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  on(event: 'message', listen: (data: Buffer | ArrayBuffer | Buffer[]) => void): unknown
  on(event: 'error', listen: (error: Error) => void): unknown
  on(event: 'pong' | 'close', listen: () => void): unknown
  send(data: Buffer, options: { binary: boolean; compress: boolean; fin: boolean }, sent: () => void): void
  ping(): void
  pause(): void
  resume(): void
  close(code: number): void
  terminate(): void
  /** Hears who speaks here: for a platform on which sockets outlive the memory of their store. */
  opened?(connection: Connection): void
}

/** What a platform offers to upgrade a Request: it calls back with the WebSocket, and answers when that is under way. */
export type Upgrade = (
  handler: (socket: OpenSocket) => void,
  options: { readonly maxPayload: number },
) => Promise<Response>

export class WebSocketDoor {
  readonly #host: TcpHost
  /** Made for the first client: whoever serves no WebSockets need not load what they take. */
  #handshake: Promise<WebSocketServer> | undefined
  /** Whether each has given a sign of life since the last ping. */
  readonly #alive = new Map<OpenSocket, boolean>()
  readonly #connections = new Map<OpenSocket, Connection>()
  #cancelPing: (() => void) | undefined

  constructor(host: TcpHost) {
    this.#host = host
  }

  /** Number of connections. */
  get size(): number {
    return this.#connections.size
  }

  /** Takes over a request for an upgrade; false if it is not for this door. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const request = new UpgradeRequest(incoming)
    if (!PATHS.includes(request.path) || request.header('upgrade')?.toLowerCase() !== 'websocket') return false
    const { remoteAddress, remotePort, localAddress, localPort } = incoming.socket
    const addr = endpoint(remoteAddress, remotePort)
    const laddr = endpoint(localAddress, localPort)
    const proceed = (): void => {
      const admission = this.admit(request, addr)
      if (admission instanceof Refusal) {
        refuse(socket, admission)
        return
      }
      this.#handshake ??= this.#loadHandshake()
      const upgraded = this.#handshake.then((handshake) => {
        handshake.options.maxPayload = this.maxPayload
        handshake.handleUpgrade(incoming, socket, head, (accepted) =>
          this.accept(accepted, admission, addr, laddr, descriptorOf(socket)),
        )
      })
      unawaited(upgraded, this.#host.engine.config, (message) => {
        this.#host.log('warning', message)
        socket.destroy()
      })
    }
    const { clock, ports } = this.#host.engine
    const holdMs = ports.access.authFailures.delayAt(addr)
    if (holdMs === 0) proceed()
    else {
      // Nobody reads here meanwhile, and what it sends waits outside.
      socket.on('error', () => {})
      clock.after(holdMs, proceed, true)
    }
    return true
  }

  async #loadHandshake(): Promise<WebSocketServer> {
    const { WebSocketServer } = await import('ws')
    return new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      handleProtocols: (offered) => chooseProtocol([...offered], this.#host.tokens),
    })
  }

  /** Upgrades a Request where the platform can; `upgrade` rejects where it cannot. */
  async fetch(request: Request, upgrade: Upgrade): Promise<Response> {
    const addr = forwardedAddress(request)
    const { clock, ports } = this.#host.engine
    const holdMs = ports.access.authFailures.delayAt(addr)
    if (holdMs > 0) await new Promise<void>((resolve) => clock.after(holdMs, resolve, true))
    const admission = this.admit(new WebUpgradeRequest(request), addr)
    if (admission instanceof Refusal) return refusalResponse(admission)
    try {
      return await upgrade((socket) => this.accept(socket, admission, addr, ''), { maxPayload: this.maxPayload })
    } catch (error) {
      this.#host.log('verbose', `WebSocket: ${error instanceof Error ? error.message : error}`)
      return refusalResponse(new Refusal(501, WEBSOCKET_UNAVAILABLE))
    }
  }

  get maxPayload(): number {
    return this.#host.engine.config['websocket-max-payload']
  }

  /** Whether a request from `addr` may come in, and as what. */
  admit(request: RestRequest, addr: Bytes): Admission | Refusal {
    const { config, stats } = this.#host.engine
    const parameters = new URLSearchParams(request.query)
    if (!this.#allowsOrigin(request)) return new Refusal(403, WEBSOCKET_ORIGIN)
    let pass: Pass | undefined
    const { tokens } = this.#host
    const token = tokenOf(request, parameters)
    const offered = token === undefined ? this.#offered(request) : [token]
    for (const each of offered) pass ??= tokens.admit(each)
    if (pass === undefined) {
      // Also where a password may still be said: else this would be the way to try tokens.
      if (offered.length > 0 && tokens.letsAnybodyIn) this.#host.engine.ports.access.authFailures.failedAt(addr)
      if (token !== undefined) return new Refusal(401, REST_UNAUTHORIZED)
      if (!this.#host.asksForPassword) {
        return tokens.letsAnybodyIn ? new Refusal(401, REST_UNAUTHORIZED) : new Refusal(503, REST_NO_TOKEN)
      }
    }
    if (this.#host.health.state === 'closing' || this.#host.clientCount >= config.maxclients) {
      stats.rejectedConnections++
      return new Refusal(503, MAX_CLIENTS)
    }
    if (pass !== undefined && this.#host.streams.isFull(pass.user)) return new Refusal(429, REST_STREAMS)
    return { pass, json: parameters.get('format')?.toLowerCase() === 'json' }
  }

  /** Serves an open WebSocket. The handshake may have taken long: what it was admitted by is asked again. */
  accept(socket: OpenSocket, { pass, json }: Admission, addr: Bytes, laddr: Bytes, fd = -1): void {
    const host = this.#host
    if (pass?.holds === false) {
      socket.on('error', () => {})
      socket.close(POLICY_VIOLATION)
      return
    }
    host.engine.stats.connections++
    const wire = new WebSocketWire(socket, fd, !json, () => connection.drained())
    const connection: Connection = json
      ? new JsonConnection(host, wire, addr, laddr, pass)
      : openRespStream(host, 'websocket', wire, addr, laddr, pass)
    const leave = pass === undefined ? undefined : host.streams.open(pass.user)
    this.#connections.set(socket, connection)
    socket.opened?.(connection)
    this.#alive.set(socket, true)
    // Frames come as Buffers: that is the default of `binaryType`.
    socket.on('message', (data) => {
      this.#alive.set(socket, true)
      connection.receive(data as Buffer)
    })
    socket.on('pong', () => this.#alive.set(socket, true))
    socket.on('error', (error) => host.log('verbose', `WebSocket ${addr}: ${error.message}`)) // 'close' follows
    socket.on('close', () => {
      this.#connections.delete(socket)
      this.#alive.delete(socket)
      connection.closed()
      leave?.()
    })
    this.#pingLater()
  }

  /** The server takes in nobody any more: lets each have the replies to what it sent, and ends all connections. */
  async close(graceMs: number): Promise<void> {
    this.#cancelPing?.()
    this.#cancelPing = undefined
    const ends = [...this.#connections].map(([socket, connection]) => {
      const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()))
      if (connection.session.parked === undefined) connection.closeAfterReply()
      else connection.close()
      return ended
    })
    const cancel = inBackground(graceMs, () => {
      for (const connection of this.#connections.values()) connection.close()
    })
    await Promise.all(ends)
    cancel()
  }

  #pingLater(): void {
    const seconds = this.#host.engine.config['websocket-ping-interval']
    if (seconds === 0 || this.#cancelPing !== undefined) return
    this.#cancelPing = this.#host.engine.clock.after(seconds * 1000, () => this.#ping(), true)
  }

  #ping(): void {
    this.#cancelPing = undefined
    for (const [socket, connection] of this.#connections) {
      if (this.#alive.get(socket)) {
        this.#alive.set(socket, false)
        if (socket.readyState === socket.OPEN) socket.ping()
      } else {
        const { id, addr } = connection.session
        this.#host.log('verbose', `Closing WebSocket that does not answer pings: id=${id} addr=${addr}`)
        connection.close()
      }
    }
    if (this.#connections.size !== 0) this.#pingLater()
  }

  /** Programs send no Origin; a page's own site is always allowed. */
  #allowsOrigin(request: RestRequest): boolean {
    const origin = request.header('origin')
    if (origin === undefined) return true
    const allowed = this.#host.engine.config['websocket-allowed-origins']
    return allowed.includes('*') || allowed.includes(origin.toLowerCase()) || hostOf(origin) === request.header('host')
  }

  /** The offered subprotocols that may be a token. */
  #offered(request: RestRequest): readonly string[] {
    const offered = request.header('sec-websocket-protocol')?.split(',', OFFERED_MAX) ?? []
    return offered.map((entry) => entry.trim()).filter((entry) => entry !== SUBPROTOCOL)
  }
}

class WebSocketWire implements Wire {
  readonly fd: number
  readonly #socket: OpenSocket
  readonly #options: { readonly binary: boolean; readonly compress: false; fin: boolean }
  readonly #sent: () => void

  constructor(socket: OpenSocket, fd: number, binary: boolean, drained: () => void) {
    this.#socket = socket
    this.fd = fd
    this.#options = { binary, compress: false, fin: true }
    this.#sent = () => {
      if (socket.bufferedAmount < HIGH_WATER_BYTES) drained()
    }
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** `last` is false where the message goes on in the next frame. */
  write(part: Bytes, last = true): boolean {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return true
    this.#options.fin = last
    socket.send(Buffer.from(part, 'latin1'), this.#options, this.#sent)
    return socket.bufferedAmount < HIGH_WATER_BYTES
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.close(1000)
  }

  destroy(): void {
    this.#socket.terminate()
  }
}

/** The request that asks for an upgrade on node:http. */
class UpgradeRequest implements RestRequest {
  readonly #incoming: IncomingMessage
  readonly method: string
  readonly path: string
  readonly query: string

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
    this.method = incoming.method!
    const [path, query = ''] = splitOnce(incoming.url!, '?')
    this.path = path
    this.query = query
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}

class WebUpgradeRequest implements RestRequest {
  readonly #headers: Headers
  readonly method: string
  readonly path: string
  readonly query: string

  constructor({ method, url, headers }: Request) {
    this.#headers = headers
    this.method = method
    const { pathname, search } = new URL(url)
    this.path = pathname
    this.query = search.slice(1)
  }

  header(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }
}

/** A browser drops a connection that takes none of what it offered: the token, if there is nothing else. */
export function chooseProtocol(offered: readonly string[], tokens: Pick<Tokens, 'bearer'>): string | false {
  if (offered.length === 0) return false
  if (offered.includes(SUBPROTOCOL)) return SUBPROTOCOL
  return offered.find((entry) => tokens.bearer(entry) === undefined) ?? offered[0]
}

/** The token that is meant to be one: a wrong one is refused. Subprotocols may be there for another reason. */
function tokenOf(request: RestRequest, parameters: URLSearchParams): Bytes | undefined {
  const authorization = request.header('authorization')
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim()
  const token = parameters.get('token') ?? parameters.get('_token')
  return token === null ? undefined : fromText(token)
}

function refuse(socket: Duplex, { status, error }: Refusal): void {
  const body = errorBody(error)
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  )
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function refusalResponse({ status, error }: Refusal): Response {
  return new Response(Buffer.from(errorBody(error), 'latin1'), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

function hostOf(origin: string): string | undefined {
  return splitOnce(origin, '://')[1]
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
