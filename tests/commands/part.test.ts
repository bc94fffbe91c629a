import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsPart } from '../../lib/commands/part.ts'

const A = 97

describe('holdsPart', () => {
  test('finds what the search of V8 finds, in texts that repeat themselves', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      'ab',
      'aab',
      'aaaa',
      'abaab',
      'a'.repeat(40),
      'ab'.repeat(25),
      'abaab'.repeat(12),
    )
    const text = (minLength: number, maxLength: number) =>
      fc.array(piece, { minLength, maxLength }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text(10, 40), text(5, 20), fc.nat(), fc.nat(), (bytes, other, from, length) => {
        const start = from % bytes.length
        const part = bytes.slice(start, start + 251 + (length % 200))
        for (const sought of [part, `${part}b`, `b${part}`, other]) {
          for (const within of [bytes, other + bytes, bytes + other]) {
            expect(holdsPart(within, sought)).toBe(within.includes(sought))
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('finds a long part wherever it stands, whatever its period', () => {
    for (let period = 1; period < 300; period += 7) {
      const unit = Array.from({ length: period }, (_, i) => String.fromCharCode(A + ((i * i) % 3))).join('')
      const part = unit.repeat(Math.ceil(600 / period)).slice(0, 600)
      for (const [before, behind] of [
        ['', 'x'],
        ['x', ''],
        [part.slice(1), part.slice(0, -1)],
        [part.slice(300), ''],
      ]) {
        expect(holdsPart(`${before}${part}${behind}`, part)).toBe(true)
        const broken = `${part.slice(0, 299)}x${part.slice(300)}`
        expect(holdsPart(`${before}${broken}${behind}`, part)).toBe(`${before}${broken}${behind}`.includes(part))
      }
    }
  })

  test.each([
    ['a byte before many others', `b${'a'.repeat(1_000_000)}`],
    ['a byte among many others', `${'a'.repeat(500_000)}b${'a'.repeat(500_000)}`],
    ['a byte behind many others', `${'a'.repeat(1_000_000)}b`],
  ])('looks for %s in time that is linear', (_, part) => {
    const start = process.cpuUsage().user
    expect(holdsPart('a'.repeat(4_000_000), part)).toBe(false)
    expect(process.cpuUsage().user - start).toBeLessThan(3_000_000)
  })
})
