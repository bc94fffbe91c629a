/**
 * A double of the tables of a shared store, as SQLite keeps them: one writer at a time, snapshots for readers, commits that fail, or seem
 * to. It takes the place of lib/stores/sqlite/tables.ts; its sqlite.ts, bell.ts, turnnote.ts and walheader.ts have theirs here, too.
 */
import { SqlFault } from '../../../lib/stores/log/driver.ts'
import { type LogRow, MAKER_SILENT_MS, type SnapshotMark } from '../../../lib/stores/log/rows.ts'
import { current, type Owner } from './world.ts'

/** How often something goes wrong: of so many times, once. */
export interface Odds {
  readonly busy: number
  readonly unreadable: number
  /** COMMIT fails, and nothing was kept; or all was. */
  readonly lost: number
  readonly unsure: number
  /** A bell that is not heard. */
  readonly unheard: number
  /** A row, or a piece of a snapshot, whose reading takes long. */
  readonly slow: number
}

/** What all processes have in common. */
export class Database {
  rows: LogRow[] = []
  readonly pieces = new Map<number, Uint8Array[]>()
  mark: SnapshotMark = { seq: 0, bytes: 0 }
  /** Who makes a snapshot, and when it was last heard of. */
  maker: { readonly tables: Tables; readonly at: number } | undefined
  /** Number of commits, and whose the lock is. */
  commits = 0
  holder: Tables | undefined
  readonly bells = new Set<Bell>()
  /** Who is next to write, and how often it has said so. */
  next: readonly [writer: number, count: number] = [0, 0]
  odds: Odds

  constructor(odds: Odds) {
    this.odds = odds
  }

  /** A process was killed: what it had begun is undone. */
  abandon(owner: Owner): void {
    if (this.holder?.owner === owner) this.holder.close()
    for (const bell of this.bells) if (bell.owner === owner) this.bells.delete(bell)
  }
}

const databases = new Map<string, Database>()

export function provide(path: string, database: Database): void {
  databases.set(path, database)
}

/** In the place of a driver: which database it is. */
export function openSqlite(path: string): Database {
  return databases.get(path)!
}

function chance(odds: number): boolean {
  return odds !== 0 && current().random.chance(1 / odds)
}

export class Tables {
  readonly #database: Database
  readonly owner = current().owner
  inTransaction = false
  readonly isReadOnly = false
  readonly format = 1
  readonly id = '0123456789abcdef'
  #isWriting = false
  /** Rows that wait for their commit. */
  #appended: LogRow[] = []
  /** Commits of its own, which change no data_version. */
  #own = 0
  /** What it sees while it reads. */
  #view: { rows: readonly LogRow[]; mark: SnapshotMark; pieces: readonly Uint8Array[] } | undefined

  constructor(database: Database) {
    this.#database = database
  }

