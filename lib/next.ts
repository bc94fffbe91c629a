/**
 * zerodis in a Next app. A catch-all route answers REST, an instrumentation hook opens the RESP listener:
 *
 *   // app/api/redis/[[...path]]/route.ts
 *   export const { GET, POST, PUT, HEAD, OPTIONS, PATCH, DELETE } = createRoute()
 *
 *   // instrumentation.ts
 *   export { register } from 'zerodis/next'
 *
 * Next bundles each of them by itself; all of them find the one store of the process through `getServer`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getServer } from './server.ts'
import type { Upgrade } from './transports/websocket.ts'

export type { Upgrade } from './transports/websocket.ts'

/** The second argument of a route handler in `[[...path]]`. */
export interface RouteContext {
  readonly params: Promise<{ readonly path?: string[] }>
}

export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>

/** Answers a REST request that came to a catch-all route, wherever in the app it stands. */
export async function handleRest(request: Request, context: RouteContext): Promise<Response> {
  const { path = [] } = await context.params
  return getServer().fetch(request, basePath(request.url, path.length))
}

/**
 * Upgrades a request to RESP over WebSocket, where the platform can: on Vercel by `experimental_upgradeWebSocket` of
 * @vercel/functions (a beta), in a route of its own. Elsewhere the answer is 501, and the custom server serves WebSockets.
 *
 *   // app/api/redis/ws/route.ts
 *   export const GET = (request: Request) => handleWebSocket(request, experimental_upgradeWebSocket)
 */
export function handleWebSocket(request: Request, upgrade: Upgrade): Promise<Response> {
  return getServer().upgrade(request, upgrade)
}

/** Handlers for every method of a catch-all route. */
export function createRoute() {
  return {
    GET: handleRest,
    POST: handleRest,
    PUT: handleRest,
    HEAD: handleRest,
    OPTIONS: handleRest,
    PATCH: handleRest,
    DELETE: handleRest,
  }
}

/** What Next's Pages Router hands to an API route, as far as it is needed here. */
export interface ApiRequest extends IncomingMessage {
  readonly query: Partial<Readonly<Record<string, string | string[]>>>
}

/**
 * Handler of an API route of the Pages Router, `pages/api/redis/[[...path]].ts`. Next must leave the body alone:
 *
 *   export const config = { api: { bodyParser: false } }
 *   export default createApiRoute()
 */
export function createApiRoute(): (request: ApiRequest, response: ServerResponse) => Promise<void> {
  return (request, response) =>
    new Promise((resolve) => {
      response.once('close', resolve)
      const { path = [] } = request.query
      const segments = typeof path === 'string' ? 1 : path.length
      getServer().handle(request, response, basePath(`http://x${request.url}`, segments))
    })
}

/**
 * Opens the RESP listener of this process where the environment names a port (`ZERODIS_PORT`) and nobody has opened one:
 * under `next start` and `next dev`. On serverless hosts no port is named, and nothing is opened. Where it cannot be opened, `next dev`
 * goes on without it, and says so.
 * @throws Error outside of development, which ends `next start`
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || !process.env.ZERODIS_PORT) return
  const server = getServer()
  if (server.doors.port !== 0 || server.config.values.port === 0) return
  try {
    const { port } = await server.listen({ httpPort: false })
    console.info(`zerodis: RESP on port ${port}`)
  } catch (error) {
    if (process.env.NODE_ENV !== 'development') throw error
    console.warn(`zerodis: no RESP here: ${(error as Error).message}`)
  }
}

/** The path of a URL without its last `segments`, as in `/api/redis`. */
function basePath(url: string, segments: number): string {
  const { pathname } = new URL(url)
  let end = pathname.length > 1 && pathname.endsWith('/') ? pathname.length - 1 : pathname.length
  for (let i = 0; i < segments; i++) end = pathname.lastIndexOf('/', end - 1)
  return pathname.slice(0, Math.max(end, 0))
}
