/** What commands need of the append-only file: see ports.ts. */
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

/** The append-only file. */
export interface AppendingPort {
  readonly isOn: boolean
  readonly isRewriting: boolean
  readonly figures: AppendingFigures
  /** Begins a rewrite, or schedules it, as it must where it `waits`. */
  rewrite(waits: boolean): Reply
  /** Forgets what the store holds and loads what the file says. */
  reload(): Reply
  /** The store holds something else than the file says: the file begins anew. */
  restart(): void
  /** True if all that was changed before this client began to wait, or till now if it does not wait, is on disk. */
  hasSynced(session: Session): boolean
  /** A client waits for that: its command is run again when there is more of it. */
  awaitSync(session: Session): void
}
