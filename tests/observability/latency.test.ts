import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { LatencyMonitor } from '../../lib/observability/latency.ts'
import { createServer } from '../../lib/server.ts'

test('of the delays of one second the worst is kept', () => {
  const monitor = new LatencyMonitor()
  monitor.add('command', 20, 5_000)
  monitor.add('command', 50, 5_400)
  monitor.add('command', 30, 5_900)
  monitor.add('command', 10, 6_000)
  expect(monitor.series('command')).toEqual({
    samples: [
      { time: 5, delay: 50 },
      { time: 6, delay: 10 },
    ],
    max: 50,
  })
})

test('the last 160 samples are kept, and the worst of all', () => {
  const monitor = new LatencyMonitor()
  for (let second = 0; second < 200; second++) monitor.add('command', 200 - second, second * 1000)
  const { samples, max } = monitor.series('command')!
  expect(samples.length).toBe(160)
  expect(samples[0]).toEqual({ time: 40, delay: 160 })
  expect(max).toBe(200)
})

test('each kind of event is reset by itself', () => {
  const monitor = new LatencyMonitor()
  monitor.add('command', 20, 1000)
  monitor.add('fast-command', 20, 1000)
  expect(monitor.events).toEqual(['command', 'fast-command'])
  expect(monitor.reset('command')).toBe(true)
  expect(monitor.reset('command')).toBe(false)
  expect(monitor.events).toEqual(['fast-command'])
})

test('a round of expiry that takes long is an event', async () => {
  const clock = new ManualClock()
  const server = createServer({ clock, 'latency-monitor-threshold': 1 })
  const [db] = server.engine.keyspace.dbs
  for (let i = 0; i < 100_000; i++) db.set(`k${i}`, 'v', clock.now() + 1)
  clock.advance(1)
  server.cron()
  expect(server.engine.ports.figures.latency.events).toContain('expire-cycle')
  await server.close()
})
