import { describe, expect, test } from 'vitest'
import { Places } from '../../../lib/base/places.ts'
import { PART_MAX } from '../../../lib/keyspace/large/elementrecords.ts'
import { Elements } from '../../../lib/keyspace/large/elements.ts'
import { Ranked } from '../../../lib/keyspace/large/ranked.ts'
import { RankedWalk } from '../../../lib/keyspace/large/rankedwalk.ts'
import { MemberCut, ScoreCut } from '../../../lib/keyspace/values/cut.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const seed = seedOfRun()

type Model = Map<string, number>
type Entry = [member: string, score: number]

const below = (random: Random, bound: number): number => random.integer(0, bound - 1)
const empty = (): Ranked => Ranked.of(new Elements())

const inOrder = ([member, score]: Entry, [other, its]: Entry): number =>
  score < its || (score === its && member < other) ? -1 : 1

function entriesOf(ranked: Ranked, down = false): Entry[] {
  const entries: Entry[] = []
  const { size } = ranked
  ranked.walk(down ? size - 1 : 0, size, down, (at, score) => entries.push([ranked.elements.keyOf(at), score]))
  return entries
}

const p = new Places()

/** An argument as it stands in a read buffer. */
function placed(text: string): Places {
  p.use(Buffer.from(text, 'latin1'))
  p.count = 2
  p.starts[1] = 0
  p.ends[1] = text.length
  return p
}

/** Few scores, so that members decide, or many. */
function scoreOf(random: Random): number {
  if (random.chance(0.02)) return random.pick([-Infinity, Infinity, -0, 0])
  return random.chance(0.5) ? below(random, 5) : random.integer(-1e6, 1e6) / 7
}

/** One random change, of both alike. */
function change(random: Random, ranked: Ranked, model: Model, members: number): void {
  const number = below(random, members)
  const member = `m${number}${number % 97 === 0 ? 'x'.repeat(PART_MAX) : '\xff'.repeat(number % 50)}`
  const isPlaced = member.length <= PART_MAX && random.chance(0.5)
  const at = isPlaced ? ranked.findPlace(placed(member), 1) : ranked.find(member)
  if ((at !== 0) !== model.has(member)) throw new Error(`${member} is ${at === 0 ? 'not ' : ''}there`)
  if (at === 0) {
    const score = scoreOf(random)
    if (isPlaced) ranked.addPlace(placed(member), 1, score)
    else ranked.add(member, score)
    model.set(member, score)
  } else if (random.chance(0.5)) {
    const score = scoreOf(random)
    ranked.setScore(at, score)
    model.set(member, score)
  } else {
    ranked.remove(at)
    model.delete(member)
  }
}

function same(ranked: Ranked, model: Model): void {
  ranked.check()
  expect(ranked.size).toBe(model.size)
  const entries = [...model].sort(inOrder)
  expect(entriesOf(ranked)).toEqual(entries)
  expect(entriesOf(ranked, true)).toEqual(entries.toReversed())
  for (let rank = 0; rank < entries.length; rank += 1 + (entries.length >> 6)) {
    const [member, score] = entries[rank]
    expect(ranked.score(member)).toBe(score)
    expect(ranked.rank(ranked.find(member))).toBe(rank)
    expect(ranked.elements.keyOf(ranked.atRank(rank))).toBe(member)
    const before = entries.filter(([, other]) => other < score).length
    expect(ranked.rankOfCut(new ScoreCut(score, false))).toBe(before)
    expect(ranked.rankOfCut(new ScoreCut(score, true))).toBe(
      before + entries.filter(([, other]) => other === score).length,
    )
  }
}

