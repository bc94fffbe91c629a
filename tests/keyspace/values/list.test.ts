import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeElement } from '../../../lib/keyspace/packed/element.ts'
import type { EncodingLimits } from '../../../lib/keyspace/value.ts'
import { ListValue } from '../../../lib/keyspace/values/list.ts'

const limits = (fill: number): EncodingLimits => ({ 'list-max-listpack-size': fill }) as EncodingLimits

function listOf(elements: readonly string[], fill = -2): ListValue {
  const list = new ListValue(limits(fill))
  list.grow(elements, 0, elements.length)
  for (const element of elements) list.push(element, false)
  return list
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => '' + i)

/** Each operation changes the list and a plain array alike; what they answer must be equal. */
type Operation = (list: ListValue, model: string[]) => void

const element = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }).map((n) => 'e' + n) },
  { weight: 1, arbitrary: fc.constantFrom('', '\xff', 'x'.repeat(254), 'x'.repeat(255), 'x'.repeat(9000)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...['127', '-4096', '70000', '9223372036854775807', '007', 'x'.repeat(4096)]),
  },
)
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const place = (part: number, length: number): number => Math.floor(part * length)

const pushes = fc.tuple(fc.array(element, { minLength: 1, maxLength: 60 }), fc.boolean()).map(
  ([elements, atHead]): Operation =>
    (list, model) => {
      list.grow(elements, 0, elements.length)
      for (const each of elements) {
        // As a command does whose arguments stand in a read buffer.
        if (each.length % 2 === 0 && each.length < 1000) list.pushWritten(writeElement(each, 0), each.length, atHead)
        else list.push(each, atHead)
        if (atHead) model.unshift(each)
        else model.push(each)
      }
    },
)
const pops = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()).map(
  ([count, atHead]): Operation =>
    (list, model) => {
      for (let i = 0; i < count && model.length > 0; i++) {
        expect(list.pop(atHead)).toBe(atHead ? model.shift() : model.pop())
      }
      list.shrink()
    },
)
const looks = fc.tuple(fraction, fraction).map(
  ([a, b]): Operation =>
    (list, model) => {
      if (model.length === 0) return
      const index = place(a, model.length)
      expect(list.at(index)).toBe(model[index])
      const [from, to] = [place(Math.min(a, b), model.length), place(Math.max(a, b), model.length)]
      expect(list.slice(from, to)).toEqual(model.slice(from, to))
    },
)
const sets = fc.tuple(fraction, element).map(
  ([part, value]): Operation =>
    (list, model) => {
      if (model.length === 0) return
      const index = place(part, model.length)
      list.grow([value], 0, 1)
      list.set(index, value)
      list.shrink()
      model[index] = value
    },
)
const inserts = fc.tuple(element, element, fc.boolean()).map(
  ([pivot, value, after]): Operation =>
    (list, model) => {
      list.grow([value], 0, 1)
      const index = model.indexOf(pivot)
      expect(list.insert(pivot, value, after)).toBe(index !== -1)
      if (index !== -1) model.splice(after ? index + 1 : index, 0, value)
    },
)
const removals = fc.tuple(element, fc.constantFrom(1, 2, Infinity), fc.boolean()).map(
  ([value, limit, backward]): Operation =>
    (list, model) => {
      let removed = 0
      while (removed < limit) {
        const index = backward ? model.lastIndexOf(value) : model.indexOf(value)
        if (index === -1) break
        model.splice(index, 1)
        removed++
      }
      expect(list.remove(value, limit, backward)).toBe(removed)
      list.shrink()
    },
)
const cuts = fc.tuple(fraction, fraction).map(
  ([a, b]): Operation =>
    (list, model) => {
      if (model.length === 0) return
      const index = place(a, model.length)
      const count = place(b * b, model.length - index)
      list.removeRange(index, count)
      model.splice(index, count)
      list.shrink()
    },
)
const searches = fc.tuple(element, fc.boolean()).map(
  ([value, backward]): Operation =>
    (list, model) => {
      const found: number[] = []
      list.search(value, backward, (index) => found.push(index) === 3)
      const all = model.flatMap((each, index) => (each === value ? [index] : []))
      expect(found).toEqual((backward ? all.reverse() : all).slice(0, 3))
    },
)
const operations = fc.array(fc.oneof(pushes, pops, looks, sets, inserts, removals, cuts, searches), { maxLength: 80 })