  #touch(): void {
    const { odds } = this.#database
    if (chance(odds.unreadable)) throw new SqlFault('disk I/O error', 'other')
  }

  dataVersion(): number {
    const { odds, commits } = this.#database
    if (chance(odds.busy)) throw new SqlFault('database is locked', 'busy')
    return commits - this.#own
  }

  begin(): void {
    const database = this.#database
    if ((database.holder !== undefined && database.holder !== this) || chance(database.odds.busy)) {
      throw new SqlFault('database is locked', 'busy')
    }
    database.holder = this
    this.#isWriting = true
    this.inTransaction = true
  }

  commit(): void {
    const database = this.#database
    if (this.#isWriting) {
      const isUnsure = chance(database.odds.unsure)
      if (!isUnsure && chance(database.odds.lost)) throw new SqlFault('database or disk is full', 'other')
      this.#keep()
      if (isUnsure) {
        this.inTransaction = false
        throw new SqlFault('disk I/O error', 'other')
      }
    }
    this.#end()
  }

  #keep(): void {
    const database = this.#database
    if (this.#appended.length > 0) {
      database.rows = [...database.rows, ...this.#appended]
      database.commits++
      this.#own++
    }
    this.#appended = []
  }

  #end(): void {
    if (this.#database.holder === this) this.#database.holder = undefined
    this.inTransaction = false
    this.#isWriting = false
    this.#appended = []
    this.#view = undefined
  }

  rollback(): void {
    this.#end()
  }

  newer(position: number, limit: number): readonly LogRow[] {
    this.#touch()
    const rows = this.#view?.rows ?? this.#database.rows
    let from = 0
    while (from < rows.length && rows[from].seq <= position) from++
    return rows.slice(from, from + limit)
  }

  lastSeq(): number {
    return this.#database.rows.at(-1)?.seq ?? 0
  }

  append(row: LogRow): void {
    this.#touch()
    const last = [...this.#database.rows, ...this.#appended].at(-1)?.seq ?? 0
    if (row.seq <= last) throw new SqlFault('UNIQUE constraint failed', 'other')
    this.#appended.push({ ...row, effects: Buffer.from(row.effects) })
  }

  appendLast(seq: number, at: number, writer: number, batch: { view(): Uint8Array }): void {
    this.append({ seq, at, writer, effects: batch.view() })
    this.commit()
  }

  /** Two commits of no rows, which others see. */
  keeps(): boolean {
    try {
      for (let i = 0; i < 2; i++) {
        this.begin()
        this.commit()
        this.#database.commits++
        this.#own++
      }
      return true
    } catch {
      this.#end()
      return false
    }
  }

  get #mark(): SnapshotMark {
    return this.#view?.mark ?? this.#database.mark
  }

  mark(): SnapshotMark {
    return this.#mark
  }

  logBytes(position: number): number {
    return this.#database.rows.reduce((sum, { seq, effects }) => sum + (seq > position ? effects.length : 0), 0)
  }

  beginReading(): void {
    this.inTransaction = true
    const { rows, mark, pieces } = this.#database
    this.#view = { rows, mark, pieces: pieces.get(mark.seq) ?? [] }
  }

  *pieces(): Iterable<Uint8Array> {
    for (const piece of this.#view!.pieces) {
      this.#read()
      yield piece
    }
  }

  *rowsBehind(position: number): Iterable<LogRow> {
    for (const row of this.newer(position, Infinity)) {
      this.#read()
      yield row
    }
  }

  /** It may take a while. */
  #read(): void {
    this.#touch()
    if (chance(this.#database.odds.slow)) current().now += current().random.next() * 20
  }

  claim(): boolean {
    return this.#write(() => {
      const { maker } = this.#database
      if (maker !== undefined && maker.tables !== this && current().now - maker.at < MAKER_SILENT_MS) return false
      this.#heard()
      return true
    })
  }

  #heard(): void {
    this.#database.maker = { tables: this, at: current().now }
  }

  get #isMaker(): boolean {
    return this.#database.maker?.tables === this
  }

  dropPieces(): boolean {
    return this.#write(() => {
      const { mark, pieces } = this.#database
      if (this.#isMaker) for (const seq of pieces.keys()) if (seq !== mark.seq) pieces.delete(seq)
      return false
    })
  }

  addPiece(seq: number, part: number, bytes: Uint8Array): boolean {
    return this.#write(() => {
      if (!this.#isMaker) return false
      const pieces = this.#database.pieces.get(seq) ?? []
      if (pieces[part] !== undefined) throw new SqlFault('UNIQUE constraint failed', 'other')
      pieces[part] = bytes.slice()
      this.#database.pieces.set(seq, pieces)
      this.#heard()
      return true
    })
  }

  publish(mark: SnapshotMark): boolean {
    return this.#write(() => {
      const pieces = this.#database.pieces.get(mark.seq) ?? []
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
      if (!this.#isMaker || this.#database.mark.seq >= mark.seq || bytes !== mark.bytes) return false
      this.#database.mark = mark
      this.#database.maker = undefined
      return true
    })
  }

  removeOld(limit: number): boolean {
    return this.#write(() => {
      const { mark, rows, pieces } = this.#database
      const last = rows.at(-1)?.seq ?? 0
      const old = rows.filter(({ seq }) => seq < Math.min(mark.seq, last)).slice(0, limit)
      this.#database.rows = rows.filter((row) => !old.includes(row))
      for (const seq of pieces.keys()) if (seq < mark.seq) pieces.delete(seq)
      return old.length === limit
    })
  }

  #write<T>(change: () => T): T {
    const database = this.#database
    if ((database.holder !== undefined && database.holder !== this) || chance(database.odds.busy)) {
      throw new SqlFault('database is locked', 'busy')
    }
    const result = change()
    database.commits++
    this.#own++
    return result
  }

  checkFormat(): void {}

  close(): void {
    this.#end()
  }
}

/** Says that something was committed. */
export class WalHeader {
  readonly #database: Database
  #read = -1
  #noted = -1

  constructor(path: string) {
    this.#database = databases.get(path.replace(/-shm$/, ''))!
  }

  hasChanged(): boolean {
    this.#read = this.#database.commits
    return this.#read !== this.#noted
  }

  note(): void {
    this.#noted = this.#read
  }

  close(): void {}
}

/** What is written is there at once. */
export class TurnNote {
  readonly #database: Database
  writer = 0
  count = 0

  constructor(path: string) {
    this.#database = databases.get(path.replace(/-turn$/, ''))!
  }

  read(): void {
    const [writer, count] = this.#database.next
    this.writer = writer
    this.count = count
  }

  write(writer: number, count: number): void {
    this.#database.next = [writer, count]
  }

  close(): void {}
}

/** Heard a while after it was rung, or not. */
export class Bell {
  readonly #database: Database
  readonly #onRing: () => void
  readonly owner = current().owner
  isHeard = false

  constructor(path: string, onRing: () => void) {
    this.#database = databases.get(path.replace(/-bell$/, ''))!
    this.#onRing = onRing
  }

  ring(): void {
    const { bells, odds } = this.#database
    for (const bell of bells) {
      if (bell !== this && !chance(odds.unheard)) current().after(current().random.next(), bell.#onRing, bell.owner)
    }
  }

  hear(isWanted: boolean): void {
    this.isHeard = isWanted
    if (isWanted) this.#database.bells.add(this)
    else this.#database.bells.delete(this)
  }

  close(): void {
    this.hear(false)
  }
}
