/** Queues as their own libraries leave them in the store. */
import Bottleneck from 'bottleneck'
import Bull from 'bull'
import { Queue as BullQueue } from 'bullmq'
import { expect, test } from 'vitest'
import { giveBack, limiterCounts, limiterOf, pauseLimiter } from '../../../console/queues/limiters.ts'
import {
  countsOf,
  findQueues,
  isPaused,
  jobsOf,
  pauseQueue,
  type QueueKind,
  removeJob,
  retryJob,
  statesOf,
} from '../../../console/queues/queues.ts'
import { startStore } from '../store.ts'

const state = (name: string, kind: QueueKind = 'BullMQ') => statesOf(kind).find((each) => each.name === name)!

test('jobs of BullMQ are counted, shown, removed, run again, and the queue is paused', async () => {
  const { server, rest } = startStore()
  const { port } = await server.listen({ port: 0, httpPort: false })
  const bull = new BullQueue('mails', { connection: { host: '127.0.0.1', port } })
  const [first, second] = await bull.addBulk([
    { name: 'send', data: { to: 'é' } },
    { name: 'send', data: { to: 'b' } },
  ])
  await bull.add('late', {}, { delay: 100_000 })
  const [queue] = await findQueues(rest)
  expect(queue).toEqual({ kind: 'BullMQ', prefix: 'bull:mails:', name: 'mails' })
  expect(Object.fromEntries(await countsOf(rest, queue))).toMatchObject({ wait: 2, delayed: 1, failed: 0 })
  const jobs = await jobsOf(rest, queue, state('wait'))
  expect(jobs.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort())

  await removeJob(rest, queue, state('wait'), jobs.find(({ id }) => id === second.id)!)
  expect(await bull.getJob(second.id!)).toBe(undefined)
  await expect(removeJob(rest, queue, state('wait'), { id: second.id!, fields: new Map() })).rejects.toThrow(
    /not there/,
  )

  await pauseQueue(rest, queue, true)
  expect([await bull.isPaused(), await isPaused(rest, queue)]).toEqual([true, true])
  expect((await countsOf(rest, queue)).get('paused')).toBe(1)
  await pauseQueue(rest, queue, false)
  expect([await bull.isPaused(), await isPaused(rest, queue)]).toEqual([false, false])
  expect(await bull.getWaitingCount()).toBe(1)

  await rest.run('LREM', 'bull:mails:wait', 0, first.id!)
  await rest.run('ZADD', 'bull:mails:failed', 1, first.id!)
  await rest.run('HSET', `bull:mails:${first.id}`, 'failedReason', 'why')
  await retryJob(rest, queue, state('failed'), { id: first.id!, fields: new Map() })
  expect(await bull.getWaitingCount()).toBe(1)
  expect((await bull.getJob(first.id!))!.failedReason).toBe(undefined)
  await bull.close()
})

test('jobs of Bull are counted, removed with their priority, run again, and its workers heed a pause', async () => {
  const { server, rest } = startStore()
  const { port } = await server.listen({ port: 0, httpPort: false })
  const bull = new Bull('mails', { redis: { host: '127.0.0.1', port } })
  const first = await bull.add('send', { to: 'a' }, { priority: 2 })
  const second = await bull.add('send', { to: 'b' })
  const [queue] = await findQueues(rest)
  expect(queue).toEqual({ kind: 'Bull', prefix: 'bull:mails:', name: 'mails' })
  await removeJob(rest, queue, state('wait', 'Bull'), { id: String(first.id), fields: new Map() })
  expect(await bull.getJob(first.id)).toBe(null)
  expect(await rest.run('ZCARD', 'bull:mails:priority')).toBe(0)

  await pauseQueue(rest, queue, true)
  expect(await bull.isPaused()).toBe(true)
  expect(await findQueues(rest)).toEqual([queue])
  expect((await countsOf(rest, queue)).get('paused')).toBe(1)
  const done = new Promise((resolve) => bull.on('failed', resolve))
  bull.process('send', () => Promise.reject(new Error('why'))).catch(() => {})
  await pauseQueue(rest, queue, false)
  expect(await bull.isPaused()).toBe(false)
  await done
  const [job] = await jobsOf(rest, queue, state('failed', 'Bull'))
  expect([job.id, job.fields.get('failedReason')]).toEqual([String(second.id), 'why'])
  const again = new Promise((resolve) => bull.on('failed', resolve))
  await retryJob(rest, queue, state('failed', 'Bull'), job)
  await again
  await bull.close()
})

test('a limiter of Bottleneck is counted and paused, and the place of a lost job is given back', async () => {
  const { server, rest } = startStore()
  const { port } = await server.listen({ port: 0, httpPort: false })
  const limiter = new Bottleneck({
    id: 'api',
    datastore: 'ioredis',
    clearDatastore: true,
    maxConcurrent: 1,
    clientOptions: { host: '127.0.0.1', port },
  })
  await limiter.ready()
  const lost = limiter.schedule({ id: 'lost' }, () => new Promise(() => {}))
  const next = limiter.schedule({ id: 'next' }, async () => 'ran')
  await expect.poll(async () => (await limiterOf(rest, 'b_api_')).jobs.length).toBe(1)
  expect(await findQueues(rest)).toEqual([{ kind: 'Bottleneck', prefix: 'b_api_', name: 'api' }])
  const counts = async (): Promise<object> => Object.fromEntries(await limiterCounts(rest, 'b_api_'))
  await expect.poll(counts).toMatchObject({ running: 1, waiting: 1, done: 0, clients: 1 })

  await pauseLimiter(rest, 'b_api_', true)
  await pauseLimiter(rest, 'b_api_', true)
  expect(await limiter.currentReservoir()).toBe(0)
  await pauseLimiter(rest, 'b_api_', false)
  expect(await limiterOf(rest, 'b_api_')).toMatchObject({ isPaused: false, reservoir: '', maxConcurrent: '1' })
  const [{ id }] = (await limiterOf(rest, 'b_api_')).jobs
  await giveBack(rest, 'b_api_', id)
  expect(await next).toBe('ran')
  await expect(giveBack(rest, 'b_api_', id)).rejects.toThrow('runs no longer')
  void lost
  await limiter.disconnect(false)
})
