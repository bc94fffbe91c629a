/**
 * The log of a shared store in PostgreSQL. All that it asks works through a pooler in transaction mode: settings are SET LOCAL, the
 * lock is one of a transaction, and no statement is prepared under a name.
 *
 * - `begin` sends in one message BEGIN, the lock, and then a query of its own for the newer rows: under READ COMMITTED each statement
 *   sees what was committed before it began, so that one sees all that was committed before the lock was given.
 * - Whoever holds the lock and sends nothing for a while is ended by the server (`idle_in_transaction_session_timeout`); where that is
 *   not enough, by whoever has waited for the lock in vain (`#evict`). Its commit fails then. The key of `log` is the last guard.
 * - Rows are written as hexadecimal text: with the statement in one message they need no round trip of their own. Long ones do.
 */
import { createHash, randomBytes } from 'node:crypto'
import { FORMATS, type Formats } from '../log/format.ts'
import { type LogRow, MAKER_SILENT_MS, type SnapshotMark } from '../log/rows.ts'
import { tableNames, tableStem } from '../log/tablenames.ts'
import {
  type Begun,
  type Image,
  LONG_MS,
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
import { PostgresBell } from './bell.ts'
import { type PgClient, type PgResult, PostgresPool } from './pool.ts'

/** A row that is longer is sent by itself. Unit: bytes. */
const LONG_ROW = 256 * 1024
/** What an answer may take beyond the time for which the server itself waits. Unit: ms. */
const MARGIN_MS = 1000
const NO_TABLES = 'the database has no tables of zerodis'
/** Longest name of a table. */
const NAME_MAX = 63

const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

export class PostgresLog implements RemoteLog {
  readonly kind = 'postgres'
  readonly label: string
  readonly #pool: PostgresPool
  readonly #bell: PostgresBell
  readonly #timeoutMs: () => number
  readonly #log: string
  readonly #snapshot: string
  readonly #meta: string
  readonly #formats: Formats
  /** Tells who makes a snapshot: `meta` has the name, and when it was last heard of. */
  readonly #maker = randomBytes(8).toString('hex')
  /** Of the advisory lock; 64 bits in decimal and, for the name of a channel, in hexadecimal. */
  readonly #key: string
  readonly #channel: string

  /** @throws Error where `pg` is not installed, or the names are too long */
  constructor({ url, prefix, name, timeoutMs, onRing, attach, formats = FORMATS }: RemoteLogOptions) {
    const { log, snapshot, meta } = tableNames(tableStem(prefix, name))
    this.#log = log
    this.#snapshot = snapshot
    this.#meta = meta
    this.#formats = formats
    if (this.#snapshot.length - 2 > NAME_MAX) {
      throw new Error(
        `store-table-prefix and store-name have more than ${NAME_MAX - '_snapshot'.length} letters together`,
      )
    }
    const hash = createHash('sha256').update(`zerodis ${prefix}${name}`).digest()
    this.#key = hash.readBigInt64BE().toString()
    this.#channel = `zerodis_${hash.toString('hex', 0, 8)}`
    this.#timeoutMs = timeoutMs
    this.#pool = new PostgresPool(url, timeoutMs, attach)
    this.label = this.#pool.label
    this.#bell = new PostgresBell(this.#pool, this.#channel, onRing)
  }

  async open(mayCreate = true): Promise<RemoteFacts> {
    const [[isThere, isReadOnly]] = await this.#rows(
      `SELECT to_regclass('${this.#meta}') IS NOT NULL, current_setting('transaction_read_only') = 'on'`,
    )
    if (!isThere) {
      if (!mayCreate) throw new RemoteFault(NO_TABLES, 'refused')
      if (isReadOnly) throw new RemoteFault(`${NO_TABLES}, and can only be read`, 'refused')
      await this.#create()
    }
    const [[id, format, mayWrite]] = await this.#rows(
      `SELECT ${this.#value('id')}, ${this.#value('format')}, ${this.#mayWrite}`,
    )
    refuseUnknown(Number(format), this.#formats)
    return { id: String(id), format: Number(format), isReadOnly: !mayWrite }
  }

  get #mayWrite(): string {
    return `has_table_privilege('${this.#log}', 'INSERT') AND current_setting('transaction_read_only') = 'off'`
  }

  #value(name: string): string {
    return `(SELECT value FROM ${this.#meta} WHERE name = '${name}')`
  }

  /** By one process at a time: PostgreSQL lets two of them fail that do it at once. */
  async #create(): Promise<void> {
    await this.#pool.use((client) =>
      client.ask(
        `BEGIN; SELECT pg_advisory_xact_lock(${this.#key});
         CREATE TABLE IF NOT EXISTS ${this.#meta} (name text PRIMARY KEY, value text NOT NULL);
         CREATE TABLE IF NOT EXISTS ${this.#log} (seq bigint PRIMARY KEY, at bigint NOT NULL, writer bigint NOT NULL, effects bytea NOT NULL);
         CREATE TABLE IF NOT EXISTS ${this.#snapshot} (id bigint, part integer, bytes bytea NOT NULL, PRIMARY KEY (id, part));
         INSERT INTO ${this.#meta} VALUES ('format', '${this.#formats.newest}'), ('snapshot', '0'), ('snapshot-bytes', '0'),
           ('id', left(md5(random()::text || clock_timestamp()::text), 16)) ON CONFLICT DO NOTHING;
         COMMIT`,
        this.#timeoutMs() + MARGIN_MS,
      ),
    )
  }

  async begin(position: number): Promise<Begun> {
    const timeoutMs = this.#timeoutMs()
    const client = await this.#pool.take()
    try {
      const results = await client.ask(
        `BEGIN; SET LOCAL lock_timeout = ${timeoutMs};
         SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(timeoutMs * SILENT_SHARE)};
         SELECT pg_advisory_xact_lock(${this.#key});
         SELECT ${this.#state}, ${this.#mayWrite};
         ${this.#newerThan(position)}`,
        timeoutMs + MARGIN_MS,
      )
      const [state, rows] = results.slice(-2)
      const mayWrite = state.rows[0].at(-1)
      const newer = this.#newerOf(state, rows)
      if (!mayWrite) throw new RemoteFault('the database can only be read', 'read-only')
      return new Transaction(client, { log: this.#log, meta: this.#meta, channel: this.#channel, timeoutMs }, newer)
    } catch (error) {
      await client.undo()
      if (error instanceof RemoteFault && error.kind === 'busy') await this.#evict(Math.ceil(timeoutMs * SILENT_SHARE))
      throw error
    }
  }

  /** Ends whoever holds the lock and has not said anything for so long. */
  async #evict(silentMs: number): Promise<void> {
    await this.#rows(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = ${this.#key}
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND a.wait_event = 'ClientRead' AND a.state_change < clock_timestamp() - interval '${silentMs} ms'`,
      this.#timeoutMs() + MARGIN_MS,
    )
  }

  #newerThan(position: number): string {
    return `SELECT seq, at, writer, effects FROM ${this.#log} WHERE seq > ${position} ORDER BY seq LIMIT ${ROWS_AT_ONCE}`
  }

  async newer(position: number): Promise<Newer> {
    const results = await this.#pool.use((client) =>
      client.ask(`SELECT ${this.#state}; ${this.#newerThan(position)}`, this.#timeoutMs()),
    )
    const [state, rows] = results.slice(-2)
    return this.#newerOf(state, rows)
  }

  /** Is read before the rows: there may be some that are newer than its last one. */
  get #state(): string {
    return `${NOW}, ${this.#value('format')}, (SELECT coalesce(max(seq), 0) FROM ${this.#log})`
  }

  /** @throws RemoteFault for a format that is not known */
  #newerOf(state: PgResult, rows: PgResult): Newer {
    const [now, format, last] = state.rows[0].slice(0, 3).map(Number)
    refuseUnknown(format, this.#formats)
    return { now, format, last, rows: rowsOf(rows) }
  }

  async image(): Promise<Image> {
    const results = await this.#pool.use((client) =>
      client.ask(
        `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
         SELECT ${this.#state}, ${this.#value('snapshot')}, ${this.#value('snapshot-bytes')};
         SELECT bytes FROM ${this.#snapshot} WHERE id = ${this.#value('snapshot')}::bigint ORDER BY part;
         SELECT seq, at, writer, effects FROM ${this.#log} WHERE seq > ${this.#value('snapshot')}::bigint ORDER BY seq;
         COMMIT`,
        LONG_MS,
      ),
    )
    const [state, pieces, rows] = results.slice(-4)
    const [seq, bytes] = state.rows[0].slice(-2).map(Number)
    return {
      ...this.#newerOf(state, rows),
      mark: { seq, bytes },
      pieces: pieces.rows.map(([piece]) => piece as Uint8Array),
    }
  }

  async size(): Promise<SnapshotMark & { readonly logBytes: number }> {
    const [[seq, bytes, logBytes]] = await this.#rows(
      `SELECT ${this.#value('snapshot')}, ${this.#value('snapshot-bytes')},
         (SELECT coalesce(sum(length(effects)), 0) FROM ${this.#log} WHERE seq > ${this.#value('snapshot')}::bigint)`,
      LONG_MS,
    )
    return { seq: Number(seq), bytes: Number(bytes), logBytes: Number(logBytes) }
  }

  /** What `meta` has for a maker that is heard of now. */
  get #claim(): string {
    return `'${this.#maker} ' || ${NOW}`
  }

  async claim(): Promise<boolean> {
    const [{ rowCount }] = await this.#pool.use((client) =>
      client.ask(
        `INSERT INTO ${this.#meta} AS m VALUES ('maker', ${this.#claim}) ON CONFLICT (name) DO UPDATE SET value = excluded.value
         WHERE m.value LIKE '${this.#maker} %' OR split_part(m.value, ' ', 2)::bigint < ${NOW} - ${MAKER_SILENT_MS}`,
        this.#timeoutMs(),
      ),
    )
    return rowCount === 1
  }

  async addPiece(seq: number, part: number, bytes: Uint8Array): Promise<boolean> {
    const [{ rowCount }] = await this.#pool.use((client) =>
      client.ask(
        `WITH mine AS (UPDATE ${this.#meta} SET value = ${this.#claim} WHERE name = 'maker' AND value LIKE '${this.#maker} %' RETURNING 1)
         INSERT INTO ${this.#snapshot} SELECT $1::bigint, $2::integer, $3::bytea FROM mine`,
        LONG_MS,
        [seq, part, bytes],
      ),
    )
    return rowCount === 1
  }

  async publish({ seq, bytes }: SnapshotMark): Promise<boolean> {
    const results = await this.#pool.use((client) =>
      client.ask(
        `BEGIN; SELECT value FROM ${this.#meta} WHERE name = 'snapshot' FOR UPDATE;
         UPDATE ${this.#meta} SET value = CASE name WHEN 'snapshot' THEN '${seq}' ELSE '${bytes}' END
         WHERE name IN ('snapshot', 'snapshot-bytes') AND ${this.#value('snapshot')}::bigint < ${seq}
           AND ${this.#value('maker')} LIKE '${this.#maker} %'
           AND (SELECT sum(length(bytes)) FROM ${this.#snapshot} WHERE id = ${seq}) = ${bytes};
         DELETE FROM ${this.#meta} WHERE name = 'maker' AND value LIKE '${this.#maker} %' AND ${this.#value('snapshot')}::bigint = ${seq};
         COMMIT`,
        LONG_MS,
      ),
    )
    return results.at(-3)!.rowCount === 2
  }

  async dropPieces(): Promise<boolean> {
    // Behind whoever publishes at the same time: what counts now is read when that is over.
    const results = await this.#pool.use((client) =>
      client.ask(
        `BEGIN; SELECT value FROM ${this.#meta} WHERE name IN ('snapshot', 'maker') FOR UPDATE;
         DELETE FROM ${this.#snapshot} WHERE (id, part) IN (SELECT id, part FROM ${this.#snapshot}
           WHERE id <> ${this.#value('snapshot')}::bigint AND ${this.#value('maker')} LIKE '${this.#maker} %' LIMIT ${REMOVED_PIECES});
         COMMIT`,
        LONG_MS,
      ),
    )
    return results.at(-2)!.rowCount === REMOVED_PIECES
  }

  async removeOld(): Promise<boolean> {
    const mark = `${this.#value('snapshot')}::bigint`
    const results = await this.#pool.use((client) =>
      client.ask(
        `DELETE FROM ${this.#log} WHERE seq IN (SELECT seq FROM ${this.#log}
           WHERE seq < least(${mark}, (SELECT max(seq) FROM ${this.#log})) ORDER BY seq LIMIT ${REMOVED_ROWS});
         DELETE FROM ${this.#snapshot} WHERE (id, part) IN
           (SELECT id, part FROM ${this.#snapshot} WHERE id < ${mark} LIMIT ${REMOVED_PIECES})`,
        LONG_MS,
      ),
    )
    const [rows, pieces] = results
    return rows.rowCount === REMOVED_ROWS || pieces.rowCount === REMOVED_PIECES
  }

  async faults(): Promise<readonly string[]> {
    const rows = await this.#rows(
      'SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0',
    )
    return rows.map(([count]) => `${count} pages have had wrong checksums`)
  }

  hear(isWanted: boolean): void {
    this.#bell.hear(isWanted)
  }

  get isHeard(): boolean {
    return this.#bell.isHeard
  }

  async close(): Promise<void> {
    this.#bell.hear(false)
    await this.#pool.close()
  }

  async #rows(text: string, ms = this.#timeoutMs()): Promise<readonly (readonly unknown[])[]> {
    const results = await this.#pool.use((client) => client.ask(text, ms))
    return results[0].rows
  }
}

