/**
 * RESP over WebSocket on Vercel, whose upgrade of requests is a beta. The custom server serves this path itself
 * (lib/transports/websocket.ts); a Next server that can do neither answers 501.
 */
import { experimental_upgradeWebSocket } from '@vercel/functions'
import { handleWebSocket } from '../../../../lib/next.ts'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'
/** Seconds; a connection ends then, and its client connects again. */
export const maxDuration = 300

export function GET(request: Request): Promise<Response> {
  return handleWebSocket(request, experimental_upgradeWebSocket)
}
