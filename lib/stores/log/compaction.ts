/**
 * What keeps the log of a shared store short: when it has grown past the last snapshot, and nobody writes or it has grown much further, a
 * new one is written by a walk beside commands (persistence/snapshot/walk.ts), piece by piece, each committed by itself. When it is whole it counts, and the rows for which it
 * stands are removed, some at a time. Any process may do so, but one at a time: it claims that first, and who falls silent is passed by. A
 * claim saves work, and no more: a snapshot that is not whole, of one maker, or not newer than the one that counts, never does.
 */
import { monotonic, soon } from '../../base/runtime.ts'
import type { Rdb } from '../../persistence/rdb.ts'
import type { WalkSink } from '../../persistence/snapshot/walk.ts'
import { SqlFault } from './driver.ts'
import type { SnapshotMark } from './rows.ts'

/** A log that is shorter is never compacted, unless it is said otherwise. */
const LEAST_BYTES = 4 * 2 ** 20
/** Rows that are removed in one go. */
const REMOVED_ROWS = 500
/** Until the next try, where the lock is taken, and where another process makes a snapshot. Unit: ms. */
const AGAIN_MS = 5
const REST_MS = 1000

const TAKEN_OVER = 'another process makes one, since none of its pieces has come for so long'

/** Whose keys they are. */
export interface CompactedStore {
  /** The last row of the log that is in this copy, and the bytes of those behind the snapshot, as far as they were seen here. */
  readonly position: number
  readonly copy: { logBytes: number }
  /** A batch is under way; that, or something else that is not to be disturbed. */
  readonly isLocked: boolean
  readonly isBusy: boolean
  readonly isWhole: boolean
}

/** The log and its snapshots. Each step is kept whole or not at all. */
export interface CompactedLog {
  mark(): SnapshotMark
  logBytes(position: number): number
  /** Nobody else makes a snapshot from here on, until this one counts or no pieces come. False while somebody else does. */
  claim(): boolean
  /** Removes some pieces of snapshots that do not count, where the claim is this one's. True if there may be more. */
  dropPieces(): boolean
  /** False where the claim is another's by now. */
  addPiece(seq: number, part: number, bytes: Uint8Array): boolean
  publish(mark: SnapshotMark): boolean
  removeOld(limit: number): boolean
  rollback(): void
}

