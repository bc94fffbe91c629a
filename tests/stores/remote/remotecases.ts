/**
 * What a keyspace that several stores share through a database behind a network does, whichever that is. The stores are of one process, which
 * is the same to the database.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import { openLog, upgradeLog } from '../../../lib/stores/databases.ts'
import type { Formats } from '../../../lib/stores/log/format.ts'
import type { RemoteLog } from '../../../lib/stores/remote/remotelog.ts'
import type { InProcessDoor } from '../../../lib/transports/inprocess.ts'
import { RespClient } from '../../clients/resp.ts'
import type { TestDatabase } from '../testdatabase.ts'

/** Stores of one test, on tables of its own. */
export interface TestStores {
  /** Number of the tables. */
  readonly names: number
  openServer(options?: ServerOptions): Server
  open(options?: ServerOptions): InProcessDoor
}

/** To be called in a `describe`. */
export function storesOf(database: () => TestDatabase): TestStores {
  const opened: Server[] = []
  let names = 0
  afterEach(async () => {
    for (const server of opened.splice(0)) await server.close()
    names++
  })
  const openServer = (options: ServerOptions = {}): Server => {
    const server = createServer({
      store: database().url,
      'store-name': `test${names}`,
      'store-consistency': 'strong',
      log: () => {},
      ...options,
    })
    opened.push(server)
    return server
  }
  return {
    get names() {
      return names
    },
    openServer,
    open: (options) => openServer(options).inProcess(),
  }
}

/** Starts a database for the tests of a `describe`. */
export function databaseFor<T extends TestDatabase>(start: () => Promise<T>): () => T {
  let database: T | undefined
  beforeAll(async () => {
    database = await start()
  }, 60_000)
  afterAll(() => database?.close())
  return () => database!
}

