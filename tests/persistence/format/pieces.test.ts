/** What is written in pieces is what is written at once. How pieces are read: see arrival.test.ts. */
import { describe, expect, test } from 'vitest'
import { Crc64, crc64 } from '../../../lib/persistence/format/crc64.ts'
import { Output, RdbOutput, TooLong } from '../../../lib/persistence/format/output.ts'
import { Random } from '../../differential/random.ts'

describe('an output with a sink', () => {
  test('gives the same bytes as one without, in pieces of its size', () => {
    for (const seed of [1, 2, 3]) {
      const pieces: Uint8Array[] = []
      const whole = new RdbOutput()
      const parted = new RdbOutput(64, (piece) => {
        pieces.push(piece)
        return undefined
      })
      const random = new Random(seed)
      for (let i = 0; i < 500; i++) {
        const text = 'x'.repeat(random.integer(0, 200)) + i
        const kind = random.integer(0, 4)
        for (const output of [whole, parted]) {
          if (kind === 0) output.string(text)
          else if (kind === 1) output.blob(Buffer.from(text))
          else if (kind === 2) output.double(i / 3)
          else if (kind === 3) output.count(i * 1000)
          else output.int64(-i)
        }
      }
      parted.flush()
      expect(Buffer.concat(pieces).equals(whole.array)).toBe(true)
      expect(Math.max(...pieces.map(({ length }) => length))).toBe(64)
      const crc = new Crc64()
      for (const piece of pieces) crc.add(piece)
      expect(crc.sum).toEqual(crc64(whole.array, whole.length))
    }
  })

  test('one without a sink ends at its limit', () => {
    const output = new Output(8, undefined, 1000)
    for (let i = 0; i < 1000; i++) output.byte(i)
    expect(output.length).toBe(1000)
    expect(() => output.byte(0)).toThrow(TooLong)
  })
})
