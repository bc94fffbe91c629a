import { describe, expect, test } from 'vitest'
import { fromArray } from '../../../lib/base/bytes.ts'
import { COMBINATIONS, combine, countBits, findBit } from '../../../lib/commands/bitmap/bits.ts'
import { Random } from '../../differential/random.ts'

const SEED = 20_261_130
const ROUNDS = 300
/** Short ones, and those that are several blocks and strides long. */
const LENGTHS = [1, 7, 100, 3000, 17_000, 200_000]

/** Long runs of equal bytes. */
function bytes(random: Random): Uint8Array {
  const array = new Uint8Array(random.integer(1, random.pick(LENGTHS)))
  for (let at = 0; at < array.length; ) {
    const run = random.integer(1, random.pick(LENGTHS))
    array.fill(random.pick([0, 255, random.integer(0, 255)]), at, (at += run))
  }
  return array
}

const bitAt = (array: Uint8Array, bit: number): number => ((array[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
const sources = (array: Uint8Array) => [array, fromArray(array)]

describe(`bits of whole strings, against one bit at a time, seed ${SEED}`, () => {
  test('countBits and findBit', () => {
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const array = bytes(random)
      const sought = random.integer(0, 1)
      const from = random.integer(0, array.length * 8 - 1)
      const to = random.integer(from, array.length * 8 - 1)
      let position = -1
      let count = 0
      for (let bit = from; bit <= to; bit++) {
        if (position === -1 && bitAt(array, bit) === sought) position = bit
        count += bitAt(array, bit)
      }
      for (const source of sources(array)) {
        expect(findBit(source, sought, from, to)).toBe(position)
        expect(countBits(source, from, to)).toBe(count)
      }
    }
  })

  test.each(COMBINATIONS)('combine %s', (operation) => {
    const random = new Random(SEED)
    for (let round = 0; round < 30; round++) {
      const arrays = Array.from({ length: operation === 'NOT' ? 1 : random.integer(2, 4) }, () => bytes(random))
      const length = Math.max(...arrays.map((array) => array.length))
      const expected = Uint8Array.from({ length }, (_, i) =>
        combined(
          operation,
          arrays.map((array) => array[i] ?? 0),
        ),
      )
      for (const given of [arrays, arrays.map(fromArray)]) {
        expect(Buffer.from(combine(operation, given, length)).equals(expected)).toBe(true)
      }
    }
  })
})

function combined(operation: (typeof COMBINATIONS)[number], [first, ...others]: number[]): number {
  const any = others.reduce((a, b) => a | b, 0)
  switch (operation) {
    case 'AND':
      return others.reduce((a, b) => a & b, first)
    case 'OR':
      return first | any
    case 'XOR':
      return others.reduce((a, b) => a ^ b, first)
    case 'NOT':
      return ~first & 255
    case 'DIFF':
      return first & ~any
    case 'DIFF1':
      return any & ~first
    case 'ANDOR':
      return any & first
    case 'ONE': {
      let [once, twice] = [first, 0]
      for (const other of others) {
        twice |= once & other
        once |= other
      }
      return once & ~twice
    }
  }
}
