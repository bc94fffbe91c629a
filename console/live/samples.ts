/** Figures of INFO over time: totals become rates between one sample and the next. */
import { fieldsOf } from '../model/info.ts'
import { type Histogram, type Percentiles, percentilesBetween } from './percentiles.ts'

export interface Sample {
  /** Unix ms. */
  readonly at: number
  readonly opsPerSecond: number
  /** 0 to 1; NaN where nothing was looked up. */
  readonly hitRate: number
  readonly memoryBytes: number
  readonly clients: number
  readonly inputPerSecond: number
  readonly outputPerSecond: number
  /** How long one round of the event loop took, for which a command may have had to wait; NaN without a round. */
  readonly cycleMicros: number
  /** The share of the time in which the event loop worked. */
  readonly busy: number
  readonly latency: Percentiles
}

interface Totals {
  readonly at: number
  readonly commands: number
  readonly hits: number
  readonly misses: number
  readonly input: number
  readonly output: number
  readonly cycles: number
  readonly busyMicros: number
  readonly histogram: Histogram | undefined
}

/** So many samples are seen. */
const KEPT = 300

const UNKNOWN: Percentiles = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN }

export class Samples {
  #last: Totals | undefined

  /** The samples with the one that this INFO makes; the first INFO makes none. */
  with(samples: readonly Sample[], info: string, histogram: Histogram | undefined, now: number): readonly Sample[] {
    const fields = fieldsOf(info)
    const field = (name: string): number => Number(fields.get(name) ?? 0)
    const totals: Totals = {
      at: now,
      commands: field('total_commands_processed'),
      hits: field('keyspace_hits'),
      misses: field('keyspace_misses'),
      input: field('total_net_input_bytes'),
      output: field('total_net_output_bytes'),
      cycles: field('eventloop_cycles'),
      busyMicros: field('eventloop_duration_sum'),
      histogram,
    }
    const before = this.#last
    this.#last = totals
    // CONFIG RESETSTAT takes totals back.
    if (before === undefined || totals.commands < before.commands || now <= before.at) return samples
    const seconds = (now - before.at) / 1000
    const [hits, misses] = [totals.hits - before.hits, totals.misses - before.misses]
    const cycles = totals.cycles - before.cycles
    const busyMicros = Math.max(0, totals.busyMicros - before.busyMicros)
    const sample: Sample = {
      at: now,
      opsPerSecond: (totals.commands - before.commands) / seconds,
      hitRate: hits + misses === 0 ? Number.NaN : hits / (hits + misses),
      memoryBytes: field('used_memory'),
      clients: field('connected_clients'),
      inputPerSecond: Math.max(0, totals.input - before.input) / seconds,
      outputPerSecond: Math.max(0, totals.output - before.output) / seconds,
      cycleMicros: cycles > 0 ? busyMicros / cycles : Number.NaN,
      busy: cycles > 0 ? Math.min(1, busyMicros / (seconds * 1e6)) : Number.NaN,
      latency:
        before.histogram === undefined || histogram === undefined
          ? UNKNOWN
          : percentilesBetween(before.histogram, histogram),
    }
    return [...samples, sample].slice(-KEPT)
  }
}
