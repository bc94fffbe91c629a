/**
 * What keeps the log of a remote store short, as log/compaction.ts does for SQLite: a walk beside commands, by who has claimed that, whose
 * pieces are sent one after the other. When all are there the snapshot counts, and the rows for which it stands are removed, some at a time.
 * Whatever fails leaves the log as it was.
 */
import type { FaultSettings } from '../../base/fault.ts'
import { monotonic } from '../../base/runtime.ts'
import { unawaited } from '../../base/unawaited.ts'
import type { Rdb } from '../../persistence/rdb.ts'
import type { WalkSink } from '../../persistence/snapshot/walk.ts'
import type { Remote } from './remote.ts'
import { reasonOf } from './remotefaults.ts'
import { RemoteFault, type RemoteLog } from './remotelog.ts'

/** A log that is shorter is never compacted. */
const LEAST_BYTES = 4 * 2 ** 20
/** How long nobody here looks whether one is needed, where another process makes one. Unit: ms. */
const REST_MS = 1000

export interface RemoteCompactionParts {
  readonly remote: Remote
  readonly log: RemoteLog
  readonly rdb: Rdb
  readonly settings: FaultSettings
  readonly tell: (level: 'notice' | 'warning', message: string) => void
}

export class RemoteCompaction implements WalkSink {
  readonly #parts: RemoteCompactionParts
  /** Row of the log for which the running one stands; -1 if none runs. */
  #seq = -1
  #part = 0
  #bytes = 0
  #isClosed = false
  /** What was sent last; each piece is sent when those before it are there. */
  #sent: Promise<void> = Promise.resolve()
  #isAsking = false
  /** A reading of monotonic(): another process makes one, so that this one does not look before. */
  #restsUntil = 0
  #whenOver: (() => void)[] = []
  /** Number of those that have come to their end. */
  done = 0

  constructor(parts: RemoteCompactionParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#seq !== -1
  }

  /** Begins one where the log is long, and no other process has compacted it. */
  consider(): void {
    const { copy } = this.#parts.remote
    if (this.isRunning || this.#isAsking || copy.isReadOnly || !isLong(copy) || monotonic() < this.#restsUntil) return
    this.#isAsking = true
    this.#go(
      this.#learn()
        .then(async () => {
          if (isLong(copy)) await this.#begin()
        })
        .finally(() => {
          this.#isAsking = false
        }),
    )
  }

  /** What the log and its snapshot are now. */
  async #learn(): Promise<void> {
    const { log, remote } = this.#parts
    const { seq, bytes, logBytes } = await log.size()
    remote.copy.measured({ seq, bytes }, logBytes)
  }

  #go(work: Promise<void>): void {
    const { settings, tell } = this.#parts
    unawaited(
      work.catch((error) => tell('warning', `The shared store has no new snapshot: ${reasonOf(error)}`)),
      settings,
      (message) => tell('warning', message),
    )
  }

  get #isNeeded(): boolean {
    const { position, copy } = this.#parts.remote
    return !this.isRunning && !this.#isClosed && !copy.isReadOnly && position > copy.mark.seq
  }

  /** Begins one that stands for all that is in this copy then. False if there is no need, not now, or another process makes one. */
  async #begin(): Promise<boolean> {
    const { remote, rdb, log } = this.#parts
    if (!this.#isNeeded) return false
    if (!(await log.claim())) {
      this.#restsUntil = monotonic() + REST_MS
      return false
    }
    await this.#drop()
    if (!this.#isNeeded || !remote.isSettled) return false
    this.#seq = remote.position
    this.#part = 0
    this.#bytes = 0
    this.#sent = Promise.resolve()
    if (rdb.walks.begin([this], { isBase: true }) !== undefined) return true
    this.#seq = -1
    return false
  }

  /** One at once. False where there was nothing to be done, or it could not be. */
  async run(): Promise<boolean> {
    const before = this.done
    await this.#learn()
    if (!(await this.#begin()) && !this.isRunning) return false
    await new Promise<void>((resolve) => this.#whenOver.push(resolve))
    return this.done > before
  }

  close(): void {
    this.#isClosed = true
    this.#over()
  }

  // For the walk.

  write(piece: Uint8Array, written: () => void): void {
    const seq = this.#seq
    const part = this.#part++
    this.#bytes += piece.length
    this.#sent = this.#sent.then(() => (this.#seq === seq ? this.#send(seq, part, piece) : undefined))
    this.#go(this.#sent.then(written, (error) => this.#fail(seq, error, written)))
  }

  /** @throws RemoteFault */
  async #send(seq: number, part: number, piece: Uint8Array): Promise<void> {
    if (await this.#parts.log.addPiece(seq, part, piece)) return
    throw new RemoteFault('another process makes one, since none of its pieces has come for so long', 'refused')
  }

  #fail(seq: number, error: unknown, written: () => void): void {
    if (this.#seq === seq) this.abandon(error)
    written()
  }

  end(): void {
    const seq = this.#seq
    const sent = this.#sent.then(
      () => this.#publish(seq),
      () => {}, // that was told already
    )
    this.#go(sent.finally(() => this.#over()))
  }

  async #publish(seq: number): Promise<void> {
    const { log, tell } = this.#parts
    if (this.#seq !== seq || this.#isClosed) return
    const bytes = this.#bytes
    try {
      if (!(await log.publish({ seq, bytes }))) return await this.#drop()
      tell('notice', `The shared store has a new snapshot: ${bytes} bytes, for its first ${seq} batches`)
      while (!this.#isClosed && (await log.removeOld()));
      await this.#learn()
      this.done++
    } finally {
      this.#seq = -1
    }
  }

  abandon(error: unknown): void {
    if (!this.isRunning) return
    this.#seq = -1
    this.#parts.tell('warning', `The shared store has no new snapshot: ${reasonOf(error)}`)
    this.#go(this.#drop().finally(() => this.#over()))
  }

  async #drop(): Promise<void> {
    while (await this.#parts.log.dropPieces());
  }

  #over(): void {
    for (const then of this.#whenOver.splice(0)) then()
  }
}

/** True if the log has grown past its snapshot. */
function isLong({ logBytes, mark }: Remote['copy']): boolean {
  return logBytes >= Math.max(mark.bytes, LEAST_BYTES)
}
