/**
 * Many schedules of a simulation (schedule.ts), in a time of its own, with doubles for the database and for all that has to do with real
 * time: one half of them, so that two threads share the work. ZERODIS_SIMULATION says how many, ZERODIS_FUZZ_SEED with which it begins.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seedOfRun } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { draw } from './world.ts'

vi.mock('../../../lib/base/runtime.ts', async () => ({ ...(await import('./world.ts')).runtime }))
vi.mock('../../../lib/stores/sqlite/sqlite.ts', async () => {
  const { openSqlite } = await import('./double.ts')
  return { openSqlite, isBuiltIn: () => false }
})
vi.mock('../../../lib/stores/sqlite/tables.ts', async () => {
  const { Tables } = await import('./double.ts')
  return { Tables }
})
vi.mock('../../../lib/stores/sqlite/bell.ts', async () => {
  const { Bell } = await import('./double.ts')
  return { Bell }
})
vi.mock('../../../lib/stores/sqlite/turnnote.ts', async () => {
  const { TurnNote } = await import('./double.ts')
  return { TurnNote }
})
vi.mock('../../../lib/stores/sqlite/walheader.ts', async () => {
  const { WalHeader } = await import('./double.ts')
  return { WalHeader }
})

const schedules = Number(process.env['ZERODIS_SIMULATION'] ?? lengthOf(150, 600))
const first = seedOfRun()

/** To be called by a test file. `half`: 0 or 1. */
export function simulateHalf(half: number): void {
  // What is drawn by chance in the store is drawn by the seed.
  const { random } = Math
  beforeAll(() => {
    Math.random = draw
  })
  afterAll(() => {
    Math.random = random
  })

  const from = first + half
  test(`each second of ${schedules} schedules from seed ${from}: every answer is explained, and all copies are the same`, async () => {
    const { runSchedule } = await import('./schedule.ts')
    const startedAt = performance.now()
    let count = 0
    let operations = 0
    let kills = 0
    for (let seed = from; seed < first + schedules; seed += 2) {
      const outcome = await runSchedule(seed)
      await new Promise((resolve) => setImmediate(resolve)) // for the runner, which wants to hear from its worker
      count++
      operations += outcome.operations
      kills += outcome.kills
      expect(outcome.faults, `seed ${seed}, ${outcome.level}`).toEqual([])
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    console.log(`${count} schedules, ${operations} operations, ${kills} kills, ${seconds} s`)
  }, 600_000)
}
