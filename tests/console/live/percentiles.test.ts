/** Percentiles between two looks at the histograms of a store. */
import { describe, expect, test } from 'vitest'
import { histogramOf, percentilesBetween } from '../../../console/live/percentiles.ts'
import { Failure } from '../../../console/wire/resp.ts'
import { startStore } from '../store.ts'

const look = (...pairs: [number, number][]) => new Map(pairs)

describe('percentiles', () => {
  test('are read from what the store answers, without what this page asks itself', async () => {
    const { rest } = startStore()
    await rest.run('SET', 'a', '1')
    await rest.run('INFO')
    const histogram = histogramOf(await rest.run('LATENCY', 'HISTOGRAM'))!
    expect([...histogram.values()].reduce((sum, count) => sum + count, 0)).toBe(1)
  })

  test('sums of commands are those of their buckets', () => {
    const reply = [
      ...['get', ['calls', 10, 'histogram_usec', [1, 4, 2, 10]]],
      ...['set', ['calls', 6, 'histogram_usec', [2, 6]]],
      ...['info', ['calls', 9, 'histogram_usec', [512, 9]]],
    ]
    expect(histogramOf(reply)).toEqual(look([1, 4], [2, 12]))
    expect(histogramOf(new Failure('NOPERM'))).toBe(undefined)
  })

  test('are of what came between', () => {
    const before = look([1, 1000])
    const { p50, p99, p999 } = percentilesBetween(before, look([1, 1000], [64, 99], [1024, 1]))
    expect([p50, p99]).toEqual([32 + 32 * (50 / 99), 64])
    expect(p999).toBeCloseTo(512 + 512 * 0.9)
    expect(percentilesBetween(before, before).p50).toBeNaN()
  })

  test('begin anew behind CONFIG RESETSTAT', () => {
    expect(percentilesBetween(look([1, 1000]), look([64, 10])).p50).toBe(48)
  })
})
