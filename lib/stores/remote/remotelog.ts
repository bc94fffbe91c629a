/**
 * What a shared store needs of a database behind a network: a log with a lock that the database itself ends when its holder
 * falls silent. Each method is a round trip or two. PostgreSQL is one (postgres/postgres.ts), libSQL another (libsql/libsql.ts).
 */
import { checkFormat, type Formats } from '../log/format.ts'
import type { LogRow, SnapshotMark } from '../log/rows.ts'

/** Rows that are read at a time. */
export const ROWS_AT_ONCE = 256
/** The part of `store-timeout` after which a silent holder of the lock loses it: others have waited no longer when they get it. */
export const SILENT_SHARE = 0.7
/** For what reads or writes much. Unit: ms. */
export const LONG_MS = 120_000
/** Removed at a time. */
export const REMOVED_ROWS = 2000
export const REMOVED_PIECES = 256

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
  readonly format: number
  /** Number of the log's last row. */
  readonly last: number
  /** In order: all up to the last one, or the first of them. */
  readonly rows: readonly LogRow[]
}

/** The lock is held until one of these two: by nobody else, or by nobody any more, and then `commit` fails. */
export interface Begun extends Newer {
  /** Appends the row that comes next; with a format, the store has that one from here on. @throws RemoteFault; the log tells whether it is there */
  commit(row: LogRow, format?: number): Promise<void>
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

export interface RemoteLogOptions {
  readonly url: string
  /** Of the tables' names. */
  readonly prefix: string
  /** Keyspaces of one database are told apart by it. */
  readonly name: string
  readonly timeoutMs: () => number
  /** Somebody has committed something. */
  readonly onRing: (writer: string) => void
  /** Is shown the pool of connections, where there is one. */
  readonly attach: ((pool: object) => void) | undefined
  /** Those that are known; tests know others. */
  readonly formats?: Formats
}

export interface RemoteLog {
  /** `postgres` or `libsql`. */
  readonly kind: string
  /** Where it is, without what is secret. */
  readonly label: string
  /** Makes the tables where there are none, if it may. @throws RemoteFault, also for tables of a format that is not known */
  open(mayCreate?: boolean): Promise<RemoteFacts>
  /** Takes the lock, then reads what is newer. @throws RemoteFault */
  begin(position: number): Promise<Begun>
  /** @throws RemoteFault */
  newer(position: number): Promise<Newer>
  /** @throws RemoteFault */
  image(): Promise<Image>
  /** The snapshot that counts, and the bytes of the rows behind it. @throws RemoteFault */
  size(): Promise<SnapshotMark & { readonly logBytes: number }>
  /** Nobody else makes a snapshot from here on, until this one counts or no pieces come. False while somebody else does. @throws RemoteFault */
  claim(): Promise<boolean>
  /** Removes some pieces of snapshots that do not count, where the claim is this one's. True if there may be more. @throws RemoteFault */
  dropPieces(): Promise<boolean>
  /** Adds a piece to a snapshot that counts only when it is whole. False where the claim is another's by now. @throws RemoteFault */
  addPiece(seq: number, part: number, bytes: Uint8Array): Promise<boolean>
  /** That snapshot counts from here on, unless a later one does or pieces of it are missing. False if not. @throws RemoteFault */
  publish(mark: SnapshotMark): Promise<boolean>
  /** Removes some of the rows and pieces for which the snapshot stands. True if there may be more. @throws RemoteFault */
  removeOld(): Promise<boolean>
  /** What the database finds wrong with itself, as far as it can be asked. @throws RemoteFault */
  faults(): Promise<readonly string[]>
  /** Hears at once of what others commit, from here on or no more; where that is not to be had, `isHeard` stays false. */
  hear(isWanted: boolean): void
  readonly isHeard: boolean
  close(): Promise<void>
}

/** @throws RemoteFault for a format that is not known */
export function refuseUnknown(format: number, formats: Formats | undefined): void {
  try {
    checkFormat(format, formats)
  } catch (error) {
    throw new RemoteFault((error as Error).message, 'refused')
  }
}
