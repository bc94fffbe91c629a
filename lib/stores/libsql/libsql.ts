/**
 * The log of a shared store in libSQL: Turso, another server that speaks its protocol over HTTP, or a file. The tables are those of SQLite
 * (sqlite/tables.ts), so that such a file can go to Turso and back, one for a row that is the lock, and one for parts of rows that are long.
 *
 * - **The lock is a row**, not a transaction: transactions of several requests keep the whole database from all others who write to it, and
 *   end after seconds. The row says whose the next row of the log is, and until when by the database's clock. The row of the log that
 *   comes is the end of it, so a batch is two requests: one takes the lock and reads what is newer, one appends.
 * - **A commit is one statement**, which appends only where the lock is the one that it was begun with. Whoever was frozen, or cut off,
 *   and has lost it, changes nothing. A lock that nobody has taken over may be late: nothing was committed in between.
 * - A commit without an answer is sent again: what it has done it does not do twice.
 * - There is nobody to be heard, and no line before the lock: who finds it taken asks again.
 * - A server takes values of 5 MB at most, and gives answers of 10 MB: long rows stand in a table of their own, in parts, and what is
 *   much is read some at a time.
 */
import { randomBytes } from 'node:crypto'
import { monotonic } from '../../base/runtime.ts'
import { FORMATS, type Formats } from '../log/format.ts'
import { type LogRow, MAKER_SILENT_MS, type SnapshotMark } from '../log/rows.ts'
import { caselessTableStem, creationOf, type TableNames, tableNames } from '../log/tablenames.ts'
import {
  type Begun,
  type Image,
  type Newer,
  REMOVED_PIECES,
  REMOVED_ROWS,
  type RemoteFacts,
  RemoteFault,
  type RemoteLog,
  type RemoteLogOptions,
  ROWS_AT_ONCE,
  refuseUnknown,
  SILENT_SHARE,
} from '../remote/remotelog.ts'
import { LibsqlClient, type LibsqlResult } from './client.ts'
import { FIRST_RETRY_MS, LibsqlTurn, later, PART_BYTES, pause, unlessBusy } from './turn.ts'

/** Rows and pieces are read up to so many bytes, and one more. */
const READ_BYTES = 2 ** 21
const PIECES_AT_ONCE = 64
/** Of what identifies a holder: an integer in a double. */
const HOLDER_BYTES = 6

/** Of the database. Unit: unix ms. */
const NOW = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"

const NO_TABLES = 'the database has no tables of zerodis'

export class LibsqlLog implements RemoteLog {
  readonly kind = 'libsql'
  readonly label: string
  readonly isHeard = false
  readonly #client: LibsqlClient
  readonly #timeoutMs: () => number
  readonly #formats: Formats
  readonly #names: TableNames
  readonly #log: string
  readonly #snapshot: string
  readonly #meta: string
  readonly #lock: string
  readonly #parts: string
  /** Tells this process from others; its turns with the lock are numbered, so that a late request is none of the present turn. */
  readonly #holder = randomBytes(HOLDER_BYTES).readUIntBE(0, HOLDER_BYTES)
  #turn = 0
  /** Settles when the lock that was given back last is. */
  #givenBack: Promise<unknown> = Promise.resolve()

  /** @throws Error where `@libsql/client` is not installed, or the URL is none */
  constructor({ url, prefix, name, timeoutMs, formats = FORMATS }: RemoteLogOptions) {
    const stem = caselessTableStem(prefix, name)
    this.#names = tableNames(stem)
    const { log, snapshot, meta } = this.#names
    this.#log = log
    this.#snapshot = snapshot
    this.#meta = meta
    this.#lock = `"${stem}_lock"`
    this.#parts = `"${stem}_part"`
    this.#timeoutMs = timeoutMs
    this.#formats = formats
    this.#client = new LibsqlClient(url, timeoutMs)
    this.label = this.#client.label
  }