export function remoteCases(database: () => TestDatabase, stores: TestStores): void {
  const { openServer, open } = stores

  describe('two stores on one database', () => {
    test('one sees what the other has written', async () => {
      const [a, b] = [open(), open()]
      expect(a.execute('PING')).toBeInstanceOf(Promise)
      expect(await a.execute('SET', 'k', 'v')).toBe('OK')
      expect(await b.execute('GET', 'k')).toBe('v')
      expect(await b.execute('INCR', 'n')).toBe(1)
      expect(await a.execute('INCR', 'n')).toBe(2)
      expect(await b.execute('GET', 'n')).toBe('2')
    })

    test('a store that opens later has all of it', async () => {
      const a = open()
      await a.execute('RPUSH', 'list', 'x', 'y')
      await a.execute('SELECT', '3')
      await a.execute('HSET', 'h', 'f', Buffer.from([0, 255, 39, 92]))
      const b = open()
      expect(await b.execute('LRANGE', 'list', '0', '-1')).toEqual(['x', 'y'])
      await b.execute('SELECT', '3')
      expect(await b.executeBuffer('HGET', 'h', 'f')).toEqual(Buffer.from([0, 255, 39, 92]))
    })

    test('keyspaces whose names differ by case alone are two', async () => {
      const names = { lower: `case${stores.names}`, upper: `CASE${stores.names}` }
      const [a, b] = [open({ 'store-name': names.lower }), open({ 'store-name': names.upper })]
      await a.execute('SET', 'k', 'a')
      expect(await b.execute('GET', 'k')).toBeNull()
      await b.execute('SET', 'k', 'b')
      expect(await a.execute('GET', 'k')).toBe('a')
    })

    test('what is pushed here wakes who waits there', async () => {
      const server = openServer()
      const [a, b] = [open(), server.inProcess()]
      const waiting = b.execute('BLPOP', 'queue', '5')
      await until(() => server.engine.blocking.size === 1)
      await a.execute('RPUSH', 'queue', 'job')
      expect(await waiting).toEqual(['queue', 'job'])
      expect(await a.execute('LLEN', 'queue')).toBe(0)
    })

    test('a message reaches subscribers of both', async () => {
      const [a, b] = [open(), open()]
      await b.execute('GET', 'k')
      const messages = b.subscribe('subscribe', ['news'])
      await a.execute('PUBLISH', 'news', 'hello')
      expect((await messages.next()).value).toEqual({ channel: 'news', message: 'hello' })
      messages.close()
    })

    test('a key that another changes breaks a transaction', async () => {
      const [a, b] = [open(), open()]
      await a.execute('SET', 'k', '1')
      await b.execute('WATCH', 'k')
      await b.execute('MULTI')
      await b.execute('SET', 'k', '2')
      await a.execute('SET', 'k', '3')
      expect(await b.execute('EXEC')).toBe(null)
      expect(await b.execute('GET', 'k')).toBe('3')
    })

    test('scripts run as one', async () => {
      const [a, b] = [open(), open()]
      const script = "local n = redis.call('GET', KEYS[1]) or 0; redis.call('SET', KEYS[1], n + 1); return n + 1"
      await Promise.all(Array.from({ length: 20 }, (_, i) => [a, b][i % 2].execute('EVAL', script, '1', 'n')))
      expect(await a.execute('GET', 'n')).toBe('20')
    })
  })

  describe('a call in process', () => {
    test('that is not waited for runs before the next one of its connection', async () => {
      const a = open()
      const replies = await Promise.all([
        a.execute('SET', 'k', '1'),
        a.execute('WATCH', 'k'),
        a.execute('MULTI'),
        a.execute('INCR', 'k'),
        a.execute('EXEC'),
        a.execute('SELECT', '1'),
        a.execute('GET', 'k'),
      ])
      expect(replies).toEqual(['OK', 'OK', 'OK', 'QUEUED', [2], 'OK', null])
    })

    test('keeps what its connection watches while it waits', async () => {
      const [a, b] = [open(), open()]
      await a.execute('WATCH', 'k')
      await a.execute('SET', 'other', '1')
      await b.execute('SET', 'k', '1')
      await a.execute('MULTI')
      await a.execute('SET', 'k', '2')
      expect(await a.execute('EXEC')).toBe(null)
    })

    test('of many at once share a commit', async () => {
      const server = openServer()
      await Promise.all(Array.from({ length: 100 }, () => server.execute('INCR', 'n')))
      expect(await server.execute('GET', 'n')).toBe('100')
      const info = String(await server.execute('INFO', 'store'))
      expect(Number(/store_commits:(\d+)/.exec(info)![1])).toBeLessThan(5)
    })
  })

  test('a pipeline over RESP is one batch, and answered in order', async () => {
    const server = openServer()
    const { port } = await server.listen({ port: 0, httpPort: false })
    const client = await RespClient.connect({ port: port!, host: '127.0.0.1' })
    const sent = Array.from({ length: 200 }, (_, i) => client.send(i % 2 === 0 ? ['INCR', 'n'] : ['GET', 'n']))
    const replies = await Promise.all(sent)
    expect(replies.slice(-2)).toEqual([100, '100'])
    client.close()
  })

  test('times are those of the database', async () => {
    const ahead = { now: () => Date.now() + 3_600_000, after: (ms: number, run: () => void) => after(ms, run) }
    const [a, b] = [open({ clock: ahead }), open()]
    await a.execute('SET', 'k', 'v', 'EX', '100')
    expect(await b.execute('TTL', 'k')).toBeGreaterThanOrEqual(99)
    const [seconds] = (await a.execute('TIME')) as string[]
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(5)
  })

  test('what is past its time is removed for all by the background work of one', async () => {
    const [a, b] = [openServer(), openServer()]
    await a.execute('SET', 'k', 'v', 'PX', '1')
    expect(await b.execute('DBSIZE')).toBe(1)
    await until(async () => {
      a.cron()
      return (await b.execute('DBSIZE')) === 0
    })
  })

  test('a compacted log is a snapshot, from which others begin or go on', async () => {
    const [a, b] = [openServer(), openServer()]
    await b.execute('GET', 'k')
    for (let i = 0; i < 50; i++) await a.execute('SET', `k${i}`, 'x'.repeat(i * 100))
    expect(await a.compact()).toBe(true)
    await a.execute('SET', 'late', '1')
    expect(await b.execute('DBSIZE')).toBe(51)
    const c = openServer()
    expect(await c.execute('STRLEN', 'k49')).toBe(4900)
    expect(await c.execute('DBSIZE')).toBe(51)
    expect(await database().ask(`SELECT count(*) FROM zerodis_test${stores.names}_log`)).toBe('2')
  })

  test('of two processes that compact at once one does, and neither complains', async () => {
    const complaints: string[] = []
    const log = (level: string, message: string): void => void (level === 'warning' && complaints.push(message))
    const servers = [openServer({ log }), openServer({ log })]
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) await servers[0].execute('SET', `k${i}`, `${round}`.repeat(40_000))
      expect(await servers[1].execute('DBSIZE')).toBe(5)
      const done = await Promise.all(servers.map((server) => server.compact()))
      expect(done.filter((each) => each)).toHaveLength(1)
    }
    expect(complaints).toEqual([])
    expect(await openServer().execute('GET', 'k4')).toBe('2'.repeat(40_000))
  })

  test('who makes a snapshot and falls silent is passed by, what it has left is removed, and nothing of it counts any more', async () => {
    const server = openServer()
    for (let i = 0; i < 5; i++) await server.execute('SET', `k${i}`, 'x'.repeat(40_000))
    const meta = `zerodis_test${stores.names}_meta`
    const silent = logOf()
    try {
      await silent.open()
      const piece = Buffer.from('a part of a snapshot')
      expect(await silent.claim()).toBe(true)
      for (const part of [0, 1]) expect(await silent.addPiece(5, part, piece)).toBe(true)
      expect(await server.compact()).toBe(false)
      await database().ask(`UPDATE ${meta} SET value = replace(value, ' ', ' -') WHERE name = 'maker'`)
      expect(await server.compact()).toBe(true)
      expect(await silent.addPiece(5, 2, piece)).toBe(false)
      expect(await silent.publish({ seq: 6, bytes: 40 })).toBe(false)
      expect(await silent.dropPieces()).toBe(false)
    } finally {
      await silent.close()
    }
    expect(await openServer().execute('DBSIZE')).toBe(5)
  })

  test('a commit that the database refuses is undone, and its callers are told', async () => {
    const server = openServer()
    await server.execute('SET', 'k', '1')
    const allow = await database().refuseRows(`zerodis_test${stores.names}_log`)
    await expect(server.execute('SET', 'k', '2')).rejects.toThrow(/could not keep this; nothing was changed: .*no room/)
    expect(await server.execute('GET', 'k')).toBe('1')
    await allow()
    expect(await server.execute('INCR', 'k')).toBe(2)
  })

  test('a restart of the database is survived', async () => {
    const server = openServer({ 'store-timeout': 60_000 }) // a busy machine takes long to start one
    await server.execute('SET', 'k', '1')
    const restarted = database().restart('fast')
    expect(await incremented(server, 'k')).toBe(2)
    await restarted
    expect(await server.execute('GET', 'k')).toBe('2')
  }, 90_000)

  test('a database that is away answers neither for ever nor with a lie', async () => {
    const server = openServer({ 'store-timeout': 1000 })
    await server.execute('SET', 'k', '1')
    await database().down('immediate')
    await expect(server.execute('INCR', 'k')).rejects.toThrow(/^TRYAGAIN .*nothing was changed/)
    await expect(server.execute('GET', 'k')).rejects.toThrow(/^ERR the shared store cannot be read/)
    await database().up()
    expect(await server.execute('INCR', 'k')).toBe(2)
  }, 30_000)

  test('a database that can only be read gives a store that can only be read', async () => {
    const a = openServer()
    await a.execute('SET', 'k', 'v')
    const b = openServer({ store: database().readerUrl() })
    expect(await b.execute('GET', 'k')).toBe('v')
    await expect(b.execute('SET', 'k', 'w')).rejects.toThrow(/^READONLY/)
    await a.execute('SET', 'k', 'x')
    expect(await b.execute('GET', 'k')).toBe('x')
  })

  test('a format that is not known is left alone', async () => {
    const a = openServer()
    await a.execute('SET', 'k', 'v')
    await database().ask(`UPDATE zerodis_test${stores.names}_meta SET value = '99' WHERE name = 'format'`)
    await expect(a.execute('SET', 'k', 'w')).rejects.toThrow(/format 99, this version of zerodis knows format 1/)
    await expect(openServer().load()).rejects.toThrow(/format 99/)
  })

  test('a snapshot counts when it is whole and of who has claimed it, and what counts stays', async () => {
    const [log, other] = [logOf(), logOf()]
    try {
      await log.open()
      await other.open()
      expect([await log.claim(), await other.claim(), await log.claim()]).toEqual([true, false, true])
      expect(await other.addPiece(7, 0, Buffer.from('other'))).toBe(false)
      expect(await log.addPiece(7, 0, Buffer.from('first'))).toBe(true)
      expect(await log.publish({ seq: 7, bytes: 6 })).toBe(false)
      expect(await other.publish({ seq: 7, bytes: 5 })).toBe(false)
      expect(await log.publish({ seq: 7, bytes: 5 })).toBe(true)
      expect(await log.publish({ seq: 7, bytes: 5 })).toBe(false)
      expect(await other.claim()).toBe(true)
      expect(await other.addPiece(8, 0, Buffer.from('second'))).toBe(true)
      expect(await other.dropPieces()).toBe(false)
      expect((await log.image()).pieces.map((piece) => Buffer.from(piece).toString())).toEqual(['first'])
      expect(await other.publish({ seq: 8, bytes: 6 })).toBe(false)
    } finally {
      await log.close()
      await other.close()
    }
  })

  const logOf = (formats?: Formats): RemoteLog =>
    openLog({
      url: database().url,
      prefix: 'zerodis_',
      name: `test${stores.names}`,
      timeoutMs: () => 5000,
      onRing() {},
      attach: undefined,
      formats,
    })

  test('a newer version upgrades under a running older one, which stops and says so, and commits nothing more', async () => {
    const a = open()
    await a.execute('SET', 'k', 'v')
    const upgrade = (formats: Formats): Promise<unknown> => {
      const log = logOf(formats)
      return upgradeLog(log, formats).finally(() => log.close())
    }
    expect(await upgrade({ oldest: 1, newest: 2 })).toEqual({ before: 1, now: 2 })
    expect(await upgrade({ oldest: 1, newest: 2 })).toEqual({ before: 2, now: 2 })
    for (const argv of [
      ['GET', 'k'],
      ['SET', 'k', 'w'],
    ]) {
      await expect(a.execute(...argv)).rejects.toThrow(/has format 2, this version of zerodis knows format 1/)
    }
    expect(await database().ask(`SELECT max(seq) FROM zerodis_test${stores.names}_log`)).toBe('2')
    await expect(upgrade({ oldest: 3, newest: 4 })).rejects.toThrow('upgrade it with a version in between')
  })

  test('INFO tells how far the log is known to be, and since when', async () => {
    const a = openServer()
    const b = openServer({ 'store-consistency': 'eventual', 'store-max-staleness': 1e9 })
    await b.load()
    for (let i = 0; i < 3; i++) await a.execute('INCR', 'n')
    const info = String(await b.execute('INFO', 'store'))
    expect(info).toContain('store_position:0\r\nstore_lag:0\r\nstore_asked_ms_ago:')
    await b.execute('INCR', 'n')
    expect(String(await b.execute('INFO', 'store'))).toContain('store_position:4\r\nstore_lag:0\r\n')
  })
}

/** INCR, which is said again where nothing has come of it: the database may end between the lock and the commit. */
async function incremented(server: Server, key: string): Promise<unknown> {
  for (;;) {
    try {
      return await server.execute('INCR', key)
    } catch (error) {
      if (!String(error).includes('nothing was changed')) throw error
    }
  }
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
