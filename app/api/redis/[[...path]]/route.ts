/**
 * REST under Next: one catch-all, so that a host which makes a function of each route makes one of all. On a long-lived
 * host the server answers REST itself, ahead of Next (lib/transports/http.ts).
 */
import { createEdgeRouter } from 'next-connect'
import { handleRest, type RouteContext } from '../../../../lib/next.ts'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'
/** Seconds. On Vercel streams of events end in good order before: see `sse-max-duration` in lib/config/environment.ts. */
export const maxDuration = 300

const router = createEdgeRouter<Request, RouteContext>()
router.all(handleRest)

function handle(request: Request, context: RouteContext): Promise<Response> {
  return router.handler()(request, context) as Promise<Response>
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
}
