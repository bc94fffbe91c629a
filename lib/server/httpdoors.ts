/**
 * The doors for HTTP that do not listen: REST on the requests of node:http and on those of the web's `fetch`, and WebSockets.
 * Each is made by the first request for it, and loaded then (LAZY in packaging/entries.ts): a store that is called in its
 * process, or over TCP, needs none.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { fetchConsole, serveConsole } from '../console/door.ts'
import { isConsolePath } from '../console/path.ts'
import { HttpDoor } from '../transports/httpdoor.ts'
import { HttpRequest } from '../transports/httprequest.ts'
import type { TcpHost } from '../transports/tcp.ts'
import { WebDoor } from '../transports/web.ts'
import { type Upgrade, WebSocketDoor } from '../transports/websocket.ts'

export class HttpDoors {
  readonly #host: TcpHost
  #web: WebDoor | undefined
  #http: HttpDoor | undefined
  #websockets: WebSocketDoor | undefined

  constructor(host: TcpHost) {
    this.#host = host
  }

  fetch(request: Request, base?: string): Promise<Response> {
    this.#web ??= new WebDoor(this.#host)
    return this.#web.fetch(request, base)
  }

  handle(incoming: IncomingMessage, response: ServerResponse, base?: string): void {
    this.#http ??= new HttpDoor(this.#host)
    this.#http.handle(incoming, response, new HttpRequest(incoming, base))
  }

  /** Answers a request for the console's page; false for a path, below that of REST, which is none of its own. */
  showConsole(incoming: IncomingMessage, response: ServerResponse, path: string): boolean {
    if (!isConsolePath(path)) return false
    serveConsole(incoming, response, path)
    return true
  }

  /** As `showConsole`; undefined for a path that is none of the console's. */
  fetchConsole(request: Request, base = ''): Response | undefined {
    const { pathname } = new URL(request.url)
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname
    return isConsolePath(path) ? fetchConsole(request, path) : undefined
  }

  /** Takes over a request of node:http for an upgrade; false if it is not for WebSockets of ours. */
  handleUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#openWebSockets().upgrade(incoming, socket, head)
  }

  /** Upgrades a request of the web to a WebSocket, by what its platform offers for that. */
  upgrade(request: Request, upgrade: Upgrade): Promise<Response> {
    return this.#openWebSockets().fetch(request, upgrade)
  }

  /** Ends the WebSockets, which have `graceMs` to finish. */
  async close(graceMs: number): Promise<void> {
    await this.#websockets?.close(graceMs)
  }

  #openWebSockets(): WebSocketDoor {
    return (this.#websockets ??= new WebSocketDoor(this.#host))
  }
}
