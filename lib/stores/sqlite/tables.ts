/**
 * The tables of a shared store. `log` has a row a batch: what it changed, as the journal's bytes, and the time at which it
 * began. `snapshot` has the pieces of snapshots in Redis's format; `meta` says which of them counts, and for which row of the
 * log it stands. The last row of the log is never removed: who finds that the next row is not the one behind its own
 * position knows that the rows between are gone, and begins with the snapshot.
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { monotonic } from '../../base/runtime.ts'
import { type SqlDriver, SqlFault } from '../log/driver.ts'
import { checkFormat, FORMATS, type Formats, formatEffects } from '../log/format.ts'
import { type LogRow, MAKER_SILENT_MS, type SnapshotMark } from '../log/rows.ts'
import { caselessTableStem, creationOf, type TableNames, tableNames } from '../log/tablenames.ts'

const NO_TABLES = 'the database has no tables of zerodis, and can only be read'

/** How long the start waits for other processes that start. Unit: ms. */
const START_MS = 5000
/** Removed at a time. */
const REMOVED_PIECES = 64
/** A row that is no longer is sent as text where that is cheaper. Unit: bytes. */
const SHORT_ROW = 512

/** What a batch has changed: a RowWriter. */
export interface Batch {
  readonly length: number
  view(): Uint8Array
  hex(): string
}

export interface TablesOptions {
  readonly prefix: string
  /** Keyspaces of one database are told apart by it. */
  readonly name: string
  readonly synchronous: 'full' | 'normal'
  /** Those that are known; tests know others. */
  readonly formats?: Formats
}

/** For so long a file that was found is taken to be in its place. Unit: ms. */
const FOUND_MS = 10

export class Tables {
  readonly #driver: SqlDriver
  readonly #names: TableNames
  readonly #log: string
  readonly #snapshot: string
  readonly #meta: string
  readonly #insert: string
  /** The same up to its values. */
  readonly #insertHead: string
  readonly #formats: Formats
  /** When its file was found in its place, by `monotonic`. */
  #foundAt = -FOUND_MS
  /** Tells who makes a snapshot: `meta` has the name, and when it was last heard of. */
  readonly #maker = randomBytes(8).toString('hex')
  /** True between `begin` and its end. */
  inTransaction = false
  /** Of the database: the same in every process. */
  readonly id: string

  /** @throws Error where the tables cannot be made, or are of a format that is not known */
  constructor(driver: SqlDriver, { prefix, name, synchronous, formats = FORMATS }: TablesOptions) {
    this.#driver = driver
    this.#formats = formats
    this.#names = tableNames(caselessTableStem(prefix, name))
    this.#log = this.#names.log
    this.#snapshot = this.#names.snapshot
    this.#meta = this.#names.meta
    this.#insertHead = `INSERT INTO ${this.#log} VALUES (`
    this.#insert = `${this.#insertHead}?, ?, ?, ?)`
    driver.rows(`PRAGMA busy_timeout = ${START_MS}`)
    try {
      driver.rows('PRAGMA journal_mode = WAL')
      driver.run(`PRAGMA synchronous = ${synchronous.toUpperCase()}`)
      this.id = this.#create()
    } catch (error) {
      driver.close()
      if (error instanceof SqlFault && error.isReadOnly) throw new Error(NO_TABLES)
      throw error
    }
    driver.rows('PRAGMA busy_timeout = 0')
  }

