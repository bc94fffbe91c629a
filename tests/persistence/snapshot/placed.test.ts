/** Short strings of a snapshot are read by their places, and written from there: what is loaded is what was there. */
import { afterEach, expect, test, vi } from 'vitest'
import { NO_EXPIRY } from '../../../lib/keyspace/db.ts'
import { storedString } from '../../../lib/keyspace/values/string.ts'
import { Staging } from '../../../lib/persistence/snapshot/staging.ts'
import type { Server } from '../../../lib/server.ts'
import { fresh } from '../everyform.ts'

afterEach(() => vi.restoreAllMocks())

const KEYS = ['', '7', '-2147483648', '300', '-70000', '2147483648', 'k'.repeat(63), 'k'.repeat(64), 'ab'.repeat(512)]
const LONG_KEY = 'ab'.repeat(512) + 'c'
const VALUES = [
  ...['', '0', '-128', '127', '-129', '32767', '-32769', '2147483647', '-2147483648', '2147483648'],
  ...['9007199254740991', '9007199254740993', '-0', '007', '+1', ' 1', '1.5', '\xff\x00\r\n'],
  ...[20, 21, 63, 64, 1024].map((length) => 'x'.repeat(length)),
  ...[63, 64, 1024].map((length) => Array.from({ length }, (_, i) => String.fromCharCode((i * 167) & 255)).join('')),
]
const LONG_VALUE = 'x'.repeat(1025)

function contentOf({ engine: { keyspace } }: Server): unknown {
  return keyspace.dbs.map((db) => {
    db.table.check()
    const keys = db.keys().slice().sort()
    return keys.map((key) => [key, db.storedValue(key), db.expireAt(key)])
  })
}

function filled(): Server {
  const server = fresh()
  for (const key of [...KEYS, LONG_KEY]) {
    for (const [i, value] of [...VALUES, LONG_VALUE].entries()) {
      const time = i % 3 === 0 ? Date.now() + 100_000 + i : NO_EXPIRY
      server.engine.keyspace.dbs[i % 16].set(i < 16 ? key : `${i}${key}`, storedString(value), time)
    }
  }
  return server
}

const pieces = (server: Server): Buffer => Buffer.concat(server.engine.ports.persistence.rdb.pieces([]))

test.each(['yes', 'no'])('with rdbcompression %s', (compression) => {
  const server = filled()
  server.execute('CONFIG', 'SET', 'rdbcompression', compression)
  const bytes = pieces(server)
  for (const size of [1, 3, 64, 4096, bytes.length]) {
    const placed = vi.spyOn(Staging.prototype, 'placed')
    const entry = vi.spyOn(Staging.prototype, 'entry')
    const copy = fresh()
    const cut: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size))
    copy.engine.ports.persistence.rdb.replaceAll(cut)
    expect(contentOf(copy)).toEqual(contentOf(server))
    // Of those with a number before it the longest key is too long.
    const longKeys = VALUES.length + 1 + VALUES.length - 15
    expect(entry).toHaveBeenCalledTimes(longKeys + KEYS.length - 1)
    expect(placed).toHaveBeenCalledTimes((KEYS.length - 1) * VALUES.length + 16)
    vi.restoreAllMocks()
  }
})

test('what is past its time is left out, and a key twice is refused', () => {
  const server = fresh()
  server.execute('SET', 'gone', 'x', 'PX', '1')
  server.execute('SET', 'kept', 'y')
  const bytes = pieces(server)
  const copy = fresh()
  const { engine } = copy
  vi.spyOn(engine.clock, 'now').mockReturnValue(Date.now() + 1000)
  engine.ports.persistence.rdb.replaceAll([bytes])
  expect(copy.execute('KEYS', '*')).toEqual(['kept'])
  expect(engine.ports.persistence.rdb.lastLoad).toMatchObject({ loaded: 1, expired: 1 })
  // The keys of both databases become those of one.
  const double = fresh()
  for (const db of double.engine.keyspace.dbs.slice(0, 2)) db.set('k', 'x', NO_EXPIRY)
  const wrong = pieces(double)
  for (let at = 0; at < wrong.length - 1; at++) if (wrong[at] === 0xfe) wrong[at + 1] = 0
  wrong.fill(0, wrong.length - 8)
  expect(() => engine.ports.persistence.rdb.replaceAll([wrong])).toThrow("RDB has duplicated key 'k' in DB 0")
})
