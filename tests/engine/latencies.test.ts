import { expect, test } from 'vitest'
import { Latencies } from '../../lib/engine/latencies.ts'

function histogram(...microseconds: number[]): Latencies {
  const latencies = new Latencies()
  for (const one of microseconds) latencies.add(7, latencies.slot(one), 1)
  return latencies
}

test('a percentile is the upper bound of its bucket, as genuine Redis prints it', () => {
  // Figures that redis-server 7.0 printed for calls of 51, 15, 65, 25, 55 and 36 microseconds.
  for (const [called, printed] of [
    [51, 51.199],
    [15, 15.039],
    [65, 65.023],
    [25, 25.087],
    [55, 55.039],
    [36, 36.095],
    [50, 50.175],
  ]) {
    expect(histogram(called).percentile(7, 50)).toBe(printed)
  }
})

test('percentiles walk through the calls', () => {
  const latencies = histogram(...Array.from({ length: 100 }, (_, i) => i + 1))
  expect(latencies.percentile(7, 0)).toBeCloseTo(1, 1)
  expect(latencies.percentile(7, 50)).toBeCloseTo(50, 0)
  expect(latencies.percentile(7, 99)).toBeCloseTo(99, 0)
  expect(latencies.percentile(7, 100)).toBeCloseTo(100, 0)
})

test('the distribution doubles its bounds and leaves out those that add no call', () => {
  expect(histogram(0.5, 3, 8, 50).distribution(7)).toEqual([
    [1, 1],
    [4, 2],
    [8, 3],
    [66, 4],
  ])
})

test('what takes longer than a second counts as a second', () => {
  const latencies = histogram(5_000_000)
  expect(latencies.percentile(7, 100)).toBeCloseTo(1_000_000, -4)
  expect(latencies.distribution(7).at(-1)![1]).toBe(1)
})

test('a call may count for several', () => {
  const latencies = new Latencies()
  latencies.add(1, latencies.slot(10), 16)
  latencies.add(1, latencies.slot(100), 1)
  expect(latencies.count(1)).toBe(17)
  expect(latencies.percentile(1, 50)).toBeCloseTo(10, 0)
})

test('a command that was never called has no histogram', () => {
  const latencies = histogram(1)
  expect(latencies.count(3)).toBe(0)
  expect(latencies.percentile(3, 50)).toBe(0)
  expect(latencies.distribution(3)).toEqual([])
  latencies.reset()
  expect(latencies.count(7)).toBe(0)
})
