/**
 * How long a GET waits while something large happens, beside redis-server: a client that is connected and warm sends one
 * GET after the other (prober.ts) while a second client has a million keys flushed, a sorted set of a million members
 * unlinked, or half a million keys expire. Both servers run all the while and are measured in turn; the percentiles are of
 * all rounds together. What happens, happens once in a round: the longest wait is the figure to look at. Beside it stands the
 * longest work of the server's main thread during one request, the median of the rounds: on a machine that others use, too,
 * that is the stop which the server itself is to blame for.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { connectClient, type RespClient } from './client.ts'
import type { ProberOrder, ProberReport } from './prober.ts'
import { type Running, root, startRedis, startZerodis } from './process.ts'
import { median, type Row, type Section } from './report.ts'
import { interleaved, SIDES, type Side } from './rounds.ts'

const KEY = 'probed'
const MEASURED_MS = 3000
/** When it happens, within what is measured. */
const HAPPENS_MS = 500
const BATCH = 1000
/** One round warms up: what is compared is what a server does now and then. */
const WARM_UPS = 1

interface Event {
  readonly name: string
  /** Fills the store before the measurement. `at`: unix ms of when it will happen. */
  fill?(client: RespClient, at: number): Promise<void>
  /** What happens. */
  readonly command?: readonly string[]
  /** Time that filling takes, at the most, where that must be known before. */
  readonly fillMs?: number
}

const EVENTS: readonly Event[] = [
  { name: 'nothing' },
  {
    name: 'FLUSHALL of 1M keys',
    fill: (client) => many(client, 1_000_000, (i) => ['SET', `key:${i}`, `value:${i}`]),
    command: ['FLUSHALL'],
  },
  {
    name: 'UNLINK of 1M members',
    fill: (client) => many(client, 1_000_000, (i) => ['ZADD', 'large', `${i}`, `member:${i}`]),
    command: ['UNLINK', 'large'],
  },
  {
    name: 'expiry of 500k keys',
    fill: (client, at) => many(client, 500_000, (i) => ['SET', `key:${i}`, `value:${i}`, 'PXAT', `${at}`]),
    fillMs: 10_000,
  },
]

async function many(client: RespClient, count: number, command: (i: number) => string[]): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    await client.all(Array.from({ length: BATCH }, (_, i) => command(from + i)))
  }
}

/** A server with the client that asks it, and the one that makes things happen. */
interface Subject {
  readonly server: Running
  readonly prober: ChildProcess
  readonly actor: RespClient
}

async function open(server: Running): Promise<Subject> {
  const prober = fork(join(root, 'bench/prober.ts'), [`${server.port}`, KEY, `${server.pid}`], {
    // Its own collector is to run seldom.
    execArgv: ['--import', 'tsx', '--max-semi-space-size=64'],
    serialization: 'advanced',
  })
  return { server, prober, actor: await connectClient(server.port) }
}

async function probe({ prober }: Subject, ms: number): Promise<ProberReport> {
  const reported = once(prober, 'message') as Promise<[ProberReport]>
  prober.send({ ms } satisfies ProberOrder)
  return (await reported)[0]
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

async function measure(subject: Subject, { fill, command, fillMs = 0 }: Event): Promise<ProberReport> {
  const { actor } = subject
  await actor.all([['FLUSHALL'], ['SET', KEY, 'value']])
  const at = Date.now() + fillMs
  await fill?.(actor, at)
  await probe(subject, 0)
  if (fillMs > 0) await pause(at - HAPPENS_MS - Date.now())
  const measured = probe(subject, MEASURED_MS)
  if (command !== undefined) {
    await pause(HAPPENS_MS)
    await actor.all([command])
  }
  return measured
}

const FIGURES = [
  ['p50', 0.5],
  ['p99', 0.99],
  ['p99.9', 0.999],
  ['longest', 1],
] as const

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function merged(reports: readonly ProberReport[]): Float64Array {
  return Float64Array.from(reports.flatMap(({ times }) => [...times])).sort()
}

export async function tailsSection(rounds: number): Promise<Section> {
  const subjects: Record<Side, Subject> = {
    ours: await open(await startZerodis()),
    reference: await open(await startRedis()),
  }
  try {
    const rows: Row[] = []
    for (const event of EVENTS) {
      const reports = await interleaved(rounds, (side) => measure(subjects[side], event), WARM_UPS)
      const [ours, reference] = [merged(reports.ours), merged(reports.reference)]
      for (const [label, share] of FIGURES) {
        const name = `${event.name}, ${label}`
        rows.push({ name, unit: 'us', ours: percentile(ours, share), reference: percentile(reference, share) })
      }
      const busiest = (side: Side): number => median(reports[side].map((report) => report.busiest))
      const name = `${event.name}, longest work`
      rows.push({ name, unit: 'us', ours: busiest('ours'), reference: busiest('reference') })
    }
    return { title: 'GET meanwhile', reference: 'redis-server', rows }
  } finally {
    for (const side of SIDES) {
      subjects[side].actor.close()
      subjects[side].prober.kill('SIGKILL')
    }
    await Promise.all(SIDES.map((side) => subjects[side].server.stop()))
  }
}
