/**
 * Collections that lie in the records of their keys, beside the same ones on V8's heap: each is put through the same random steps, must
 * answer the same, and must hold bytes that a strict reader of listpacks and intsets takes.
 */
import { describe, expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { type Db, NO_EXPIRY } from '../../../lib/keyspace/db.ts'
import { Keyspace } from '../../../lib/keyspace/keyspace.ts'
import type { Packable } from '../../../lib/keyspace/packed/packable.ts'
import { MemberCut, ScoreCut } from '../../../lib/keyspace/values/cut.ts'
import { HashValue } from '../../../lib/keyspace/values/hash.ts'
import { ListValue } from '../../../lib/keyspace/values/list.ts'
import { SetValue } from '../../../lib/keyspace/values/set.ts'
import { ZSetValue } from '../../../lib/keyspace/values/zset.ts'
import { listpackElements } from '../../../lib/persistence/format/listpack.ts'
import { intsetMembers } from '../../../lib/persistence/format/packed.ts'
import { Random, seedOfRun } from '../../differential/random.ts'
import { checkAccount } from '../account.ts'

const seed = seedOfRun()
const STEPS = 2000
const limits = new Config({}).values

/** Texts of every kind that an element may have, and of every length at which its form changes. */
function element(random: Random, longest: number): string {
  return random.weighted([
    [6, `e${random.integer(0, 40)}`],
    [3, `${random.integer(-200, 200)}`],
    [1, `${random.pick([127, 128, 4095, 4096, -4096, -4097, 32767, 32768, -32768, -32769, 8388607, 8388608])}`],
    [1, `${random.pick([2147483647, 2147483648, -2147483648, -2147483649, 2 ** 53 - 1, -(2 ** 53) + 1])}`],
    [
      1,
      random.pick([
        '9223372036854775807',
        '-9223372036854775808',
        '9223372036854775808',
        '9007199254740993',
        '-0',
        '01',
        '-',
        '',
      ]),
    ],
    [1, random.bytes(0, Math.min(longest, random.pick([5, 63, 64, 130])))],
    [1, 'x'.repeat(random.integer(0, longest))],
  ])
}

/** The elements of a packed value, whose bytes must make sense. */
function strictly(value: Packable): string[] {
  const bytes = value.packedBytes()!.slice()
  if (value.encoding !== 'intset') return listpackElements(bytes)
  return value.length === 0 ? [] : intsetMembers(bytes)
}

interface Step<T> {
  /** One random step on a value. Returns all that it answers. */
  step(value: T, random: Random): unknown
  create(): T
  contentOf(value: T): unknown
}

const hashes: Step<HashValue> = {
  create: () => new HashValue(limits),
  contentOf: (hash) => hash.pairsFrom(0),
  step(hash, random) {
    const field = element(random, 70)
    const all: string[] = []
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
      case 2:
        return hash.set(field, element(random, 70))
      case 3:
        return hash.add(field, element(random, 30))
      case 4:
        return hash.delete(field)
      case 5:
        return hash.length === 0 ? undefined : hash.delete(hash.fieldAt(random.integer(0, hash.length - 1)))
      case 6:
        return hash.length === 0
          ? undefined
          : [hash.fieldAt(hash.length - 1), hash.valueAt(0), hash.valueAt(hash.length - 1)]
      case 7:
        hash.scan(0, 10, 0, (field, value) => all.push(field, value))
        return [all, hash.copy().pairsFrom(0), hash.copy().memoryBytes]
    }
    return [hash.get(field, 0), hash.length, hash.encoding, hash.partCount]
  },
}

const sets: Step<SetValue> = {
  create: () => new SetValue(limits, '1', 1),
  contentOf: (set) => set.members(),
  step(set, random) {
    const member = random.chance(0.7)
      ? `${random.integer(-60, 60) * random.pick([1, 1, 700, 100_000_000])}`
      : element(random, 70)
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return set.add(member)
      case 4:
      case 5:
        return set.delete(member)
      case 6:
        return set.length === 0 ? undefined : set.delete(set.memberAt(random.integer(0, set.length - 1)))
      case 7:
        return [set.copy().members(), set.copy().encoding, set.copy().memoryBytes]
    }
    return [set.has(member), set.length, set.encoding, set.partCount]
  },
}

function entriesOf(zset: ZSetValue): [string, number][] {
  const entries: [string, number][] = []
  zset.walk(0, Infinity, false, (member, score) => entries.push([member, score]))
  return entries
}

