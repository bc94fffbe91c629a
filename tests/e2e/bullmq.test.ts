/**
 * BullMQ as applications use it, over TCP. What counts is that no job is lost and none is done twice, so every test looks at
 * the ids of what was done.
 */
import { FlowProducer, type Job, Queue, QueueEvents, Worker, type WorkerOptions } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { programOf } from '../clients/program.ts'
import { lengthOf } from '../length.ts'
import { Child } from './child.ts'
import { type Store, startStore } from './store.ts'

let store: Store
beforeAll(async () => {
  store = await startStore()
})
afterAll(() => store.stop())

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})
function opened<T extends { close(): Promise<unknown> }>(resource: T): T {
  open.push(resource)
  return resource
}

const connection = () => ({ port: store.port })
const queueOf = (name: string) => opened(new Queue(name, { connection: connection() }))

/** A worker, and how often it completed each job. */
async function work(name: string, run: (job: Job) => Promise<unknown>, options: Partial<WorkerOptions> = {}) {
  const completed = new Map<string, number>()
  const errors: Error[] = []
  const worker = opened(new Worker(name, run, { connection: connection(), ...options }))
  worker.on('error', (error) => errors.push(error))
  worker.on('completed', ({ id }) => completed.set(id!, (completed.get(id!) ?? 0) + 1))
  await worker.waitUntilReady()
  return { worker, completed, errors }
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come to pass')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const once = (ids: readonly string[]) => new Map(ids.map((id) => [id, 1]))

describe('BullMQ', () => {
  const COUNT = lengthOf(3_000, 10_000)
  test(`does ${COUNT} jobs once each: plain ones, with priorities, delayed, and such that fail at first`, async () => {
    const queue = queueOf('many')
    const runs = new Map<string, number>()
    const early: string[] = []
    const run = async (job: Job): Promise<number> => {
      runs.set(job.id!, (runs.get(job.id!) ?? 0) + 1)
      if (Date.now() < job.timestamp + (job.opts.delay ?? 0)) early.push(job.id!)
      if (job.opts.attempts === 2 && job.attemptsMade === 0) throw new Error('at first')
      return job.data.i * 2
    }
    const workers = [await work('many', run, { concurrency: 50 }), await work('many', run, { concurrency: 50 })]
    const optionsOf = (i: number) => ({
      jobId: `job-${i}`,
      ...(i % 5 === 1 && { priority: 1 + (i % 7) }),
      ...(i % 5 === 2 && { delay: i % 1_000 }),
      ...(i % 5 === 3 && { attempts: 2, backoff: { type: 'fixed', delay: 5 } }),
    })
    for (let from = 0; from < COUNT; from += 1_000) {
      await queue.addBulk(range(1_000).map((i) => ({ name: 'n', data: { i: from + i }, opts: optionsOf(from + i) })))
    }
    const done = () => workers.reduce((sum, { completed }) => sum + completed.size, 0)
    await until(() => done() >= COUNT, 60_000)
    const ids = range(COUNT).map((i) => `job-${i}`)
    const both = [...workers[0].completed, ...workers[1].completed]
    expect(both).toHaveLength(COUNT)
    expect(new Map(both)).toEqual(once(ids))
    expect(runs).toEqual(new Map(ids.map((id, i) => [id, i % 5 === 3 ? 2 : 1])))
    expect(early).toEqual([])
    const counts = { completed: COUNT, failed: 0, wait: 0, active: 0, delayed: 0, prioritized: 0 }
    expect(await queue.getJobCounts(...(Object.keys(counts) as never[]))).toMatchObject(counts)
    expect((await queue.getJob('job-2345'))!.returnvalue).toBe(4690)
    expect(workers.flatMap(({ errors }) => errors)).toEqual([])
  }, 90_000)

  test('takes jobs by priority, and in their order within one', async () => {
    const queue = queueOf('priorities')
    const priorities = [3, 1, 2, 0, 3, 1, 2, 0]
    for (const [i, priority] of priorities.entries()) await queue.add(`${i}`, {}, { priority })
    const order: string[] = []
    const { completed } = await work('priorities', async ({ name }) => order.push(name))
    await until(() => completed.size === priorities.length)
    expect(order).toEqual(['3', '7', '1', '5', '2', '6', '0', '4'])
  })

  test('lets events be heard, with progress and results, and a job be waited for', async () => {
    const queue = queueOf('events')
    const events = opened(new QueueEvents('events', { connection: connection() }))
    await events.waitUntilReady()
    const heard: string[] = []
    events.on('progress', ({ jobId, data }) => heard.push(`progress ${jobId} ${data}`))
    events.on('completed', ({ jobId, returnvalue }) => heard.push(`completed ${jobId} ${returnvalue}`))
    events.on('failed', ({ jobId, failedReason }) => heard.push(`failed ${jobId} ${failedReason}`))
    await work('events', async (job) => {
      if (job.name === 'bad') throw new Error('no é')
      await job.updateProgress(50)
      return 'yes é'
    })
    const good = await queue.add('good', {}, { jobId: 'good' })
    expect(await good.waitUntilFinished(events, 10_000)).toBe('yes é')
    const bad = await queue.add('bad', {}, { jobId: 'bad' })
    await expect(bad.waitUntilFinished(events, 10_000)).rejects.toThrow('no é')
    expect(heard).toEqual(['progress good 50', 'completed good yes é', 'failed bad no é'])
    expect(await bad.getState()).toBe('failed')
  })

  test('runs what a job scheduler repeats, as often as it says', async () => {
    const queue = queueOf('repeat')
    const { completed } = await work('repeat', async () => {})
    await queue.upsertJobScheduler('every', { every: 50, limit: 5 }, { name: 'tick' })
    await until(() => completed.size === 5)
    await until(async () => (await queue.getJobCountByTypes('delayed', 'wait', 'active')) === 0)
    expect([...completed.values()]).toEqual([1, 1, 1, 1, 1])
    const slots = [...completed.keys()].map((id) => Number(id.split(':').at(-1)))
    // On the beat, of which a late one may be left out.
    for (const [i, at] of slots.slice(1).entries()) {
      expect(at).toBeGreaterThan(slots[i])
      expect((at - slots[i]) % 50).toBe(0)
    }
  })

  test('runs a flow from its leaves to its root', async () => {
    const producer = opened(new FlowProducer({ connection: connection() }))
    const order: string[] = []
    const run = async (job: Job): Promise<number> => {
      const below = Object.values(await job.getChildrenValues<number>())
      order.push(job.name)
      return below.reduce((sum, value) => sum + value, 1)
    }
    const { completed } = await work('flow', run, { concurrency: 4 })
    const leaf = (name: string) => ({ name, queueName: 'flow' })
    const branch = (name: string, count: number) => ({
      ...leaf(name),
      children: range(count).map((i) => leaf(`${name}.${i}`)),
    })
    const { job } = await producer.add({ ...leaf('root'), children: [branch('a', 20), branch('b', 30)] })
    await until(async () => (await job.getState()) === 'completed')
    expect((await queueOf('flow').getJob(job.id!))!.returnvalue).toBe(53)
    expect([...completed.values()]).toEqual(range(53).map(() => 1))
    expect(order.at(-1)).toBe('root')
    for (const name of ['a', 'b']) {
      const children = order.flatMap((each, i) => (each.startsWith(`${name}.`) ? [i] : []))
      expect(Math.max(...children)).toBeLessThan(order.indexOf(name))
    }
  })

  test('starts no more jobs in a time than its rate limit allows', async () => {
    const queue = queueOf('rate')
    const startedAt: number[] = []
    await queue.addBulk(range(20).map((i) => ({ name: 'n', data: {}, opts: { jobId: `rate-${i}` } })))
    const limiter = { max: 5, duration: 200 }
    const { completed } = await work('rate', async () => startedAt.push(Date.now()), { limiter, concurrency: 10 })
    await until(() => completed.size === 20)
    expect(completed).toEqual(once(range(20).map((i) => `rate-${i}`)))
    startedAt.sort((a, b) => a - b)
    // Between one five and the next lies one duration, less what a timer may be early.
    for (const i of [5, 10, 15]) expect(startedAt[i] - startedAt[i - 5]).toBeGreaterThan(150)
  })

  test('gives the jobs of a worker that was killed to another one', async () => {
    const queue = queueOf('stalled')
    await queue.addBulk(range(12).map((i) => ({ name: 'n', data: {}, opts: { jobId: `stalled-${i}` } })))
    const doomed = new Child(process.execPath, [programOf('tests/e2e/bullmq-worker.ts'), `${store.port}`])
    await doomed.sees(/(?:took .*\s+){5}/)
    await doomed.kill('SIGKILL')
    const taken = [...doomed.output.matchAll(/took (\S+)/g)].map(([, id]) => id)
    expect(await queue.getJobCounts('active', 'wait')).toEqual({ active: 5, wait: 7 })
    const stalled: string[] = []
    const { worker, completed } = await work('stalled', async () => {}, { stalledInterval: 200, concurrency: 3 })
    worker.on('stalled', (id) => stalled.push(id))
    await until(() => completed.size === 12)
    expect(completed).toEqual(once(range(12).map((i) => `stalled-${i}`)))
    expect(stalled.sort()).toEqual(taken.sort())
    expect(await queue.getJobCounts('completed', 'failed', 'active')).toEqual({ completed: 12, failed: 0, active: 0 })
  })
})