interface TransactionPlace {
  readonly log: string
  readonly meta: string
  readonly channel: string
  readonly timeoutMs: number
}

/** A transaction that has the lock. */
class Transaction implements Begun {
  readonly #client: PgClient
  readonly #place: TransactionPlace
  readonly now: number
  readonly format: number
  readonly last: number
  readonly rows: readonly LogRow[]

  constructor(client: PgClient, place: TransactionPlace, { now, format, last, rows }: Newer) {
    this.#client = client
    this.#place = place
    this.now = now
    this.format = format
    this.last = last
    this.rows = rows
  }

  async commit({ seq, at, writer, effects }: LogRow, format?: number): Promise<void> {
    const client = this.#client
    const { log, meta, channel, timeoutMs } = this.#place
    const insert = `INSERT INTO ${log} VALUES (${seq}, ${at}, ${writer}, `
    const upgrade = format === undefined ? '' : `UPDATE ${meta} SET value = '${format}' WHERE name = 'format'; `
    const rest = `${upgrade}SELECT pg_notify('${channel}', '${writer}'); COMMIT`
    try {
      if (effects.length > LONG_ROW) {
        await client.ask(`${insert}$1)`, LONG_MS, [effects])
        await client.ask(rest, timeoutMs)
      } else {
        const hex = Buffer.from(effects.buffer, effects.byteOffset, effects.byteLength).toString('hex')
        await client.ask(`${insert}decode('${hex}', 'hex')); ${rest}`, timeoutMs)
      }
      client.release()
    } catch (error) {
      client.destroy()
      throw error
    }
  }

  release(): Promise<void> {
    return this.#client.undo()
  }
}

function rowsOf({ rows }: PgResult): LogRow[] {
  return rows.map(([seq, at, writer, effects]) => ({
    seq: Number(seq),
    at: Number(at),
    writer: Number(writer),
    effects: effects as Uint8Array,
  }))
}
