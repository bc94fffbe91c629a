/** The head of SQLite's log tells of each commit, whoever made it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SqlDriver } from '../../../lib/stores/log/driver.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import { WalHeader } from '../../../lib/stores/sqlite/walheader.ts'

let folder: string
let path: string
const opened: SqlDriver[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-header-'))
  path = join(folder, 'keys.db')
})

afterEach(() => {
  for (const driver of opened.splice(0)) driver.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(): SqlDriver {
  const driver = openSqlite(path)
  opened.push(driver)
  driver.rows('PRAGMA journal_mode = WAL')
  return driver
}

test('is another one after a commit of anybody, and only then', () => {
  const [own, other] = [open(), open()]
  own.run('CREATE TABLE t (n)')
  const header = new WalHeader(`${path}-shm`)
  expect(header.hasChanged()).toBe(true)
  header.note()
  own.rows('SELECT * FROM t')
  other.run('BEGIN IMMEDIATE')
  other.run('INSERT INTO t VALUES (1)')
  expect(header.hasChanged()).toBe(false)
  other.run('ROLLBACK')
  expect(header.hasChanged()).toBe(false)
  for (let i = 0; i < 200; i++) {
    const writer = i % 3 === 0 ? own : other
    writer.run('INSERT INTO t VALUES (?)', [i])
    expect(header.hasChanged(), `commit ${i}`).toBe(true)
    header.note()
    expect(header.hasChanged()).toBe(false)
    // The log begins anew with the next commit.
    if (i % 50 === 0) own.rows('PRAGMA wal_checkpoint(RESTART)')
    header.hasChanged()
    header.note()
  }
  header.close()
})

test('that cannot be read may be another one at any time', () => {
  const header = new WalHeader(`${path}-shm`)
  expect(header.hasChanged()).toBe(true)
  header.note()
  expect(header.hasChanged()).toBe(true)
  header.close()
})
