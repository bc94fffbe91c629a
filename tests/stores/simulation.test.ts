/**
 * Many schedules of a simulation (simulation/schedule.ts), in a time of its own, with doubles for the database and for all that has to do
 * with real time. ZERODIS_SIMULATION says how many, ZERODIS_FUZZ_SEED with which it begins.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seedOfRun } from '../differential/random.ts'
import { draw } from './simulation/world.ts'

vi.mock('../../lib/base/runtime.ts', async () => ({ ...(await import('./simulation/world.ts')).runtime }))
vi.mock('../../lib/stores/sqlite.ts', async () => {
  const { openSqlite } = await import('./simulation/double.ts')
  return { openSqlite, isBuiltIn: () => false }
})
vi.mock('../../lib/stores/tables.ts', async () => {
  const { Tables } = await import('./simulation/double.ts')
  return { Tables }
})
vi.mock('../../lib/stores/bell.ts', async () => {
  const { Bell } = await import('./simulation/double.ts')
  return { Bell }
})

const schedules = Number(process.env['ZERODIS_SIMULATION'] ?? 1000)
const first = seedOfRun()

// What is drawn by chance in the store is drawn by the seed.
const { random } = Math
beforeAll(() => {
  Math.random = draw
})
afterAll(() => {
  Math.random = random
})

test(`${schedules} schedules from seed ${first}: every answer is explained, and all copies are the same`, async () => {
  const { runSchedule } = await import('./simulation/schedule.ts')
  const before = process.cpuUsage()
  let operations = 0
  let kills = 0
  for (let seed = first; seed < first + schedules; seed++) {
    const outcome = await runSchedule(seed)
    await new Promise((resolve) => setImmediate(resolve)) // for the runner, which wants to hear from its worker
    operations += outcome.operations
    kills += outcome.kills
    expect(outcome.faults, `seed ${seed}, ${outcome.level}`).toEqual([])
  }
  const { user, system } = process.cpuUsage(before)
  const seconds = Math.round((user + system) / 1e6)
  console.log(`${schedules} schedules, ${operations} operations, ${kills} kills, ${seconds} s of the processor`)
}, 600_000)
