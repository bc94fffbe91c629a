import { describe, expect, test } from 'vitest'
import {
  compareIds,
  formatId,
  MAX_ID,
  MIN_ID,
  nextId,
  parseId,
  previousId,
  U64_MAX,
} from '../../lib/keyspace/values/stream-id.ts'

const MAX = '18446744073709551615'

describe('stream ids', () => {
  test.each([
    ['1-2', '1-2'],
    ['5', '5-0'],
    ['007-01', '7-1'],
    ['9007199254740991-9007199254740992', '9007199254740991-9007199254740992'],
    [`${MAX}-${MAX}`, `${MAX}-${MAX}`],
  ])('%s reads as %s', (text, expected) => {
    expect(formatId(parseId(text, 0)!)).toBe(expected)
  })

  test('are printed in whatever order they come', () => {
    for (const ms of [
      0,
      999,
      1000,
      1001,
      1999,
      999,
      1_700_000_000_000,
      1_700_000_000_999,
      1_700_000_001_000,
      1000,
      2 ** 53 - 1,
    ]) {
      for (const seq of [0, 7]) expect(formatId({ ms, seq })).toBe(`${ms}-${seq}`)
    }
  })

  test.each(['', '-', '+', 'x', '1-', '-1', '1-2-3', '1.5', '18446744073709551616', '1-18446744073709551616'])(
    '%j is none',
    (text) => {
      expect(parseId(text, 0)).toBeUndefined()
    },
  )

  test('the missing sequence number is the caller’s', () => {
    expect(parseId('5', U64_MAX)).toEqual({ ms: 5, seq: U64_MAX })
  })

  test('order holds across the bound of safe integers', () => {
    const ids = ['0-0', '1-9007199254740991', '1-9007199254740992', '1-9007199254740993', `1-${MAX}`, '2-0', `${MAX}-0`]
    const parsed = ids.map((text) => parseId(text, 0)!)
    for (let i = 1; i < parsed.length; i++) {
      expect(compareIds(parsed[i - 1], parsed[i])).toBe(-1)
      expect(compareIds(parsed[i], parsed[i - 1])).toBe(1)
    }
  })

  test('next and previous carry over and end at the edges', () => {
    const steps = [
      ['1-9007199254740991', '1-9007199254740992'],
      ['1-9007199254740992', '1-9007199254740993'],
      [`1-${MAX}`, '2-0'],
      [`9007199254740991-${MAX}`, '9007199254740992-0'],
    ]
    for (const [before, after] of steps) {
      expect(nextId(parseId(before, 0)!)).toEqual(parseId(after, 0))
      expect(previousId(parseId(after, 0)!)).toEqual(parseId(before, 0))
    }
    expect(nextId(MAX_ID)).toBeUndefined()
    expect(previousId(MIN_ID)).toBeUndefined()
  })
})
