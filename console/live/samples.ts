/** Figures of INFO over time: totals become rates between one sample and the next. */
import { fieldsOf } from '../model/info.ts'

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
}

interface Totals {
  readonly at: number
  readonly commands: number
  readonly hits: number
  readonly misses: number
  readonly input: number
  readonly output: number
}

/** So many samples are seen. */
const KEPT = 300

export class Samples {
  #last: Totals | undefined

  /** The samples with the one that this INFO makes; the first INFO makes none. */
  with(samples: readonly Sample[], info: string, now: number): readonly Sample[] {
    const fields = fieldsOf(info)
    const field = (name: string): number => Number(fields.get(name) ?? 0)
    const totals: Totals = {
      at: now,
      commands: field('total_commands_processed'),
      hits: field('keyspace_hits'),
      misses: field('keyspace_misses'),
      input: field('total_net_input_bytes'),
      output: field('total_net_output_bytes'),
    }
    const before = this.#last
    this.#last = totals
    // CONFIG RESETSTAT takes totals back.
    if (before === undefined || totals.commands < before.commands || now <= before.at) return samples
    const seconds = (now - before.at) / 1000
    const [hits, misses] = [totals.hits - before.hits, totals.misses - before.misses]
    const sample: Sample = {
      at: now,
      opsPerSecond: (totals.commands - before.commands) / seconds,
      hitRate: hits + misses === 0 ? Number.NaN : hits / (hits + misses),
      memoryBytes: field('used_memory'),
      clients: field('connected_clients'),
      inputPerSecond: Math.max(0, totals.input - before.input) / seconds,
      outputPerSecond: Math.max(0, totals.output - before.output) / seconds,
    }
    return [...samples, sample].slice(-KEPT)
  }
}
