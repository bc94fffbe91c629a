import { describe, expect, test } from 'vitest'
import { StringBuffer, storedString, stringEncoding } from '../../../lib/keyspace/values/string.ts'
import { Random } from '../../differential/random.ts'

const SEED = 20_261_121

describe('StringBuffer', () => {
  test(`is the bytes that were written, in whatever order it is written and read, seed ${SEED}`, () => {
    const random = new Random(SEED)
    for (let round = 0; round < 100; round++) {
      let expected = random.bytes(0, 100)
      const buffer = new StringBuffer(expected)
      for (let step = 0; step < 50; step++) {
        const offset = random.integer(0, expected.length + 20)
        const bytes = random.bytes(0, random.pick([5, 200]))
        switch (random.integer(0, 5)) {
          case 0:
            buffer.write(offset, bytes)
            expected = expected.padEnd(offset, '\0')
            expected = expected.slice(0, offset) + bytes + expected.slice(offset + bytes.length)
            break
          case 1:
            expect(buffer.toBytes()).toBe(expected)
            break
          case 2:
            expect(buffer.slice(0, expected.length >> 1)).toBe(expected.slice(0, expected.length >> 1))
            expect(buffer.byteAt(offset)).toBe(expected.charCodeAt(offset) || 0)
            break
          case 3: {
            const at = Math.min(offset, expected.length)
            const count = Math.min(random.integer(0, 5), expected.length - at)
            buffer.splice(at, count, [1, 2])
            expected = expected.slice(0, at) + '\x01\x02' + expected.slice(at + count)
            break
          }
          case 4:
            expect(buffer.copy().toBytes()).toBe(expected)
            break
          case 5:
            buffer.grow(offset)
            expected = expected.padEnd(offset, '\0')
            break
        }
        expect(buffer.length).toBe(expected.length)
      }
      expect(buffer.toBytes()).toBe(expected)
    }
  })

  test('a copy is independent', () => {
    const buffer = new StringBuffer('abc')
    const copy = buffer.copy()
    buffer.write(0, 'x')
    copy.write(1, 'y')
    expect([buffer.toBytes(), copy.toBytes()]).toEqual(['xbc', 'ayc'])
  })

  test('whoever reads its array is told what is about to change, until another takes its place', () => {
    const buffer = StringBuffer.zeros(1000)
    const told: number[][] = []
    buffer.readBy({ beforeWrite: (from, to) => told.push([from, to]) })
    buffer.write(10, 'abc')
    buffer.setByte(999, 1)
    buffer.splice(5, 1, [1, 2])
    const array = buffer.content
    buffer.write(2000, 'x')
    expect(told).toEqual([
      [10, 13],
      [999, 1000],
    ])
    expect(array).toHaveLength(1001)
    buffer.readBy({ beforeWrite: () => told.push([]) })
    buffer.toBytes()
    buffer.write(0, 'y')
    expect(told).toHaveLength(2)
  })

  test('appending costs linear time and keeps little in vain', () => {
    const buffer = new StringBuffer('')
    const piece = 'x'.repeat(1000)
    for (let i = 0; i < 8000; i++) buffer.write(buffer.length, piece)
    expect(buffer.length).toBe(8_000_000)
    expect(buffer.capacity).toBeLessThan(10_100_000)
  })

  test('holds the content once after it was read as a whole', () => {
    const buffer = new StringBuffer('abc')
    buffer.write(3, 'def')
    expect(buffer.capacity).toBeGreaterThan(6)
    buffer.toBytes()
    expect(buffer.capacity).toBe(6)
  })
})

describe('storedString', () => {
  test.each(['0', '1', '-1', '9007199254740991', '-9007199254740991', '1000000000000000'])('%s is a number', (text) => {
    expect(storedString(text)).toBe(Number(text))
    expect(stringEncoding(storedString(text))).toBe('int')
  })

  test.each(['', '-', '-0', '00', '01', '+1', ' 1', '1 ', '1.0', '1e3', '0x1', '9007199254740992', '\x00'])(
    '%j stays text',
    (text) => {
      expect(storedString(text)).toBe(text)
    },
  )

  test('integers of 64 bits beyond the safe ones are int by their text', () => {
    expect(stringEncoding(storedString('9223372036854775807'))).toBe('int')
    expect(stringEncoding(storedString('-9223372036854775808'))).toBe('int')
    expect(stringEncoding(storedString('9223372036854775808'))).toBe('embstr')
  })
})
