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
  /**
   * Runs a statement without parameters that is prepared for this once: nothing of it stays open if it finds a lock taken.
   * @throws SqlFault
   */
  once(sql: string): void
  /** Runs a statement that gives no rows. Returns the number of rows that it changed. @throws SqlFault */
  run(sql: string, params?: readonly SqlValue[]): number
  /** @throws SqlFault */
  rows(sql: string, params?: readonly SqlValue[]): readonly SqlRow[]
  /** The first row; undefined for none. @throws SqlFault */
  first(sql: string, params?: readonly SqlValue[]): SqlRow | undefined
  close(): void
}
