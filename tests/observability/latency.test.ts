import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { Settings } from '../../lib/config/config.ts'
import { LatencyMonitor } from '../../lib/observability/latency.ts'
import type { Memory } from '../../lib/observability/memory.ts'
import { memoryReport } from '../../lib/observability/memoryreport.ts'
import { createServer } from '../../lib/server.ts'
import { engineClient } from '../contract/harness/subjects.ts'

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

/** The advices of LATENCY DOCTOR, by the words that begin them. */
async function advices(settings: Settings, ...events: string[]): Promise<string[]> {
  const server = createServer({ clock: new ManualClock(), 'latency-monitor-threshold': 10, ...settings })
  const { latency } = server.engine.ports.figures
  for (const event of events) (latency as LatencyMonitor).add(event, 50, 1000)
  const report = (await engineClient(server).send(['LATENCY', 'DOCTOR'])) as string
  return [...report.matchAll(/^- (\S+ \S+)/gm)].map(([, words]) => words)
}

test('LATENCY DOCTOR advises by what it has seen and by how the slow log is set', async () => {
  const usual = ['SLOWLOG GET', 'Commands on']
  expect(await advices({ 'slowlog-log-slower-than': 5000 }, 'command')).toEqual(usual)
  expect(await advices({ 'slowlog-log-slower-than': -1 }, 'command')).toEqual(['The slow', ...usual])
  expect(await advices({ 'slowlog-max-len': 0 }, 'command')).toEqual(['The slow', ...usual])
  expect(await advices({ 'slowlog-log-slower-than': 20_000 }, 'command')).toEqual(['The slow', ...usual])
  expect(await advices({}, 'fast-command', 'expire-cycle')).toEqual(['Short commands', 'Keys expire'])
  expect(await advices({}, 'eviction-cycle')).toEqual(['Keys are'])
  expect(await advices({}, 'something else')).toEqual([])
})

test('MEMORY DOCTOR finds what Redis finds, each by its own condition', () => {
  const MB = 1024 * 1024
  const account = { data: 100 * MB, startup: 0, clients: 0, replicas: 0 }
  const report = (changes: object, holders: object = {}): string[] => {
    const { resident, peak, ...amounts } = { resident: 100 * MB, peak: 100 * MB, ...account, ...changes }
    const memory = { account: amounts, used: amounts.data, peak, resident } as unknown as Memory
    const text = memoryReport(memory, { clients: 10, replicas: 1, scripts: 1, ...holders })
    return [...text.matchAll(/^ \* ([^:]+):/gm)].map(([, title]) => title)
  }
  expect(report({})).toEqual([])
  expect(report({ peak: 151 * MB })).toEqual(['Peak memory'])
  expect(report({ resident: 141 * MB })).toEqual(['High total RSS'])
  expect(report({ data: 20 * MB, resident: 29 * MB, peak: 20 * MB })).toEqual([])
  expect(report({ replicas: 11 * MB })).toEqual(['Big replica buffers'])
  expect(report({ clients: 3 * MB })).toEqual(['Big client buffers'])
  expect(report({}, { scripts: 1001 })).toEqual(['Many scripts'])
})
