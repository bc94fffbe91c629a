/** A keyspace that several stores share through PostgreSQL: here of one process, which is the same to the database. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { InProcessDoor } from '../../lib/transports/inprocess.ts'
import { RespClient } from '../clients/resp.ts'
import { Cluster, NO_POOLER, NO_POSTGRES } from './cluster.ts'

let cluster: Cluster
let names = 0
const opened: Server[] = []

beforeAll(async () => {
  if (NO_POSTGRES === undefined) cluster = await Cluster.start()
}, 60_000)

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
  names++
})

afterAll(() => cluster?.close())

function openServer(options: ServerOptions = {}): Server {
  const server = createServer({
    store: cluster.url,
    'store-name': `test${names}`,
    'store-consistency': 'strong',
    log: () => {},
    ...options,
  })
  opened.push(server)
  return server
}

const open = (options?: ServerOptions): InProcessDoor => openServer(options).inProcess()

describe.skipIf(NO_POSTGRES !== undefined)(`PostgreSQL${NO_POSTGRES === undefined ? '' : `: ${NO_POSTGRES}`}`, () => {
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

    test('what is pushed here wakes who waits there', async () => {
      const [a, b] = [open(), open()]
      const waiting = b.execute('BLPOP', 'queue', '5')
      await until(() => opened[1].engine.blocking.size === 1)
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
    expect(cluster.ask(`SELECT count(*) FROM zerodis_test${names}_log`)).toBe('2')
  })

  describe('a process that falls silent with the lock', () => {
    test('loses it, and others go on', async () => {
      const a = openServer({ 'store-timeout': 1000 })
      await a.execute('SET', 'k', '1')
      const silent = await holdLock('SET LOCAL idle_in_transaction_session_timeout = 700')
      const from = performance.now()
      expect(await a.execute('INCR', 'k')).toBe(2)
      expect(performance.now() - from).toBeLessThan(1000)
      await expect(silent.query('COMMIT')).rejects.toThrow()
    })

    test('is ended by who has waited for it in vain, where the server does not', async () => {
      const a = openServer({ 'store-timeout': 1000 })
      await a.execute('SET', 'k', '1')
      const silent = await holdLock('SELECT 1')
      await expect(a.execute('INCR', 'k')).rejects.toThrow(/^TRYAGAIN another process holds/)
      expect(await a.execute('INCR', 'k')).toBe(2)
      await expect(silent.query('COMMIT')).rejects.toThrow()
    })
  })

  test.skipIf(NO_POOLER !== undefined)('all of it works through a pooler in transaction mode', async () => {
    const store = await cluster.pooler(3)
    const servers = Array.from({ length: 4 }, () => openServer({ store }))
    const [a, b] = servers.map((server) => server.inProcess())
    await Promise.all(servers.map((server, i) => server.execute('RPUSH', 'list', `${i}`)))
    expect(await b.execute('LLEN', 'list')).toBe(4)
    const messages = b.subscribe('subscribe', ['news'])
    const waiting = b.execute('BLPOP', 'queue', '5')
    await until(() => servers[1].engine.blocking.size === 1)
    await a.execute('RPUSH', 'queue', 'job')
    await a.execute('PUBLISH', 'news', 'hello')
    expect(await waiting).toEqual(['queue', 'job'])
    expect((await messages.next()).value).toEqual({ channel: 'news', message: 'hello' })
    messages.close()
    expect(cluster.ask('SELECT count(*) FROM pg_prepared_statements')).toBe('0')
    expect(cluster.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")).toBe('0')
  })

  test('a commit that the database refuses is undone, and its callers are told', async () => {
    const server = openServer()
    await server.execute('SET', 'k', '1')
    cluster.ask(
      `CREATE FUNCTION refuse${names}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room''; END';
       CREATE TRIGGER refuse BEFORE INSERT ON zerodis_test${names}_log EXECUTE FUNCTION refuse${names}()`,
    )
    await expect(server.execute('SET', 'k', '2')).rejects.toThrow(/could not keep this; nothing was changed: no room/)
    expect(await server.execute('GET', 'k')).toBe('1')
    cluster.ask(`DROP TRIGGER refuse ON zerodis_test${names}_log`)
    expect(await server.execute('INCR', 'k')).toBe(2)
  })

  test('a restart of the database is survived', async () => {
    const server = openServer()
    await server.execute('SET', 'k', '1')
    const restarted = cluster.restart('fast')
    expect(await server.execute('INCR', 'k')).toBe(2)
    await restarted
    expect(await server.execute('GET', 'k')).toBe('2')
  }, 30_000)

  test('a database that is away answers neither for ever nor with a lie', async () => {
    const server = openServer({ 'store-timeout': 300 })
    await server.execute('SET', 'k', '1')
    await cluster.down('immediate')
    await expect(server.execute('INCR', 'k')).rejects.toThrow(/^TRYAGAIN .*nothing was changed/)
    await expect(server.execute('GET', 'k')).rejects.toThrow(/^ERR the shared store cannot be read/)
    await cluster.up()
    expect(await server.execute('INCR', 'k')).toBe(2)
  }, 30_000)

  test('a database that can only be read gives a store that can only be read', async () => {
    const a = openServer()
    await a.execute('SET', 'k', 'v')
    const url = cluster.url.replace('zerodis@', `reader${names}@`)
    cluster.ask(`CREATE ROLE reader${names} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader${names}`)
    const b = openServer({ store: url })
    expect(await b.execute('GET', 'k')).toBe('v')
    await expect(b.execute('SET', 'k', 'w')).rejects.toThrow(/^READONLY/)
    await a.execute('SET', 'k', 'x')
    expect(await b.execute('GET', 'k')).toBe('x')
  })

  test('a format that is not known is left alone', async () => {
    const a = openServer()
    await a.execute('SET', 'k', 'v')
    cluster.ask(`UPDATE zerodis_test${names}_meta SET value = '99' WHERE name = 'format'`)
    await expect(a.execute('SET', 'k', 'w')).rejects.toThrow(/format 99, this version of zerodis knows format 1/)
    await expect(openServer().load()).rejects.toThrow(/format 99/)
  })

  test('the pool is shown to who wants to attach it', async () => {
    const pools: object[] = []
    const server = openServer({ attachDatabasePool: (pool: object) => pools.push(pool) })
    await server.load()
    expect(pools).toHaveLength(1)
    expect(pools[0]).toHaveProperty('options.idleTimeoutMillis')
  })
})

interface Query {
  query(text: string): Promise<unknown>
}

/** A connection that has the lock, and says nothing more. */
async function holdLock(before: string): Promise<Query> {
  const { Client } = await import('pg').then((module) => module.default)
  const client = new Client({ connectionString: cluster.url })
  client.on('error', () => {})
  await client.connect()
  const key = cluster.ask(
    `SELECT ('x' || left(encode(sha256('zerodis zerodis_test${names}'), 'hex'), 16))::bit(64)::bigint`,
  )
  await client.query(`BEGIN; ${before}; SELECT pg_advisory_xact_lock(${key})`)
  return client
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
