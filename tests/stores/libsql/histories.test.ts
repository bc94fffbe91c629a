/** Histories of several processes on libSQL, some of which are killed or frozen, while the server restarts. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Random } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { BadNetwork } from '../histories/badnetwork.ts'
import { explainedOn, seed } from '../histories/explained.ts'
import { describeFrozenHolder } from '../remote/fenced.ts'
import { NO_SQLD, Sqld } from './sqld.ts'

let server: Sqld
beforeAll(async () => {
  if (NO_SQLD === undefined) server = await Sqld.start()
})
afterAll(() => server?.close())

/** A lock whose holder was killed is free after 0.7 of it. */
const settings = { 'store-timeout': 1000 } as const

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(NO_SQLD !== undefined)(
  'libSQL: no acknowledged write is lost or doubled, every read is explained',
  () => {
    test('where processes are killed', async () => {
      await explainedOn(server.url, { level: 'strong', killMs: 1200, settings }, undefined, ({ kills }) => kills > 0)
    }, 120_000)

    test('where each client sees what it has seen, and no less', async () => {
      await explainedOn(server.url, { level: 'session', killMs: 1200, settings })
    }, 120_000)

    test('where processes are frozen for longer than the lock waits for them', async () => {
      const options = { level: 'strong', killMs: 0, stopMs: 1000, freezeMs: 1500, settings } as const
      await explainedOn(server.url, options, undefined, ({ stops }) => stops > 0)
    }, 120_000)

    test('where the server restarts', async () => {
      const options = {
        level: 'strong',
        killMs: 0,
        seconds: lengthOf(4, 60),
        settings: { 'store-timeout': 3000 },
      } as const
      await explainedOn(server.url, options, async () => {
        for (const how of ['fast', 'immediate'] as const) {
          await pause(1500)
          await server.restart(how)
        }
      })
    }, 120_000)

    test('where the network delays, cuts and swallows', async () => {
      const random = new Random(seed)
      const proxy = await BadNetwork.start({
        ...{ port: server.port, random, cuts: 0.004, silences: 0.002, silentMs: 1500, delayMs: 3 },
      })
      try {
        const store = server.url.replace(`:${server.port}`, `:${proxy.port}`)
        const options = { level: 'strong', killMs: 2000, settings: { 'store-timeout': 1500 } } as const
        await explainedOn(store, options, undefined, () => proxy.cuts > 0)
      } finally {
        proxy.close()
      }
    }, 120_000)
  },
)

describe.skipIf(NO_SQLD !== undefined)('libSQL', () => {
  const held = 'SELECT count(*) FROM zerodis_frozen_lock WHERE seq = 2'
  describeFrozenHolder(
    () => server.url,
    async () => (await server.ask(held)) !== '0',
  )
})
