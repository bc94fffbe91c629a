/** Which commands are timed by themselves. */
import { describe, expect, test } from 'vitest'
import { Latencies } from '../../lib/engine/latencies.ts'
import { Stopwatch } from '../../lib/engine/stopwatch.ts'

const clock = { now: () => 0, after: () => () => {} }

describe('of short commands that come alone', () => {
  test.each([1, 2, 15, 16, 31, 32])('each of %i kinds in turn is timed, one time in sixteen', (kinds) => {
    const stopwatch = new Stopwatch(clock, new Latencies(kinds))
    // The first of its kind is always timed.
    for (let id = 0; id < kinds; id++) stopwatch.endNested(id, performance.now() - 1)
    const timed = new Array<number>(kinds).fill(0)
    for (let i = 0; i < 160; i++) {
      for (let id = 0; id < kinds; id++) if (stopwatch.times(true, id)) timed[id]++
    }
    expect(timed).toEqual(new Array<number>(kinds).fill(10))
  })

  test('all are where the slow log wants to see each', () => {
    const stopwatch = new Stopwatch(clock, new Latencies(1))
    stopwatch.endNested(0, performance.now() - 1)
    stopwatch.exact = true
    expect([stopwatch.times(true, 0), stopwatch.times(true, 0)]).toEqual([true, true])
  })
})
