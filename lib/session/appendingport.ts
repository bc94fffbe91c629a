/** What commands need of the append-only file: see ports.ts. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Session } from './session.ts'

/** What is told of the append-only file. Sizes in bytes; -1 seconds: never, or not now. */
export interface AppendingFigures {
  readonly isOn: boolean
  readonly isRewriting: boolean
  readonly isScheduled: boolean
  readonly rewritingSeconds: number
  readonly lastRewriteSeconds: number
  readonly rewriteSucceeded: boolean
  readonly rewrites: number
  /** In a row. */
  readonly failedRewrites: number
  readonly writesSucceed: boolean
  readonly currentSize: number
  readonly baseSize: number
  readonly gatheredBytes: number
  readonly pendingSyncs: number
  readonly delayedSyncs: number
}

/** Offsets of what was added to the file: the end, and up to where it is on disk. */
export interface SyncState {
  readonly offset: number
  readonly synced: number
}

/** How far the data of the start is loaded. */
export interface LoadProgress {
  /** Unix ms. */
  readonly startedAt: number
  readonly totalBytes: number
  readonly loadedBytes: number
}

/** The append-only file. */
export interface AppendingPort {
  readonly isOn: boolean
  readonly isRewriting: boolean
  readonly figures: AppendingFigures
  /** DEBUG AOF-FLUSH-SLEEP: how long the server stops before each write. */
  flushSleepMs: number
  /** Undefined unless the file holds all that the store does. */
  readonly syncState: SyncState | undefined
  /** While the file is loaded with which the server starts. */
  readonly loading: LoadProgress | undefined
  /** Begins a rewrite, or schedules it, as it must where it `waits`. */
  rewrite(waits: boolean): Reply
  /** Forgets what the store holds and loads what the file says. */
  reload(): Reply
  /** The store holds something else than the file says: the file begins anew. */
  restart(): void
  /** True if all that was changed before this client began to wait, or till now if it does not wait, is on disk. */
  hasSynced(session: Session): boolean
  /** A client waits for that: its command, `argv`, is run again when there is more of it. */
  awaitSync(session: Session, argv: readonly Bytes[]): void
}
