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

describe('the slice of a pipeline', () => {
  const SHORT = 16

  /** Keeps the processor until some time is over. */
  const spend = (ms: number): void => {
    const startedAt = performance.now()
    while (performance.now() - startedAt < ms);
  }

  test('is over when short commands have taken ten milliseconds together', () => {
    const stopwatch = new Stopwatch(clock, new Latencies(1))
    stopwatch.beginBatch()
    expect(stopwatch.isSliceOver).toBe(false)
    spend(11)
    for (let i = 0; i < SHORT; i++) stopwatch.note(0)
    expect(stopwatch.isSliceOver).toBe(true)
    stopwatch.endBatch()
    stopwatch.beginBatch()
    expect(stopwatch.isSliceOver).toBe(false)
  })

  test('is over when one that is timed by itself has taken as much', () => {
    const stopwatch = new Stopwatch(clock, new Latencies(1))
    stopwatch.beginBatch()
    stopwatch.begin(false, 0)
    spend(11)
    stopwatch.end(0)
    expect(stopwatch.isSliceOver).toBe(true)
  })
})