describe('a list', () => {
  test('behaves as an array, in nodes of any size', () => {
    fc.assert(
      fc.property(fc.constantFrom(-5, -2, -1, 1, 2, 5, 16), operations, (fill, steps) => {
        const list = new ListValue(limits(fill))
        const model: string[] = []
        for (const step of steps) {
          step(list, model)
          expect(list.length).toBe(model.length)
        }
        expect(list.values()).toEqual(model)
        const copy = list.copy()
        list.push('more', true)
        list.set(list.length >> 1, 'other')
        expect(copy.values()).toEqual(model)
        copy.push('more', false)
        const changed = ['more', ...model]
        changed[changed.length >> 1] = 'other'
        expect(list.values()).toEqual(changed)
      }),
      { numRuns: 300 },
    )
  })

  test('finds an index in the middle of many nodes while its ends move', () => {
    const model = numbers(20_000)
    const list = listOf(model, 16)
    for (let i = 0; i < 2000; i++) {
      const index = (i * 7919) % model.length
      expect(list.at(index)).toBe(model[index])
      if (i % 3 === 0) expect(list.pop(true)).toBe(model.shift())
      if (i % 5 === 0) expect(list.pop(false)).toBe(model.pop())
      if (i % 7 === 0) {
        list.push('head' + i, true)
        model.unshift('head' + i)
      }
      if (i % 100 === 0) {
        list.set(index % model.length, 'set' + i)
        model[index % model.length] = 'set' + i
      }
    }
    expect(list.values()).toEqual(model)
  })

  test('is a queue that does not drag its past along', () => {
    const list = listOf(['first'])
    for (let i = 0; i < 10_000; i++) {
      list.push('' + i, false)
      expect(list.pop(true)).toBe(i === 0 ? 'first' : '' + (i - 1))
    }
    expect(list.length).toBe(1)
    expect(list.memoryBytes).toBeLessThan(700)
  })

  test('has no node for an element alone while it is a listpack', () => {
    const list = listOf(['x'.repeat(9000), 'last'], -5)
    list.push('first', true)
    list.set(1, 'other')
    expect(list.values()).toEqual(['first', 'other', 'last'])
  })

  test('edits a node again that was in its middle, at its end, and in its middle', () => {
    const list = listOf(numbers(10), 2)
    list.set(4, 'first')
    for (let i = 0; i < 4; i++) list.pop(false)
    for (let i = 6; i < 10; i++) list.push('' + i, false)
    list.set(5, 'second')
    expect(list.values()).toEqual(['0', '1', '2', '3', 'first', 'second', '6', '7', '8', '9'])
  })

  test('keeps elements of every length in packed nodes', () => {
    const elements = [0, 1, 63, 64, 254, 255, 256, 300, 5000].flatMap((n) => ['a', 'x'.repeat(n), '\xff\x00'])
    const list = new ListValue(limits(-5))
    const model: string[] = []
    for (let i = 0; i < 100; i++) {
      for (const each of elements) list.push(each, false)
      list.grow(elements, 0, elements.length)
      model.push(...elements)
    }
    expect(list.values()).toEqual(model)
    expect(list.slice(1200, 1300)).toEqual(model.slice(1200, 1300))
  })
})

describe('the encoding of a list', () => {
  test('changes when the listpack would exceed 8 KB, with what an element takes beside its bytes', () => {
    // 7 bytes of the listpack itself, and 12 for an element of 10 bytes; what comes counts with its bytes only.
    const count = Math.floor((8192 - 7 - 10) / 12) + 1
    const list = new ListValue(limits(-2))
    for (let i = 0; i < count; i++) {
      list.grow(['0123456789'], 0, 1)
      list.push('x123456789', false)
      expect(list.encoding).toBe('listpack')
    }
    list.grow(['x123456789'], 0, 1)
    expect(list.encoding).toBe('quicklist')
  })

  test('counts integers as the few bytes that they take', () => {
    const list = new ListValue(limits(-1))
    for (let i = 0; i < 2000; i++) {
      list.grow(['7'], 0, 1)
      list.push('7', false)
    }
    expect(list.encoding).toBe('listpack')
  })

  test('changes for a limit on the number of elements', () => {
    expect(listOf(numbers(5), 5).encoding).toBe('listpack')
    expect(listOf(numbers(6), 5).encoding).toBe('quicklist')
    expect(listOf(numbers(1), 0).encoding).toBe('listpack')
    expect(listOf(numbers(2), 0).encoding).toBe('quicklist')
    expect(listOf(['x'.repeat(8192)], 100).encoding).toBe('quicklist')
  })

  test('changes back only when one node is left, at half of the limit', () => {
    const list = listOf(numbers(10), 8)
    expect(list.encoding).toBe('quicklist')
    for (let i = 0; i < 6; i++) {
      list.pop(true)
      list.shrink()
    }
    expect(list.length).toBe(4)
    expect(list.encoding).toBe('quicklist') // two nodes: the first one with two, the second one with two
    list.pop(true)
    list.pop(true)
    list.shrink()
    expect(list.encoding).toBe('listpack')
  })

  test('survives a copy', () => {
    expect(listOf(numbers(3)).copy().encoding).toBe('listpack')
    expect(listOf(numbers(10), 3).copy().encoding).toBe('quicklist')
  })
})
