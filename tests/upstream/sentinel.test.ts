/** In front of a genuine master under three Sentinels, which is killed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { areSentinelsInstalled, SentinelSet } from './fleet.ts'

describe.skipIf(genuineVersion === undefined || !areSentinelsInstalled)('an upstream behind Sentinels', () => {
  let set: SentinelSet
  let server: Server

  beforeAll(async () => {
    set = await SentinelSet.start()
    server = createServer({ upstream: set.url, 'rest-token': 'token', log: () => {} })
  }, 60_000)
  afterAll(async () => {
    await server?.close()
    await set?.stop()
  })

  test('the master that they name is asked, and the next one when it is killed', async () => {
    expect(await server.execute('INCR', 'n')).toBe(1)
    expect(await server.execute('WAIT', '1', '2000')).toBeTypeOf('number')
    let acknowledged = 1
    let faults = 0
    let isOver = false
    const writing = (async () => {
      while (!isOver) {
        try {
          await server.execute('INCR', 'n')
          acknowledged++
        } catch (error) {
          expect((error as Error).message).toMatch(/^(ERR upstream|READONLY)/)
          faults++
        }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await set.killMaster()
    const killedAt = Date.now()
    const before = acknowledged
    while (acknowledged === before && Date.now() - killedAt < 15_000)
      await new Promise((resolve) => setTimeout(resolve, 20))
    const seconds = (Date.now() - killedAt) / 1000
    isOver = true
    await writing
    expect(seconds).toBeLessThan(10)
    expect(Number(await server.execute('GET', 'n'))).toBeLessThanOrEqual(acknowledged + faults)
  }, 40_000)
})
