import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dict } from '../../lib/keyspace/dict.ts'
import { lengthOf } from '../length.ts'

const keys = fc.integer({ min: 0, max: 400 }).map((i) => `key:${i}`)

/** Draws long enough runs of additions and removals that the table grows and shrinks several times. */
const changes = fc.array(fc.record({ adds: fc.boolean(), key: keys }), { minLength: 0, maxLength: 2000, size: 'max' })

describe('Dict', () => {
  it('holds what a Map holds, whatever is added and removed', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const dict = new Dict<number>()
        const model = new Map<string, number>()
        list.forEach(({ adds, key }, i) => {
          if (adds) expect(dict.set(key, i)).toBe(!model.has(key))
          else expect(dict.delete(key)).toBe(model.has(key))
          if (adds) model.set(key, i)
          else model.delete(key)
        })
        expect(dict.size).toBe(model.size)
        expect([...dict.keys()].sort()).toEqual([...model.keys()].sort())
        for (const [key, value] of model) expect(dict.get(key)).toBe(value)
        dict.keys().forEach((key, position) => {
          expect(dict.position(key)).toBe(position)
          expect(dict.valueAt(position)).toBe(model.get(key))
        })
      }),
      { numRuns: lengthOf(20, 60) },
    )
  })

  it('leaves its old table while keys are only sought', () => {
    const dict = new Dict<number>()
    for (let i = 0; i < 1030; i++) dict.add(`key:${i}`, i)
    expect(dict.leavingBytes).toBeGreaterThan(0)
    for (let i = 0; i < 1030; i++) expect(dict.get(`key:${i}`)).toBe(i)
    expect(dict.leavingBytes).toBe(0)
  })

  it('returns every element that is present during a whole scan, whatever is added and removed meanwhile', () => {
    const scans = fc.record({ count: fc.integer({ min: 1, max: 30 }), between: fc.array(changes, { maxLength: 60 }) })
    fc.assert(
      fc.property(scans, ({ count, between }) => {
        const dict = new Dict<number>()
        const staying = Array.from({ length: 150 }, (_, i) => `stays:${i}`)
        for (const key of staying) dict.set(key, 0)
        for (let i = 0; i < 300; i++) dict.set(`key:${i}`, 0)
        const seen = new Set<string>()
        let cursor = 0
        let step = 0
        do {
          cursor = dict.scan(cursor, count, (key) => seen.add(key))
          for (const { adds, key } of between[step++ % Math.max(1, between.length)] ?? []) {
            if (adds) dict.set(key, 0)
            else dict.delete(key)
          }
        } while (cursor !== 0)
        for (const key of staying) expect(seen).toContain(key)
      }),
      { numRuns: lengthOf(15, 40) },
    )
  })

  it('empties down to nothing and fills again', () => {
    const dict = new Dict<number>()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5000; i++) dict.set(`${i}`, i)
      for (let i = 0; i < 5000; i++) expect(dict.delete(`${i}`)).toBe(true)
      expect(dict.size).toBe(0)
      expect(dict.has('1')).toBe(false)
    }
  })
})
