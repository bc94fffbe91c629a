/**
 * How long a GET waits while something large happens, beside redis-server: a client that is connected and warm sends one
 * GET after the other (prober.ts) while a second client has a million keys flushed, a sorted set of a million members
 * unlinked, or half a million keys expire. Both servers run all the while and are measured in turn; the percentiles are of
 * all rounds together. What happens, happens once in a round: the longest wait is the figure to look at. Beside it stands the
 * longest work of the server's main thread during one request, the median of the rounds: on a machine that others use, too,
 * that is the stop which the server itself is to blame for.
 */
import { connectClient, type RespClient, sendMany } from './client.ts'
import type { ProberReport } from './prober.ts'
import { Probing } from './probing.ts'
import { pause, type Running } from './process.ts'
import { median, type Row, type Section } from './report.ts'
import { interleaved, SIDES, type Side, startSide } from './rounds.ts'

const KEY = 'probed'
const MEASURED_MS = 3000
/** When it happens, within what is measured. */
const HAPPENS_MS = 500
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
    fill: (client) => sendMany(client, 1_000_000, (i) => ['SET', `key:${i}`, `value:${i}`]),
    command: ['FLUSHALL'],
  },
  {
    name: 'UNLINK of 1M members',
    fill: (client) => sendMany(client, 1_000_000, (i) => ['ZADD', 'large', `${i}`, `member:${i}`]),
    command: ['UNLINK', 'large'],
  },
  {
    name: 'expiry of 500k keys',
    fill: (client, at) => sendMany(client, 500_000, (i) => ['SET', `key:${i}`, `value:${i}`, 'PXAT', `${at}`]),
    fillMs: 10_000,
  },
]

/** A server with the client that asks it, and the one that makes things happen. */
interface Subject {
  readonly server: Running
  readonly probing: Probing
  readonly actor: RespClient
}

async function open(server: Running): Promise<Subject> {
  return { server, probing: new Probing(server, KEY), actor: await connectClient(server.port) }
}

async function measure({ probing, actor }: Subject, { fill, command, fillMs = 0 }: Event): Promise<ProberReport> {
  await actor.all([['FLUSHALL'], ['SET', KEY, 'value']])
  const at = Date.now() + fillMs
  await fill?.(actor, at)
  await probing.probe(0)
  if (fillMs > 0) await pause(at - HAPPENS_MS - Date.now())
  const measured = probing.probe(MEASURED_MS)
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
    ours: await open(await startSide('ours')),
    reference: await open(await startSide('reference')),
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
      subjects[side].probing.close()
    }
    await Promise.all(SIDES.map((side) => subjects[side].server.stop()))
  }
}
