import { Redis } from 'ioredis'
import { afterEach, describe, expect, vi } from 'vitest'
import { test as base } from 'zerodis/vitest'
import { Mails } from '../src/mail.js'

/** Each test has a store of its own, and what stands on it. */
const test = base.extend({
  redis: async ({ store }, use) => {
    const redis = new Redis({ Connector: store.Connector, maxRetriesPerRequest: null })
    await use(redis)
    redis.disconnect()
  },
  mails: async ({ redis }, use) => {
    const mails = new Mails(redis)
    await use(mails)
    await mails.close()
  },
})

test('fifty mails are sent once each', async ({ mails }) => {
  const sent = []
  await Promise.all(Array.from({ length: 50 }, (_, i) => mails.send(`${i}@x`)))
  const worker = mails.work(async (to) => sent.push(to))
  await vi.waitFor(() => expect(sent).toHaveLength(50), 10_000)
  expect(new Set(sent).size).toBe(50)
  await worker.close()
})

test('one that fails is tried again', async ({ mails }) => {
  let tries = 0
  const worker = mails.work(async () => {
    if (++tries < 3) throw new Error('no line')
  })
  await mails.send('ann@x')
  await vi.waitFor(() => expect(tries).toBe(3), 10_000)
  await worker.close()
})

test('a queue that cannot be written says so', async ({ store, mails }) => {
  await mails.queue.waitUntilReady()
  store.faults.oom()
  await expect(mails.send('ann@x')).rejects.toThrow('OOM')
  store.faults.oom(false)
  expect((await mails.send('ann@x')).id).toBeDefined()
})

describe('time', () => {
  afterEach(() => vi.useRealTimers())

  test('a mail that is to wait is sent at its time', async ({ store, mails }) => {
    // BullMQ asks the process for the time of day, and the store for the wait: a fake Date moves both.
    const sent = []
    const worker = mails.work(async (to) => sent.push(to))
    vi.useFakeTimers({ toFake: ['Date'] })
    await mails.send('ann@x', { delayMs: 3_600_000 })
    expect(await mails.queue.getDelayedCount()).toBe(1)
    vi.setSystemTime(Date.now() + 3_600_000)
    store.clock.advance(0) // waits whose time has come end now
    await vi.waitFor(() => expect(sent).toEqual(['ann@x']), 10_000)
    await worker.close()
  })
})