  #create(): string {
    const driver = this.#driver
    const isThere = driver.first('SELECT 1 FROM sqlite_master WHERE name = ?', [this.#meta.slice(1, -1)]) !== undefined
    if (!isThere) {
      this.#within(() => {
        for (const statement of creationOf(this.#names, this.#formats.newest)) driver.run(statement)
      })
    }
    this.checkFormat()
    return String(this.#value('id'))
  }

  /** False where the file of the database was removed or replaced: what is written would be seen by nobody else. */
  get isInPlace(): boolean {
    return this.#driver.isInPlace?.() ?? true
  }

  /** Looks only now and then: the question takes as long as a good part of a short batch. */
  #checkPlace(): void {
    const now = monotonic()
    if (now - this.#foundAt < FOUND_MS) return
    if (!this.isInPlace) throw new SqlFault('the file of the database was removed or replaced', 'other')
    this.#foundAt = now
  }

  /** @throws Error where it is not known, SqlFault */
  checkFormat(): void {
    checkFormat(this.format, this.#formats)
  }

  get isReadOnly(): boolean {
    return this.#driver.isReadOnly
  }

  get format(): number {
    return Number(this.#value('format'))
  }

  /** Brings the store to the newest format that is known; whoever does not know it stops. False if it has that already. @throws SqlFault */
  upgrade(): boolean {
    const { newest } = this.#formats
    return this.#within(() => {
      this.checkFormat()
      if (this.format === newest) return false
      this.#driver.run(`UPDATE ${this.#meta} SET value = ? WHERE name = 'format'`, [newest])
      this.append({ seq: this.lastSeq() + 1, at: systemClock.now(), writer: 0, effects: formatEffects(newest) })
      return true
    })
  }

  #value(name: string): unknown {
    return this.#driver.first(`SELECT value FROM ${this.#meta} WHERE name = ?`, [name])?.[0]
  }

  /** A number that is another one when another connection has committed since. @throws SqlFault */
  dataVersion(): number {
    return Number(this.#driver.first('PRAGMA data_version')![0])
  }

  /** Takes the lock of writers. @throws SqlFault, `isBusy` where another has it */
  begin(): void {
    this.#checkPlace()
    this.#driver.once('BEGIN IMMEDIATE')
    this.inTransaction = true
  }

  /** @throws SqlFault */
  commit(): void {
    this.#driver.run('COMMIT')
    this.inTransaction = false
  }

  /** SQLite makes checkpoints when its log has so many pages; 0: only when it is told to. */
  checkpointsAfter(pages: number): void {
    this.#driver.rows(`PRAGMA wal_autocheckpoint = ${pages}`)
  }

  /** Undoes what was begun, if it is not undone already. */
  rollback(): void {
    if (!this.inTransaction) return
    this.inTransaction = false
    try {
      this.#driver.run('ROLLBACK')
    } catch {
      // SQLite undoes by itself after some faults; then there is nothing to be undone.
    }
  }

  /** Up to `limit` rows behind a position. @throws SqlFault */
  newer(position: number, limit: number): readonly LogRow[] {
    return this.#driver
      .rows(`SELECT seq, at, writer, effects FROM ${this.#log} WHERE seq > ? ORDER BY seq LIMIT ?`, [position, limit])
      .map(([seq, at, writer, effects]) => ({
        seq: Number(seq),
        at: Number(at),
        writer: Number(writer),
        effects: effects as Uint8Array,
      }))
  }

  /** Number of the last row; 0 for none. */
  lastSeq(): number {
    return Number(this.#driver.first(`SELECT max(seq) FROM ${this.#log}`)?.[0] ?? 0)
  }

  /** @throws SqlFault */
  append({ seq, at, writer, effects }: LogRow): void {
    this.#driver.run(this.#insert, [seq, at, writer, effects])
  }

  /** Appends the row of a batch, and commits it. @throws SqlFault */
  appendLast(seq: number, at: number, writer: number, batch: Batch): void {
    if (!this.#driver.isSlowToCall || batch.length > SHORT_ROW) {
      this.append({ seq, at, writer, effects: batch.view() })
      this.commit()
      return
    }
    this.#driver.once(`${this.#insertHead}${seq}, ${at}, ${writer}, x'${batch.hex()}'); COMMIT`)
    this.inTransaction = false
  }

  /** Whether so many bytes are kept now: they are written, and taken out again. */
  keeps(bytes: number): boolean {
    const name = `probe ${this.#maker}`
    try {
      this.#within(() =>
        this.#driver.run(`INSERT OR REPLACE INTO ${this.#meta} VALUES (?, zeroblob(?))`, [name, bytes]),
      )
      this.#within(() => this.#driver.run(`DELETE FROM ${this.#meta} WHERE name = ?`, [name]))
      return true
    } catch {
      return false
    }
  }

  mark(): SnapshotMark {
    return { seq: Number(this.#value('snapshot')), bytes: Number(this.#value('snapshot-bytes')) }
  }

  /** Bytes of the rows behind a position. O(rows). */
  logBytes(position: number): number {
    const sum = this.#driver.first(`SELECT sum(length(effects)) FROM ${this.#log} WHERE seq > ?`, [position])
    return Number(sum?.[0] ?? 0)
  }

  /** What is read from here to `rollback` is of one moment. @throws SqlFault */
  beginReading(): void {
    this.#checkPlace()
    this.#driver.run('BEGIN')
    this.inTransaction = true
  }

  /** All rows behind a position, which are read so many at a time. @throws SqlFault */
  *rowsBehind(position: number, limit: number): Iterable<LogRow> {
    for (let rows = this.newer(position, limit); rows.length > 0; rows = this.newer(rows[rows.length - 1].seq, limit)) {
      yield* rows
    }
  }

  #within<T>(run: () => T): T {
    this.begin()
    try {
      const result = run()
      this.commit()
      return result
    } finally {
      this.rollback()
    }
  }

  /** The pieces of a snapshot, in order; each is read when it is come to. @throws SqlFault */
  *pieces(seq: number): Iterable<Uint8Array> {
    const sql = `SELECT bytes FROM ${this.#snapshot} WHERE id = ? AND part = ?`
    for (let part = 0; ; part++) {
      const row = this.#driver.first(sql, [seq, part])
      if (row === undefined) return
      yield row[0] as Uint8Array
    }
  }

  /** The only one from here on that makes a snapshot. False while somebody else does who was heard of lately. @throws SqlFault */
  claim(): boolean {
    if (this.#isOthers()) return false // whoever looks takes no lock
    return this.#within(() => {
      if (this.#isOthers()) return false
      this.#driver.run(`INSERT OR REPLACE INTO ${this.#meta} VALUES ('maker', ?)`, [this.#claim])
      return true
    })
  }

  get #claim(): string {
    return `${this.#maker} ${systemClock.now()}`
  }

  /** Who makes a snapshot. */
  #madeBy(): readonly string[] {
    return String(this.#value('maker') ?? '').split(' ')
  }

  #isOthers(): boolean {
    const [maker, at] = this.#madeBy()
    return maker !== '' && maker !== this.#maker && Math.abs(systemClock.now() - Number(at)) < MAKER_SILENT_MS
  }

  /** Adds a piece to a snapshot that counts only when it is whole. False where somebody else makes one by now. @throws SqlFault */
  addPiece(seq: number, part: number, bytes: Uint8Array): boolean {
    return this.#within(() => {
      if (this.#madeBy()[0] !== this.#maker) return false
      this.#driver.run(`INSERT INTO ${this.#snapshot} VALUES (?, ?, ?)`, [seq, part, bytes])
      this.#driver.run(`UPDATE ${this.#meta} SET value = ? WHERE name = 'maker'`, [this.#claim])
      return true
    })
  }

