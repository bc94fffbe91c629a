/** What a store has done between two looks at INFO and LATENCY HISTOGRAM, which count from its start. */
import { type Reply, ReplyError } from '../../base/reply.ts'

/** How long calls took: the upper bound of a bucket in microseconds to how many calls were in it. */
type Histogram = ReadonlyMap<number, number>

export interface CommandUse {
  readonly name: string
  readonly perSecond: number
  /** Microseconds of one call, in the mean. */
  readonly microsEach: number
  /** Of the time that all commands took. */
  readonly share: number
}

/** What a server does not tell is NaN. */
export interface StoreSample {
  readonly version: string
  readonly role: string
  readonly uptimeSeconds: number
  readonly keys: number
  readonly memoryBytes: number
  /** 0 for no bound. */
  readonly maxMemoryBytes: number
  readonly residentBytes: number
  readonly clients: number
  readonly blocked: number
  readonly perSecond: number
  /** 0 to 1. */
  readonly hitRate: number
  readonly inputPerSecond: number
  readonly outputPerSecond: number
  readonly expiredPerSecond: number
  readonly evictedPerSecond: number
  /** How long one round of the event loop took, for which a command may have had to wait. */
  readonly cycleMicros: number
  /** The share of the time in which the event loop worked. */
  readonly busy: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Those that took most time first. */
  readonly commands: readonly CommandUse[]
}

/** What is asked for a sample. */
export const QUESTIONS = [
  ['INFO', 'everything'],
  ['LATENCY', 'HISTOGRAM'],
] as const

/** They are ours, and would be all that is seen of a store where nothing happens. */
const OWN: ReadonlySet<string> = new Set(['info', 'latency|histogram'])

interface Look {
  /** By a clock that only goes forward. Unit: ms. */
  readonly at: number
  readonly fields: ReadonlyMap<string, string>
  readonly histogram: Histogram
}

export class StoreSampler {
  #before: Look | undefined

  /** Takes what QUESTIONS were answered. Figures of time are NaN at the first look, and after CONFIG RESETSTAT. */
  take(info: Reply, histogram: Reply, at: number): StoreSample {
    const now: Look = { at, fields: fieldsOf(String(info)), histogram: histogramOf(histogram) }
    const last = this.#before
    this.#before = now
    const isReset =
      last !== undefined && numberOf(now, 'total_commands_processed') < numberOf(last, 'total_commands_processed')
    return sampleOf(now, isReset ? undefined : last)
  }
}

function sampleOf(now: Look, before: Look | undefined): StoreSample {
  const { fields } = now
  const seconds = before === undefined ? Number.NaN : Math.max(1, now.at - before.at) / 1000
  const grown = (name: string): number =>
    before === undefined ? Number.NaN : numberOf(now, name) - numberOf(before, name)
  const rate = (name: string): number => grown(name) / seconds
  const [hits, misses] = [grown('keyspace_hits'), grown('keyspace_misses')]
  const [cycles, busyMicros] = [grown('eventloop_cycles'), grown('eventloop_duration_sum')]
  const zerodis = fields.get('zerodis_version')
  const calls = before === undefined ? [] : callsBetween(before.histogram, now.histogram)
  return {
    version: `${zerodis === undefined ? '' : `zerodis ${zerodis}, `}Redis ${fields.get('redis_version') ?? '?'}`,
    role: fields.get('role') ?? '',
    uptimeSeconds: numberOf(now, 'uptime_in_seconds'),
    keys: keysOf(fields),
    memoryBytes: numberOf(now, 'used_memory'),
    maxMemoryBytes: numberOf(now, 'maxmemory') || 0,
    residentBytes: numberOf(now, 'used_memory_rss'),
    clients: numberOf(now, 'connected_clients'),
    blocked: numberOf(now, 'blocked_clients'),
    perSecond: Math.max(0, grown('total_commands_processed') - QUESTIONS.length) / seconds,
    hitRate: hits / (hits + misses),
    inputPerSecond: rate('total_net_input_bytes'),
    outputPerSecond: rate('total_net_output_bytes'),
    expiredPerSecond: rate('expired_keys'),
    evictedPerSecond: rate('evicted_keys'),
    cycleMicros: cycles > 0 ? busyMicros / cycles : Number.NaN,
    busy: cycles > 0 ? Math.min(1, busyMicros / (seconds * 1e6)) : Number.NaN,
    p50: percentile(calls, 0.5),
    p99: percentile(calls, 0.99),
    p999: percentile(calls, 0.999),
    commands: before === undefined ? [] : usesBetween(before.fields, fields, seconds),
  }
}

function numberOf({ fields }: Look, name: string): number {
  return Number(fields.get(name) ?? Number.NaN)
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of info.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trimEnd())
  }
  return fields
}

function keysOf(fields: ReadonlyMap<string, string>): number {
  let keys = 0
  for (const [name, value] of fields) if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0)
  return keys
}

function usesBetween(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  seconds: number,
): readonly CommandUse[] {
  const uses: { name: string; calls: number; micros: number }[] = []
  for (const [field, value] of now) {
    const name = /^cmdstat_(.*)$/.exec(field)?.[1]
    if (name === undefined || OWN.has(name)) continue
    const [calls, micros] = statOf(value)
    const [callsBefore, microsBefore] = statOf(before.get(field) ?? '')
    if (calls > callsBefore) uses.push({ name, calls: calls - callsBefore, micros: micros - microsBefore })
  }
  const total = uses.reduce((sum, { micros }) => sum + micros, 0)
  return uses
    .sort((one, other) => other.micros - one.micros)
    .map(({ name, calls, micros }) => ({
      name,
      perSecond: calls / seconds,
      microsEach: micros / calls,
      share: total === 0 ? 0 : micros / total,
    }))
}

function statOf(value: string): readonly [calls: number, micros: number] {
  const [, calls = 0, micros = 0] = /calls=(\d+),usec=(\d+)/.exec(value) ?? []
  return [Number(calls), Number(micros)]
}

/** The calls of all commands; empty where the server has no such command, or refuses it. */
function histogramOf(reply: Reply): Histogram {
  const sum = new Map<number, number>()
  if (reply instanceof ReplyError || !Array.isArray(reply)) return sum
  const entries = reply as readonly Reply[]
  for (let i = 0; i + 1 < entries.length; i += 2) {
    const fields = entries[i + 1]
    if (OWN.has(String(entries[i]).toLowerCase()) || !Array.isArray(fields)) continue
    const buckets = fields[fields.indexOf('histogram_usec') + 1] as readonly number[]
    let upToBefore = 0
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      const [bound, upTo] = [Number(buckets[at]), Number(buckets[at + 1])]
      sum.set(bound, (sum.get(bound) ?? 0) + upTo - upToBefore)
      upToBefore = upTo
    }
  }
  return sum
}

/** By rising bound. */
function callsBetween(before: Histogram, now: Histogram): readonly (readonly [bound: number, calls: number])[] {
  return [...now]
    .map(([bound, calls]) => [bound, calls - (before.get(bound) ?? 0)] as const)
    .filter(([, calls]) => calls > 0)
    .sort(([one], [other]) => one - other)
}

/** A bucket reaches from half of its bound to the bound; calls are thought to lie evenly in it. */
function percentile(calls: readonly (readonly [bound: number, calls: number])[], share: number): number {
  const rank = share * calls.reduce((sum, [, count]) => sum + count, 0)
  let before = 0
  for (const [bound, count] of calls) {
    if (before + count >= rank) return bound / 2 + (bound / 2) * ((rank - before) / count)
    before += count
  }
  return Number.NaN
}
