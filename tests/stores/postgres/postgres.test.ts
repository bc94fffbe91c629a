/** A keyspace that several stores share through PostgreSQL. */
import { describe, expect, test } from 'vitest'
import { databaseFor, remoteCases, storesOf, until } from '../remote/remotecases.ts'
import { Cluster, NO_POOLER, NO_POSTGRES } from './cluster.ts'

describe.skipIf(NO_POSTGRES !== undefined)(`PostgreSQL${NO_POSTGRES === undefined ? '' : `: ${NO_POSTGRES}`}`, () => {
  const cluster = databaseFor(() => Cluster.start())
  const stores = storesOf(cluster)
  const { openServer } = stores
  remoteCases(cluster, stores)

  describe('a process that falls silent with the lock', () => {
    test('loses it, and others go on', async () => {
      const a = openServer({ 'store-timeout': 10_000 })
      await a.execute('SET', 'k', '1')
      const silent = await holdLock('SET LOCAL idle_in_transaction_session_timeout = 700')
      const from = performance.now()
      expect(await a.execute('INCR', 'k')).toBe(2)
      expect(performance.now() - from).toBeLessThan(8000)
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
    const store = await cluster().pooler(3)
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
    expect(cluster().ask('SELECT count(*) FROM pg_prepared_statements')).toBe('0')
    expect(cluster().ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")).toBe('0')
  })

  test('the pool is shown to who wants to attach it', async () => {
    const pools: object[] = []
    const server = openServer({ attachDatabasePool: (pool: object) => pools.push(pool) })
    await server.load()
    expect(pools).toHaveLength(1)
    expect(pools[0]).toHaveProperty('options.idleTimeoutMillis')
  })

  /** A connection that has the lock, and says nothing more. */
  async function holdLock(before: string): Promise<Query> {
    const { Client } = await import('pg').then((module) => module.default)
    const client = new Client({ connectionString: cluster().url })
    client.on('error', () => {})
    await client.connect()
    const key = cluster().ask(
      `SELECT ('x' || left(encode(sha256('zerodis zerodis_test${stores.names}'), 'hex'), 16))::bit(64)::bigint`,
    )
    await client.query(`BEGIN; ${before}; SELECT pg_advisory_xact_lock(${key})`)
    return client
  }
})

interface Query {
  query(text: string): Promise<unknown>
}
