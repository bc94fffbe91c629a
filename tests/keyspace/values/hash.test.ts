import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Keyspace } from '../../../lib/keyspace/keyspace.ts'
import type { EncodingLimits } from '../../../lib/keyspace/value.ts'
import { HashValue } from '../../../lib/keyspace/values/hash.ts'

const limits = (entries: number, value = 64): EncodingLimits =>
  ({ 'hash-max-listpack-entries': entries, 'hash-max-listpack-value': value }) as EncodingLimits

interface Field {
  value: string
  expireAt: number | undefined
}
interface World {
  hash: HashValue
  model: Map<string, Field>
  now: number
}
type Operation = (world: World) => void

const name = fc.integer({ min: 0, max: 25 }).map((n) => 'f' + n)
const value = fc.constantFrom('', '1', 'some value', 'x'.repeat(65))
const isLive = (field: Field | undefined, now: number): field is Field =>
  field !== undefined && (field.expireAt === undefined || field.expireAt > now)

const sets = fc.tuple(name, value, fc.boolean()).map(
  ([field, text, keeps]): Operation =>
    ({ hash, model }) => {
      const before = model.get(field)
      expect(hash.set(field, text, keeps)).toBe(before === undefined)
      model.set(field, { value: text, expireAt: keeps ? before?.expireAt : undefined })
    },
)
const deletes = name.map(
  (field): Operation =>
    ({ hash, model }) => {
      expect(hash.delete(field)).toBe(model.delete(field))
    },
)
const expiries = fc.tuple(name, fc.integer({ min: 0, max: 60 })).map(
  ([field, ms]): Operation =>
    ({ hash, model, now }) => {
      const known = model.get(field)
      if (known === undefined) return
      hash.setExpireAt(field, now + ms)
      known.expireAt = now + ms
    },
)
const persists = name.map(
  (field): Operation =>
    ({ hash, model }) => {
      const known = model.get(field)
      if (known === undefined) return
      expect(hash.persist(field)).toBe(known.expireAt !== undefined)
      known.expireAt = undefined
    },
)
const waits = fc.integer({ min: 1, max: 30 }).map(
  (ms): Operation =>
    (world) => {
      world.now += ms
    },
)
const purges = fc.constant<Operation>(({ hash, model, now }) => {
  const expected = [...model].filter(([, field]) => !isLive(field, now)).map(([field]) => field)
  const found: string[] = []
  for (let field = hash.expiry?.due(now); field !== undefined; field = hash.expiry?.due(now)) {
    found.push(field)
    hash.delete(field)
    model.delete(field)
  }
  expect(found.sort()).toEqual(expected.sort())
})
const operations = fc.array(fc.oneof(sets, sets, deletes, expiries, persists, waits, purges), { maxLength: 120 })

describe('a hash', () => {
  test('behaves as a map whose entries may expire, in each encoding', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 3, 512), operations, (entries, steps) => {
        const world: World = { hash: new HashValue(limits(entries)), model: new Map(), now: 1000 }
        for (const step of steps) step(world)
        const { hash, model, now } = world
        const live = [...model].filter(([, field]) => isLive(field, now))
        for (const checked of [hash, hash.copy()]) {
          expect(checked.length).toBe(model.size)
          expect(checked.encoding).toBe(hash.encoding)
          for (const [field, { expireAt }] of model) expect(checked.expireAt(field)).toBe(expireAt)
          for (const [field, { value: text }] of live) expect(checked.get(field, now)).toBe(text)
          const seen: [string, string][] = []
          checked.forEach(now, (field, text) => seen.push([field, text]))
          expect(seen.sort()).toEqual(live.map(([field, { value: text }]) => [field, text]).sort())
          expect(checked.countDue(now)).toBe(model.size - live.length)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a scan in steps meets every field that stays', () => {
    const hash = new HashValue(limits(0))
    for (let i = 0; i < 1000; i++) hash.set('f' + i, 'v')
    const met = new Set<string>()
    let cursor = 0
    let step = 0
    do {
      cursor = hash.scan(cursor, 10, 0, (field) => met.add(field))
      hash.delete('f' + step) // of the first hundred
      hash.set('new' + step++, 'v')
    } while (cursor !== 0 && step < 100)
    while (cursor !== 0) cursor = hash.scan(cursor, 10, 0, (field) => met.add(field))
    for (let i = 100; i < 1000; i++) expect(met.has('f' + i)).toBe(true)
  })

  test('draws positions fairly', () => {
    const hash = new HashValue(limits(0))
    for (let i = 0; i < 10; i++) hash.set('f' + i, 'v')
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) counts[hash.randomPosition()]++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200)
  })
})

