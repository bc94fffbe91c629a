/**
 * What `maxmemory` leaves of the machine's memory, beside redis-server: 100 MB with allkeys-lru, while redis-benchmark sets
 * twenty times as much. The highest resident size counts, and what is left of it ten seconds after FLUSHALL. Each round
 * begins with new servers, which are measured in turn.
 */
import { connectClient } from './client.ts'
import { benchmarked, pause } from './process.ts'
import { atMost, type Section } from './report.ts'
import { interleaved, medianRow, type Side, startSide } from './rounds.ts'

const LIMITS = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']
const LOAD = ['-t', 'set', '-d', '200', '-r', '2000000', '-P', '16', '-c', '20', '-n', '2000000']
const SAMPLE_MS = 50
const SETTLE_MS = 10_000
const MB = 1024 * 1024

interface Figures {
  readonly requestsPerSecond: number
  readonly highest: number
  readonly afterFlush: number
}

async function measure(side: Side): Promise<Figures> {
  const server = await startSide(side, ...LIMITS)
  try {
    let highest = 0
    const sampler = setInterval(() => {
      highest = Math.max(highest, server.residentBytes())
    }, SAMPLE_MS)
    const requestsPerSecond = await benchmarked(server.port, ...LOAD).finally(() => clearInterval(sampler))
    const client = await connectClient(server.port)
    await client.all([['FLUSHALL']])
    client.close()
    await pause(SETTLE_MS)
    return { requestsPerSecond, highest: highest / MB, afterFlush: server.residentBytes() / MB }
  } finally {
    await server.stop()
  }
}

export async function maxmemorySection(rounds: number): Promise<Section> {
  const figures = await interleaved(rounds, measure, 0)
  return {
    title: 'maxmemory 100mb, allkeys-lru',
    reference: 'redis-server',
    rows: [
      medianRow(figures, 'SET of 200 bytes, pipeline 16', 'requests/s', (each) => each.requestsPerSecond),
      { ...medianRow(figures, 'highest RSS meanwhile', 'MB', (each) => each.highest), aim: atMost(190, 'ours') },
      medianRow(figures, 'RSS 10 s after FLUSHALL', 'MB', (each) => each.afterFlush),
    ],
  }
}
