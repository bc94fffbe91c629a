/**
 * Bottleneck on our connections, against a store in a process of its own that is killed, emptied and cut off under it. Each
 * job counts itself, so that one lost or run twice is seen.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Bottleneck from 'bottleneck'
import { Redis } from 'ioredis'
import { build } from 'tsup'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { InProcessConnection, RestConnection } from '../../lib/bottleneck.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { programOf } from '../clients/program.ts'
import { Child } from './child.ts'
import { type Store, startStore } from './store.ts'

/** Processes are started and waited for. */
const SLOW_MACHINES = { timeout: 60_000 }

let store: Store
let redis: Redis
beforeAll(async () => {
  store = await startStore()
  redis = new Redis({ port: store.port, retryStrategy: () => 50 })
  redis.on('error', () => {}) // the store is killed under it
})
afterAll(async () => {
  redis.disconnect()
  await store.stop()
})
beforeEach(() => redis.flushall())

const connections: (RestConnection | InProcessConnection)[] = []
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.disconnect(false)
})
function connect(options: { url?: string; token?: string; patienceMs?: number } = {}): RestConnection {
  const connection = new RestConnection({ url: store.url, token: store.token, ...options })
  connections.push(connection)
  return connection
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Jobs that say when they run. */
class Jobs {
  readonly runs = new Map<number, number>()
  readonly startedAt: number[] = []
  most = 0
  #running = 0

  run(limiter: Bottleneck, count: number, ms: number): Promise<number[]> {
    const first = this.runs.size
    for (const i of range(count)) this.runs.set(first + i, 0)
    return Promise.all(range(count).map((i) => limiter.schedule(() => this.#job(first + i, ms))))
  }

  async #job(i: number, ms: number): Promise<number> {
    this.startedAt.push(Date.now())
    this.runs.set(i, this.runs.get(i)! + 1)
    this.most = Math.max(this.most, ++this.#running)
    await pause(ms)
    this.#running--
    return i
  }

  get counts(): number[] {
    return [...new Set(this.runs.values())]
  }
}

describe('limiters on several connections', SLOW_MACHINES, () => {
  test('share what may run at a time', async () => {
    const jobs = new Jobs()
    const limiters = range(3).map(() => new Bottleneck({ id: 'shared', maxConcurrent: 2, connection: connect() }))
    await Promise.all(limiters.map((limiter) => jobs.run(limiter, 15, 5)))
    expect([jobs.runs.size, jobs.counts, jobs.most]).toEqual([45, [1], 2])
    expect(await limiters[0].running()).toBe(0)
  })

  test('share the time between jobs, and a reservoir', async () => {
    const jobs = new Jobs()
    const settings = { id: 'paced', minTime: 30, reservoir: 8 }
    const limiters = range(2).map(() => new Bottleneck({ ...settings, connection: connect() }))
    await Promise.all(limiters.map((limiter) => limiter.ready()))
    const from = Date.now()
    void Promise.all(limiters.map((limiter) => jobs.run(limiter, 6, 0)))
    await vi.waitFor(() => expect(jobs.startedAt).toHaveLength(8), 5_000)
    expect(jobs.startedAt[7] - from).toBeGreaterThanOrEqual(7 * 30 - 2) // a timer may be early
    expect(await limiters[1].currentReservoir()).toBe(0)
    await limiters[0].incrementReservoir(4)
    await vi.waitFor(() => expect(jobs.counts).toEqual([1]), 5_000)
  })

  test('hear each other, every message once, while new limiters come', async () => {
    const connection = connect()
    const limiter = new Bottleneck({ id: 'messages', connection })
    const heard: string[] = []
    limiter.on('message', (message) => heard.push(message))
    await limiter.ready()
    const other = new Bottleneck({ id: 'messages', connection: connect() })
    await other.ready()
    const said = range(60).map((i) => `${i}, "é"\nend`)
    for (const [i, message] of said.entries()) {
      await other.publish(message)
      if (i % 10 === 0) await new Bottleneck({ id: `new-${i}`, connection }).ready()
    }
    await vi.waitFor(() => expect(heard).toHaveLength(said.length), 5_000)
    expect(heard).toEqual(said)
    expect(Number(await redis.pubsub('NUMSUB', 'b_messages').then((counts) => counts[1]))).toBe(2)
  })

  test('that share a connection and an id each get their turn', async () => {
    const jobs = new Jobs()
    const connection = connect()
    const limiters = range(2).map(() => new Bottleneck({ id: 'twins', maxConcurrent: 1, connection }))
    await Promise.all(limiters.map((limiter) => jobs.run(limiter, 10, 1)))
    expect([jobs.counts, jobs.most]).toEqual([[1], 1])
  })

  test('of a Group come and go with their keys', async () => {
    const connection = connect()
    const groups = range(2).map(() => new Bottleneck.Group({ id: 'g', maxConcurrent: 1, connection }))
    const keys = range(40).map((i) => `key ${i},/é`)
    await Promise.all(keys.map((key) => groups[0].key(key).schedule(async () => {})))
    expect((await groups[1].clusterKeys()).sort()).toEqual(keys.sort())
    expect(await groups[1].deleteKey(keys[0])).toBe(true)
    expect((await groups[0].clusterKeys()).length).toBe(39)
    for (const key of keys) await groups[0].deleteKey(key)
    expect(Object.keys(connection.limiters)).toEqual([])
    await vi.waitFor(async () => expect(await redis.pubsub('CHANNELS', 'b_*')).toEqual([]), 5_000)
  })
})

describe('a store that', SLOW_MACHINES, () => {
  test('is not there yet is waited for, and each attempt told', async () => {
    const errors: string[] = []
    await store.kill()
    const connection = connect()
    connection.on('error', ({ message }) => errors.push(message))
    const limiter = new Bottleneck({ id: 'early', connection })
    const result = limiter.schedule(async () => 'done')
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1), 5_000)
    expect(errors[0]).toMatch(/is not reached: connect ECONNREFUSED/)
    await store.restart()
    expect(await result).toBe('done')
  })

  test('starts anew, empty, loses no job and runs none twice', async () => {
    const jobs = new Jobs()
    const connection = connect()
    const failures: unknown[] = []
    const limiters = range(2).map(() => new Bottleneck({ id: 'cold', maxConcurrent: 2, connection }))
    for (const limiter of limiters) limiter.on('error', (error) => failures.push(error))
    const done = limiters.map((limiter) => jobs.run(limiter, 40, 20))
    await vi.waitFor(() => expect(jobs.startedAt.length).toBeGreaterThan(10), 5_000)
    await store.kill()
    await store.restart()
    await Promise.all(done)
    expect([jobs.runs.size, jobs.counts, failures]).toEqual([80, [1], []])
    // What ran when the store was lost is not known to the new one; past that the limit holds.
    expect(jobs.most).toBeLessThanOrEqual(4)
    jobs.most = 0
    await Promise.all(limiters.map((limiter) => jobs.run(limiter, 10, 5)))
    expect(jobs.most).toBe(2)
  })

  test('forgets its keys and its scripts is set up again', async () => {
    const jobs = new Jobs()
    const limiter = new Bottleneck({ id: 'flushed', maxConcurrent: 3, reservoir: 1_000, connection: connect() })
    await jobs.run(limiter, 5, 1)
    expect(await limiter.currentReservoir()).toBe(995)
    await redis.script('FLUSH')
    await jobs.run(limiter, 5, 1)
    await redis.flushall()
    await jobs.run(limiter, 5, 1)
    expect([jobs.counts, await limiter.currentReservoir()]).toEqual([[1], 995])
    await expect(limiter.schedule({ weight: 4 }, async () => {})).rejects.toThrow(/Impossible to add a job/)
  })

  test('cuts off the stream of messages is subscribed to again, and what was missed made up for', async () => {
    const jobs = new Jobs()
    const [connection, other] = [connect(), connect()]
    const limiter = new Bottleneck({ id: 'cut', maxConcurrent: 1, connection })
    const holder = new Bottleneck({ id: 'cut', maxConcurrent: 1, connection: other })
    await Promise.all([limiter.ready(), holder.ready()])
    const held = jobs.run(holder, 1, 100)
    await vi.waitFor(() => expect(jobs.startedAt).toHaveLength(1))
    const waiting = jobs.run(limiter, 3, 1)
    expect(await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(2)
    await Promise.race([waiting, pause(50)])
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await Promise.all([held, waiting])
    expect([jobs.counts, jobs.most]).toEqual([[1], 1])
  })

  test('refuses the token says so, and `ready` goes on waiting', async () => {
    const connection = connect({ token: 'wrong' })
    const error = await new Promise<Error>((resolve) => connection.once('error', resolve))
    expect(error.message).toMatch(/answers 401 .*WRONGPASS/)
    const isReady = await Promise.race([connection.ready().then(() => true), pause(100).then(() => false)])
    expect(isReady).toBe(false)
  })

  test('stays away fails commands when patience ends', async () => {
    const connection = connect({ patienceMs: 200 })
    const limiter = new Bottleneck({ id: 'away', connection })
    await limiter.ready()
    await store.kill()
    await expect(limiter.schedule(async () => {})).rejects.toThrow(/is not reached/)
    await expect(limiter.publish('lost')).rejects.toThrow(/is not reached/)
    await store.restart()
    expect(await limiter.schedule(async () => 'again')).toBe('again')
  })
})

describe('in process', SLOW_MACHINES, () => {
  let server: Server
  beforeEach(() => {
    server = createServer({ 'rest-token': 't', port: 0, log: () => {} })
  })
  afterEach(() => server.close())

  test('limiters share what may run with whoever reaches the store by another door', async () => {
    const { httpPort } = await server.listen({ httpPort: 0 })
    const jobs = new Jobs()
    const inProcess = new InProcessConnection({ server })
    connections.push(inProcess)
    const rest = connect({ url: `http://127.0.0.1:${httpPort}`, token: 't' })
    const limiters = [inProcess, rest].map((connection) => new Bottleneck({ id: 'both', maxConcurrent: 2, connection }))
    await Promise.all(limiters.map((limiter) => jobs.run(limiter, 15, 3)))
    expect([jobs.counts, jobs.most]).toEqual([[1], 2])
  })

  test('a store that the process does not have is asked for', () => {
    expect(() => new InProcessConnection()).toThrow('this process has no store yet: pass { server: getServer() }')
  })
})

describe('a program', SLOW_MACHINES, () => {
  test.each(['over REST', 'in process'])('ends once its connection is ended: %s', async (way) => {
    const args = way === 'over REST' ? [store.url, store.token] : []
    const program = new Child(process.execPath, [programOf('tests/e2e/bottleneck/job.ts'), ...args])
    expect(await program.ended).toBe(0)
    expect(program.output).toBe('[ 1, 2, 3 ]\n')
  })

  test('runs where there is no Node, with fetch alone', async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'edge-'))
    const entry = { edge: 'tests/e2e/bottleneck/edge.ts' }
    const platform = 'neutral'
    await build({ entry, outDir, platform, format: 'iife', noExternal: [/.*/], silent: true, config: false })
    const { EdgeRuntime } = await import('next/dist/compiled/edge-runtime' as string)
    const runtime = new EdgeRuntime()
    runtime.evaluate(readFileSync(join(outDir, 'edge.global.js'), 'utf8'))
    const outcome = await runtime.evaluate(`run(${JSON.stringify(store.url)}, ${JSON.stringify(store.token)})`)
    expect(outcome).toEqual({ results: [1, 2, 3], heard: 'hello', node: false })
    rmSync(outDir, { recursive: true })
  })
})