export interface CompactionParts {
  readonly shared: CompactedStore
  readonly tables: CompactedLog
  readonly rdb: Rdb
  /** Bytes up to which a log is left as it is. */
  readonly leastBytes?: number
  /** While batches come a log may be so many times longer, for a snapshot takes time from them. */
  readonly patience?: number
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Compaction implements WalkSink {
  readonly #parts: CompactionParts
  /** Row of the log for which the running one stands; -1 if none runs. */
  #seq = -1
  #part = 0
  #bytes = 0
  #isBeginning = false
  #isRemoving = false
  #isClosed = false
  /** A reading of monotonic(): another process makes one, so that this one does not look before. */
  #restsUntil = 0
  /** Position of the copy when it was considered last. */
  #seen = -1
  #waiting: Promise<void> = Promise.resolve()
  /** Number of those that have come to their end. */
  done = 0

  constructor(parts: CompactionParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#seq !== -1
  }

  /** True where the log is long, as far as is seen here. */
  get isWanted(): boolean {
    const { shared, tables, leastBytes = LEAST_BYTES } = this.#parts
    const { logBytes } = shared.copy
    return !this.isRunning && logBytes >= leastBytes && logBytes >= tables.mark().bytes
  }

  /** To be called between batches: begins one where the log is long. */
  consider(): void {
    const { shared, tables, leastBytes = LEAST_BYTES, patience = 1 } = this.#parts
    const times = shared.position === this.#seen ? 1 : patience
    this.#seen = shared.position
    if (shared.isBusy || this.isRunning || this.#isBeginning || shared.copy.logBytes < times * leastBytes) return
    if (monotonic() < this.#restsUntil) return
    const { seq, bytes } = tables.mark()
    const longest = times * Math.max(bytes, leastBytes)
    if (shared.copy.logBytes < longest) return
    shared.copy.logBytes = tables.logBytes(seq) // another process may have compacted it
    if (shared.copy.logBytes >= longest) this.begin()
  }

  /** Begins one that stands for all that is in this copy then, unless another process makes one. */
  begin(): void {
    const { shared, tables } = this.#parts
    if (this.isRunning || this.#isBeginning) return
    this.#isBeginning = true
    let isMine = false
    this.#then(
      () => {
        isMine = shared.position > tables.mark().seq && tables.claim()
      },
      () => {
        if (isMine) return this.#drop(this.#start)
        this.#isBeginning = false
        this.#restsUntil = monotonic() + REST_MS
      },
    )
  }

  readonly #start = (): void => {
    const { shared, rdb } = this.#parts
    if (!this.#isBeginning) return // it has failed
    this.#isBeginning = false
    if (!shared.isWhole) return
    this.#seq = shared.position
    this.#part = 0
    this.#bytes = 0
    if (rdb.walks.begin([this], { isBase: true }) === undefined) this.#seq = -1
  }

  close(): void {
    this.#isClosed = true
  }

  /** Settles when none runs, and what it stands for is removed. */
  async finished(): Promise<void> {
    while (!this.#isClosed && (this.isRunning || this.#isBeginning || this.#isRemoving))
      await new Promise<void>((resolve) => soon(AGAIN_MS, resolve))
  }

  // For the walk.

  write(piece: Uint8Array, written: () => void): void {
    const seq = this.#seq
    const part = this.#part++
    this.#bytes += piece.length
    this.#then(() => {
      if (this.#seq === seq && !this.#parts.tables.addPiece(seq, part, piece)) throw new Error(TAKEN_OVER)
    }, written)
  }

  end(): void {
    const { shared, tables, log } = this.#parts
    const seq = this.#seq
    const bytes = this.#bytes
    let isNew = false
    this.#then(
      () => {
        if (this.#seq !== seq) return
        isNew = tables.publish({ seq, bytes })
      },
      () => {
        if (this.#seq !== seq) return
        this.#seq = -1
        if (!isNew) return this.#drop(() => {})
        this.done++
        log('notice', `The shared store has a new snapshot: ${bytes} bytes, for its first ${seq} batches`)
        this.#isRemoving = true
        this.#repeat(
          () => tables.removeOld(REMOVED_ROWS),
          () => {
            shared.copy.logBytes = tables.logBytes(seq)
            this.#isRemoving = false
          },
        )
      },
    )
  }

  abandon(error: unknown): void {
    this.#seq = -1
    this.#isBeginning = false
    this.#parts.log(
      'warning',
      `The shared store has no new snapshot: ${error instanceof Error ? error.message : error}`,
    )
  }

  /** Removes what others have left, then goes on. */
  #drop(then: () => void): void {
    this.#repeat(() => this.#parts.tables.dropPieces(), then)
  }

  /** Makes a step until there is nothing more of its kind to be done, then what comes next. */
  #repeat(step: () => boolean, then: () => void): void {
    let hasMore = false
    this.#then(
      () => {
        hasMore = step()
      },
      () => {
        if (!hasMore) this.#then(then, () => {})
        else soon(AGAIN_MS, () => this.#repeat(step, then))
      },
    )
  }

  /** One after the other, each when the lock is free. */
  #then(step: () => void, done: () => void): void {
    this.#waiting = this.#waiting.then(() => this.#whenFree(step)).then(done)
  }

  #whenFree(step: () => void): Promise<void> {
    return new Promise((resolve) => {
      const attempt = (): void => {
        if (this.#isClosed || this.#attempt(step)) resolve()
        else soon(AGAIN_MS, attempt)
      }
      attempt()
    })
  }

  /** False if it is to be tried again. */
  #attempt(step: () => void): boolean {
    const { shared, tables } = this.#parts
    if (shared.isBusy) return false
    try {
      step()
      return true
    } catch (error) {
      tables.rollback()
      if (error instanceof SqlFault && error.isBusy) return false
      if (this.isRunning || this.#isBeginning) this.abandon(error)
      return true
    }
  }
}
