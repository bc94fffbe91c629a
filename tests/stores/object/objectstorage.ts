/** A Durable Object's storage as far as it is used, on SQLite: the tests of the runtime itself are tests/e2e/cloudflare.test.ts. */
import type { SqlValue } from '../../../lib/stores/log/driver.ts'
import type { ObjectCursor, ObjectSql, ObjectStorage } from '../../../lib/stores/object/objectlog.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'

export class FakeStorage implements ObjectStorage {
  readonly #driver = openSqlite(':memory:')
  /** Statements that give rows. */
  readonly #asks = /^SELECT/
  alarmAt = Infinity
  /** Has the next rows refused. */
  isFull = false
  statements = 0

  readonly sql: ObjectSql = {
    exec: (query, ...bindings): ObjectCursor => {
      this.statements++
      const params = bindings as readonly SqlValue[]
      if (this.#asks.test(query)) {
        const rows = this.#driver.rows(query, params).map((row) => row.map(asBuffer))
        return { raw: () => rows, rowsWritten: 0 }
      }
      if (this.isFull) throw new Error('database or disk is full')
      const rowsWritten = this.#driver.run(query, params)
      return { raw: () => [], rowsWritten }
    },
  }

  transactionSync<T>(run: () => T): T {
    this.#driver.run('BEGIN')
    try {
      const result = run()
      this.#driver.run('COMMIT')
      return result
    } catch (error) {
      this.#driver.run('ROLLBACK')
      throw error
    }
  }

  async setAlarm(at: number): Promise<void> {
    this.alarmAt = at
  }

  get tables(): number {
    return this.#driver.rows('SELECT name FROM sqlite_master').length
  }
}

/** Bytes come as an ArrayBuffer. */
function asBuffer(value: SqlValue): SqlValue | ArrayBuffer {
  return value instanceof Uint8Array ? new Uint8Array(value).buffer : value
}
