/** Histories of several processes on PostgreSQL, some of which are killed or frozen, while the database restarts. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Random } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { BadNetwork } from '../histories/badnetwork.ts'
import { explainedOn, seed } from '../histories/explained.ts'
import type { Outcome, RunOptions } from '../histories/run.ts'
import { describeFrozenHolder } from '../remote/fenced.ts'
import { Cluster, NO_POOLER, NO_POSTGRES } from './cluster.ts'

let cluster: Cluster

beforeAll(async () => {
  if (NO_POSTGRES === undefined) cluster = await Cluster.start()
}, 60_000)
afterAll(() => cluster?.close())

const explained = (
  options: Partial<RunOptions>,
  meanwhile?: () => Promise<void>,
  hasHappened?: (outcome: Outcome) => boolean,
): Promise<Outcome> => explainedOn(cluster.url, options, meanwhile, hasHappened)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(NO_POSTGRES !== undefined)(
  'PostgreSQL: no acknowledged write is lost or doubled, every read is explained',
  () => {
    test('where processes are killed', async () => {
      await explained({ level: 'strong' }, undefined, ({ kills }) => kills > 0)
    }, 120_000)

    test('where each client sees what it has seen, and no less', async () => {
      await explained({ level: 'session' })
    }, 120_000)

    test('where processes are frozen for longer than the lock waits for them', async () => {
      const settings = { 'store-timeout': 1000 } as const
      const options = { level: 'strong', killMs: 0, stopMs: 1000, freezeMs: 1500, settings } as const
      await explained(options, undefined, ({ stops }) => stops > 0)
    }, 120_000)

    test('where the database restarts', async () => {
      await explained({ level: 'strong', killMs: 0, seconds: lengthOf(4, 60) }, async () => {
        for (const how of ['fast', 'immediate'] as const) {
          await pause(1500)
          await cluster.restart(how)
        }
      })
    }, 120_000)

    test('where the network delays, cuts and swallows', async () => {
      const random = new Random(seed)
      const proxy = await BadNetwork.start({
        ...{ port: cluster.port, random, cuts: 0.015, silences: 0.004, silentMs: 1500, delayMs: 3 },
      })
      try {
        const store = cluster.url.replace(`:${cluster.port}`, `:${proxy.port}`)
        const settings = { 'store-timeout': 2000 } as const
        await explained({ level: 'strong', killMs: 2000, store, settings }, undefined, () => proxy.cuts > 0)
      } finally {
        proxy.close()
      }
    }, 120_000)

    test.skipIf(NO_POOLER !== undefined)(
      'through a pooler in transaction mode',
      async () => {
        await explained({ level: 'strong', store: await cluster.pooler() })
      },
      120_000,
    )
  },
)

describe.skipIf(NO_POSTGRES !== undefined)('PostgreSQL', () => {
  const held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
  describeFrozenHolder(
    () => cluster.url,
    () => cluster.ask(held) !== '0',
  )
})
