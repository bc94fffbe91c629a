/** Queues as their own libraries leave them in the store. */
import { Queue as BullQueue } from 'bullmq'
import { expect, test } from 'vitest'
import {
  countsOf,
  findQueues,
  isPaused,
  jobsOf,
  pauseQueue,
  removeJob,
  retryJob,
  STATES,
} from '../../../console/queues/queues.ts'
import { startStore } from '../store.ts'

const state = (name: string) => STATES.find((each) => each.name === name)!

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
