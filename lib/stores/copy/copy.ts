/**
 * The copy of a log in this process: the keyspace, and up to which row it has come. Rows are applied in their order, each once; where
 * one is missing, the copy is to be made anew: in steps, between which others may run, who see none of it before the last.
 */
import { immediately, monotonic } from '../../base/runtime.ts'
import type { Engine } from '../../engine/engine.ts'
import { type LogRow, RowReader, type SnapshotMark } from '../log/rows.ts'

/** How long steps are made before others have their turn. Unit: ms. */
const SLICE_MS = 10

/** All of a log at one moment; what it holds is read when it is come to. */
export interface CopySource {
  readonly mark: SnapshotMark
  /** Of the snapshot. */
  readonly pieces: Iterable<Uint8Array>
  /** All that are behind the snapshot. */
  readonly rows: Iterable<LogRow>
}

/** What is done in steps. */
export type Steps = Generator<undefined, void>

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
  /** How often it was made anew. */
  rebuilds = 0
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
      for (const row of rows) {
        if (row.seq <= this.position) continue
        if (!this.#apply(row)) return false
      }
      return true
    } finally {
      this.isApplying = false
    }
  }

  #apply({ seq, at, effects }: LogRow): boolean {
    if (seq !== this.position + 1) return false
    this.#reader.apply(effects, at)
    this.appended(effects.length)
    this.applied++
    return true
  }

  /** The next row stands in the log, and what it says is in the copy. */
  appended(bytes: number): void {
    this.position++
    this.logBytes += bytes
  }

  /** Makes it anew. @throws Error for what cannot be read */
  *rebuild(source: CopySource): Steps {
    const steps = this.#rebuild(source)
    for (;;) {
      this.isApplying = true
      try {
        if (steps.next().done === true) return
      } finally {
        this.isApplying = false
      }
      yield
    }
  }

  *#rebuild({ mark, pieces, rows }: CopySource): Steps {
    const { persistence } = this.#engine.ports
    this.#reader = new RowReader(this.#engine)
    if (mark.seq !== 0) yield* persistence.rdb.replacing(pieces, true)
    else if (this.#isShown) this.#empty()
    this.#isShown = true
    this.mark = mark
    this.position = mark.seq
    this.logBytes = 0
    for (const row of rows) {
      if (!this.#apply(row)) throw new Error(`row ${this.position + 1} of the log is missing`)
      yield
    }
    this.rebuilds++
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

/** Makes steps for a slice of time. True if there are no more. @throws what they throw */
export function madeInSlice(steps: Steps): boolean {
  const endsAt = monotonic() + SLICE_MS
  while (steps.next().done !== true) if (monotonic() >= endsAt) return false
  return true
}

/** Makes all of them, and lets others have their turn in between. @throws what they throw */
export async function inSlices(steps: Steps): Promise<void> {
  while (!madeInSlice(steps)) await new Promise<void>((resolve) => immediately(resolve))
}
