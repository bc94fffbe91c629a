/**
 * Jobs per second of what lives on Lua scripts, beside redis-server: the same client code, in this process, against both
 * servers in turn; medians of several rounds. BullMQ adds its jobs in bulk and works them off, 100 at a time. Bottleneck,
 * with its own connection on ioredis 4, schedules 20 limiters' jobs; through RestConnection it has no reference but the same
 * over TCP.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Bottleneck from 'bottleneck'
import { Queue, Worker } from 'bullmq'
import type { RestConnection } from '../lib/bottleneck.ts'
import { root, startRedis, startZerodis, token } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const QUEUE_JOBS = 4_000
/** BullMQ is done with them in a quarter of a second, of which one round takes a fifth more or less than the next. */
const QUEUE_ROUNDS = 4
const LIMITERS = 20
const LIMITER_JOBS = 100

const Redis = createRequire(import.meta.url)('ioredis4')

type Measure = (side: Side) => Promise<number>

export async function jobsSection(rounds: number): Promise<Section> {
  const [zerodis, redis] = [await startZerodis(), await startRedis()]
  const port = { ours: zerodis.port, reference: redis.port }
  const url = `http://127.0.0.1:${zerodis.httpPort}`
  const { RestConnection } = await import(pathToFileURL(join(root, 'dist/bottleneck.mjs')).href)
  const overTcp = (side: Side) => new Bottleneck.IORedisConnection({ Redis, clientOptions: { port: port[side] } })
  try {
    const rows = [
      await compare('BullMQ, added and done', QUEUE_ROUNDS * rounds, (side) => bullmq(port[side]), atLeast(0.9)),
      await compare('Bottleneck on ioredis', rounds, (side) => bottleneck(overTcp(side))),
      await compare('Bottleneck through RestConnection', rounds, (side) =>
        bottleneck(side === 'ours' ? new RestConnection({ url, token }) : overTcp(side)),
      ),
    ]
    return { title: 'jobs', reference: 'redis-server', rows }
  } finally {
    await Promise.all([zerodis.stop(), redis.stop()])
  }
}

async function compare(name: string, rounds: number, measure: Measure, aim?: Row['aim']): Promise<Row> {
  const figures = await interleaved(rounds, measure)
  return { name, unit: 'jobs/s', ours: median(figures.ours), reference: median(figures.reference), aim }
}

async function bullmq(port: number): Promise<number> {
  const connection = { port }
  const queue = new Queue('bench', { connection })
  const worker = new Worker('bench', async () => {}, { connection, concurrency: 100, autorun: false })
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
  const jobs = Array.from({ length: QUEUE_JOBS / 4 }, (_, i) => ({ name: 'job', data: { i } }))
  const startedAt = performance.now()
  for (let i = 0; i < 4; i++) await queue.addBulk(jobs)
  let completed = 0
  const done = new Promise<void>((resolve) => {
    worker.on('completed', () => {
      if (++completed === QUEUE_JOBS) resolve()
    })
  })
  void worker.run()
  await done
  const rate = QUEUE_JOBS / ((performance.now() - startedAt) / 1000)
  await worker.close()
  await queue.obliterate()
  await queue.close()
  return rate
}

async function bottleneck(connection: Bottleneck.IORedisConnection | RestConnection): Promise<number> {
  const limiters = Array.from({ length: LIMITERS }, (_, i) => {
    return new Bottleneck({ id: `bench-${i}`, connection, maxConcurrent: 10, clearDatastore: true })
  })
  await Promise.all(limiters.map((limiter) => limiter.ready()))
  const startedAt = performance.now()
  const jobs = limiters.flatMap((limiter) =>
    Array.from({ length: LIMITER_JOBS }, () => limiter.schedule(async () => {})),
  )
  await Promise.all(jobs)
  const rate = jobs.length / ((performance.now() - startedAt) / 1000)
  await connection.disconnect()
  return rate
}
