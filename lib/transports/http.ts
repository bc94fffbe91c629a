/**
 * The REST door on node:http, for servers that live long. REST is answered at the base paths (`/` and `/api/redis`) ahead
 * of whoever else serves on the port: a request that is not for REST (`isForRest`) goes on to that one, normally Next.
 *
 * A body is taken in up to `rest-max-request-size`, and not at all for a caller that was refused; what is too much is
 * discarded as it comes, so that the client gets to read the answer. A caller that hangs up in the midst of its body has
 * run nothing. A long answer leaves as the client takes it.
 */
import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Bytes } from '../bytes.ts'
import { INTERNAL } from '../errors.ts'
import { Refusal, type RestRequest, type RestResponse, type StreamSink } from '../protocol/rest.ts'
import { User } from '../session/acl-user.ts'
import type { Caller } from './calls.ts'
import { endpoint } from './endpoint.ts'
import type { Host } from './resp.ts'
import { Proof, RestDoor } from './rest.ts'

/** Serves the requests that are not for REST. */
export type Fallback = (request: IncomingMessage, response: ServerResponse) => void

/** Where REST is served besides `/`. */
export const REST_BASE = '/api/redis'

/** What is discarded of an unwanted body before the connection is cut, as a multiple of `rest-max-request-size`. */
const DISCARD_FACTOR = 8

export class HttpListener {
  readonly #server: Server
  readonly #host: Host
  readonly #door: RestDoor
  readonly #fallback: Fallback | undefined
  readonly #connections = new WeakMap<Socket, Connection>()
  readonly #sockets = new Set<Socket>()
  #closing = false

  private constructor(host: Host, fallback: Fallback | undefined) {
    this.#host = host
    this.#door = new RestDoor(host)
    this.#fallback = fallback
    this.#server = createServer(
      { IncomingMessage: HttpMessage, noDelay: true, keepAliveTimeout: 65_000 },
      (request, response) => this.#handle(request, response),
    )
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Listens; rejects with Node's error (EADDRINUSE, EACCES) if the address cannot be had. */
  static listen(host: Host, address: { port: number; host: string }, fallback?: Fallback): Promise<HttpListener> {
    const listener = new HttpListener(host, fallback)
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

  /** Stops accepting, answers what is in flight, and ends all connections. */
  close(): Promise<void> {
    this.#closing = true
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
      // Node does not take those for idle that have not asked for anything yet.
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
    })
  }

  #handle(incoming: IncomingMessage, response: ServerResponse): void {
    const request = new HttpRequest(incoming)
    if (this.#fallback !== undefined && !this.#isForRest(request)) {
      this.#fallback(incoming, response)
      return
    }
    response.on('error', () => {}) // 'close' follows
    const connection = this.#connectionOf(incoming.socket)
    const admitted = this.#door.admit(request, connection)
    if (admitted instanceof User) {
      this.#collect(request, incoming, response, (body) => {
        const caller = new HttpCaller(incoming, response, connection)
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
    } else this.#discard(incoming, response, 0, admitted)
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
    done: (body: Bytes) => void,
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
      if (size <= max) return
      incoming.off('data', onData).off('end', onEnd)
      first = chunks = undefined
      this.#discard(incoming, response, size, this.#door.tooLarge())
    }
    const onEnd = (): void => {
      const whole = chunks === undefined ? first : Buffer.concat(chunks, size)
      done(whole === undefined ? '' : whole.latin1Slice())
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
      stats.netOutputBytes += body.length
      response.writeHead(status, status === 204 ? [...headers] : [...headers, 'content-length', '' + body.length])
      response.end(body, 'latin1')
      return
    }
    response.writeHead(status, [...headers])
    if (response.req.method === 'HEAD') {
      if ('start' in body) body.closed()
      response.end()
    } else if ('start' in body) body.start(new ResponseSink(response))
    else this.#stream(response, body[Symbol.iterator]())
  }

  /** Writes part after part, as fast as the client takes them. */
  #stream(response: ServerResponse, parts: Iterator<Bytes>): void {
    for (;;) {
      const part = parts.next()
      if (part.done || response.destroyed) break
      this.#host.engine.stats.netOutputBytes += part.value.length
      if (response.write(part.value, 'latin1')) continue
      response.once('drain', () => this.#stream(response, parts))
      return
    }
    response.end()
  }

  #fault(response: ServerResponse, error: unknown): void {
    this.#host.log('warning', `REST: ${error instanceof Error ? error.stack : error}`)
    if (response.headersSent) response.destroy()
    else this.#send(response, this.#door.refuse(new Refusal(500, INTERNAL)))
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket)
    if (connection === undefined) {
      connection = new Connection(socket)
      this.#connections.set(socket, connection)
      this.#host.engine.stats.connections++
    }
    return connection
  }
}