const zsets: Step<ZSetValue> = {
  create: () => new ZSetValue(limits, 0, 0),
  contentOf: (zset) => entriesOf(zset),
  step(zset, random) {
    const member = element(random, 64)
    const score = random.pick([
      random.integer(-5, 5),
      random.integer(-5, 5) / 4,
      random.integer(-1e9, 1e9),
      random.integer(0, 1000) * 1e9,
      random.pick([0.1, -0.1, 0.1 + 0.2, 1e-7, 1e17, 2 ** 60, 1.5e300, Infinity, -Infinity, -0, 123456789.12345678]),
    ])
    const current = zset.score(member)
    const entries: unknown[] = []
    const rank = random.integer(0, Math.max(0, zset.length - 1))
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (current === undefined) zset.add(member, score)
        else zset.update(member, current, score)
        return current
      case 4:
        return zset.delete(member)
      case 5:
        if (zset.length > 3) zset.deleteRange(rank, random.integer(0, zset.length - rank))
        return zset.length
      case 6:
        zset.walk(rank, random.integer(0, 10), random.chance(0.5), (member, score) => entries.push(member, score) < 12)
        return entries
      case 7:
        if (random.chance(0.5)) return zset.rankOfCut(new ScoreCut(score, random.chance(0.5)))
        // Where all scores are the same.
        for (const [other, from] of entriesOf(zset)) if (from !== 0) zset.update(other, from, 0)
        return zset.rankOfCut(new MemberCut(member, random.chance(0.5)))
      case 8:
        zset.scan(0, 10, (member, score) => entries.push(member, score))
        return [entries, zset.copy().length, zset.copy().memoryBytes]
    }
    if (zset.length > 0)
      zset.walkRuns(rank, (members, scores, start) => entries.push(members.at(start), scores[start]) < 0)
    return [current, current === undefined ? -1 : zset.rank(member, current), zset.encoding, zset.length, entries]
  },
}

const lists: Step<ListValue> = {
  create: () => new ListValue(limits),
  contentOf: (list) => list.values(),
  step(list, random) {
    const { length } = list
    const item = element(random, 300)
    const index = random.integer(0, Math.max(0, length - 1))
    const found: number[] = []
    switch (random.integer(0, 12)) {
      case 0:
      case 1:
      case 2:
        list.grow([item], 0, 1)
        list.push(item, random.chance(0.5))
        return list.length
      case 3:
      case 4:
        return length === 0 ? undefined : list.pop(random.chance(0.5))
      case 5:
        list.grow([item], 0, 1)
        return list.insert(element(random, 5), item, random.chance(0.5))
      case 6:
        return list.remove(element(random, 5), random.pick([1, 2, Infinity]), random.chance(0.5))
      case 7:
        if (length === 0) return undefined
        list.grow([item], 0, 1)
        list.set(index, item)
        return list.at(index)
      case 8:
        list.removeRange(index, random.integer(0, Math.min(4, length - index)))
        list.shrink()
        return list.length
      case 9:
        list.search(element(random, 5), random.chance(0.5), (index) => found.push(index) === 3)
        return found
      case 10:
        return [list.copy().values(), [...list.nodes()].map((node) => node.slice(0, node.count)), list.nodeCount]
    }
    return [length === 0 ? undefined : list.at(index), list.slice(index, length), list.encoding, list.partCount]
  },
}

/** Runs the same steps on a value under a key and on one that is under none. */
function compare<T extends Packable>(
  random: Random,
  { create, step, contentOf }: Step<T>,
): { packed: number; heap: number } {
  const keyspace = new Keyspace(1)
  keyspace.count()
  const db: Db = keyspace.dbs[0]
  const seen = { packed: 0, heap: 0 }
  let model = create()
  for (let i = 0; i < STEPS; i++) {
    if (i % 400 === 0) {
      db.delete('key')
      model = create()
    }
    if (db.peek('key') === undefined) db.set('key', create(), NO_EXPIRY)
    if (random.chance(0.1)) db.set(`other:${random.integer(0, 20)}`, 'x'.repeat(random.integer(0, 100)), NO_EXPIRY)
    if (random.chance(0.05)) db.delete(`other:${random.integer(0, 20)}`)
    if (random.chance(0.02)) db.setExpireAt('key', 10 ** 15)
    const value = db.peek('key') as T
    const stepSeed = random.integer(0, 2 ** 31)
    const answer = step(value, new Random(stepSeed))
    expect(answer, `step ${i}`).toEqual(step(model, new Random(stepSeed)))
    db.changed('key')
    expect(value.encoding).toBe(model.encoding)
    const stored = db.peek('key') as T
    expect(contentOf(stored)).toEqual(contentOf(model))
    if (stored.isPacked) {
      expect(strictly(stored).length).toBe(stored.length * (stored.type === 'hash' || stored.type === 'zset' ? 2 : 1))
      seen.packed++
    } else seen.heap++
    if (value.length !== 0) {
      if (i % 50 === 0) checkAccount(keyspace, limits)
    } else {
      db.delete('key')
      model = create()
    }
  }
  db.clear()
  expect(keyspace.bytes).toBe(0)
  return seen
}

describe(`packed collections do as those on the heap, seed ${seed}`, () => {
  test('hashes', () => {
    const { packed, heap } = compare(new Random(seed), hashes)
    expect(Math.min(packed, heap)).toBeGreaterThan(5)
  })

  test('sets', () => {
    expect(compare(new Random(seed), sets).packed).toBeGreaterThan(500)
  })

  test('sorted sets', () => {
    const { packed, heap } = compare(new Random(seed), zsets)
    expect(Math.min(packed, heap)).toBeGreaterThan(5)
  })

  test('lists', () => {
    const { packed, heap } = compare(new Random(seed), lists)
    expect(Math.min(packed, heap)).toBeGreaterThan(5)
  })
})
