/**
 * The log of a Durable Object, in the SQLite that it has for itself. A row has a batch, as in sqlite/tables.ts; one that is longer than a
 * value may be takes several rows, all but the last of which say that there is more. Nothing is made before something is to be
 * kept, so an object that somebody has but asked for leaves no trace.
 *
 * What is written in one turn is kept whole or not at all, and no answer leaves before it is: the host sees to both.
 */
import type { SqlRow, SqlValue } from '../log/driver.ts'
import { checkFormat, FORMATS } from '../log/format.ts'
import type { SnapshotMark } from '../log/rows.ts'

/** What is used of `ctx.storage.sql`. */
export interface ObjectSql {
  exec(query: string, ...bindings: readonly (SqlValue | ArrayBuffer)[]): ObjectCursor
}

export interface ObjectCursor {
  raw(): Iterable<readonly (SqlValue | ArrayBuffer)[]>
  readonly rowsWritten: number
}

/** What is used of `ctx.storage`. */
export interface ObjectStorage {
  readonly sql: ObjectSql
  transactionSync<T>(run: () => T): T
  /** Has the object woken at a time, in unix ms, in place of the one that was set before. */
  setAlarm(at: number): Promise<void>
}

/** A value may have 2 MB, with all else in its row. */
const ROW_BYTES = 2 ** 20
/** Removed at a time. */
const REMOVED_PIECES = 64

const LOG = 'zerodis_log'
const SNAPSHOT = 'zerodis_snapshot'
const META = 'zerodis_meta'

export interface Batch {
  /** Of its last row. */
  readonly seq: number
  /** Unix ms of its begin. */
  readonly at: number
  readonly effects: Uint8Array
}

export class ObjectLog {
  readonly #storage: ObjectStorage
  #isMade: boolean
  #mark: SnapshotMark = { seq: 0, bytes: 0 }

