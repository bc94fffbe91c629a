/**
 * SQLite as a driver: what Node brings along (`node:sqlite`, from 22.13), else the package `libsql`, which is loaded only
 * where somebody chose a file of SQLite. Statements are prepared once. Nothing here waits for a lock: who finds none free is told
 * so, and waits without stopping the event loop.
 *
 * libsql (0.5) resets a statement only when it runs again. One that has found the lock of writers taken keeps what it has read until then: two
 * such, each of which is tried again while the other stays, see the same moment for ever, and are refused for that. So no statement that is
 * kept may take that lock: `once('BEGIN IMMEDIATE')` does, and the others run within.
 */
import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadPeer } from '../../peers/peer.ts'
import { type SqlDriver, SqlFault, type SqlRow, type SqlValue } from '../log/driver.ts'

/** What a statement takes: its values, or, from libsql, an array of them. */
type Params = readonly SqlValue[] | readonly [readonly SqlValue[]]

/** A statement, as both kinds have it. */
interface Statement {
  run(...params: Params): { readonly changes: number | bigint }
  all(...params: Params): readonly unknown[]
  get(...params: Params): unknown
  /** Rows come as arrays. */
  raw?(isRaw: boolean): Statement
}

interface Database {
  prepare(sql: string): Statement
  exec(sql: string): void
  close(): void
}

type Opener = new (path: string) => Database

/** SQLite's codes without their extensions. */
const BUSY = 5
const LOCKED = 6
const READ_ONLY = 8

const NO_DRIVER =
  'a store on SQLite needs Node 22.13 or later, or the package libsql, which is not installed: npm i libsql'

class Sqlite implements SqlDriver {
  readonly #database: Database
  readonly #statements = new Map<string, Statement>()
  readonly isReadOnly: boolean
  readonly isSlowToCall: boolean

  readonly #path: string
  /** Undefined for a database in memory. */
  readonly #opened: Stats | undefined

  constructor(database: Database, path: string, isReadOnly: boolean, isSlowToCall: boolean) {
    this.#database = database
    this.#path = resolve(path)
    this.#opened = statOf(this.#path)
    this.isReadOnly = isReadOnly
    this.isSlowToCall = isSlowToCall
  }

  once(sql: string): void {
    try {
      this.#database.exec(sql)
    } catch (error) {
      throw faultOf(error)
    }
  }

  run(sql: string, params: readonly SqlValue[] = []): number {
    try {
      return Number(this.#prepared(sql, false).run(...this.#given(params)).changes)
    } catch (error) {
      throw faultOf(error)
    }
  }

  rows(sql: string, params: readonly SqlValue[] = []): readonly SqlRow[] {
    try {
      return this.#prepared(sql, true)
        .all(...this.#given(params))
        .map(rowOf)
    } catch (error) {
      throw faultOf(error)
    }
  }

  first(sql: string, params: readonly SqlValue[] = []): SqlRow | undefined {
    try {
      const row = this.#prepared(sql, true).get(...this.#given(params))
      return row === undefined || row === null ? undefined : rowOf(row)
    } catch (error) {
      throw faultOf(error)
    }
  }

  isInPlace(): boolean {
    if (this.#opened === undefined) return true
    const now = statOf(this.#path)
    return now !== undefined && now.ino === this.#opened.ino && now.dev === this.#opened.dev
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  /** libsql, which would make an array of them, is spared that. */
  #given(params: readonly SqlValue[]): Params {
    return this.isSlowToCall ? [params] : params
  }

  #prepared(sql: string, givesRows: boolean): Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      if (givesRows) statement = statement.raw?.(true) ?? statement
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** Undefined where nothing is, or nobody tells. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** A row as an array; bytes come as an ArrayBuffer from one of the two. */
function rowOf(row: unknown): SqlRow {
  const values: unknown[] = Array.isArray(row) ? row : Object.values(row as object)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value instanceof ArrayBuffer) values[i] = new Uint8Array(value)
  }
  return values as SqlValue[]
}

/** Codes are numbers under one of two names. */
function faultOf(error: unknown): SqlFault {
  const { message, rawCode, errcode } = error as { message?: string; rawCode?: number; errcode?: number }
  const code = (rawCode ?? errcode ?? 0) & 0xff
  const kind = code === BUSY || code === LOCKED ? 'busy' : code === READ_ONLY ? 'read-only' : 'other'
  return new SqlFault(message ?? String(error), kind)
}

/** True if Node brings it along, so that a thread of its own may use it, too. */
export function isBuiltIn(): boolean {
  return builtIn() !== undefined
}

/** `node:sqlite` came with a flag in 22.5, and without one in 22.13. */
function builtIn(): Opener | undefined {
  try {
    return (process.getBuiltinModule('node:sqlite') as { DatabaseSync: Opener } | undefined)?.DatabaseSync
  } catch {
    return undefined
  }
}

/** Why a file that is there cannot be written; undefined if it can, or is not there. */
function readOnlyReason(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK)
    return undefined
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? undefined : code
  }
}

/** Where nothing can be written, nobody else writes either; SQLite, which would make files for that case, must be told so. */
function immutable(path: string): string {
  return `${pathToFileURL(path)}?immutable=1`
}

/** Opens a file, which is made where there is none. @throws Error that says what is missing */
export function openSqlite(path: string): SqlDriver {
  const own = builtIn()
  const Opened = own ?? loadPeer<Opener>('libsql')
  if (Opened === undefined) throw new Error(NO_DRIVER)
  const reason = readOnlyReason(path)
  try {
    const database = new Opened(reason === 'EROFS' ? immutable(path) : path)
    return new Sqlite(database, path, reason !== undefined, own === undefined)
  } catch (error) {
    throw new Error(`the database ${path} cannot be opened: ${error instanceof Error ? error.message : error}`)
  }
}
