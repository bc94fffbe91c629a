/** The checkers of histories find what they look for. */
import { describe, expect, test } from 'vitest'
import { faultsOf, type Operation } from './history.ts'
import { boundFaultsOf, sessionFaultsOf } from './levels.ts'

const NO_END = { lists: new Map(), counts: new Map(), claims: new Map() }

function told(
  session: number,
  kind: Operation['kind'],
  key: string,
  from: number,
  to: number,
  answer: unknown,
  value = '',
): Operation {
  return { session, kind, key, from, to, answer, value }
}

describe('one order', () => {
  test('does not explain a counter that goes back, a value given twice, or more than was begun', () => {
    const end = { ...NO_END, counts: new Map([['n', 2]]) }
    const first = told(1, 'incr', 'n', 0, 1, 1)
    expect(faultsOf([first, told(2, 'incr', 'n', 2, 3, 2), told(1, 'count', 'n', 4, 5, '2')], end)).toEqual([])
    expect(faultsOf([first, told(2, 'incr', 'n', 2, 3, 2), told(1, 'count', 'n', 4, 5, '1')], end)).toHaveLength(1)
    expect(faultsOf([first, told(2, 'incr', 'n', 2, 3, 1)], end)).not.toEqual([])
    expect(faultsOf([first], end)).toHaveLength(1)
  })

  test('does not explain two who were told to have one name', () => {
    const end = { ...NO_END, claims: new Map([['name', 'a']]) }
    const claims = [told(1, 'claim', 'name', 0, 1, 1, 'a'), told(2, 'claim', 'name', 0, 1, 0, 'b')]
    expect(faultsOf(claims, end)).toEqual([])
    expect(faultsOf([claims[0], { ...claims[1], answer: 1 }], end)).toHaveLength(1)
  })

  test('does not explain a register that is older than what had been read', () => {
    const sets = [told(1, 'set', 'r', 0, 1, 'OK', 'a'), told(1, 'set', 'r', 2, 3, 'OK', 'b')]
    expect(faultsOf([...sets, told(2, 'get', 'r', 4, 5, 'b')], NO_END)).toEqual([])
    expect(faultsOf([...sets, told(2, 'get', 'r', 4, 5, 'a')], NO_END)).toHaveLength(1)
  })
})

describe('a session', () => {
  test('may be behind others, never behind itself', () => {
    const history = [told(1, 'incr', 'n', 0, 1, 2), told(2, 'count', 'n', 2, 3, '1'), told(1, 'count', 'n', 2, 3, '2')]
    expect(sessionFaultsOf(history)).toEqual([])
    expect(sessionFaultsOf([...history, told(1, 'count', 'n', 4, 5, '1')])).toHaveLength(1)
  })

  test('sees no value again that it has seen replaced', () => {
    const history = [told(1, 'get', 'r', 0, 1, 'a'), told(1, 'set', 'r', 2, 3, 'OK', 'b')]
    expect(sessionFaultsOf([...history, told(1, 'get', 'r', 4, 5, 'c')])).toEqual([])
    expect(sessionFaultsOf([...history, told(1, 'get', 'r', 4, 5, 'a')])).toHaveLength(1)
    expect(sessionFaultsOf([...history, told(1, 'get', 'r', 4, 5, null)])).toHaveLength(1)
  })
})

test('a bound is kept by reads that are old, and not older', () => {
  const history = [told(1, 'push', 'l', 0, 10, 1), told(2, 'list', 'l', 100, 101, [])]
  expect(boundFaultsOf(history, 100)).toEqual([])
  expect(boundFaultsOf(history, 50)).toHaveLength(1)
})
