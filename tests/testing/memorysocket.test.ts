/** Connections in memory behave as those over TCP do: limits, passwords, options of clients, readers that do not read, ends. */
import { execFile } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import Bottleneck from 'bottleneck'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { InProcessConnection } from '../../lib/bottleneck.ts'
import { closing, create, failure, ioredis } from './stores.ts'

test('maxclients counts them, and refuses as over TCP', async () => {
  const store = await create({ maxclients: 3 })
  expect(store.execute('PING')).toBe('PONG') // the test's own connection counts
  const clients = [ioredis(store), ioredis(store)]
  await Promise.all(clients.map((client) => client.ping()))
  const errors: string[][] = []
  for (const option of [{ Connector: store.Connector }, { port: store.port }]) {
    const heard: string[] = []
    const third = new Redis({ ...option, retryStrategy: () => null, maxRetriesPerRequest: 0 })
    closing.push(() => third.disconnect())
    third.on('error', ({ message }) => heard.push(message))
    await failure(third.ping())
    errors.push(heard)
  }
  expect(errors[0]).toEqual(errors[1])
  expect(store.execute('INFO', 'stats')).toContain('rejected_connections:2')
  clients[0].disconnect()
  await expect.poll(() => store.execute('INFO', 'clients')).toContain('connected_clients:2')
  expect(await ioredis(store).ping()).toBe('PONG')
})

test('options of ioredis: lazyConnect, auto pipelining, TLS, names, databases, passwords, users, duplicates', async () => {
  const store = await create({ requirepass: 'secret' })
  store.execute('ACL', 'SETUSER', 'bob', 'on', '>pw', '+@all', '~*')
  const lazy = ioredis(store, { lazyConnect: true, password: 'secret', enableAutoPipelining: true })
  expect(store.execute('INFO', 'clients')).toContain('connected_clients:1')
  await lazy.connect()
  expect(await Promise.all([lazy.set('a', '1'), lazy.get('a')])).toEqual(['OK', '1'])
  const copy = lazy.duplicate({ db: 3, connectionName: 'copy' })
  closing.push(() => copy.disconnect())
  await copy.connect()
  expect([await copy.get('a'), await copy.client('GETNAME')]).toEqual([null, 'copy'])
  expect(await ioredis(store, { tls: {}, password: 'secret' }).ping()).toBe('PONG')
  expect(await ioredis(store, { username: 'bob', password: 'pw' }).call('ACL', 'WHOAMI')).toBe('bob')
  expect(await failure(ioredis(store, { password: 'no' }).ping())).toContain('WRONGPASS')
  expect(await failure(ioredis(store).ping())).toContain('NOAUTH')
})

test('a reader that does not read holds back the store, and gets all of it later', async () => {
  const store = await create()
  const [size, times] = [4_000_000, 50]
  store.execute('SET', 'big', 'x'.repeat(size))
  const connector = new store.Connector({}) as { connect(): Promise<Duplex> }
  const socket = await connector.connect()
  closing.push(() => socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  for (let i = 0; i < times; i++) socket.write('GET big\r\n')
  await ioredis(store).ping()
  // What waits is one reply and little more.
  const [, held] = /omem=(\d+) .* cmd=get/.exec(String(store.execute('CLIENT', 'LIST')))!
  expect(Number(held) + socket.readableLength).toBeLessThan(2 * size)
  let bytes = 0
  const all = times * `$${size}\r\n\r\n`.length + times * size
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes >= all) resolve()
    })
  })
  expect(bytes).toBe(all)
})

test('closing ends what waits: blocked clients, commands of this process; who comes later is refused', async () => {
  const store = await create()
  const redis = ioredis(store, { retryStrategy: () => null })
  const popped = failure(redis.blpop('queue', 0))
  await expect.poll(() => store.execute('INFO', 'clients')).toContain('blocked_clients:1')
  const own = store.server.inProcess().execute('BLPOP', 'queue', 0)
  await store.close()
  expect([await popped, await own]).toEqual(['Connection is closed.', null])
  const late = new Redis({ Connector: store.Connector, retryStrategy: () => null })
  const heard: string[] = []
  late.on('error', ({ message }) => heard.push(message))
  expect(await failure(late.ping())).toBe('Connection is closed.')
  expect(heard).toEqual([expect.stringContaining('connect ECONNREFUSED 127.0.0.1')])
})

test('clients of a store that is closed do not keep their process alive, and can be ended', async () => {
  const script = `
    import { Redis } from 'ioredis'
    import { Redis as Redis5 } from 'ioredis5'
    import { createTestServer } from '${import.meta.resolve('../../lib/testing.ts')}'
    const store = await createTestServer()
    const clients = [Redis, Redis5].map((Client) => new Client({ Connector: store.Connector }))
    for (const redis of clients) redis.on('error', () => {})
    const ended = new Redis({ Connector: store.Connector })
    await Promise.all([...clients, ended].map((redis) => redis.set('k', 'v')))
    for (const redis of clients) redis.blpop('none', 0)
    await store.close()
    ended.on('error', () => {})
    do await new Promise((resolve) => setTimeout(resolve, 5))
    while (ended.status !== 'connecting') // in vain
    ended.once('end', () => console.log('ended'))
    ended.disconnect()
    process.once('exit', () => console.log(clients.map(({ status }) => status).join(' ')))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    { timeout: 15_000 },
  )
  expect(stdout).toBe('ended\nconnecting connecting\n')
})

test('BullMQ: fifty jobs, one of a worker that has died', { timeout: 30_000 }, async () => {
  const store = await create()
  const client = (): Redis => ioredis(store, { maxRetriesPerRequest: null })
  const queue = new Queue('mail', { connection: client() })
  closing.push(() => queue.close())
  await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'job', data: { n } })))
  const dead = new Worker('mail', () => new Promise(() => {}), { connection: client() })
  await expect.poll(() => queue.getActiveCount()).toBe(1)
  await dead.close(true)
  store.clock.advance(60_000) // its lock is gone
  const done = new Set<number>()
  const options = { connection: client(), stalledInterval: 20, concurrency: 5 }
  const worker = new Worker('mail', async ({ data }) => done.add(data.n), options)
  closing.push(() => worker.close())
  await expect.poll(() => done.size, { timeout: 20_000 }).toBe(50)
})

test('Bottleneck, by its own ioredis and within the process', async () => {
  const store = await create()
  const client = ioredis(store)
  const connection = new Bottleneck.IORedisConnection({ client })
  const far = new Bottleneck({ connection, id: 'jobs', maxConcurrent: 1 })
  const near = new Bottleneck({
    connection: new InProcessConnection({ server: store.server }),
    id: 'jobs',
    maxConcurrent: 1,
  })
  let running = 0
  const job = async (): Promise<number> => {
    const together = ++running
    await new Promise((resolve) => setImmediate(resolve))
    running--
    return together
  }
  const all = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? far : near).schedule(job)))
  expect(all).toEqual(Array(10).fill(1))
  await Promise.all([far.disconnect(), near.disconnect()])
})
