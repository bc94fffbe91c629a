/**
 * A store with a limiter of Bottleneck in one process, whose jobs say when they begin and end, by the clock that all processes have.
 * Usage: limitedworker.ts SETTINGS NAME JOBS
 */
import Bottleneck from 'bottleneck'
import { InProcessConnection } from '../../lib/bottleneck.ts'
import { createServer } from '../../lib/server.ts'

const moment = (): bigint => process.hrtime.bigint()
const [, , settings, name, jobs] = process.argv
const server = createServer(JSON.parse(settings))
const connection = new InProcessConnection({ server })
const limiter = new Bottleneck({
  id: 'shared',
  maxConcurrent: 2,
  connection,
  ...{ heartbeatInterval: 300, clientTimeout: 2000 },
})
limiter.on('error', (error) => process.stderr.write(`${error}\n`))
await limiter.ready()
process.stdout.write('ready\n')
process.stdin.once('data', () => {
  for (let i = 0; i < Number(jobs); i++) {
    // Bottleneck takes nothing back from who was killed with jobs that never expire: two of them would stop all others for ever.
    void limiter.schedule({ expiration: 5000 }, async () => {
      process.stdout.write(`begin ${name}-${i} ${moment()}\n`)
      await new Promise((resolve) => setTimeout(resolve, 1 + (i % 4)))
      process.stdout.write(`end ${name}-${i} ${moment()}\n`)
    })
  }
})
process.stdin.on('end', () => process.exit())
