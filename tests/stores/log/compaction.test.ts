/** Who puts a snapshot in the place of a log on SQLite: one process at a time, and another where that has fallen silent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'
import { MAKER_SILENT_MS } from '../../../lib/stores/log/rows.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import { Tables } from '../../../lib/stores/sqlite/tables.ts'

let path: string
let complaints: string[]
const ends: (() => unknown)[] = []

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'zerodis-compaction-'))
  path = join(folder, 'keys.db')
  complaints = []
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function open(): Server {
  const server = createServer({
    store: `sqlite:${path}`,
    'enable-debug-command': 'yes',
    log: (level, message) => void (level === 'warning' && complaints.push(message)),
  })
  ends.push(() => server.close())
  return server
}

function openTables(): Tables {
  const tables = new Tables(openSqlite(path), { prefix: 'zerodis_', name: 'default', synchronous: 'normal' })
  ends.push(() => tables.close())
  return tables
}

function fill(server: Server): void {
  for (let i = 0; i < 5; i++) server.execute('SET', `k${i}`, 'x'.repeat(60_000))
}

test('of two processes that compact at once one does, and neither complains', async () => {
  const servers = [open(), open()]
  for (let round = 0; round < 3; round++) {
    fill(servers[0])
    servers[1].execute('INCR', 'n')
    servers[0].execute('GET', 'n')
    const done = await Promise.all(servers.map((server) => server.compact()))
    expect(done.filter((each) => each)).toHaveLength(1)
  }
  expect(complaints).toEqual([])
  expect(open().execute('DEBUG', 'DIGEST')).toBe(servers[0].execute('DEBUG', 'DIGEST'))
})

test('who has fallen silent is passed by, what it has left is removed, and nothing of it counts any more', async () => {
  const server = open()
  fill(server)
  const silent = openTables()
  const piece = Buffer.from('a part of a snapshot')
  expect([silent.claim(), silent.addPiece(5, 0, piece), silent.addPiece(5, 1, piece)]).toEqual([true, true, true])
  expect(await server.compact()).toBe(false)
  const driver = openSqlite(path)
  ends.push(() => driver.close())
  driver.run("UPDATE zerodis_default_meta SET value = substr(value, 1, 17) || ? WHERE name = 'maker'", [
    `${Date.now() - MAKER_SILENT_MS}`,
  ])
  expect(await server.compact()).toBe(true)
  expect(silent.addPiece(5, 2, piece)).toBe(false)
  expect(silent.publish({ seq: 6, bytes: 40 })).toBe(false)
  expect(silent.dropPieces()).toBe(false)
  expect(open().execute('DEBUG', 'DIGEST')).toBe(server.execute('DEBUG', 'DIGEST'))
  expect(complaints).toEqual([])
})
