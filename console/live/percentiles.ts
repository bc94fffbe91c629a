/**
 * How long commands took between two looks. LATENCY HISTOGRAM counts from the start of the store: of each command, how many calls took up
 * to 1, 2, 4, … microseconds. What one look has more than the one before is what happened between them.
 */
import type { Reply } from '../wire/resp.ts'

/** Calls by the upper bound of their bucket. Unit of the bounds: microseconds. */
export type Histogram = ReadonlyMap<number, number>

/** Unit: microseconds; NaN where nothing was called. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** This page asks by them itself. */
const OWN = new Set(['info', 'latency|histogram'])

/** The calls of all commands; undefined for what is no answer of LATENCY HISTOGRAM. */
export function histogramOf(reply: Reply): Histogram | undefined {
  if (!Array.isArray(reply)) return undefined
  const sum = new Map<number, number>()
  for (let i = 0; i + 1 < reply.length; i += 2) {
    if (OWN.has(String(reply[i]).toLowerCase())) continue
    const fields = reply[i + 1] as readonly Reply[]
    const buckets = fields[fields.indexOf('histogram_usec') + 1] as readonly number[]
    let before = 0
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      const [bound, upTo] = [buckets[at], buckets[at + 1]]
      sum.set(bound, (sum.get(bound) ?? 0) + upTo - before)
      before = upTo
    }
  }
  return sum
}

/** What came between two looks; CONFIG RESETSTAT in between makes it what came since. */
export function percentilesBetween(before: Histogram, after: Histogram): Percentiles {
  const isReset = [...before].some(([bound, count]) => (after.get(bound) ?? 0) < count)
  const calls = [...after]
    .map(([bound, count]): [number, number] => [bound, count - (isReset ? 0 : (before.get(bound) ?? 0))])
    .filter(([, count]) => count > 0)
    .sort(([one], [other]) => one - other)
  const total = calls.reduce((sum, [, count]) => sum + count, 0)
  const at = (share: number): number => percentile(calls, total * share)
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

/** A bucket reaches from half of its bound to the bound; calls are thought to lie evenly in it. */
function percentile(calls: readonly (readonly [number, number])[], rank: number): number {
  let before = 0
  for (const [bound, count] of calls) {
    if (before + count >= rank) return bound / 2 + (bound / 2) * ((rank - before) / count)
    before += count
  }
  return Number.NaN
}