describe(`a large sorted set, seed ${seed}`, () => {
  test('is in order, whatever is added, changed and removed', () => {
    const random = new Random(seed)
    const ranked = empty()
    const model: Model = new Map()
    for (let i = 0; i < 40_000; i++) {
      // Grows, then shrinks to little, and again.
      const members = i % 20_000 < 12_000 ? 6000 : 300
      change(random, ranked, model, members)
      if (members === 300 && model.size > 300) {
        const at = ranked.atRank(below(random, ranked.size))
        model.delete(ranked.elements.keyOf(at))
        ranked.remove(at)
      }
      if (i % 4000 === 0) same(ranked, model)
    }
    same(ranked, model)
    while (ranked.size !== 0) ranked.remove(ranked.atRank(below(random, ranked.size)))
    model.clear()
    same(ranked, model)
    expect(ranked.elements.memoryBytes).toBe(0)
  })

  test.each(['upwards', 'downwards', 'at random'])('has branches over branches: entries that come %s', (way) => {
    const random = new Random(seed)
    const numbers = Array.from({ length: 9000 }, (_, i) => (way === 'downwards' ? 9000 - i : i))
    if (way === 'at random') numbers.sort(() => (random.chance(0.5) ? 1 : -1))
    const ranked = empty()
    const model: Model = new Map()
    for (const i of numbers) {
      ranked.add(`m${i}`, i >> 3)
      model.set(`m${i}`, i >> 3)
    }
    same(ranked, model)
    // From within, so that branches are joined on both sides.
    while (ranked.size > 100) {
      const from = below(random, ranked.size)
      for (let i = Math.min(from + 500, ranked.size); i > from && ranked.size > 100; i--) {
        const at = ranked.atRank(Math.min(from, ranked.size - 1))
        model.delete(ranked.elements.keyOf(at))
        ranked.remove(at)
      }
      if (ranked.size % 31 === 0) same(ranked, model)
    }
    same(ranked, model)
    expect(ranked.memoryBytes).toBeLessThan(200_000)
  })

  test('members of one score are in the order of their bytes', () => {
    const ranked = empty()
    const members = ['', 'a', 'aa', 'aaaa', 'aaaab', 'aaab', 'b', '\x80', '\xff', '\xff\xff', 'z'.repeat(PART_MAX + 1)]
    for (const member of members.toReversed()) ranked.add(member, 1)
    const sorted = members.toSorted()
    expect(entriesOf(ranked).map(([member]) => member)).toEqual(sorted)
    for (const [rank, member] of sorted.entries()) {
      expect(ranked.rankOfCut(new MemberCut(member, false))).toBe(rank)
      expect(ranked.rankOfCut(new MemberCut(member, true))).toBe(rank + 1)
    }
    ranked.check()
  })

  test('is made of elements in any order', () => {
    const random = new Random(seed)
    for (const order of [1, -1, 0]) {
      const entries = Array.from({ length: 5000 }, (_, i): Entry => [`m${i}`, below(random, 1000)]).sort(inOrder)
      if (order === -1) entries.reverse()
      if (order === 0) entries.sort(() => (random.chance(0.5) ? 1 : -1))
      const elements = new Elements()
      for (const [member, score] of entries) elements.addScored(member, score)
      same(Ranked.of(elements), new Map(entries))
    }
  })

  test('a copy is independent', () => {
    const random = new Random(seed)
    const ranked = empty()
    const model: Model = new Map()
    for (let i = 0; i < 8000; i++) change(random, ranked, model, 4000)
    const copy = ranked.copy()
    const copied = new Map(model)
    for (let i = 0; i < 8000; i++) change(random, ranked, model, 4000)
    same(copy, copied)
    for (let i = 0; i < 8000; i++) change(random, copy, copied, 500)
    same(ranked, model)
    same(copy, copied)
  })

  test('holes are filled by the changes that follow, and memory is let go', () => {
    const ranked = empty()
    const model: Model = new Map()
    const nameOf = (i: number): string => `${i}:${'m'.repeat(50 + (i % 300))}`
    for (let i = 0; i < 40_000; i++) {
      ranked.add(nameOf(i), (i * 7919) % 5000)
      model.set(nameOf(i), (i * 7919) % 5000)
    }
    const held = ranked.elements.heldBytes
    const weight = ranked.memoryBytes
    for (let i = 0; i < 40_000; i++) {
      if (i % 20 === 0) continue
      ranked.remove(ranked.find(nameOf(i)))
      model.delete(nameOf(i))
    }
    same(ranked, model)
    expect(ranked.elements.heldBytes).toBeLessThan(held / 4)
    expect(ranked.memoryBytes).toBeLessThan(weight / 8)
  })

  test('a walk meets all entries from the greatest down, as they were when it began to follow', () => {
    const random = new Random(seed)
    for (let round = 0; round < 20; round++) {
      const ranked = empty()
      const model: Model = new Map()
      for (let i = 0; i < 400; i++) change(random, ranked, model, 300)
      const then = [...model].sort(inOrder).reverse()
      const walk = new RankedWalk(ranked)
      const met: Entry[] = []
      const step = (): void => walk.next(below(random, 20), (member, score) => met.push([member, score]))
      for (let i = below(random, 3); i > 0; i--) step()
      walk.follow()
      while (walk.left !== 0) {
        for (let i = below(random, 40); i > 0; i--) change(random, ranked, model, 300)
        step()
      }
      walk.end()
      expect(ranked.elements.walk).toBeUndefined()
      expect(met).toEqual(then)
      same(ranked, model)
    }
  })

  test('a walk keeps what moves while chunks are left', () => {
    const ranked = empty()
    const nameOf = (i: number): string => `${i}:${'m'.repeat(300)}`
    for (let i = 0; i < 20_000; i++) ranked.add(nameOf(i), i)
    const walk = new RankedWalk(ranked)
    walk.follow()
    let moved = 0
    const { onMove } = ranked.elements
    ranked.elements.onMove = (at, to) => {
      moved++
      onMove!(at, to)
    }
    for (let i = 0; i < 20_000; i++) if (i % 10 !== 0) ranked.remove(ranked.find(nameOf(i)))
    for (let i = 0; i < 2000; i++) ranked.add(`new${nameOf(i)}`, i)
    expect(moved).toBeGreaterThan(100)
    const met: Entry[] = []
    walk.next(Infinity, (member, score) => met.push([member, score]))
    expect(met).toEqual(Array.from({ length: 20_000 }, (_, i) => [nameOf(19_999 - i), 19_999 - i]))
    walk.end()
    ranked.check()
  })
})
