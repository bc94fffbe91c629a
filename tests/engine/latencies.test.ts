import { expect, test } from 'vitest'
import { Latencies } from '../../lib/engine/latencies.ts'
import { createServer } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { RespClient } from '../clients/resp.ts'

function histogram(...microseconds: number[]): Latencies {
  const latencies = new Latencies(8)
  for (const one of microseconds) latencies.took(7, one)
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

test('calls that are not timed count as the last that was, whoever asks', () => {
  const latencies = histogram(3)
  for (let i = 0; i < 4; i++) expect(latencies.assume(7, 16)).toBe(true)
  expect(latencies.microseconds(7)).toBe(15)
  expect(latencies.count(7)).toBe(5)
  expect(latencies.assume(7, 16)).toBe(true)
  latencies.took(7, 100)
  expect(latencies.distribution(7)).toEqual([
    [4, 6],
    [132, 7],
  ])
  expect(latencies.microseconds(7)).toBe(118)
})

test('calls that are not timed are those before the histograms were switched, and none after a reset', () => {
  const latencies = histogram(3)
  expect(latencies.assume(7, 16)).toBe(true)
  latencies.enabled = false
  expect(latencies.assume(7, 16)).toBe(true)
  expect(latencies.count(7)).toBe(2)
  expect(latencies.microseconds(7)).toBe(9)
  expect(latencies.assume(7, 16)).toBe(true)
  latencies.reset()
  expect([latencies.count(7), latencies.microseconds(7)]).toEqual([0, 0])
})

test('a command that was never timed is to be', () => {
  expect(new Latencies(8).assume(7, 16)).toBe(false)
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

test.each([
  ['alone', 1],
  ['in pipelines', 25],
])('short commands that come %s are each counted once, and take time', async (_, pipeline) => {
  const server = createServer()
  const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
  const client = await RespClient.connect({ host: '127.0.0.1', port: listener.port })
  for (let i = 0; i < 100; i += pipeline) {
    await Promise.all(Array.from({ length: pipeline }, () => client.send(['GET', 'key'])))
  }
  const { stats, table } = server.engine
  const { id } = table.find('get')!
  expect(stats.latencies.count(id)).toBe(100)
  expect(stats.latencies.microseconds(id)).toBeGreaterThan(0)
  expect(stats.latencies.percentile(id, 50)).toBeGreaterThan(0)
  client.close()
  await listener.close(0)
  await server.close()
})

test('a command that was never called has no histogram', () => {
  const latencies = histogram(1)
  expect(latencies.count(3)).toBe(0)
  expect(latencies.percentile(3, 50)).toBe(0)
  expect(latencies.distribution(3)).toEqual([])
  latencies.reset()
  expect(latencies.count(7)).toBe(0)
})
