import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { NO_EXPIRY } from '../../lib/keyspace/db.ts'
import { ExpiryCycle } from '../../lib/keyspace/expiry.ts'
import { Keyspace } from '../../lib/keyspace/keyspace.ts'

function setUp(databases = 1) {
  const clock = new ManualClock()
  const keyspace = new Keyspace(databases)
  keyspace.setNow(clock.now())
  return { clock, keyspace, dbs: keyspace.dbs, cycle: new ExpiryCycle(keyspace, clock) }
}

/** Long enough for any cycle of these tests. */
const AMPLE = 10_000

describe('the expiry cycle', () => {
  test('removes dead keys that nobody asks for, and no others', () => {
    const { clock, keyspace, dbs, cycle } = setUp()
    const [db] = dbs
    for (let i = 0; i < 1000; i++) db.set('dies' + i, 'v', clock.now() + 100)
    for (let i = 0; i < 50; i++) db.set('lives' + i, 'v', clock.now() + 1_000_000)
    for (let i = 0; i < 50; i++) db.set('lasts' + i, 'v', NO_EXPIRY)
    clock.advance(99)
    expect(cycle.run(AMPLE)).toBe(0)
    clock.advance(1)
    for (let round = 0; round < 60; round++) cycle.run(AMPLE)
    expect(db.size).toBe(100)
    expect(db.volatileSize).toBe(50)
    expect(keyspace.stats.expired).toBe(1000)
  })

  test('removes a database full of dead keys in one run', () => {
    const { clock, dbs, cycle } = setUp()
    for (let i = 0; i < 20_000; i++) dbs[0].set('k' + i, 'v', clock.now() + 1)
    clock.advance(1)
    expect(cycle.run(AMPLE)).toBe(20_000)
    expect(dbs[0].size).toBe(0)
  })

  test('meets a few dead keys among many living ones within one pass over them', () => {
    const { clock, dbs, cycle } = setUp()
    const [db] = dbs
    for (let i = 0; i < 2000; i++) db.set('k' + i, 'v', clock.now() + (i % 100 === 0 ? 1 : 1_000_000))
    clock.advance(1)
    for (let round = 0; round < 2000 / 20; round++) cycle.run(AMPLE)
    expect(db.size).toBe(1980)
  })

  test('stops when its time is used up, and goes on with the next database', () => {
    const { clock, dbs, cycle } = setUp(2)
    for (const db of dbs) for (let i = 0; i < 1000; i++) db.set('k' + i, 'v', clock.now() + 1)
    clock.advance(1)
    const first = cycle.run(-1)
    expect(first).toBeLessThanOrEqual(20)
    expect(cycle.timeCapReached).toBe(1)
    expect(dbs[0].size).toBe(1000 - first)
    cycle.run(-1)
    expect(dbs[1].size).toBeLessThan(1000)
  })

  test('does nothing while it is switched off', () => {
    const { clock, dbs, cycle } = setUp()
    dbs[0].set('k', 'v', clock.now() + 1)
    clock.advance(1)
    cycle.enabled = false
    expect(cycle.run(AMPLE)).toBe(0)
    expect(dbs[0].size).toBe(1)
  })

  test('tells the listener of each key that it removes', () => {
    const { clock, keyspace, dbs, cycle } = setUp()
    const heard: string[] = []
    keyspace.listener = { ...keyspace.listener, expired: (db, key) => heard.push(`${db.index}:${key}`) }
    dbs[0].set('k', 'v', clock.now() + 1)
    clock.advance(1)
    cycle.run(AMPLE)
    expect(heard).toEqual(['0:k'])
  })
})

test('while expired keys are kept they are gone for whoever looks, and can be set anew', () => {
  const { clock, keyspace, dbs, cycle } = setUp()
  const [db] = dbs
  for (const key of ['a', 'b']) db.set(key, 'old', clock.now() + 1)
  clock.advance(1)
  keyspace.setNow(clock.now())
  keyspace.keepsExpired = true
  expect(cycle.run(AMPLE)).toBe(0)
  expect([db.has('a'), db.delete('a'), db.size]).toEqual([false, false, 2])
  db.set('a', 'new', NO_EXPIRY)
  expect([db.peek('a'), db.size, keyspace.stats.expired]).toEqual(['new', 2, 1])
  keyspace.keepsExpired = false
  expect(cycle.run(AMPLE)).toBe(1)
  expect([db.peek('a'), db.peek('b'), db.size]).toEqual(['new', undefined, 1])
})
