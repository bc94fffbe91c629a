/**
 * What `maxmemory` leaves of the machine's memory, beside redis-server: 100 MB with allkeys-lru, while redis-benchmark sets
 * twenty times as much. The highest resident size counts, and what is left of it ten seconds after FLUSHALL. Each round
 * begins with new servers, which are measured in turn.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connectClient } from './client.ts'
import { type Running, startRedis, startZerodis } from './process.ts'
import { atMost, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const run = promisify(execFile)

const LIMITS = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']
const LOAD = ['-t', 'set', '-d', '200', '-r', '2000000', '-P', '16', '-c', '20', '-n', '2000000', '--csv']
const SAMPLE_MS = 50
const SETTLE_MS = 10_000
const MB = 1024 * 1024

interface Figures {
  readonly requestsPerSecond: number
  readonly highest: number
  readonly afterFlush: number
}

async function measure(side: Side): Promise<Figures> {
  const server: Running = side === 'ours' ? await startZerodis(...LIMITS) : await startRedis(...LIMITS)
  try {
    let highest = 0
    const sampler = setInterval(() => {
      highest = Math.max(highest, server.residentBytes())
    }, SAMPLE_MS)
    const { stdout } = await run('redis-benchmark', ['-p', `${server.port}`, ...LOAD]).finally(() =>
      clearInterval(sampler),
    )
    const client = await connectClient(server.port)
    await client.all([['FLUSHALL']])
    client.close()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const requestsPerSecond = Number(stdout.match(/^"SET","([\d.]+)"/m)![1])
    return { requestsPerSecond, highest: highest / MB, afterFlush: server.residentBytes() / MB }
  } finally {
    await server.stop()
  }
}

export async function maxmemorySection(rounds: number): Promise<Section> {
  const figures = await interleaved(rounds, measure, 0)
  const row = (name: string, unit: string, key: keyof Figures): Row => ({
    ...{ name, unit },
    ours: median(figures.ours.map((each) => each[key])),
    reference: median(figures.reference.map((each) => each[key])),
  })
  return {
    title: 'maxmemory 100mb, allkeys-lru',
    reference: 'redis-server',
    rows: [
      row('SET of 200 bytes, pipeline 16', 'requests/s', 'requestsPerSecond'),
      { ...row('highest RSS meanwhile', 'MB', 'highest'), aim: atMost(340, 'ours') },
      row('RSS 10 s after FLUSHALL', 'MB', 'afterFlush'),
    ],
  }
}
