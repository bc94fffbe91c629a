/**
 * Removed keys leave holes: a chunk of an arena goes back to the system only when it is empty. Compaction moves the records of
 * chunks that are mostly holes together, in slices beside the commands, so that these chunks become empty.
 *
 * A database is compacted when its holes are as much as its records and worth the effort; with `activedefrag`, when they pass the
 * thresholds of Redis's directives. Some chunks at a time are left, the emptiest first, so that what is there twice for a while is
 * little. In each pass the records are walked from the last position to the first, as a scan goes: what is added lies elsewhere, and
 * what moves into the place of a removed one was met before.
 */
import { monotonic } from '../base/runtime.ts'
import type { Directives } from '../config/config.ts'
import type { Db } from './db.ts'
import type { Keyspace } from './keyspace.ts'
import type { Table } from './table/table.ts'

/** Fewer holes are not worth the effort, and they are worth it from this share of the records on. */
const LEAST_BYTES = 16 * 1024 * 1024
const LEAST_PERCENT = 100
/** Percent of the time, without `activedefrag`. */
const EFFORT = 10
/** Records that are looked at before the clock is. */
const STEP = 128
/** One slice takes no longer. */
const SLICE_MAX_MS = 10

export class Compaction {
  readonly #keyspace: Keyspace
  readonly #config: Directives
  /** What is being compacted, and the position behind the next record; undefined while nothing is. */
  #db: Db | undefined
  #table: Table | undefined
  #position = 0
  #beganAt = 0
  /** Percent of the time that goes to it now; 0 while nothing is compacted. INFO prints it, and what follows. */
  effort = 0
  /** Records that were moved, and those that were looked at and stayed. */
  hits = 0
  misses = 0
  usedMs = 0

  constructor(keyspace: Keyspace, config: Directives) {
    this.#keyspace = keyspace
    this.#config = config
  }

  /** Ms since the run that is under way has begun; 0 for none. */
  get currentMs(): number {
    return this.#db === undefined ? 0 : monotonic() - this.#beganAt
  }

  resetStats(): void {
    this.hits = this.misses = this.usedMs = 0
  }

  /** One slice of the share of `periodMs` that it may take, if there is something to do. */
  run(periodMs: number): void {
    const startedAt = monotonic()
    if (this.#db === undefined) {
      this.#db = this.#keyspace.dbs.find((db) => this.#effortFor(db.table) !== 0)
      this.#beganAt = startedAt
      if (this.#db === undefined) return
    }
    this.#step(this.#db, startedAt + periodMs)
    this.usedMs += monotonic() - startedAt
  }

  #step(db: Db, periodEnd: number): void {
    if (db.table !== this.#table) {
      // Emptied, or exchanged for another: what was left there serves again.
      this.#table?.endLeaving()
      this.#table = undefined
    }
    if (this.#table === undefined && !this.#begin(db)) return
    const now = monotonic()
    const endsAt = now + Math.min(SLICE_MAX_MS, ((periodEnd - now) * this.effort) / 100)
    do {
      const from = Math.min(this.#position, db.size)
      const count = Math.min(STEP, from)
      const moved = db.moveRecords(from, count)
      this.hits += moved
      this.misses += count - moved
      this.#position = from - count
    } while (this.#position > 0 && monotonic() < endsAt)
    if (this.#position > 0) return
    db.table.endLeaving()
    this.#table = undefined
  }

  /** Begins a pass; false if there is nothing more to do. */
  #begin(db: Db): boolean {
    this.effort = this.#effortFor(db.table)
    if (this.effort === 0 || db.table.startLeaving(1 / (1 + this.#lowerPercent / 200)) === 0) {
      this.#db = undefined
      this.effort = 0
      return false
    }
    this.#table = db.table
    this.#position = db.size
    return true
  }

  get #lowerPercent(): number {
    const { activedefrag, 'active-defrag-threshold-lower': lower } = this.#config
    return activedefrag ? lower : LEAST_PERCENT
  }

  /** Percent of the time that the holes of a table are worth; 0 if they may stay. */
  #effortFor({ holesBytes, recordsBytes }: Table): number {
    const config = this.#config
    const { activedefrag } = config
    const least = activedefrag ? config['active-defrag-ignore-bytes'] : LEAST_BYTES
    const percent = (100 * holesBytes) / Math.max(1, recordsBytes)
    if (holesBytes < least || percent < this.#lowerPercent) return 0
    if (!activedefrag) return EFFORT
    const lower = config['active-defrag-threshold-lower']
    const upper = Math.max(config['active-defrag-threshold-upper'], lower + 1)
    const [min, max] = [config['active-defrag-cycle-min'], config['active-defrag-cycle-max']]
    return Math.round(Math.min(max, min + ((max - min) * (percent - lower)) / (upper - lower)))
  }
}
