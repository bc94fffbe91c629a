/**
 * REST on whatever HTTP server a process has. `toNodeHandler` is for those on node:http, `toWebHandler` for those that speak
 * Request and Response:
 *
 *     createServer(toNodeHandler()).listen(3000)                                  // node:http
 *     app.use('/redis', toNodeHandler())                                          // Express 5, NestJS on it
 *     app.use(mount('/redis', (ctx) => toNodeHandler()(ctx.req, ctx.res)))        // Koa, with ctx.respond = false
 *     Bun.serve({ fetch: toWebHandler() })                                        // Bun, Deno.serve(toWebHandler())
 *     app.all('/redis/*', (c) => toWebHandler(undefined, { base: '/redis' })(c.req.raw)) // Hono
 *
 * Server-sent events are answered as streams. In front of it there must be no parser of bodies, or one that leaves the body in
 * `request.body`; docs/guides/hosts.md has a page for each host.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getServer, type Server } from './server.ts'

export interface HandlerOptions {
  /** Path below which REST is served, as in `/redis`, where the host does not take it off. Default: `/` and `/api/redis`. */
  readonly base?: string
  /** Serves the console, too, at `/console` below the base. Default false. */
  readonly console?: boolean
}

export interface NodeHandler {
  (request: IncomingMessage, response: ServerResponse, next?: () => void): void
  /** For RESP over WebSocket: `server.on('upgrade', handler.upgrade)`. What is not at `/ws` is ended with 404. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/**
 * A handler for node:http and what stands on it. Without a server it is the store of the process. With `base`, what is not
 * below it goes on to `next`, or is answered 404.
 */
export function toNodeHandler(server?: Server, { base, console = false }: HandlerOptions = {}): NodeHandler {
  const handle = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    if (base === undefined || isBelow(request.url!.split('?', 1)[0], base)) {
      const own = server ?? getServer()
      if (!console || !own.showConsole(request, response, base)) own.handle(request, response, base)
    } else if (next !== undefined) next()
    else response.writeHead(404).end()
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if ((server ?? getServer()).handleUpgrade(request, socket, head)) return
    socket.on('error', () => {})
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
  return Object.assign(handle, { upgrade })
}

/** The path under which REST is served by our own server, too. */
const REST_BASE = '/api/redis'

/** A handler for hosts that speak Request and Response. Without a server it is the store of the process. */
export function toWebHandler(
  server?: Server,
  { base, console = false }: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (base !== undefined && !isBelow(pathname, base)) return new Response(null, { status: 404 })
    const own = server ?? getServer()
    const root = base ?? (isBelow(pathname, REST_BASE) ? REST_BASE : '')
    return (console ? own.fetchConsole(request, root) : undefined) ?? own.fetch(request, root)
  }
}

function isBelow(path: string, base: string): boolean {
  return path.startsWith(base) && (path.length === base.length || path[base.length] === '/')
}
