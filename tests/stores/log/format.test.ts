/** Old and new versions on one database, and a database that can only be read. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'
import type { Formats } from '../../../lib/stores/log/format.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import { Tables } from '../../../lib/stores/sqlite/tables.ts'
import { run } from '../processes.ts'

let folder: string
let path: string
const opened: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-format-'))
  path = join(folder, 'keys.db')
})

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(): Server {
  const server = createServer({ store: `sqlite:${path}`, log: () => {} })
  opened.push(server)
  return server
}

function upgraded(formats: Formats): boolean {
  const tables = new Tables(openSqlite(path), {
    prefix: 'zerodis_',
    name: 'default',
    synchronous: 'normal',
    formats,
  })
  try {
    return tables.upgrade()
  } finally {
    tables.close()
  }
}

const TOO_NEW = /has format 2, this version of zerodis knows format 1: a newer version has upgraded it/

describe('a newer version', () => {
  test('works with the format that is there, until it is told to upgrade', () => {
    const old = open()
    expect(old.execute('SET', 'k', 'v')).toBe('OK')
    const newer = new Tables(openSqlite(path), {
      prefix: 'zerodis_',
      name: 'default',
      synchronous: 'normal',
      formats: { oldest: 1, newest: 2 },
    })
    expect(newer.format).toBe(1)
    newer.close()
    expect(old.execute('SET', 'k', 'w')).toBe('OK')
    expect(String(old.execute('INFO', 'store'))).toContain('store_format:1\r\n')
  })

  test('upgrades under a running older one, which stops and says so, and commits nothing more', () => {
    const old = open()
    expect(old.execute('SET', 'k', 'v')).toBe('OK')
    expect(upgraded({ oldest: 1, newest: 2 })).toBe(true)
    expect(upgraded({ oldest: 1, newest: 2 })).toBe(false)
    for (const argv of [
      ['GET', 'k'],
      ['SET', 'k', 'w'],
      ['GET', 'k'],
    ]) {
      expect(() => old.execute(...argv)).toThrow(TOO_NEW)
    }
    const rows = openSqlite(path).rows('SELECT max(seq) FROM zerodis_default_log')
    expect(rows).toEqual([[2]])
  })

  test('has upgraded: an older one does not start', () => {
    open()
    upgraded({ oldest: 1, newest: 2 })
    expect(() => open()).toThrow(TOO_NEW)
  })

  test('that knows the format no more says which way leads on', () => {
    open()
    expect(() => upgraded({ oldest: 3, newest: 4 })).toThrow(
      'the shared store has format 1, this version of zerodis knows formats 3 to 4: upgrade it with a version in between',
    )
  })
})

test('pieces of the snapshot that counts are not removed by who makes the next one', () => {
  const tables = new Tables(openSqlite(path), { prefix: 'zerodis_', name: 'default', synchronous: 'normal' })
  try {
    expect(tables.claim()).toBe(true)
    tables.addPiece(7, 0, Buffer.from('first'))
    expect(tables.publish({ seq: 7, bytes: 5 })).toBe(true)
    expect(tables.claim()).toBe(true)
    tables.dropPieces()
    expect([...tables.pieces(7)]).toHaveLength(1)
    tables.addPiece(8, 0, Buffer.from('second'))
    tables.dropPieces()
    expect([...tables.pieces(8)]).toHaveLength(0)
  } finally {
    tables.close()
  }
})

/** What a process of a user who owns nothing says; permissions are nothing to root. */
async function asNobody(): Promise<string[]> {
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const child = run('readonly', [JSON.stringify({ store: `sqlite:${path}` })], user)
  let text = ''
  for await (const part of child.stdout!) text += part
  return text.trim().split('\n')
}

describe.skipIf(process.platform === 'win32')('a database that can only be read', () => {
  test('gives a store that can only be read', async () => {
    const server = open()
    expect(server.execute('SET', 'k', 'v')).toBe('OK')
    chmodSync(folder, 0o755)
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644)
    const readOnly = "READONLY the shared store's database can only be read"
    expect(await asNobody()).toEqual(['v', readOnly, readOnly, 'false', 'true'])
    expect(server.execute('GET', 'k')).toBe('v')
  })

  test('and has no tables says so', async () => {
    writeFileSync(path, '')
    chmodSync(folder, 0o755)
    expect(await asNobody()).toEqual(['the database has no tables of zerodis, and can only be read'])
  })
})
