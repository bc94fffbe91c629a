import { describe, expect, test } from 'vitest'
import { andBits, clearBits, countBits, invertBits, orBits, xorBits } from '../../lib/memory/twin/bits.ts'
import { Random } from '../differential/random.ts'

const SEED = 20_261_121
const ROUNDS = 400

/** Bytes at any alignment, with runs of equal ones. */
function bytes(random: Random, max: number): Uint8Array {
  const offset = random.integer(0, 9)
  const array = new Uint8Array(offset + random.integer(0, max)).subarray(offset)
  let byte = 0
  for (let i = 0; i < array.length; i++) {
    if (random.chance(0.1)) byte = random.pick([0, 255, random.integer(0, 255)])
    array[i] = byte
  }
  return array
}

const bitAt = (array: Uint8Array, bit: number): number => (array[bit >> 3] >> (7 - (bit & 7))) & 1

describe(`bits, against one bit at a time, seed ${SEED}`, () => {
  test('countBits', () => {
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const array = bytes(random, 100)
      let count = 0
      for (let bit = 0; bit < array.length * 8; bit++) count += bitAt(array, bit)
      expect(countBits(array)).toBe(count)
    }
  })

  test.each([
    ['and', andBits, (a: number, b: number) => a & b],
    ['or', orBits, (a: number, b: number) => a | b],
    ['xor', xorBits, (a: number, b: number) => a ^ b],
    ['clear', clearBits, (a: number, b: number) => a & ~b],
  ] as const)('%s', (_, operation, ofBytes) => {
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const other = bytes(random, 100)
      const into = new Uint8Array(other.length).map(() => random.integer(0, 255))
      const expected = into.map((byte, i) => ofBytes(byte, other[i]) & 255)
      operation(into, other)
      expect(into).toEqual(expected)
    }
  })

  test('invert', () => {
    const array = new Uint8Array(37).map((_, i) => i * 7)
    const expected = array.map((byte) => ~byte & 255)
    invertBits(array)
    expect(array).toEqual(expected)
  })
})
