/**
 * What is limited to two at a time over all processes. Each job says in a file, to which all of them append, when it begins and ends,
 * by the clock that all processes have.
 */
import { appendFileSync } from 'node:fs'
import Bottleneck from 'bottleneck'
import { InProcessConnection } from '../../../../../../lib/bottleneck.ts'
import { getServer } from '../../../../../../lib/server.ts'

export const dynamic = 'force-dynamic'

/** Made by the first request: a build imports this module too. */
let limiter

function makeLimiter() {
  const made = new Bottleneck({
    id: 'shared',
    maxConcurrent: 2,
    connection: new InProcessConnection({ server: getServer() }),
    heartbeatInterval: 500,
    clientTimeout: 5000,
  })
  made.on('error', (error) => console.error(error))
  return made
}

export async function POST(request) {
  const { id, ms } = await request.json()
  limiter ??= makeLimiter()
  await limiter.schedule(async () => {
    note('begin', id)
    await new Promise((resolve) => setTimeout(resolve, ms))
    note('end', id)
  })
  return Response.json({ id })
}

function note(what, id) {
  appendFileSync(process.env.JOB_LOG, `${what} ${id} ${process.pid} ${process.hrtime.bigint()}\n`)
}
