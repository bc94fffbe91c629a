/**
 * The copy of a remote log in this process: the keyspace, and up to which row it has come. Rows are applied in their order, each
 * once; where one is missing, the copy is to be made anew.
 */
import type { Engine } from '../engine/engine.ts'
import type { Image } from './remotelog.ts'
import { RowReader } from './rows.ts'
import type { LogRow, SnapshotMark } from './tables.ts'

export class Copy {
  readonly #engine: Engine
  #reader: RowReader
  /** The last row that is in it. */
  position = 0
  /** The snapshot that counts, as far as it is known here. */
  mark: SnapshotMark = { seq: 0, bytes: 0 }
  /** Bytes of the rows behind the snapshot, as far as they were seen here. */
  logBytes = 0
  /** Rows of others that were run here. */
  applied = 0
  /** Somebody may have seen something of it. */
  #isShown = false
  /** What changes now is in the log already. */
  isApplying = false

  constructor(engine: Engine) {
    this.#engine = engine
    this.#reader = new RowReader(engine)
  }

  /** Runs the rows that are new. False where the next one is missing, since it was compacted. @throws Error for what is no row */
  apply(rows: readonly LogRow[]): boolean {
    this.isApplying = true
    try {
      for (const { seq, at, effects } of rows) {
        if (seq <= this.position) continue
        if (seq !== this.position + 1) return false
        this.#reader.apply(effects, at)
        this.appended(effects.length)
        this.applied++
      }
      return true
    } finally {
      this.isApplying = false
    }
  }

  /** The next row stands in the log, and what it says is in the copy. */
  appended(bytes: number): void {
    this.position++
    this.logBytes += bytes
  }

  /** Makes it anew. @throws Error for what cannot be read */
  replace({ mark, pieces, rows }: Image): void {
    const { persistence } = this.#engine.ports
    this.#reader = new RowReader(this.#engine)
    this.isApplying = true
    try {
      if (mark.seq === 0 && this.#isShown) this.#empty()
      else if (mark.seq !== 0) persistence.rdb.replaceAll(pieces, true)
    } finally {
      this.isApplying = false
    }
    this.#isShown = true
    this.mark = mark
    this.position = mark.seq
    this.logBytes = 0
    if (!this.apply(rows)) throw new Error(`row ${this.position + 1} of the log is missing`)
  }

  #empty(): void {
    const { keyspace, watches, tracking, ports } = this.#engine
    for (const db of keyspace.dbs) {
      watches.touchAll(db)
      db.clear()
    }
    ports.scripting.functions.flush()
    if (tracking.size !== 0) tracking.flush()
  }

  /** Tells those who wait for a change that others have made. */
  settle(): void {
    const { tracking, blocking } = this.#engine
    if (tracking.flushed) tracking.settleFlush()
    if (tracking.pending) tracking.settle()
    blocking.serve()
  }
}