describe('expiry of fields in a database', () => {
  function setUp() {
    const keyspace = new Keyspace(2)
    const heard: string[] = []
    keyspace.listener = {
      ...keyspace.listener,
      fieldsExpired: (db, key, fields, isGone) =>
        heard.push(`${db.index} ${key} ${fields.join()}${isGone ? ' gone' : ''}`),
    }
    keyspace.setNow(1000)
    const [db] = keyspace.dbs
    const add = (key: string, times: Record<string, number | undefined>): HashValue => {
      const hash = new HashValue(limits(512))
      for (const [field, time] of Object.entries(times)) {
        hash.set(field, 'v')
        if (time !== undefined) hash.setExpireAt(field, time)
      }
      db.set(key, hash, -1)
      return hash
    }
    return { keyspace, db, heard, add }
  }

  test('removes what is due, earliest first, and the key with the last field', () => {
    const { keyspace, db, heard, add } = setUp()
    add('h', { a: 1030, b: 1010, c: undefined })
    add('g', { a: 1020 })
    add('lasting', { a: undefined })
    expect(db.expireFields(20)).toBe(0)
    keyspace.setNow(1020)
    expect(db.expireFields(20)).toBe(2)
    keyspace.setNow(1030)
    expect(db.expireFields(20)).toBe(1)
    expect(heard).toEqual(['0 h b', '0 g a gone', '0 h a'])
    expect(db.size).toBe(2)
    expect(keyspace.stats.expiredFields).toBe(3)
    expect(db.fieldExpirySize).toBe(0)
  })

  test('stops at its limit and goes on in the next round', () => {
    const { keyspace, db, heard, add } = setUp()
    add('h', { a: 1010, b: 1010, c: 1010 })
    keyspace.setNow(1010)
    expect(db.expireFields(2)).toBe(2)
    expect(db.expireFields(2)).toBe(1)
    expect(heard.length).toBe(2)
    expect(db.size).toBe(0)
  })

  test('follows a hash to another name and database, and forgets what was deleted', () => {
    const { keyspace, db, heard, add } = setUp()
    const renamed = add('old', { a: 1010, x: undefined })
    db.delete('old')
    db.set('new', renamed, -1)
    const moved = add('h', { a: 1010, x: undefined })
    db.delete('h')
    keyspace.dbs[1].set('h', moved, -1)
    add('gone', { a: 1010 })
    db.delete('gone')
    add('gone', { a: 1050 })
    db.swap(keyspace.dbs[1])
    keyspace.setNow(1010)
    for (const each of keyspace.dbs) each.expireFields(20)
    expect(heard.sort()).toEqual(['0 h a', '1 new a'])
  })

  test('does not gather what is no longer meant', () => {
    const { db, add } = setUp()
    for (let i = 0; i < 10_000; i++) {
      add('h', { a: 1_000_000 + i })
      db.delete('h')
    }
    expect(db.fieldExpirySize).toBeLessThan(200)
    const hash = add('h', { a: 1_000_000 })
    for (let i = 0; i < 10_000; i++) {
      hash.setExpireAt('a', 999_999 - i)
      db.noteFieldExpiry('h', hash)
    }
    expect(db.fieldExpirySize).toBeLessThan(200)
  })
})