  async open(mayCreate = true): Promise<RemoteFacts> {
    if (this.#client.isFile) await this.#persistently(() => this.#client.run('PRAGMA journal_mode = WAL'))
    try {
      return await this.#facts()
    } catch (error) {
      if (!(error instanceof RemoteFault && /no such table/i.test(error.message))) throw error
    }
    if (!mayCreate) throw new RemoteFault(NO_TABLES, 'refused')
    await this.#create()
    return this.#facts()
  }

  async #facts(): Promise<RemoteFacts> {
    const { rows } = await this.#persistently(() =>
      this.#client.run(
        `SELECT ${this.#value('id')}, ${this.#value('format')}, (SELECT max(seq) FROM ${this.#log}), (SELECT count(*) FROM ${this.#lock}),
          (SELECT 1 FROM ${this.#parts} LIMIT 1)`,
      ),
    )
    const format = Number(rows[0][1])
    refuseUnknown(format, this.#formats)
    // Who may not write learns so when he tries.
    return { id: String(rows[0][0]), format, isReadOnly: false }
  }

  async #create(): Promise<void> {
    try {
      await this.#persistently(() =>
        this.#client.runAll([
          ...creationOf(this.#names, this.#formats.newest),
          `CREATE TABLE IF NOT EXISTS ${this.#lock} (id INTEGER PRIMARY KEY, holder INTEGER, turn INTEGER, seq INTEGER, until INTEGER)`,
          `CREATE TABLE IF NOT EXISTS ${this.#parts} (seq INTEGER, part INTEGER, bytes BLOB, PRIMARY KEY (seq, part))`,
          `INSERT OR IGNORE INTO ${this.#lock} VALUES (1, 0, 0, 0, 0)`,
        ]),
      )
    } catch (error) {
      if (!(error instanceof RemoteFault && error.kind === 'read-only')) throw error
      throw new RemoteFault(`${NO_TABLES}, and can only be read`, 'refused')
    }
  }

  #value(name: string): string {
    return `(SELECT value FROM ${this.#meta} WHERE name = '${name}')`
  }

  get #lastSeq(): string {
    return `(SELECT coalesce(max(seq), 0) FROM ${this.#log})`
  }

  /** True of the row of the lock while it is that of a turn. */
  #isOf(turn: number): string {
    return `holder = ${this.#holder} AND turn = ${turn}`
  }

  async begin(position: number): Promise<Begun> {
    const timeoutMs = this.#timeoutMs()
    const until = monotonic() + timeoutMs
    const turn = ++this.#turn
    // Its own earlier turn, whose request was lost, is nobody else's.
    const lease = `${NOW} + ${Math.ceil(timeoutMs * SILENT_SHARE)}`
    const take = `UPDATE ${this.#lock} SET holder = ${this.#holder}, turn = ${turn}, seq = ${this.#lastSeq} + 1, until = ${lease}
      WHERE until <= ${NOW} OR seq <= ${this.#lastSeq} OR (holder = ${this.#holder} AND turn < ${turn})`
    const read = this.#newerThan(position, `EXISTS (SELECT 1 FROM ${this.#lock} WHERE ${this.#isOf(turn)})`)
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = later(pauseMs)) {
      const results = await this.#client.runAll([take, read]).catch(unlessBusy)
      if (results !== undefined && results[0].changes !== 0) return this.#begun(turn, lease, results[1])
      if (monotonic() + pauseMs > until) throw new RemoteFault('another process holds the lock', 'busy')
      await pause(pauseMs)
    }
  }

  /** The lock is there. */
  async #begun(turn: number, lease: string, read: LibsqlResult): Promise<Begun> {
    const isMine = this.#isOf(turn)
    const giveBack = (): void => {
      // Where that fails it ends by itself.
      this.#givenBack = this.#client.run(`UPDATE ${this.#lock} SET until = 0 WHERE ${isMine}`).catch(() => {})
    }
    try {
      const newer = await this.#newerOf(read)
      const tables = { log: this.#log, meta: this.#meta, lock: this.#lock, parts: this.#parts }
      const place = { ...tables, isMine, lease, patienceMs: this.#timeoutMs() * SILENT_SHARE }
      return new LibsqlTurn(this.#client, place, newer, giveBack)
    } catch (error) {
      giveBack()
      throw error
    }
  }

  async newer(position: number): Promise<Newer> {
    const read = await this.#persistently(() => this.#client.run(this.#newerThan(position)))
    return this.#newerOf(read)
  }

  /** One statement, so all of it is of one moment. Rows come up to a number of bytes; of a long one, how long it is. */
  #newerThan(position: number, condition = 'true'): string {
    return `SELECT ${NOW}, ${this.#value('format')}, ${this.#lastSeq}, l.seq, l.at, l.writer, l.effects,
        CASE WHEN l.effects IS NULL THEN (SELECT sum(length(bytes)) FROM ${this.#parts} p WHERE p.seq = l.seq) END
      FROM (SELECT 1) LEFT JOIN (
        SELECT seq AS number, sum(size) OVER (ORDER BY seq) - size AS prior FROM (
          SELECT seq, coalesce(length(effects), ${READ_BYTES}) AS size FROM ${this.#log}
          WHERE seq > ${position} AND ${condition} ORDER BY seq LIMIT ${ROWS_AT_ONCE}
        )
      ) ON prior < ${READ_BYTES}
      LEFT JOIN ${this.#log} l ON l.seq = number ORDER BY l.seq`
  }

  /** @throws RemoteFault */
  async #newerOf({ rows: found }: LibsqlResult): Promise<Newer> {
    const [now, format, last] = found[0].slice(0, 3).map(Number)
    refuseUnknown(format, this.#formats)
    const rows: LogRow[] = []
    for (const [seq, at, writer, effects, bytes] of found.map((row) => row.slice(3))) {
      if (seq === null) continue
      const whole = (effects as Uint8Array | null) ?? (await this.#partsOf(Number(seq), Number(bytes)))
      rows.push({ seq: Number(seq), at: Number(at), writer: Number(writer), effects: whole })
    }
    return { now, format, last, rows }
  }

  /** The effects of a row that is long. */
  async #partsOf(seq: number, bytes: number): Promise<Uint8Array> {
    const parts = await this.#pieces(this.#parts, `seq = ${seq}`, bytes)
    const whole = Buffer.concat(parts)
    if (bytes <= PART_BYTES || whole.length !== bytes) {
      throw new RemoteFault(`row ${seq} of the log was compacted while it was read`, 'away')
    }
    return whole
  }

  /** Piece by piece, as what is behind a snapshot is only added to; where another snapshot has come meanwhile, anew. */
  async image(): Promise<Image> {
    for (let mark = await this.#mark(); ; ) {
      const [pieces, newer] = await Promise.all([
        this.#pieces(this.#snapshot, `id = ${mark.seq}`, mark.bytes),
        this.#allNewer(mark.seq),
      ])
      const image = { ...newer, mark, pieces }
      const isWhole = pieces.reduce((sum, piece) => sum + piece.length, 0) === mark.bytes
      const lastSeq = newer.rows.at(-1)?.seq ?? mark.seq
      if (isWhole && lastSeq - mark.seq === newer.rows.length) return image
      const { seq } = mark
      mark = await this.#mark()
      if (mark.seq === seq) return image // what is wrong with it is told by who uses it
    }
  }

  async #mark(): Promise<SnapshotMark> {
    const { rows } = await this.#persistently(() =>
      this.#client.run(`SELECT ${this.#value('snapshot')}, ${this.#value('snapshot-bytes')}`),
    )
    return { seq: Number(rows[0][0]), bytes: Number(rows[0][1]) }
  }

  /** Parts of a table in their order, some at a time, until they have so many bytes. */
  async #pieces(table: string, which: string, bytes: number): Promise<readonly Uint8Array[]> {
    const pieces: Uint8Array[] = []
    for (let had = 0; had < bytes; ) {
      const { rows } = await this.#client.run(
        `SELECT bytes FROM ${table} WHERE ${which} AND part IN (
          SELECT part FROM (SELECT part, sum(size) OVER (ORDER BY part) - size AS prior FROM (
            SELECT part, length(bytes) AS size FROM ${table} WHERE ${which} AND part >= ${pieces.length} ORDER BY part LIMIT ${PIECES_AT_ONCE}
          )) WHERE prior < ${READ_BYTES}
        ) ORDER BY part`,
        undefined,
        true,
      )
      if (rows.length === 0) break
      for (const [piece] of rows) {
        pieces.push(piece as Uint8Array)
        had += (piece as Uint8Array).length
      }
    }
    return pieces
  }

  async #allNewer(position: number): Promise<Newer> {
    let newer = await this.newer(position)
    const rows = [...newer.rows]
    while (newer.rows.length !== 0 && rows[rows.length - 1].seq < newer.last) {
      newer = await this.newer(rows[rows.length - 1].seq)
      for (const row of newer.rows) rows.push(row)
    }
    return { ...newer, rows }
  }

  async size(): Promise<SnapshotMark & { readonly logBytes: number }> {
    const { rows } = await this.#client.run(
      `SELECT ${this.#value('snapshot')}, ${this.#value('snapshot-bytes')},
        (SELECT coalesce(sum(length(effects)), 0) FROM ${this.#log} WHERE seq > ${this.#value('snapshot')}) +
        (SELECT coalesce(sum(length(bytes)), 0) FROM ${this.#parts} WHERE seq > ${this.#value('snapshot')})`,
      undefined,
      true,
    )
    const [seq, bytes, logBytes] = rows[0].map(Number)
    return { seq, bytes, logBytes }
  }

  /** What `meta` has for a maker that is heard of now. */
  get #claim(): string {
    return `${this.#holder} || ' ' || ${NOW}`
  }

  /** True of `meta` where this one makes a snapshot. */
  get #isMaker(): string {
    return `name = 'maker' AND value LIKE '${this.#holder} %'`
  }

  async claim(): Promise<boolean> {
    const silent = `CAST(substr(value, instr(value, ' ') + 1) AS INTEGER) < ${NOW} - ${MAKER_SILENT_MS}`
    const { changes } = await this.#persistently(() =>
      this.#client.run(
        `INSERT INTO ${this.#meta} VALUES ('maker', ${this.#claim}) ON CONFLICT (name) DO UPDATE SET value = excluded.value
          WHERE value LIKE '${this.#holder} %' OR ${silent}`,
      ),
    )
    return changes === 1
  }

  /** What is there already and the same counts as added: it was sent again. */
  async addPiece(seq: number, part: number, bytes: Uint8Array): Promise<boolean> {
    const [{ changes }] = await this.#persistently(() =>
      this.#client.runAll(
        [
          `INSERT INTO ${this.#snapshot} (id, part, bytes) SELECT ${seq}, ${part}, ? FROM ${this.#meta} WHERE ${this.#isMaker}
            ON CONFLICT (id, part) DO UPDATE SET part = excluded.part WHERE bytes = excluded.bytes`,
          `UPDATE ${this.#meta} SET value = ${this.#claim} WHERE ${this.#isMaker}`,
        ],
        bytes,
        true,
      ),
    )
    return changes === 1
  }

  async publish({ seq, bytes }: SnapshotMark): Promise<boolean> {
    const isNew = `${this.#value('snapshot')} < ${seq} AND EXISTS (SELECT 1 FROM ${this.#meta} WHERE ${this.#isMaker})
      AND (SELECT sum(length(bytes)) FROM ${this.#snapshot} WHERE id = ${seq}) = ${bytes}`
    const results = await this.#persistently(() =>
      this.#client.runAll([
        `UPDATE ${this.#meta} SET value = ${bytes} WHERE name = 'snapshot-bytes' AND ${isNew}`,
        `UPDATE ${this.#meta} SET value = ${seq} WHERE name = 'snapshot' AND ${isNew}`,
        `DELETE FROM ${this.#meta} WHERE ${this.#isMaker} AND ${this.#value('snapshot')} = ${seq}`,
      ]),
    )
    return results[1].changes === 1
  }

  async dropPieces(): Promise<boolean> {
    const { changes } = await this.#persistently(() =>
      this.#client.run(
        `DELETE FROM ${this.#snapshot} WHERE (id, part) IN (SELECT id, part FROM ${this.#snapshot}
          WHERE id <> ${this.#value('snapshot')} AND EXISTS (SELECT 1 FROM ${this.#meta} WHERE ${this.#isMaker}) LIMIT ${REMOVED_PIECES})`,
        undefined,
        true,
      ),
    )
    return changes === REMOVED_PIECES
  }

  async removeOld(): Promise<boolean> {
    const mark = this.#value('snapshot')
    const [rows, pieces, parts] = await this.#persistently(() =>
      this.#client.runAll(
        [
          `DELETE FROM ${this.#log} WHERE seq IN (
            SELECT seq FROM ${this.#log} WHERE seq < min(${mark}, ${this.#lastSeq}) ORDER BY seq LIMIT ${REMOVED_ROWS})`,
          `DELETE FROM ${this.#snapshot} WHERE (id, part) IN (
            SELECT id, part FROM ${this.#snapshot} WHERE id < ${mark} LIMIT ${REMOVED_PIECES})`,
          `DELETE FROM ${this.#parts} WHERE (seq, part) IN (
            SELECT seq, part FROM ${this.#parts} WHERE seq < min(${mark}, ${this.#lastSeq}) LIMIT ${REMOVED_PIECES})`,
        ],
        undefined,
        true,
      ),
    )
    return [pieces, parts].some(({ changes }) => changes === REMOVED_PIECES) || rows.changes === REMOVED_ROWS
  }

  async faults(): Promise<readonly string[]> {
    try {
      const { rows } = await this.#client.run('PRAGMA integrity_check', undefined, true)
      return rows.map(([line]) => String(line)).filter((line) => line !== 'ok')
    } catch (error) {
      // Not every server lets it be asked.
      if (error instanceof RemoteFault && (error.kind === 'refused' || error.kind === 'read-only')) return []
      throw error
    }
  }

  hear(): void {}

  async close(): Promise<void> {
    await this.#givenBack
    this.#client.close()
  }

  /** Asks again while somebody else writes at this very moment. @throws RemoteFault */
  async #persistently<T>(ask: () => Promise<T>): Promise<T> {
    const until = monotonic() + this.#timeoutMs()
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = later(pauseMs)) {
      try {
        return await ask()
      } catch (error) {
        if (unlessBusy(error) === undefined && monotonic() + pauseMs > until) throw error
      }
      await pause(pauseMs)
    }
  }
}
