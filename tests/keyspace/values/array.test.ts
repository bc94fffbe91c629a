import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { ArrayValue } from '../../../lib/keyspace/values/array.ts'
import {
  distance,
  INDEX_MAX,
  indexAfter,
  indexAt,
  indexBefore,
  offsetOf,
  parseIndex,
  sliceIdOf,
} from '../../../lib/keyspace/values/array-index.ts'
import { type U64, U64_MAX, u64 } from '../../../lib/keyspace/values/stream-id.ts'
import { Malformed } from '../../../lib/persistence/format/input.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'

const limits = new Config({}).values
const MAX = BigInt(INDEX_MAX)

/** Indexes near each other, near the edges of slices and of what is safe, and anywhere. */
const index = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map(BigInt) },
    { weight: 3, arbitrary: fc.integer({ min: 4080, max: 4110 }).map(BigInt) },
    { weight: 2, arbitrary: fc.integer({ min: -5, max: 5 }).map((i) => 2n ** 53n + BigInt(i)) },
    { weight: 1, arbitrary: fc.integer({ min: -5, max: 5 }).map((i) => 2n ** 63n + BigInt(i)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }).map((i) => MAX - BigInt(i)) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: MAX }) },
  )
  .map(u64)
const value = fc.string({ maxLength: 3, unit: 'binary-ascii' })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('set' as const), index, value }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete' as const), index }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('deleteBetween' as const), index, to: index }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('fill' as const), index, count: fc.integer({ min: 1, max: 60 }) }),
  },
)

type Model = Map<bigint, string>

const ascending = (model: Model): (readonly [U64, string])[] =>
  [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, text]) => [u64(at), text])

function elements(array: ArrayValue, low: U64, high: U64, down = false): (readonly [U64, string])[] {
  const found: (readonly [U64, string])[] = []
  array.walk(low, high, down, (at, text) => found.push([at, text]))
  return found
}

function expectSame(array: ArrayValue, model: Model): void {
  const all = ascending(model)
  expect(elements(array, 0, INDEX_MAX)).toEqual(all)
  expect(elements(array, 0, INDEX_MAX, true)).toEqual(all.slice().reverse())
  expect(array.length).toBe(model.size)
  expect(array.end).toBe(all.length === 0 ? 0 : u64(BigInt(all[all.length - 1][0]) + 1n))
}

describe('ArrayValue', () => {
  test('behaves as a Map from indexes to values, and is kept as it is', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.tuple(index, index), { maxLength: 4 }),
        (steps, ranges) => {
          const array = new ArrayValue()
          const model: Model = new Map()
          for (const each of steps) {
            const at = BigInt(each.index)
            if (each.does === 'set') {
              expect(array.set(each.index, each.value)).toBe(!model.has(at))
              model.set(at, each.value)
              expect(array.get(each.index)).toBe(each.value)
            } else if (each.does === 'delete') {
              expect(array.delete(each.index)).toBe(model.delete(at))
              expect(array.get(each.index)).toBe(undefined)
            } else if (each.does === 'deleteBetween') {
              const [low, high] = each.index < each.to ? [each.index, each.to] : [each.to, each.index]
              const gone = [...model.keys()].filter((key) => key >= BigInt(low) && key <= BigInt(high))
              for (const key of gone) model.delete(key)
              expect(array.deleteBetween(low, high)).toBe(gone.length)
            } else {
              for (let i = 0; i < each.count && at + BigInt(i) <= MAX; i++) {
                array.set(u64(at + BigInt(i)), `${i}`)
                model.set(at + BigInt(i), `${i}`)
              }
            }
          }
          expectSame(array, model)
          for (const [a, b] of ranges) {
            const [low, high] = a < b ? [a, b] : [b, a]
            const within = ascending(model).filter(([at]) => at >= low && at <= high)
            expect(elements(array, low, high)).toEqual(within)
            expect(elements(array, low, high, true)).toEqual(within.slice().reverse())
            expect(array.countBetween(low, high)).toBe(within.length)
          }
          const copy = array.copy()
          expectSame(copy, model)
          expect(copy.memoryBytes).toBe(array.memoryBytes)
          if (model.size === 0) return
          const kept = readPayload(writePayload(array), limits) as ArrayValue
          expectSame(kept, model)
          expect(writePayload(kept)).toBe(writePayload(array))
          array.deleteBetween(0, INDEX_MAX)
          expect(array.memoryBytes).toBe(new ArrayValue().memoryBytes)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a ring holds the last values, whatever its sizes were', () => {
    const call = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      values: fc.array(value, { minLength: 1, maxLength: 8 }),
    })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 10 }), (calls) => {
        const array = new ArrayValue()
        let model: string[] = []
        for (const { size, values } of calls) {
          array.resizeRing(size)
          for (const each of values) array.appendToRing(each, size)
          model = [...model.slice(-size), ...values].slice(-size)
          expect(array.lastPlaces(size).reverse()).toEqual(model)
          expect(array.end <= size).toBe(true)
        }
        const kept = readPayload(writePayload(array), limits) as ArrayValue
        expect(kept.cursor).toBe(array.cursor)
      }),
    )
  })

  test('weighs by what is filled', () => {
    const far = new ArrayValue()
    far.set(2n ** 63n, 'x')
    expect(far.memoryBytes).toBeLessThan(1000)
    const spread = new ArrayValue()
    const packed = new ArrayValue()
    for (let i = 0; i < 10_000; i++) {
      spread.set(i * 1_000_003, 'x')
      packed.set(i, 'x')
    }
    expect(spread.memoryBytes / 10_000).toBeLessThan(400)
    expect(packed.memoryBytes / 10_000).toBeLessThan(40)
    for (let i = 0; i < 10_000; i++) if (i % 100 !== 0) packed.delete(i)
    expect(packed.memoryBytes).toBeLessThan(8000)
  })

  test('a payload that makes no sense is no array', () => {
    const array = new ArrayValue()
    for (const at of [0, 5, 4096, 2 ** 53 - 1]) array.set(at, `value ${at}`)
    const payload = writePayload(array)
    for (let i = 0; i < payload.length - 10; i++) {
      for (const code of [0, 1, 2, 5, 63, 127, 128, 255]) {
        const broken = payload.slice(0, i) + String.fromCharCode(code) + payload.slice(i + 1)
        try {
          const read = readPayload(broken, limits)
          if (read instanceof ArrayValue) expect(elements(read, 0, INDEX_MAX).length).toBe(read.length)
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed)
        }
      }
    }
  })
})

describe('indexes', () => {
  test('stand in slices', () => {
    fc.assert(
      fc.property(index, (at) => {
        expect(indexAt(sliceIdOf(at), offsetOf(at))).toBe(at)
        expect(parseIndex(`${at}`)).toBe(at)
        if (at !== 0) expect(indexAfter(indexBefore(at), 1)).toBe(at)
        expect(distance(0, at)).toBe(Number(at))
      }),
    )
    expect(parseIndex(`${U64_MAX}`)).toBe(undefined)
    expect(parseIndex(`${U64_MAX}`, U64_MAX)).toBe(U64_MAX)
    expect(indexAfter(INDEX_MAX, 1)).toBe(undefined)
    expect([parseIndex('000000001234'), parseIndex('00000000000000000000')]).toEqual([1234, 0])
    for (const text of ['', '-1', '+1', '1.', ' 1', '1 ', '99999999999999999999', '1e3']) {
      expect(parseIndex(text)).toBe(undefined)
    }
  })
})
