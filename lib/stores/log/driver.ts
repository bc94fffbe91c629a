/**
 * What a store of this kind needs of a database: SQL that runs at once. SQLite is one (sqlite/sqlite.ts); what else is synchronous
 * may be another.
 */

/** What SQLite takes and gives. Bytes are a Uint8Array on either side. */
export type SqlValue = number | string | Uint8Array | null

/** The values of a row, in the order of the statement. */
export type SqlRow = readonly SqlValue[]

/** What the database answers instead of doing it. */
export class SqlFault extends Error {
  /** Another connection has what is wanted: it is worth another try. */
  readonly isBusy: boolean
  /** The database can be read and not be written. */
  readonly isReadOnly: boolean

  constructor(reason: string, kind: 'busy' | 'read-only' | 'other') {
    super(reason)
    this.isBusy = kind === 'busy'
    this.isReadOnly = kind === 'read-only'
  }
}

export interface SqlDriver {
  /** It was opened where nobody may write. */
  readonly isReadOnly: boolean
  /** A call takes longer than the text of a short statement: two of these in one are cheaper than two that are prepared. */
  readonly isSlowToCall: boolean
  /**
   * Runs statements without parameters that are prepared for this once: nothing of them stays open if one finds a lock taken. Those
   * behind one that fails are not run. @throws SqlFault
   */
  once(sql: string): void
  /** Runs a statement that gives no rows. Returns the number of rows that it changed. @throws SqlFault */
  run(sql: string, params?: readonly SqlValue[]): number
  /** @throws SqlFault */
  rows(sql: string, params?: readonly SqlValue[]): readonly SqlRow[]
  /** The first row; undefined for none. @throws SqlFault */
  first(sql: string, params?: readonly SqlValue[]): SqlRow | undefined
  /** False once its file is no longer where it was opened. */
  isInPlace?(): boolean
  close(): void
}
