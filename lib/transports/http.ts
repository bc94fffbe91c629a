/**
 * The REST door on node:http, for servers that live long. REST is answered at the base paths (`/` and `/api/redis`) ahead
 * of whoever else serves on the port: a request that is not for REST (`isForRest`) goes on to that one, normally Next.
 *
 * A body is taken in up to `rest-max-request-size`, and not at all for a caller that was refused; what is too much is
 * discarded as it comes, so that the client gets to read the answer. A caller that hangs up in the midst of its body has
 * run nothing. A long answer leaves as the client takes it. What a request and its connection are stands in httprequest.ts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Bytes } from '../base/bytes.ts'
import { INTERNAL } from '../base/errors.ts'
import { faultText } from '../base/fault.ts'
import { immediately } from '../base/runtime.ts'
import { LONG_BODY_BYTES, Refusal, type RestRequest, type RestResponse } from '../protocol/rest.ts'
import { LITTLE_BYTES } from '../session/clientmemory.ts'
import { Pass } from '../session/pass.ts'
import type { Caller } from './calls.ts'
import { Connection, connectionOf, HttpCaller, HttpMessage, HttpRequest, ResponseSink } from './httprequest.ts'
import type { Host } from './resp.ts'
import { RestDoor } from './rest.ts'

/** What else is served on the port. */
export interface HttpFallbacks {
  readonly fallback?: Fallback | undefined
  /** Takes over connections that leave HTTP. */
  readonly upgrade?: UpgradeFallback | undefined
}

export type UpgradeFallback = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Serves the requests that are not for REST. */
export type Fallback = (request: IncomingMessage, response: ServerResponse) => void

/** What is discarded of an unwanted body before the connection is cut, as a multiple of `rest-max-request-size`. */
const DISCARD_FACTOR = 8

/** Connections of HTTP are no clients, and stay between requests: a `maxclients` below this is meant for others. */
const CONNECTIONS_MIN = 1000

/**
 * How long a client may take over the head of a request and over all of it: whoever sends a byte now and then holds a place
 * for that long and no longer. Unit: ms.
 */
const TIME_LIMITS = { headersTimeout: 15_000, requestTimeout: 120_000, connectionsCheckingInterval: 1000 }

export class HttpListener {
  readonly #server: Server
  readonly #host: Host
  readonly #door: RestDoor
  readonly #fallback: Fallback | undefined
  #closing = false
  readonly #sockets = new Set<Socket>()
  /** Each ends the hold of a connection. */
  readonly #holds = new Set<() => void>()

