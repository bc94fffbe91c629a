/**
 * A snapshot in the background beside redis-server, of a million keys of 50 bytes: how long it takes on a server that has nothing
 * else to do, and what clients notice of it while redis-benchmark sets keys. It sets them three times: alone, which is the usual, beside
 * snapshots, and beside snapshots and a client that asks all the while (prober.ts), which would take its share of the processor
 * from the second. The longest wait of that client has in it what else the machine does and what V8 collects; beside it stands the
 * longest work of the server's main thread during one request, be it a slice of the walk, a collection or a fork. Each round begins
 * with new servers.
 */
import { connectClient, sendMany } from './client.ts'
import type { ProberReport } from './prober.ts'
import { Probing } from './probing.ts'
import { ask, benchmarked, type Running, until } from './process.ts'
import { atLeast, atMost, type Section } from './report.ts'
import { interleaved, medianRow, type Side, startSide } from './rounds.ts'

const KEYS = 1_000_000
const PROBED = 'key:000000000000'
/** The same keys as those of redis-benchmark. */
const keyOf = (i: number): string => `key:${`${i}`.padStart(12, '0')}`
const VALUE = 'x'.repeat(50)
const REQUESTS = 600_000
const LOAD = ['-t', 'set', '-d', '50', '-r', `${KEYS}`, '-P', '16', '-c', '20', '-n', `${REQUESTS}`]
const SAMPLE_MS = 20
/** So long the prober asks before it reports. */
const PROBED_MS = 500

interface Figures {
  /** Of a snapshot while nothing else happens. */
  readonly seconds: number
  /** What was resident beside what was before, in percent of that. */
  readonly memory: number
  /** Requests a second, with and without one. */
  readonly meanwhile: number
  readonly usual: number
  /** ms */
  readonly longestWait: number
  readonly longestWork: number
}

async function isSaving(port: number): Promise<boolean> {
  return (await ask(port, 'INFO', 'persistence')).includes('rdb_bgsave_in_progress:1')
}

async function saved(port: number): Promise<void> {
  await ask(port, 'BGSAVE')
  await until(async () => !(await isSaving(port)), SAMPLE_MS)
}

async function saveIdle(server: Running): Promise<Pick<Figures, 'seconds' | 'memory'>> {
  const before = server.residentBytes()
  let highest = before
  const sampler = setInterval(() => {
    highest = Math.max(highest, server.residentBytes())
  }, SAMPLE_MS)
  const startedAt = performance.now()
  await saved(server.port).finally(() => clearInterval(sampler))
  return { seconds: (performance.now() - startedAt) / 1000, memory: (100 * (highest - before)) / before }
}

/** Saves again and again while redis-benchmark writes, and does something else besides. Returns the requests a second. */
async function saveBusy(server: Running, beside?: () => Promise<void>): Promise<number> {
  let isWriting = true
  const again = async (what: () => Promise<void>): Promise<void> => {
    while (isWriting) await what()
  }
  const writes = benchmarked(server.port, ...LOAD).finally(() => {
    isWriting = false
  })
  const others = beside === undefined ? [] : [again(beside)]
  const [meanwhile] = await Promise.all([writes, again(() => saved(server.port)), ...others])
  return meanwhile
}

async function probeBusy(server: Running, probing: Probing): Promise<Pick<Figures, 'longestWait' | 'longestWork'>> {
  const reports: ProberReport[] = []
  await saveBusy(server, async () => void reports.push(await probing.probe(PROBED_MS)))
  return {
    longestWait: Math.max(...reports.map(({ times }) => times.reduce((a, b) => Math.max(a, b), 0))) / 1000,
    longestWork: Math.max(...reports.map(({ busiest }) => busiest)) / 1000,
  }
}

async function measure(side: Side): Promise<Figures> {
  const server = await startSide(side, '--save', '')
  const probing = new Probing(server, PROBED)
  try {
    const client = await connectClient(server.port)
    await sendMany(client, KEYS, (i) => ['SET', keyOf(i), VALUE])
    client.close()
    const idle = await saveIdle(server)
    const usual = await benchmarked(server.port, ...LOAD)
    const meanwhile = await saveBusy(server)
    await probing.probe(0)
    return { ...idle, ...(await probeBusy(server, probing)), meanwhile, usual }
  } finally {
    probing.close()
    await server.stop()
  }
}

export async function savingSection(rounds: number): Promise<Section> {
  const figures = await interleaved(rounds, measure, 0)
  const share = medianRow(figures, 'share of the usual', '', (each) => each.meanwhile / each.usual)
  const work = medianRow(figures, 'longest work meanwhile', 'ms', (each) => each.longestWork)
  return {
    title: 'BGSAVE of 1M keys',
    reference: 'redis-server',
    rows: [
      { ...medianRow(figures, 'on an idle server', 's', (each) => each.seconds), aim: atMost(2) },
      { ...medianRow(figures, 'memory beside the store', '%', (each) => each.memory), aim: atMost(5, 'ours') },
      medianRow(figures, 'SET of 50 bytes meanwhile, pipeline 16', 'requests/s', (each) => each.meanwhile),
      { ...share, aim: atLeast(0.7, 'ours') },
      { ...work, aim: atMost(10, 'ours') },
      medianRow(figures, 'longest wait of a GET meanwhile', 'ms', (each) => each.longestWait),
    ],
  }
}
