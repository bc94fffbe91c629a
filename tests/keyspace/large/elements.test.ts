import { describe, expect, test } from 'vitest'
import { sliceOf } from '../../../lib/base/bytes.ts'
import { Places } from '../../../lib/base/places.ts'
import { PART_MAX } from '../../../lib/keyspace/large/elementrecords.ts'
import { Elements } from '../../../lib/keyspace/large/elements.ts'
import { ElementWalk } from '../../../lib/keyspace/large/elementwalk.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const seed = seedOfRun()

const below = (random: Random, bound: number): number => random.integer(0, bound - 1)

/** Keys and values of all kinds of lengths, long ones among them. */
function textOf(random: Random, name: string): string {
  const length = random.chance(0.02) ? PART_MAX + below(random, 3) - 1 : below(random, random.chance(0.1) ? 400 : 20)
  return name + '\xff'.repeat(length)
}

const p = new Places()

/** Arguments as they stand in a read buffer. */
function places(...args: string[]): Places {
  const bytes = Buffer.from(args.join(''), 'latin1')
  p.use(bytes)
  p.count = args.length
  let at = 0
  args.forEach((arg, i) => {
    p.starts[i] = at
    at += arg.length
    p.ends[i] = at
  })
  return p
}

/** As `expect`, many thousand times. */
function is(one: unknown, other: unknown): void {
  if (one !== other) throw new Error(`${one} instead of ${other}`)
}

/** One random change, of both alike. */
function change(random: Random, elements: Elements, model: Map<string, string>, keys: number): void {
  const key = `k${below(random, keys)}${below(random, keys) % 97 === 0 ? 'x'.repeat(PART_MAX) : ''}`
  const value = textOf(random, 'v')
  const isPlaced = key.length <= PART_MAX && value.length <= PART_MAX
  switch (below(random, 6)) {
    case 0:
    case 1:
      is(elements.set(key, value), !model.has(key))
      model.set(key, value)
      return
    case 2:
      if (!isPlaced) return
      is(elements.setPlace(places('', key, value), 1, 2), !model.has(key))
      model.set(key, value)
      return
    case 3:
      is(elements.addNew(key, value) === -1, model.has(key))
      if (!model.has(key)) model.set(key, value)
      return
    case 4:
      is(elements.delete(key), model.delete(key))
      return
    default: {
      if (elements.size === 0) return
      const position = elements.randomPosition()
      const drawn = elements.keyAt(position)
      elements.deleteAt(position)
      is(model.delete(drawn), true)
    }
  }
}

function same(elements: Elements, model: Map<string, string>): void {
  elements.check()
  expect(elements.size).toBe(model.size)
  for (const [key, value] of model) {
    if (elements.get(key) !== value) throw new Error(`another value of ${key.slice(0, 20)}`)
    if (key.length > PART_MAX) continue
    const at = elements.findPlace(places('', key), 1)
    if (at !== elements.find(key)) throw new Error(`${key} is not found by its place`)
    if (elements.openValue(at)) {
      const { valueBytes, valueStart, valueEnd } = elements
      if (sliceOf(valueBytes, valueStart, valueEnd) !== value) throw new Error(`another value at the place of ${key}`)
    } else if (value.length <= PART_MAX) throw new Error(`a long value of ${key}`)
  }
}

describe(`elements of a large collection, seed ${seed}`, () => {
  test('are what a Map holds, whatever is added, replaced and removed', () => {
    const random = new Random(seed)
    const elements = new Elements()
    const model = new Map<string, string>()
    for (let i = 0; i < 30_000; i++) {
      // Grows, then shrinks to little, and again.
      change(random, elements, model, i % 10_000 < 6000 ? 3000 : 200)
      if (i % 3000 === 0) same(elements, model)
    }
    same(elements, model)
    for (const key of [...model.keys()]) elements.delete(key)
    model.clear()
    same(elements, model)
    expect(elements.memoryBytes).toBe(0)
  })

  test('a copy is independent', () => {
    const random = new Random(seed)
    const elements = new Elements()
    const model = new Map<string, string>()
    for (let i = 0; i < 5000; i++) change(random, elements, model, 2000)
    const copy = elements.copy()
    const copied = new Map(model)
    for (let i = 0; i < 5000; i++) change(random, elements, model, 2000)
    same(copy, copied)
    for (let i = 0; i < 5000; i++) change(random, copy, copied, 500)
    same(elements, model)
    same(copy, copied)
  })

  test('holes are filled by the changes that follow, and memory is let go', () => {
    const elements = new Elements()
    const model = new Map<string, string>()
    for (let i = 0; i < 60_000; i++) {
      const value = 'v'.repeat(50 + (i % 300))
      elements.add(`k${i}`, value)
      model.set(`k${i}`, value)
    }
    const held = elements.heldBytes
    for (let i = 0; i < 60_000; i++) {
      if (i % 20 === 0) continue
      elements.delete(`k${i}`)
      model.delete(`k${i}`)
    }
    same(elements, model)
    expect(elements.heldBytes).toBeLessThan(held / 4)
  })

  test('a scan meets all that stay, whatever changes meanwhile', () => {
    const random = new Random(seed)
    const elements = new Elements()
    const model = new Map<string, string>()
    for (let i = 0; i < 1000; i++) change(random, elements, model, 600)
    for (let i = 0; i < 500; i++) elements.add(`stays${i}`)
    const seen = new Set<string>()
    let cursor = 0
    do {
      cursor = elements.scan(cursor, 10, (key) => seen.add(key))
      for (let i = 0; i < 20; i++) {
        const key = `k${below(random, 600)}`
        if (!elements.delete(key)) elements.add(key, 'v')
      }
    } while (cursor !== 0)
    for (let i = 0; i < 500; i++) expect(seen).toContain(`stays${i}`)
  })

  test('a walk meets each element once, as it was when it began', () => {
    const random = new Random(seed)
    for (let round = 0; round < 20; round++) {
      const elements = new Elements()
      const model = new Map<string, string>()
      for (let i = 0; i < 300; i++) change(random, elements, model, 200)
      const then = new Map(model)
      const walk = new ElementWalk(elements)
      const met = new Map<string, string>()
      const step = (): boolean => {
        if (!walk.next()) return false
        expect(met.has(walk.key)).toBe(false)
        met.set(walk.key, walk.value)
        return true
      }
      for (let i = below(random, 50); i > 0; i--) step()
      walk.follow()
      for (let more = true; more; ) {
        for (let i = below(random, 6); i > 0; i--) change(random, elements, model, 200)
        more = step()
      }
      walk.end()
      expect(elements.walk).toBeUndefined()
      expect(met).toEqual(then)
      same(elements, model)
    }
  })
})
