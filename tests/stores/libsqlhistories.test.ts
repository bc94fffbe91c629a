/** Histories of several processes on libSQL, some of which are killed or frozen, while the server restarts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Seen } from '../contract/harness/seen.ts'
import { Random } from '../differential/random.ts'
import { BadNetwork } from './badnetwork.ts'
import { explainedOn, seed } from './explained.ts'
import { connect, end, start } from './processes.ts'
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
      const { kills } = await explainedOn(server.url, { level: 'strong', killMs: 1200, settings })
      expect(kills).toBeGreaterThan(0)
    }, 120_000)

    test('where each client sees what it has seen, and no less', async () => {
      await explainedOn(server.url, { level: 'session', killMs: 1200, settings })
    }, 120_000)

    test('where processes are frozen for longer than the lock waits for them', async () => {
      const { stops } = await explainedOn(server.url, {
        level: 'strong',
        killMs: 0,
        stopMs: 1000,
        freezeMs: 1500,
        settings,
      })
      expect(stops).toBeGreaterThan(0)
    }, 120_000)

    test('where the server restarts', async () => {
      await explainedOn(server.url, { level: 'strong', killMs: 0, settings: { 'store-timeout': 3000 } }, async () => {
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
        await explainedOn(store, { level: 'strong', killMs: 2000, settings: { 'store-timeout': 1500 } })
        expect(proxy.cuts).toBeGreaterThan(0)
      } finally {
        proxy.close()
      }
    }, 120_000)
  },
)

describe.skipIf(NO_SQLD !== undefined)('a process that is frozen while it holds the lock', () => {
  test('is fenced: others go on, its late commit fails, its client is told', async () => {
    const frozen = {
      store: server.url,
      'store-name': 'frozen',
      'store-timeout': 1500,
      'store-consistency': 'strong',
      'lua-hard-time-limit': 0,
      loglevel: 'nothing',
    } as const
    const [holder, other] = [await start(frozen), await start(frozen)]
    try {
      const [holding, writer] = [await connect(holder), await connect(other)]
      await writer.send(['SET', 'k', 'v'])
      const holds = `local n = 0 for i = 1, 100000000 do n = n + i end return redis.call('SET', 'held', 'kept')`
      const answer = holding.send(['EVAL', holds, '0']).catch((): Seen => 'cut')
      const isHeld = 'SELECT count(*) FROM zerodis_frozen_lock WHERE seq = 2'
      while ((await server.ask(isHeld)) === '0') await pause(5)
      holder.child.kill('SIGSTOP')
      const from = performance.now()
      expect(await writer.send(['SET', 'other', 'v'])).toEqual({ kind: 'status', text: 'OK' })
      expect(performance.now() - from).toBeLessThan(1500)
      holder.child.kill('SIGCONT')
      expect(await answer).toBe('cut')
      expect(await writer.send(['GET', 'held'])).toBe(null)
      const again = await connect(holder)
      expect(await again.send(['GET', 'other'])).toBe('v')
      again.close()
    } finally {
      end(holder)
      end(other)
    }
  }, 60_000)
})
