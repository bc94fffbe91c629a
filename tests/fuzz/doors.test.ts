/** A few seconds of the fuzz over all doors; `npm run fuzz -- --minutes 60` is the long one. */
import { describe, expect, test } from 'vitest'
import { seedOfRun } from '../differential/random.ts'
import { lengthOf } from '../length.ts'
import { ALL_DOORS, fuzz } from './fuzz.ts'

describe('a server whose doors are all attacked at once', () => {
  test('lives, serves its well-behaved clients and keeps its memory', { timeout: 120_000 }, async () => {
    const seed = seedOfRun()
    const { failures, trail, served, commands } = await fuzz({
      seed,
      ms: lengthOf(3000, 5000),
      attackers: 1,
      doors: ALL_DOORS,
      servedWithinMs: 30_000,
      stopMaxMs: 3000,
      rssMaxBytes: 1024 ** 3,
    })
    expect(failures, `seed ${seed}, the last inputs are in ${trail}`).toEqual([])
    expect(Object.keys(served).sort()).toEqual(['resp', 'rest', 'sse', 'websocket', 'websocket-json'])
    for (const { asked } of Object.values(served)) expect(asked).toBeGreaterThan(0)
    expect(commands).toBeGreaterThan(20) // a busy machine comes to no more in so short a time
  })
})
