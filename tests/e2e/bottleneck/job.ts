/** A program that runs one job on a limiter, disconnects, and should then end by itself. */
import Bottleneck from 'bottleneck'
import { InProcessConnection, RestConnection } from '../../../lib/bottleneck.ts'
import { createServer } from '../../../lib/server.ts'

const [url, token] = process.argv.slice(2)
const connection = url
  ? new RestConnection({ url, token })
  : new InProcessConnection({ server: createServer({ log: () => {} }) })
const limiter = new Bottleneck({ id: 'program', connection, minTime: 10 })
console.log(await Promise.all([1, 2, 3].map((i) => limiter.schedule(async () => i))))
await limiter.disconnect()
await connection.disconnect()
