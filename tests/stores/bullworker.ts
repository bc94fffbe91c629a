/**
 * A store with a worker of BullMQ in one process: tells its port, then the id of each job that it has done.
 * Usage: bullworker.ts SETTINGS LOCK_MS
 */
import { Worker } from 'bullmq'
import { createServer } from '../../lib/server.ts'

const server = createServer(JSON.parse(process.argv[2]))
const { port } = await server.listen({ port: 0, httpPort: false })
const worker = new Worker('jobs', async (job) => void process.stdout.write(`ran ${job.id}\n`), {
  connection: { port },
  concurrency: 10,
  lockDuration: Number(process.argv[3]),
  stalledInterval: 1000,
})
worker.on('completed', ({ id }) => process.stdout.write(`completed ${id}\n`))
worker.on('error', (error) => process.stderr.write(`${error}\n`))
await worker.waitUntilReady()
process.stdout.write(`port ${port}\n`)
process.stdin.on('end', () => process.exit()).resume()
