/** Compaction: holes are filled beside the commands, nothing is lost meanwhile, and chunks go back. */
import { expect, test } from 'vitest'
import { NO_EXPIRY } from '../../lib/keyspace/db.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { checkAccount } from './account.ts'

const MB = 1024 * 1024
const seed = seedOfRun()
const KEYS = 150_000
const VALUE = 'v'.repeat(220)

/** A store with so many keys, of which only one in so many stays. */
function holed(server: Server, keptOneIn: number): void {
  const [db] = server.engine.keyspace.dbs
  server.engine.keyspace.count()
  for (let i = 0; i < KEYS; i++) db.set(`key:${i}`, VALUE, i % 3 === 0 ? 1e15 : NO_EXPIRY)
  for (let i = 0; i < KEYS; i++) if (i % keptOneIn !== 0) db.delete(`key:${i}`)
}

/** Rounds of the background work until nothing is moved any more; returns in how many something was. */
function compacted(server: Server, beside: () => void = () => {}): number {
  const { compaction } = server.engine.ports.memory
  let rounds = 0
  for (let idle = 0; idle < 3; idle++) {
    server.cron()
    if (compaction.effort === 0) continue
    beside()
    rounds++
    idle = 0
  }
  return rounds
}

const figures = async (server: Server, section: string): Promise<Map<string, string>> => {
  const text = (await server.execute('INFO', section)) as string
  return new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]))
}

test('a database that is mostly holes is moved together', async () => {
  const server = createServer()
  holed(server, 20)
  const [db] = server.engine.keyspace.dbs
  const held = db.table.heldBytes
  expect(held).toBeGreaterThan(40 * MB)
  expect(compacted(server)).toBeGreaterThan(0)
  expect(db.table.holesBytes).toBeLessThan(3 * MB)
  expect(db.table.heldBytes).toBeLessThan(held)
  for (let i = 0; i < KEYS; i += 20) if (db.peek(`key:${i}`) !== VALUE) throw new Error(`key:${i} is lost`)
  checkAccount(server.engine.keyspace, server.config.values)
  const stats = await figures(server, 'stats')
  expect(Number(stats.get('active_defrag_hits'))).toBeGreaterThanOrEqual(KEYS / 20)
  expect((await figures(server, 'memory')).get('active_defrag_running')).toBe('0')
  await server.execute('CONFIG', 'RESETSTAT')
  expect((await figures(server, 'stats')).get('active_defrag_hits')).toBe('0')
  await server.close()
})

test('holes that are less than what is kept stay, unless activedefrag says so', async () => {
  const server = createServer({ 'active-defrag-ignore-bytes': '10mb' })
  const [db] = server.engine.keyspace.dbs
  holed(server, 2)
  for (let i = 0; i < KEYS; i += 8) db.set(`key:${i + 1}`, VALUE, NO_EXPIRY)
  const holes = db.table.holesBytes
  expect(compacted(server)).toBe(0)
  expect(db.table.holesBytes).toBe(holes)
  expect(await server.execute('CONFIG', 'SET', 'activedefrag', 'yes')).toBe('OK')
  expect(compacted(server)).toBeGreaterThan(0)
  expect(db.table.holesBytes).toBeLessThan(10 * MB)
  expect(holes).toBeGreaterThan(12 * MB)
  db.table.check()
  await server.close()
})

test(`what commands do between the slices is kept, seed ${seed}`, async () => {
  const server = createServer()
  const { keyspace } = server.engine
  const random = new Random(seed)
  const model = new Map<string, string>()
  holed(server, 12)
  for (let i = 0; i < KEYS; i += 12) model.set(`key:${i}`, VALUE)
  const rounds = compacted(server, () => {
    const [db] = keyspace.dbs
    for (let i = 0; i < 100; i++) {
      const key = `key:${12 * random.integer(0, KEYS / 12)}`
      if (random.chance(0.5)) {
        db.delete(key)
        model.delete(key)
      } else {
        const value = 'w'.repeat(random.integer(0, 300))
        db.set(key, value, random.pick([NO_EXPIRY, 1e15]))
        model.set(key, value)
      }
    }
  })
  expect(rounds).toBeGreaterThan(0)
  const [db] = keyspace.dbs
  expect(db.size).toBe(model.size)
  for (const [key, value] of model) if (db.peek(key) !== value) throw new Error(`${key}: ${db.peek(key)}`)
  checkAccount(keyspace, server.config.values)
  await server.close()
})

test('a database that is emptied or exchanged meanwhile is left as it is', async () => {
  const server = createServer()
  const { keyspace, ports } = server.engine
  holed(server, 12)
  server.cron()
  expect(ports.memory.compaction.effort).toBeGreaterThan(0)
  const [one, other] = keyspace.dbs
  one.swap(other)
  compacted(server)
  expect(other.table.holesBytes).toBeLessThan(6 * MB)
  other.table.check()
  holed(server, 12)
  server.cron()
  one.clear()
  expect(compacted(server)).toBe(0)
  expect(one.table.heldBytes).toBe(0)
  await server.close()
})
