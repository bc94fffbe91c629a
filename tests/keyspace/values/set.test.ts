import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { SetValue } from '../../../lib/keyspace/values/set.ts'

const limits = new Config({
  'set-max-intset-entries': 8,
  'set-max-listpack-entries': 6,
  'set-max-listpack-value': 5,
}).values

const member = fc.oneof(
  fc.integer({ min: -6, max: 12 }).map(String),
  fc.constantFrom('', '007', '-0', '9007199254740993', '9223372036854775807', '-9223372036854775808', 'long-member'),
  fc.string({ minLength: 1, maxLength: 3, unit: 'binary-ascii' }),
)
const step = fc.oneof(
  fc.record({ does: fc.constant('add' as const), member }),
  fc.record({ does: fc.constant('delete' as const), member }),
  fc.record({ does: fc.constant('popRandom' as const), member: fc.constant('') }),
  fc.record({ does: fc.constant('expect' as const), member: fc.constant('') }),
)

describe('SetValue', () => {
  test('behaves as a Set in every encoding', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const set = SetValue.gathering(limits)
        const model = new Set<string>()
        for (const { does, member } of steps) {
          if (does === 'add') {
            expect(set.add(member)).toBe(!model.has(member))
            model.add(member)
          } else if (does === 'delete') {
            expect(set.delete(member)).toBe(model.delete(member))
          } else if (does === 'popRandom' && model.size > 0) {
            expect(model.delete(set.popRandom())).toBe(true)
          } else if (does === 'expect') {
            set.expect(7)
          }
          expect(set.length).toBe(model.size)
          expect(new Set(set.members())).toEqual(model)
          expect(set.has(member)).toBe(model.has(member))
        }
        for (let i = 0; i < set.length; i++) expect(set.memberAt(i)).toBe(set.members()[i])
      }),
    )
  })

  test('an intset keeps its members in the order of their values, across 2^53', () => {
    const all = ['5', '-3', '9223372036854775807', '9007199254740993', '9007199254740992', '-9223372036854775808', '0']
    const set = new SetValue(limits, all[0], 1)
    for (const each of all) set.add(each)
    expect(set.encoding).toBe('intset')
    expect(set.members()).toEqual([...all].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)))
  })

  test('moves on to the next encoding at the thresholds, and never back', () => {
    const set = new SetValue(limits, '1', 1)
    for (let i = 1; i <= 5; i++) set.add('' + i)
    set.add('x')
    expect(set.encoding).toBe('listpack')
    expect(set.members()).toEqual(['1', '2', '3', '4', '5', 'x'])
    set.add('y')
    expect(set.encoding).toBe('hashtable')
    set.delete('x')
    set.delete('y')
    expect(set.encoding).toBe('hashtable')
  })

  test('an intset becomes a hashtable at once where a listpack would be too large', () => {
    const many = new SetValue(limits, '1', 1)
    for (let i = 0; i < 7; i++) many.add('' + i)
    many.add('x')
    expect(many.encoding).toBe('hashtable')
    const long = new SetValue(limits, '1', 1)
    long.add('123456')
    long.add('x')
    expect(long.encoding).toBe('hashtable')
  })

  test('popAllBut keeps members of the set in a set made anew', () => {
    const set = new SetValue(limits, 'a', 10)
    const all = Array.from({ length: 20 }, (_, i) => 'm' + i)
    for (const each of all) set.add(each)
    const popped = set.popAllBut(3)
    expect(set.encoding).toBe('listpack')
    expect([...popped, ...set.members()].sort()).toEqual([...all].sort())
  })

  test('a copy is independent', () => {
    for (const members of [['1', '2'], ['a', 'b'], Array.from({ length: 9 }, (_, i) => 'm' + i)]) {
      const set = new SetValue(limits, members[0], members.length)
      for (const each of members) set.add(each)
      const copy = set.copy()
      expect(copy.encoding).toBe(set.encoding)
      copy.add('new')
      copy.delete(members[0])
      expect([...set.members()].sort()).toEqual([...members].sort())
    }
  })

  test('every member is drawn about equally often', () => {
    const set = new SetValue(limits, 'a', 20)
    for (let i = 0; i < 20; i++) set.add('m' + i)
    const drawn = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const each = set.randomMember()
      drawn.set(each, (drawn.get(each) ?? 0) + 1)
    }
    // 1000 each with a deviation of 31: six of them.
    for (const count of drawn.values()) expect(Math.abs(count - 1000)).toBeLessThan(190)
    expect(drawn.size).toBe(20)
  })
})
