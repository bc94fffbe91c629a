/** A worker of the queue `stalled` that takes jobs, says so, and never finishes one: it is there to be killed. */
import { Worker } from 'bullmq'

const worker = new Worker(
  'stalled',
  (job) => {
    console.log(`took ${job.id}`)
    return new Promise(() => {})
  },
  { connection: { port: Number(process.argv[2]) }, concurrency: 5, lockDuration: 1_000, stalledInterval: 200 },
)
worker.on('error', (error) => console.log(error))
