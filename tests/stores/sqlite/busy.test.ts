/** Statements that find the lock of writers taken leave nothing behind: what is tried again sees what others have written meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SqlFault } from '../../../lib/stores/log/driver.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import { Tables } from '../../../lib/stores/sqlite/tables.ts'

let folder: string
const opened: Tables[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-busy-'))
})

afterEach(() => {
  for (const tables of opened.splice(0)) tables.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(): Tables {
  const driver = openSqlite(join(folder, 'keys.db'))
  const tables = new Tables(driver, { prefix: 'zerodis_', name: 'test', synchronous: 'normal' })
  opened.push(tables)
  return tables
}

function isBusy(run: () => unknown): boolean {
  try {
    run()
    return false
  } catch (error) {
    if (error instanceof SqlFault && error.isBusy) return true
    throw error
  }
}

const STEPS: readonly [string, (tables: Tables) => unknown][] = [
  ['the claim of a snapshot', (tables) => tables.claim()],
  ['a piece of a snapshot', (tables) => tables.addPiece(1, 0, Buffer.from('piece'))],
  ['the end of a snapshot', (tables) => tables.publish({ seq: 1, bytes: 5 })],
  ['the removal of pieces', (tables) => tables.dropPieces()],
  ['the removal of rows', (tables) => tables.removeOld(10)],
]

test.each(STEPS)('%s that has found the lock taken does not keep it from batches', (_, step) => {
  const [own, other] = [open(), open()]
  const append = (seq: number): void => {
    other.append({ seq, at: 1, writer: 1, effects: Buffer.from('x') })
    other.commit()
  }
  other.begin()
  for (let seq = 1; seq < 6; seq++) {
    expect(isBusy(() => step(own))).toBe(true)
    expect(isBusy(() => own.begin())).toBe(true)
    append(seq)
    expect(own.lastSeq()).toBe(seq)
    if (seq === 5) break
    other.begin()
    expect(isBusy(() => own.begin())).toBe(true)
  }
  own.begin()
  own.rollback()
  step(own)
})
