/**
 * An example of a shared limiter: however often this route is called, in however many instances of it, what it calls is
 * called twice at a time at most, and ten times a second. See docs/guides/bottleneck.md for what holds where.
 *
 * With KV_REST_API_URL all instances share the store at that URL. Without it each has the one of its own process.
 */
import Bottleneck from 'bottleneck'
import { InProcessConnection, RestConnection } from '../../../../lib/bottleneck.ts'
import { getServer } from '../../../../lib/server.ts'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'
/** As in the route of REST: Vercel then makes one function of both, with one store. */
export const maxDuration = 300

/** Who would have to wait longer than this many callers is sent away. */
const WAITING_MAX = 10

/** Made by the first request: a build imports this module too. */
let limiter: Bottleneck | undefined

function makeLimiter(): Bottleneck {
  const { KV_REST_API_URL: url, KV_REST_API_TOKEN: token = '' } = process.env
  const connection = url ? new RestConnection({ url, token }) : new InProcessConnection({ server: getServer() })
  connection.on('error', (error) => console.warn(`limiter: ${error.message}`))
  return new Bottleneck({
    id: 'example',
    connection,
    maxConcurrent: 2,
    minTime: 100,
    highWater: WAITING_MAX,
    strategy: Bottleneck.strategy.OVERFLOW,
  })
}

export async function GET(): Promise<Response> {
  limiter ??= makeLimiter()
  const cameAt = Date.now()
  try {
    const waitedMs = await limiter.schedule(async () => {
      const startedAt = Date.now()
      await callSomethingDelicate()
      return startedAt - cameAt
    })
    return Response.json({ waitedMs }, { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    if (!(error instanceof Bottleneck.BottleneckError)) throw error
    return Response.json({ error: 'too many are waiting' }, { status: 429, headers: { 'retry-after': '5' } })
  }
}

/** Stands for a service that must not be overrun. */
function callSomethingDelicate(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50))
}
