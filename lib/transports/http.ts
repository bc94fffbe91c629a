/**
 * The HTTP server of hosts that live long. REST is answered at the base paths (`/` and `/api/redis`) ahead of whoever else
 * serves on the port: a request that is not for REST (`isForRest`) goes on to that one, normally Next.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Host } from './host.ts'
import { HttpDoor } from './httpdoor.ts'
import { HttpMessage, HttpResponse, KEEP_ALIVE_MS, shortcuts } from './httpmessage.ts'
import { connectionOf, HttpRequest } from './httprequest.ts'
import { CONSOLE_HEADER } from './logins.ts'
import { hasRoomFor } from './openfiles.ts'
import { isFixedPath } from './rest.ts'

/** What else is served on the port. */
export interface HttpFallbacks {
  readonly fallback?: Fallback | undefined
  /** Serves the console's page; false for requests that are not for it. */
  readonly console?: PageServer | undefined
  /** Takes over connections that leave HTTP. */
  readonly upgrade?: UpgradeFallback | undefined
}

export type UpgradeFallback = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Serves a request if its path, below the base, is its own; else false. */
export type PageServer = (request: IncomingMessage, response: ServerResponse, path: string) => boolean

/** Serves the requests that are not for REST. */
export type Fallback = (request: IncomingMessage, response: ServerResponse) => void

/** Connections of HTTP are no clients, and stay between requests: a `maxclients` below this is meant for others. */
const CONNECTIONS_MIN = 1000

/**
 * How long a client may take over the head of a request and over all of it: whoever sends a byte now and then holds a place
 * for that long and no longer. Unit: ms.
 */
const TIME_LIMITS = { headersTimeout: 15_000, requestTimeout: 120_000, connectionsCheckingInterval: 1000 }

type OwnServer = Server<typeof HttpMessage, typeof HttpResponse>

export class HttpListener {
  readonly #server: OwnServer
  readonly #host: Host
  /** Made by the first request for REST, and loaded then. */
  #door: HttpDoor | undefined
  readonly #fallback: Fallback | undefined
  readonly #console: PageServer | undefined
  readonly #sockets = new Set<Socket>()

  private constructor(host: Host, { fallback, console, upgrade }: HttpFallbacks) {
    this.#host = host
    this.#fallback = fallback
    this.#console = console
    this.#server = createServer(
      {
        IncomingMessage: HttpMessage,
        ServerResponse: HttpResponse,
        noDelay: true,
        keepAliveTimeout: KEEP_ALIVE_MS,
        ...TIME_LIMITS,
      },
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
  get server(): OwnServer {
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
    this.#door?.close()
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
    if (this.#sockets.size >= Math.max(config.maxclients, CONNECTIONS_MIN) || !hasRoomFor(socket)) {
      stats.rejectedConnections++
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #handle(incoming: IncomingMessage, response: ServerResponse): void {
    const request = new HttpRequest(incoming)
    if (this.#console?.(incoming, response, request.path)) return
    if (this.#fallback !== undefined && !this.#isForRest(request)) {
      this.#fallback(incoming, response)
      return
    }
    this.#door ??= this.#openDoor()
    this.#door.handle(incoming, response, request)
  }

  #openDoor(): HttpDoor {
    const door = new HttpDoor(this.#host, shortcuts)
    if (!this.#server.listening) door.close()
    return door
  }

  /**
   * What goes to the REST door and not to the pages: everything below the base path, whatever brings a token, and, so that a
   * missing token is answered in JSON, what only a REST client would ask for.
   */
  #isForRest(request: HttpRequest): boolean {
    if (request.based) return true
    const { path, method } = request
    if (isFixedPath(path)) return true
    if (path.startsWith('/_next/')) return false
    if (/^bearer /i.test(request.header('authorization') ?? '')) return true
    if (request.header(CONSOLE_HEADER) !== undefined) return true
    if (request.query.includes('_token=')) return true
    if (method === 'OPTIONS') return request.header('access-control-request-method') !== undefined
    if (request.header('accept')?.includes('text/html')) return false
    const [, first, second] = path.split('/')
    if (method === 'POST' && (path === '/' || first === 'pipeline' || first === 'multi-exec')) return true
    return second !== undefined && this.#host.engine.table.find(first) !== undefined
  }
}
