/** What `zerodis store` does to a database itself, beside the store that reads it: a file of SQLite, or one behind a network. */
import { existsSync } from 'node:fs'
import { toText } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'
import { databaseOf, isRemote } from '../server/database.ts'
import { openLog, type Upgrade, upgradeLog } from '../stores/databases.ts'
import type { RemoteLog } from '../stores/remote/remotelog.ts'
import { openSqlite } from '../stores/sqlite/sqlite.ts'
import { Tables } from '../stores/sqlite/tables.ts'
import { StartupError } from './startup.ts'

export interface StoreDatabase {
  /** @throws StartupError where there is no store in it */
  mustExist(): Promise<void>
  /** To be called when all processes run this version: those that do not know the format stop. */
  upgrade(): Promise<Upgrade>
  /** What it finds wrong with itself. */
  faults(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Undefined where `store` names none. */
export function storeDatabaseOf(values: Directives): StoreDatabase | undefined {
  const path = databaseOf(values)
  if (path !== undefined) return new SqliteDatabase(path, values)
  return isRemote(values) ? new RemoteDatabase(values) : undefined
}

class SqliteDatabase implements StoreDatabase {
  readonly #path: string
  readonly #values: Directives

  constructor(path: string, values: Directives) {
    this.#path = path
    this.#values = values
  }

  async mustExist(): Promise<void> {
    if (!existsSync(this.#path)) throw new StartupError(`zerodis store: there is no ${this.#path}`)
  }

  async upgrade(): Promise<Upgrade> {
    return this.#use((tables) => {
      const before = tables.format
      tables.upgrade()
      return { before, now: tables.format }
    })
  }

  async faults(): Promise<readonly string[]> {
    return this.#use((tables) => tables.integrity().filter((line) => line !== 'ok'))
  }

  async close(): Promise<void> {}

  #use<T>(run: (tables: Tables) => T): T {
    const tables = new Tables(openSqlite(this.#path), {
      prefix: this.#values['store-table-prefix'],
      name: this.#values['store-name'],
      synchronous: this.#values['store-synchronous'],
    })
    try {
      return run(tables)
    } finally {
      tables.close()
    }
  }
}

class RemoteDatabase implements StoreDatabase {
  readonly #log: RemoteLog

  /** @throws StartupError where its driver is not installed */
  constructor(values: Directives) {
    try {
      this.#log = openLog({
        url: toText(values.store),
        prefix: values['store-table-prefix'],
        name: values['store-name'],
        timeoutMs: () => values['store-timeout'],
        onRing() {},
        attach: undefined,
      })
    } catch (error) {
      throw told(error)
    }
  }

  mustExist(): Promise<void> {
    return this.#use(async (log) => void (await log.open(false)))
  }

  upgrade(): Promise<Upgrade> {
    return this.#use((log) => upgradeLog(log))
  }

  faults(): Promise<readonly string[]> {
    return this.#use((log) => log.faults())
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  async #use<T>(run: (log: RemoteLog) => Promise<T>): Promise<T> {
    try {
      return await run(this.#log)
    } catch (error) {
      throw told(error)
    }
  }
}

function told(error: unknown): StartupError {
  return new StartupError(`zerodis store: ${error instanceof Error ? error.message : error}`)
}
