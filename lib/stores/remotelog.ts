/**
 * What a shared store needs of a database behind a network: a log with a lock that the database itself ends when its holder
 * falls silent. Each method is a round trip or two. PostgreSQL is one (postgres.ts); what has transactions of several round
 * trips may be another.
 */
import type { LogRow, SnapshotMark } from './tables.ts'

/** Of the tables, whichever database holds them; who knows another one leaves them alone. */
export const REMOTE_FORMAT = 1

/** Rows that are read at a time. */
export const ROWS_AT_ONCE = 256

/**
 * What the database answers instead of doing it. `busy`: another holds the lock. `read-only`: it can be read and not be written.
 * `away`: it did not answer, or not for long; what was under way may have been done. `refused`: it will not do it next time either.
 */
export class RemoteFault extends Error {
  readonly kind: 'busy' | 'read-only' | 'away' | 'refused'

  constructor(reason: string, kind: RemoteFault['kind']) {
    super(reason)
    this.kind = kind
  }
}

/** What stands behind a position. */
export interface Newer {
  /** Of the database's clock. Unit: unix ms. */
  readonly now: number
  /** In order; of `ROWS_AT_ONCE` there may be more behind. */
  readonly rows: readonly LogRow[]
}

/** The lock is held until one of these two: by nobody else, or by nobody any more, and then `commit` fails. */
export interface Begun extends Newer {
  /** Appends the row that comes next. @throws RemoteFault; the log tells whether it is there */
  commit(row: LogRow): Promise<void>
  /** Gives the lock back; never rejects. */
  release(): Promise<void>
}

/** All of it at one moment. */
export interface Image extends Newer {
  readonly mark: SnapshotMark
  /** Of the snapshot; `rows` are all that are behind it. */
  readonly pieces: readonly Uint8Array[]
}

export interface RemoteFacts {
  /** Of the database's keyspace: the same in every process. */
  readonly id: string
  readonly format: number
  readonly isReadOnly: boolean
}

export interface RemoteLog {
  /** `postgres`, … */
  readonly kind: string
  /** Where it is, without what is secret. */
  readonly label: string
  /** Makes the tables where there are none. @throws RemoteFault, also for tables of a format that is not known */
  open(): Promise<RemoteFacts>
  /** Takes the lock, then reads what is newer. @throws RemoteFault */
  begin(position: number): Promise<Begun>
  /** @throws RemoteFault */
  newer(position: number): Promise<Newer>
  /** @throws RemoteFault */
  image(): Promise<Image>
  /** The snapshot that counts, and the bytes of the rows behind it. @throws RemoteFault */
  size(): Promise<SnapshotMark & { readonly logBytes: number }>
  /** Adds a piece to a snapshot that counts only when it is whole. @throws RemoteFault */
  addPiece(seq: number, part: number, bytes: Uint8Array): Promise<void>
  /** That snapshot counts from here on, unless a later one does or pieces of it are missing. False if not. @throws RemoteFault */
  publish(mark: SnapshotMark): Promise<boolean>
  /** Removes pieces of a snapshot that will never count. @throws RemoteFault */
  dropPieces(seq: number): Promise<void>
  /** Removes some of the rows and pieces for which the snapshot stands. True if there may be more. @throws RemoteFault */
  removeOld(): Promise<boolean>
  /** Hears at once of what others commit, from here on or no more; where that is not to be had, `isHeard` stays false. */
  hear(isWanted: boolean): void
  readonly isHeard: boolean
  close(): Promise<void>
}