/**
 * A request of which Node believes that it is for an upgrade only if it is for WebSockets. One that would like h2c (Java's
 * own client asks for it) is answered as it stands: with a listener for upgrades, Node would take it for one of those.
 */
class HttpMessage extends IncomingMessage {
  /** Set by Node's constructor already, when private fields are not there yet. */
  declare asksForUpgrade: boolean | null

  get upgrade(): boolean | null {
    return this.asksForUpgrade && (this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket')
  }

  set upgrade(upgrade: boolean | null) {
    this.asksForUpgrade = upgrade
  }
}

/** What is known of a socket over all of its requests. */
class Connection extends Proof {
  readonly addr: Bytes
  readonly laddr: Bytes

  constructor(socket: Socket) {
    super()
    this.addr = endpoint(socket.remoteAddress, socket.remotePort)
    this.laddr = endpoint(socket.localAddress, socket.localPort)
  }
}

class HttpRequest implements RestRequest {
  readonly #incoming: IncomingMessage
  readonly method: string
  readonly path: string
  readonly query: string
  /** The path began with REST_BASE. */
  readonly based: boolean

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
    this.method = incoming.method!
    const url = incoming.url!
    const question = url.indexOf('?')
    let path = question === -1 ? url : url.slice(0, question)
    // A proxy's client may name the host again: GET http://host/path.
    if (path.charCodeAt(0) !== 47) path = path.replace(/^https?:\/\/[^/]*/i, '') || '/'
    this.based = path.startsWith(REST_BASE) && (path.length === REST_BASE.length || path[REST_BASE.length] === '/')
    this.path = this.based ? path.slice(REST_BASE.length) : path
    this.query = question === -1 ? '' : url.slice(question + 1)
  }

  /** Reads the list as it came: making `incoming.headers` of it would cost more than the command. */
  header(name: string): string | undefined {
    const { rawHeaders } = this.#incoming
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const candidate = rawHeaders[i]
      if (candidate.length === name.length && candidate.toLowerCase() === name) return rawHeaders[i + 1]
    }
    return undefined
  }
}

class ResponseSink implements StreamSink {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get unsentBytes(): number {
    return this.#response.writableLength
  }

  write(part: Bytes): boolean {
    return this.#response.write(part, 'latin1')
  }

  end(): void {
    this.#response.end()
  }

  destroy(): void {
    this.#response.destroy()
  }
}

class HttpCaller implements Caller {
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly addr: Bytes
  readonly laddr: Bytes
  readonly inputBytes = 0

  constructor(incoming: IncomingMessage, response: ServerResponse, { addr, laddr }: Connection) {
    this.#incoming = incoming
    this.#response = response
    this.addr = addr
    this.laddr = laddr
  }

  get outputBytes(): number {
    return this.#response.writableLength
  }

  /** There is no way to send what was not asked for. */
  push(): void {}

  closeAfterReply(): void {}

  close(): void {
    this.#incoming.socket.destroy()
  }

  whenGone(run: () => void): void {
    this.#response.on('close', run)
  }
}