  private constructor(host: Host, { fallback, upgrade }: HttpFallbacks) {
    this.#host = host
    this.#door = new RestDoor(host)
    this.#fallback = fallback
    this.#server = createServer(
      { IncomingMessage: HttpMessage, noDelay: true, keepAliveTimeout: 65_000, ...TIME_LIMITS },
      (request, response) => this.#handle(request, response),
    )
    this.#server.on('connection', (socket) => this.#count(socket))
    this.#server.on('upgrade', (request, socket: Socket, head) => {
      const connection = connectionOf(socket)
      if (!connection?.isFull) {
        upgrade?.(request, socket, head)
        return
      }
      // It has not asked for that: see HttpMessage. One that was refused ends with its answer, another after the wait: who is
      // cut at once comes back at once.
      socket.on('error', () => {})
      if (!connection.isRefused) connection.waiting = [() => socket.destroy()]
    })
  }

  /** Listens; rejects with Node's error (EADDRINUSE, EACCES) if the address cannot be had. */
  static listen(
    host: Host,
    address: { port: number; host: string },
    fallbacks: HttpFallbacks = {},
  ): Promise<HttpListener> {
    const listener = new HttpListener(host, fallbacks)
    return new Promise((resolve, reject) => {
      listener.#server.once('error', reject)
      listener.#server.listen(address, () => {
        listener.#server.removeListener('error', reject)
        resolve(listener)
      })
    })
  }

  /** Node's own server, for who serves WebSockets on it. */
  get server(): Server {
    return this.#server
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Listening does not keep the process alive from here on. */
  unref(): void {
    this.#server.unref()
  }

  /** Stops accepting, answers what is in flight, and ends all connections. */
  close(): Promise<void> {
    this.#closing = true
    for (const end of [...this.#holds]) end()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
      // Node does not take those for idle that have not asked for anything yet.
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
    })
  }

  /** `maxclients` bounds the connections of this door, too, whether they ask for anything or not. */
  #count(socket: Socket): void {
    const { config, stats } = this.#host.engine
    if (this.#sockets.size >= Math.max(config.maxclients, CONNECTIONS_MIN)) {
      stats.rejectedConnections++
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #handle(incoming: IncomingMessage, response: ServerResponse): void {
    const request = new HttpRequest(incoming)
    if (this.#fallback !== undefined && !this.#isForRest(request)) {
      this.#fallback(incoming, response)
      return
    }
    response.on('error', () => {}) // 'close' follows
    const connection = this.#connect(incoming.socket)
    if (connection.waiting === undefined) this.#serve(request, incoming, response, connection)
    else connection.waiting.push(() => this.#serve(request, incoming, response, connection))
  }

  #serve(request: HttpRequest, incoming: IncomingMessage, response: ServerResponse, connection: Connection): void {
    if (connection.isRefused) return
    const admitted = this.#door.admit(request, connection.addr, connection)
    if (admitted instanceof Pass) {
      const caller = new HttpCaller(incoming, response, connection, this.#host.engine.ports.connections.clientMemory)
      this.#collect(request, incoming, response, caller, (body) => {
        try {
          const answer = this.#door.serve(admitted, request, body, caller)
          if (answer instanceof Promise)
            answer.then(
              (late) => this.#send(response, late),
              (e) => this.#fault(response, e),
            )
          else this.#send(response, answer)
        } catch (error) {
          this.#fault(response, error)
        }
      })
    } else if (admitted.holdMs) {
      // The last answer on this connection: what comes behind is dropped.
      connection.isRefused = true
      this.#hold(connection, incoming.socket, admitted.holdMs, () => {
        response.shouldKeepAlive = false
        this.#discard(incoming, response, 0, admitted)
      })
    } else this.#discard(incoming, response, 0, admitted)
  }

  /** Reads nothing of a connection for a while; what was read already waits. */
  #hold(connection: Connection, socket: Socket, ms: number, then: () => void): void {
    connection.waiting = []
    socket.pause()
    const end = (): void => {
      cancel()
      this.#holds.delete(end)
      const { waiting = [] } = connection
      connection.waiting = undefined
      socket.resume()
      then()
      for (const serve of waiting) serve()
    }
    const cancel = this.#host.engine.clock.after(ms, end, true)
    this.#holds.add(end)
  }

  /**
   * What goes to the REST door and not to the pages: everything below the base path, whatever brings a token, and, so that a
   * missing token is answered in JSON, what only a REST client would ask for.
   */
  #isForRest(request: HttpRequest): boolean {
    if (request.based) return true
    const { path, method } = request
    if (path.startsWith('/_next/')) return false
    if (/^bearer /i.test(request.header('authorization') ?? '')) return true
    if (request.query.includes('_token=')) return true
    if (method === 'OPTIONS') return request.header('access-control-request-method') !== undefined
    if (request.header('accept')?.includes('text/html')) return false
    const [, first, second] = path.split('/')
    if (method === 'POST' && (path === '/' || first === 'pipeline' || first === 'multi-exec')) return true
    return second !== undefined && this.#host.engine.table.find(first) !== undefined
  }

  /** Passes the whole body on, once it is there; also an empty one, so that requests of a connection run in order. */
  #collect(
    request: RestRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    done: (body: Bytes | Buffer) => void,
  ): void {
    const announced = request.header('content-length')
    const max = this.#door.bodyMax
    if (announced !== undefined && +announced > max) {
      this.#discard(incoming, response, 0, this.#door.tooLarge())
      return
    }
    let size = 0
    let first: Buffer | undefined
    let chunks: Buffer[] | undefined
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (first === undefined) first = chunk
      else if (chunks === undefined) chunks = [first, chunk]
      else chunks.push(chunk)
      if (size > LITTLE_BYTES) caller.holds(size)
      if (size <= max) return
      caller.holds(0)
      incoming.off('data', onData).off('end', onEnd)
      first = chunks = undefined
      this.#discard(incoming, response, size, this.#door.tooLarge())
    }
    const onEnd = (): void => {
      const whole = chunks === undefined ? first : Buffer.concat(chunks, size)
      first = chunks = undefined
      done(whole === undefined ? '' : whole.length < LONG_BODY_BYTES ? whole.latin1Slice() : whole)
    }
    incoming.on('data', onData).on('end', onEnd)
  }

  /** Lets the rest of a body go by, then answers; a client that sends without end is answered and cut. */
  #discard(incoming: IncomingMessage, response: ServerResponse, size: number, answer: RestResponse): void {
    const most = this.#door.bodyMax * DISCARD_FACTOR
    let discarded = size
    const onData = (chunk: Buffer): void => {
      discarded += chunk.length
      if (discarded < most) return
      incoming.off('data', onData).off('end', onEnd)
      response.shouldKeepAlive = false
      response.once('finish', () => incoming.socket.destroy())
      this.#send(response, answer)
    }
    const onEnd = (): void => this.#send(response, answer)
    if (incoming.complete) onEnd()
    else incoming.on('data', onData).on('end', onEnd)
  }

  #send(response: ServerResponse, { status, headers, body }: RestResponse): void {
    const { stats } = this.#host.engine
    if (this.#closing) response.shouldKeepAlive = false
    if (typeof body === 'string') {
      stats.sent(body.length)
      if (status !== 204) headers.push('content-length', '' + body.length)
      response.writeHead(status, headers)
      // One plain write, as the socket makes of a lone part: `end(body)` would add an empty one, and send both as a vector.
      const { socket } = response
      socket?.cork()
      response.write(body, 'latin1')
      socket?.uncork()
      response.end()
      return
    }
    if ('length' in body && body.length !== undefined) headers.push('content-length', '' + body.length)
    response.writeHead(status, headers)
    if (response.req.method === 'HEAD') {
      if ('start' in body) body.closed()
      response.end()
    } else if ('start' in body) body.start(new ResponseSink(response))
    else this.#stream(response, body[Symbol.iterator]())
  }

  /** Writes the next part; the one after it when the client has taken that, and others have had their turn. */
  #stream(response: ServerResponse, parts: Iterator<Bytes>): void {
    if (response.destroyed) return
    try {
      const part = parts.next()
      if (part.done) {
        response.end()
        return
      }
      this.#host.engine.stats.sent(part.value.length)
      const next = (): unknown => immediately(() => this.#stream(response, parts))
      if (response.write(part.value, 'latin1')) next()
      else response.once('drain', next)
    } catch (error) {
      this.#fault(response, error)
    }
  }

  #fault(response: ServerResponse, error: unknown): void {
    const { config } = this.#host.engine
    this.#host.log('warning', `REST: ${faultText(error, config['hide-user-data-from-log'])}`)
    if (response.headersSent) response.destroy()
    else this.#send(response, this.#door.refuse(new Refusal(500, INTERNAL)))
  }

  #connect(socket: Socket): Connection {
    const known = connectionOf(socket)
    if (known !== undefined) return known
    const connection = new Connection(socket)
    const { ports, stats } = this.#host.engine
    stats.connections++
    const holdMs = ports.access.authFailures.delayAt(connection.addr)
    if (holdMs > 0) this.#hold(connection, socket, holdMs, () => {})
    return connection
  }
}
