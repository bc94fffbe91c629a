import { describe, expect, test } from 'vitest'
import { globMatches } from '../../lib/keyspace/glob.ts'

describe('globMatches', () => {
  // Expected values are those of SCAN MATCH on genuine Redis.
  test.each([
    ['h?llo', 'hello', true],
    ['h*llo', 'heeeello', true],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[b-a]llo', 'hallo', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\', 'a\\', true],
    ['[a\\]]', ']', true],
    ['[abc', 'c', true],
    ['[', 'x', false],
    ['[^', 'x', true],
    ['[a-', '-', true],
    ['a**b', 'ab', true],
    ['*ab', 'aab', true],
    ['**', '', false],
    ['', '', true],
    ['a', '', false],
    ['[\x01-\xff]', 'a', false],
    ['[\xff-\x01]', '\x00', true],
  ])('%j against %j is %s', (pattern, bytes, expected) => {
    expect(globMatches(pattern, bytes)).toBe(expected)
  })

  test('letters match in either case when case is ignored', () => {
    expect(globMatches('MAX[a-z]*', 'maxMEMORY', true)).toBe(true)
    expect(globMatches('MAX*', 'maxmemory')).toBe(false)
  })

  test('many stars on a long string end soon', () => {
    const startedAt = performance.now()
    expect(globMatches('a*'.repeat(200) + 'b', 'a'.repeat(20_000))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  test('a pattern of more than a thousand groups of stars matches nothing', () => {
    expect(globMatches('*a'.repeat(1000), 'a'.repeat(1000))).toBe(true)
    expect(globMatches('*a'.repeat(1001), 'a'.repeat(1001))).toBe(false)
  })
})
