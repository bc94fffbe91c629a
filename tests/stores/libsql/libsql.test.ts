/** A keyspace that several stores share through libSQL: over HTTP to its own server (sqld.ts), and in a file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'
import { databaseFor, remoteCases, storesOf } from '../remote/remotecases.ts'
import { NO_SQLD, Sqld } from './sqld.ts'

describe.skipIf(NO_SQLD !== undefined)('libSQL over HTTP', () => {
  const sqld = databaseFor(() => Sqld.start())
  const stores = storesOf(sqld)
  const { openServer } = stores
  remoteCases(sqld, stores)

  const table = (what: string): string => `zerodis_test${stores.names}_${what}`
  /** Somebody has taken the lock, and says nothing more. */
  const holdLock = (ms: number): Promise<string> =>
    sqld().ask(
      `UPDATE ${table('lock')} SET holder = 1, turn = 1, seq = (SELECT max(seq) + 1 FROM ${table('log')}), until = ${Date.now() + ms}`,
    )

  test('a batch is two requests: one takes the lock, one appends', async () => {
    const server = openServer({ 'store-consistency': 'session', 'store-max-staleness': 60_000 })
    await server.execute('SET', 'k', '0')
    const requests = vi.spyOn(globalThis, 'fetch')
    try {
      await Promise.all(Array.from({ length: 50 }, () => server.execute('INCR', 'k')))
      expect(requests).toHaveBeenCalledTimes(2)
      expect(await server.execute('GET', 'k')).toBe('50')
      expect(requests).toHaveBeenCalledTimes(2)
    } finally {
      requests.mockRestore()
    }
  })

  test('a holder of the lock that falls silent loses it, and changes nothing when it wakes', async () => {
    const a = openServer({ 'store-timeout': 2000 })
    await a.execute('SET', 'k', '1')
    await holdLock(500)
    expect(await a.execute('INCR', 'k')).toBe(2)
    const late = `INSERT INTO ${table('log')} SELECT 3, 0, 7, x'00' FROM ${table('lock')} WHERE holder = 1 AND turn = 1 AND seq = 3`
    await sqld().ask(late)
    expect(await sqld().ask(`SELECT max(seq) FROM ${table('log')}`)).toBe('2')
  })

  test('who waits for the lock in vain is told so, and nothing was changed', async () => {
    const a = openServer({ 'store-timeout': 300 })
    await a.execute('SET', 'k', '1')
    await holdLock(60_000)
    await expect(a.execute('INCR', 'k')).rejects.toThrow(/^TRYAGAIN another process holds/)
    await sqld().ask(`UPDATE ${table('lock')} SET until = 0`)
    expect(await a.execute('INCR', 'k')).toBe(2)
  })

  test('a commit whose lock another process has taken over is undone, and its callers are told', async () => {
    const a = openServer()
    await a.execute('SET', 'k', '1')
    // It is taken away between the two requests of a batch.
    await sqld().ask(
      `CREATE TRIGGER steal AFTER UPDATE ON ${table('lock')} WHEN new.holder <> 1 BEGIN UPDATE ${table('lock')} SET holder = 1, turn = 1, until = 0; END`,
    )
    await expect(a.execute('INCR', 'k')).rejects.toThrow()
    await sqld().ask('DROP TRIGGER steal')
    expect(await a.execute('GET', 'k')).toBe('1')
    expect(await a.execute('INCR', 'k')).toBe(2)
  })

  test('values and stores that are longer than the server takes or gives at once are written and read in parts', async () => {
    const options = { 'store-timeout': 60_000 }
    const a = openServer(options)
    const long = 'abcdefghij'.repeat(600_000)
    await a.execute('SET', 'long', long)
    for (let i = 0; i < 6; i++) await a.execute('SET', `k${i}`, `${i}`.repeat(1_000_000))
    const b = openServer(options)
    expect(await b.execute('GET', 'long')).toBe(long)
    await a.compact()
    const c = openServer(options)
    expect(await c.execute('GET', 'long')).toBe(long)
    expect(await sqld().ask(`SELECT count(*) FROM ${table('part')}`)).toBe('0')
    expect(await c.execute('GET', 'k5')).toBe('5'.repeat(1_000_000))
  }, 60_000)

  test('a token that is none is told, and so is a server that is no such', async () => {
    const wrong = openServer({ store: sqld().url.replace(/authToken=.*/, 'authToken=wrong') })
    await expect(wrong.execute('GET', 'k')).rejects.toThrow(/its server answers 401: .*JWT is invalid/)
    const none = openServer({ store: sqld().url.replace('?', '/elsewhere/?'), 'store-timeout': 200 })
    await expect(none.execute('SET', 'k', 'v')).rejects.toThrow(/^TRYAGAIN .*its server answers 404/)
  })
})

describe('libSQL in a file', () => {
  test('is shared by stores as it is over HTTP', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerodis-libsql-'))
    const store = `file:${join(folder, 'keys.db')}`
    const servers = Array.from({ length: 3 }, () =>
      createServer({ store, 'store-consistency': 'strong', log: () => {} }),
    )
    try {
      await Promise.all(Array.from({ length: 60 }, (_, i) => servers[i % 3].execute('INCR', 'n')))
      for (const server of servers) expect(await server.execute('GET', 'n')).toBe('60')
      await servers[0].execute('SET', 'bytes', Buffer.from([0, 255, 39, 92]))
      expect(await servers[1].executeBuffer('GET', 'bytes')).toEqual(Buffer.from([0, 255, 39, 92]))
      expect(await servers[2].compact()).toBe(true)
      expect(await servers[0].execute('INCR', 'n')).toBe(61)
    } finally {
      for (const server of servers) await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('is the same that processes share by SQLite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerodis-libsql-'))
    const path = join(folder, 'keys.db')
    const open = (scheme: string): Server => createServer({ store: `${scheme}:${path}`, log: () => {} })
    try {
      for (const [i, scheme] of ['sqlite', 'file', 'sqlite', 'file'].entries()) {
        const server = open(scheme)
        expect(await server.execute('INCR', 'n')).toBe(i + 1)
        await server.close()
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