  /**
   * A snapshot of so many bytes counts from here on, unless a later one does or pieces of it are missing. False if it does not.
   * @throws SqlFault
   */
  publish({ seq, bytes }: SnapshotMark): boolean {
    return this.#within(() => {
      this.checkFormat()
      const there = this.#driver.first(`SELECT sum(length(bytes)) FROM ${this.#snapshot} WHERE id = ?`, [seq])?.[0]
      if (this.#madeBy()[0] !== this.#maker || this.mark().seq >= seq || Number(there) !== bytes) return false
      this.#driver.run(`UPDATE ${this.#meta} SET value = ? WHERE name = 'snapshot'`, [seq])
      this.#driver.run(`UPDATE ${this.#meta} SET value = ? WHERE name = 'snapshot-bytes'`, [bytes])
      this.#driver.run(`DELETE FROM ${this.#meta} WHERE name = 'maker'`)
      return true
    })
  }

  /**
   * Removes some pieces of snapshots that do not count and never will, where nobody else makes one: who has claimed that begins so. True if
   * there may be more. @throws SqlFault
   */
  dropPieces(): boolean {
    return this.#within(() => {
      if (this.#madeBy()[0] !== this.#maker) return false
      const dropped = this.#driver.run(
        `DELETE FROM ${this.#snapshot} WHERE (id, part) IN (SELECT id, part FROM ${this.#snapshot} WHERE id <> ? LIMIT ?)`,
        [this.mark().seq, REMOVED_PIECES],
      )
      return dropped === REMOVED_PIECES
    })
  }

  /** Removes up to `limit` rows and pieces for which the snapshot stands. True if there may be more. @throws SqlFault */
  removeOld(limit: number): boolean {
    return this.#within(() => {
      const { seq } = this.mark()
      const rows = this.#driver.run(
        `DELETE FROM ${this.#log} WHERE seq IN (SELECT seq FROM ${this.#log} WHERE seq < min(?, (SELECT max(seq) FROM ${this.#log})) LIMIT ?)`,
        [seq, limit],
      )
      const pieces = this.#driver.run(
        `DELETE FROM ${this.#snapshot} WHERE (id, part) IN (SELECT id, part FROM ${this.#snapshot} WHERE id < ? LIMIT ?)`,
        [seq, REMOVED_PIECES],
      )
      return rows === limit || pieces === REMOVED_PIECES
    })
  }

  /** What SQLite finds wrong with the file; one line `ok` for nothing. */
  integrity(): readonly string[] {
    return this.#driver.rows('PRAGMA integrity_check').map(([line]) => String(line))
  }

  close(): void {
    this.rollback()
    this.#driver.close()
  }
}