  /** @throws Error for a format that is not known */
  constructor(storage: ObjectStorage) {
    this.#storage = storage
    this.#isMade = this.#first("SELECT 1 FROM sqlite_master WHERE name = 'zerodis_meta'") !== undefined
    if (!this.#isMade) return
    checkFormat(this.format)
    this.#mark = { seq: Number(this.#value('snapshot')), bytes: Number(this.#value('snapshot-bytes')) }
  }

  get format(): number {
    return this.#isMade ? Number(this.#value('format')) : FORMATS.newest
  }

  /** Appends a batch behind a row. Returns the number of its last row. @throws what the storage throws, and then nothing is kept */
  append(after: number, at: number, effects: Uint8Array): number {
    this.#make()
    if (effects.length <= ROW_BYTES) {
      this.#insert(after + 1, at, 0, effects)
      return after + 1
    }
    return this.#storage.transactionSync(() => {
      let seq = after
      for (let start = 0; start < effects.length; start += ROW_BYTES) {
        const end = start + ROW_BYTES
        this.#insert(++seq, at, end < effects.length ? 1 : 0, effects.subarray(start, end))
      }
      return seq
    })
  }

  #insert(seq: number, at: number, more: number, effects: Uint8Array): void {
    this.#storage.sql.exec(`INSERT INTO ${LOG} VALUES (?, ?, ?, ?)`, seq, at, more, effects)
  }

  /** The batches behind a row. @throws Error where the last one is cut off */
  *batches(after: number): Generator<Batch, void> {
    if (!this.#isMade) return
    let parts: Uint8Array[] = []
    const rows = this.#rows(`SELECT seq, at, more, effects FROM ${LOG} WHERE seq > ? ORDER BY seq`, after)
    for (const [seq, at, more, effects] of rows) {
      parts.push(effects as Uint8Array)
      if (more === 1) continue
      yield { seq: Number(seq), at: Number(at), effects: parts.length === 1 ? parts[0] : Buffer.concat(parts) }
      parts = []
    }
    if (parts.length > 0) throw new Error('the log holds a batch that is cut off')
  }

  /** The last row that was written; 0 for none. */
  lastSeq(): number {
    const last = this.#isMade ? Number(this.#first(`SELECT max(seq) FROM ${LOG}`)?.[0] ?? 0) : 0
    return Math.max(last, this.#mark.seq)
  }

  /** The snapshot that counts. */
  mark(): SnapshotMark {
    return this.#mark
  }

  /** Bytes of the rows behind one. O(rows). */
  logBytes(after: number): number {
    if (!this.#isMade) return 0
    return Number(this.#first(`SELECT sum(length(effects)) FROM ${LOG} WHERE seq > ?`, after)?.[0] ?? 0)
  }

  /** The pieces of a snapshot, in order. */
  *pieces(seq: number): Generator<Uint8Array, void> {
    const rows = this.#rows(`SELECT bytes FROM ${SNAPSHOT} WHERE id = ? ORDER BY place`, seq)
    for (const [bytes] of rows) yield bytes as Uint8Array
  }

  /** Nobody else makes one. */
  claim(): boolean {
    return true
  }

  /** Removes some pieces of snapshots that came to no end. True if there may be more. */
  dropPieces(): boolean {
    const { rowsWritten } = this.#storage.sql.exec(
      `DELETE FROM ${SNAPSHOT} WHERE place IN (SELECT place FROM ${SNAPSHOT} WHERE id <> ? LIMIT ?)`,
      this.#mark.seq,
      REMOVED_PIECES,
    )
    return rowsWritten >= REMOVED_PIECES
  }

  /** Adds a piece to a snapshot that counts only when it is whole. */
  addPiece(seq: number, _part: number, bytes: Uint8Array): boolean {
    this.#storage.sql.exec(`INSERT INTO ${SNAPSHOT} (id, bytes) VALUES (?, ?)`, seq, bytes)
    return true
  }

  /** A snapshot counts from here on; true, for nobody else writes one. */
  publish(mark: SnapshotMark): boolean {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec(`UPDATE ${META} SET value = ? WHERE name = 'snapshot'`, mark.seq)
      this.#storage.sql.exec(`UPDATE ${META} SET value = ? WHERE name = 'snapshot-bytes'`, mark.bytes)
    })
    this.#mark = mark
    return true
  }

  /** Removes up to `limit` rows, and pieces, for which the snapshot stands or that will never count. True if there may be more. */
  removeOld(limit: number): boolean {
    const { seq } = this.#mark
    this.#storage.sql.exec(`DELETE FROM ${SNAPSHOT} WHERE id <> ?`, seq)
    const { rowsWritten } = this.#storage.sql.exec(
      `DELETE FROM ${LOG} WHERE seq IN (SELECT seq FROM ${LOG} WHERE seq <= ? LIMIT ?)`,
      seq,
      limit,
    )
    return rowsWritten >= limit
  }

  /** Nothing is begun that would have to be undone. */
  rollback(): void {}

  #make(): void {
    if (this.#isMade) return
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage
      sql.exec(`CREATE TABLE ${META} (name TEXT PRIMARY KEY, value) WITHOUT ROWID`)
      sql.exec(`CREATE TABLE ${LOG} (seq INTEGER PRIMARY KEY, at INTEGER, more INTEGER, effects BLOB)`)
      sql.exec(`CREATE TABLE ${SNAPSHOT} (place INTEGER PRIMARY KEY, id INTEGER, bytes BLOB)`)
      sql.exec(`INSERT INTO ${META} VALUES ('format', ?), ('snapshot', 0), ('snapshot-bytes', 0)`, FORMATS.newest)
    })
    this.#isMade = true
  }

  #value(name: string): unknown {
    return this.#first(`SELECT value FROM ${META} WHERE name = ?`, name)?.[0]
  }

  #first(query: string, ...bindings: readonly SqlValue[]): SqlRow | undefined {
    for (const row of this.#rows(query, ...bindings)) return row
    return undefined
  }

  *#rows(query: string, ...bindings: readonly SqlValue[]): Generator<SqlRow, void> {
    for (const row of this.#storage.sql.exec(query, ...bindings).raw()) {
      yield row.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value))
    }
  }
}
