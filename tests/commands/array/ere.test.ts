import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Effort } from '../../../lib/commands/array/effort.ts'
import { Ere } from '../../../lib/commands/array/ere.ts'
import { SEARCH_COST } from '../../../lib/commands/array/errors.ts'

function matches(pattern: string, text: string, ignoreCase = false): boolean | undefined {
  const expression = Ere.parse(pattern, ignoreCase)
  return expression instanceof Ere ? expression.matches(text, new Effort()) : undefined
}

/** Expressions that mean the same to JavaScript, made of few letters so that they meet the texts. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$', '\\w', '\\d', '\\b', '\\x61', '()', '[a-c]'),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => a + b),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '{0}', '{2,3}'))
      .map(([a, repeat]) => `(${a})${repeat}`),
  ),
}))
const text = fc.string({ maxLength: 7, unit: fc.constantFrom('a', 'b', 'c', '1', '_', ' ', '-', 'A') })

describe('Ere', () => {
  test('matches what the same expression of JavaScript matches', () => {
    fc.assert(
      fc.property(expression, text, fc.boolean(), (pattern, bytes, ignoreCase) => {
        expect(matches(pattern, bytes, ignoreCase)).toBe(new RegExp(pattern, ignoreCase ? 'si' : 's').test(bytes))
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['[[:digit:]]+x', 'a12x', true],
    ['^[[:alpha:]_][[:alnum:]_]*$', 'name_1', true],
    ['^[[:alpha:]_][[:alnum:]_]*$', '1name', false],
    ['[]a]', ']', true],
    ['[^]a]', ']', false],
    ['[a-]', '-', true],
    ['\\xg', '\0g', true],
    ['[\\d]', '\\', true],
    ['a|b|', 'zzz', true],
    ['x{2}{2}', 'xxxx', true],
    ['^(x{2}){2}$', 'xxx', false],
    ['a*{2}', '', true],
    ['\\<b', 'a b', true],
    ['b\\>', 'bc', false],
    ['\\Bb', 'ab', true],
    ['\\.', 'a', false],
    ['^.$', '\n', true],
    ['\xff', 'a\xff', true],
    ['[\xe0-\xff]', '\xe9', true],
    ['', '', true],
  ])('%j in %j: %s', (pattern, bytes, expected) => {
    expect(matches(pattern, bytes)).toBe(expected)
  })

  test.each([
    ['(', "Missing ')'"],
    ['(a', "Missing ')'"],
    ['[', "Missing ']'"],
    ['[a', "Missing ']'"],
    ['*', 'Invalid use of repetition operators'],
    ['+a', 'Invalid use of repetition operators'],
    ['(?:a)', 'Invalid use of repetition operators'],
    ['a{', "Missing '}'"],
    ['a{2', "Missing '}'"],
    ['a{2,', "Missing '}'"],
    ['\\x{61', "Missing '}'"],
    ['a{3,2}', 'Invalid contents of {}'],
    ['a{256}', 'Invalid contents of {}'],
    ['a{,}', 'Invalid contents of {}'],
    ['a{x}', 'Invalid contents of {}'],
    ['\\', 'Trailing backslash'],
    ['a\\1', 'Invalid back reference'],
    ['(a)\\1', undefined],
    ['[b-a]', 'Invalid character range'],
    ['[[:foo:]]', 'Unknown character class name'],
    ['[[.-.]]', 'Unknown collating element'],
    ['((a{255}){255}){255}', 'Out of memory'],
  ])('%j is no expression: %s', (pattern, reason) => {
    expect(Ere.parse(pattern, false)).toBe(reason)
  })

  test('nesting is bounded', () => {
    expect(Ere.parse('('.repeat(1000) + ')'.repeat(1000), false)).toBe('Out of memory')
    expect(Ere.parse('('.repeat(200) + ')'.repeat(200), false)).toBeInstanceOf(Ere)
  })

  test.each([
    ['^(a|b)', 'xa', false],
    ['^(a|b)', 'bx', true],
    ['(^|x)a', 'yxa', true],
    ['(^|x)a', 'ya', false],
    ['^*a', 'xa', true],
    ['^', '', true],
    ['x$', `${'y'.repeat(100)}x`, true],
    ['$', 'abc', true],
    ['\\<b', `${' '.repeat(100)}b`, true],
    ['b', `b${'a'.repeat(100)}`, true],
    ['[x-z]{2}', `${'ax'.repeat(50)}xy`, true],
  ])('%j in %j, which bytes that begin nothing do not hide: %s', (pattern, bytes, expected) => {
    expect(matches(pattern, bytes)).toBe(expected)
  })

  test('ends where many states and many bytes come together', () => {
    const expression = Ere.parse(`${'(a?){200}'.repeat(8)}b`, false) as Ere
    const text = 'a'.repeat(1_000_000)
    expect(() => expression.matches(text, new Effort(1_000_000))).toThrow(expect.objectContaining(SEARCH_COST))
  })

  test('takes time in proportion to the text, where backtracking would never end', () => {
    const long = 'a'.repeat(20_000)
    expect(matches('(a*)*b', long)).toBe(false)
    expect(matches('(a|aa)+$', long + 'b')).toBe(false)
    expect(matches('^(a?){200}a{200}$', 'a'.repeat(200))).toBe(true)
  })
})
