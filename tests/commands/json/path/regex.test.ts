import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { fromText } from '../../../../lib/base/bytes.ts'
import { Regex } from '../../../../lib/commands/json/path/regex.ts'
import { parseRegex } from '../../../../lib/commands/json/path/regex-parse.ts'
import { Steps } from '../../../../lib/commands/json/path/steps.ts'
import { seedOfRun } from '../../../differential/random.ts'

/** Undefined for what is no expression. */
function matches(pattern: string, text: string, isWhole = false, isStrict = false): boolean | undefined {
  const program = parseRegex(fromText(pattern), isStrict, new Steps())
  return program === undefined ? undefined : new Regex(program, new Steps()).matches(fromText(text), isWhole)
}

/** What one match costs, in steps. */
function costOf(pattern: string, text: string): number {
  const steps = new Steps()
  new Regex(parseRegex(fromText(pattern), false, new Steps())!, steps).matches(fromText(text), false)
  return steps.spent
}

/** Expressions that mean the same to RE2, made of few letters so that they meet the texts. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    ...[
      fc.constantFrom(
        'a',
        'b',
        '.',
        '[ab]',
        '[^a]',
        '^',
        '$',
        '\\A',
        '\\z',
        '\\x61',
        '()',
        '[a-c]',
        'é',
        '[é-ü]',
        '😀',
      ),
      fc.constantFrom('[[:alpha:]]', '[[:^digit:]]', '\\p{L}', '\\P{Lu}', '\\p{Greek}', '\\pN', '\\.', '[]a]', '[a-]'),
      fc.constantFrom('(?i)', '(?s)', '(?m)', '(?-i)', '(?i:a)', '(?s-i:.)', '(?:a|b)', '(?P<n>a)', '(?<m>b)'),
    ],
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => a + b),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,}', '{0}', '{2,3}?'),
      )
      .map(([a, repeat]) => `(${a})${repeat}`),
  ),
}))
const text = fc.string({ maxLength: 7, unit: fc.constantFrom('a', 'b', 'c', '1', 'A', '\n', 'é', 'Ü', 'λ', '😀', '-') })
const seed = seedOfRun()

describe('against RE2', () => {
  test(`a random expression matches the same, seed ${seed}`, () => {
    fc.assert(
      fc.property(expression, text, fc.boolean(), (pattern, subject, isWhole) => {
        expect(matches(pattern, subject, isWhole)).toBe(matchesInRe2(pattern, subject, isWhole))
      }),
      { numRuns: 3000, seed },
    )
  })

  test(`any text is an expression to both or to neither, seed ${seed}`, () => {
    const word = fc.constantFrom(
      'a',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '*',
      '+',
      '?',
      '|',
      '\\',
      '^',
      '-',
      '2',
      ',',
      'd',
      ':',
      '.',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const pattern = words.join('')
        const ours = matches(pattern, 'a2-', false) !== undefined
        const theirs = matchesInRe2(pattern, 'a2-', false) !== undefined
        if (ours !== theirs) expect(differs(pattern), pattern).toBe(true)
      }),
      { numRuns: 5000, seed },
    )
  })
})

/** Undefined for what is no expression. */
function matchesInRe2(pattern: string, subject: string, isWhole: boolean): boolean | undefined {
  let oracle: RE2JS
  try {
    oracle = RE2JS.compile(pattern)
  } catch {
    return undefined
  }
  return isWhole ? oracle.matches(subject) : oracle.matcher(subject).find()
}

/** Where Rust's syntax, which is RedisJSON's, is not RE2's: braces, octal numbers, repetitions of repetitions, classes within classes. */
function differs(pattern: string): boolean {
  return /[{}]|\\\d|[*+?][*+?]|\[.*\[|\[.*--|\\-|\(\?|--|\[.*-/.test(pattern)
}

describe('the syntax of Rust', () => {
  test.each([
    ['(?i)al', 'ALLOY', true],
    ['(?i)É', 'é', true],
    ['(?i)[^é]', 'É', false],
    ['(?i)\\P{Lu}', 'a', false],
    ['(?i)[\\P{Lu}]', 'a', false],
    ['(?i)\\p{^Lu}', 'a', false],
    ['(?i)\\p{Lu}', 'a', true],
    ['(?i)k', '\u212a', true],
    ['(?i)ſ', 's', true],
    ['\\d+', '٣', true],
    ['(?-u)\\d+', '٣', false],
    ['\\w', 'é', true],
    ['(?-u:\\w)', 'é', false],
    ['\\bé', 'a é', true],
    ['\\Bé', 'aé', true],
    ['\\<b', 'a b', true],
    ['b\\>', 'bc', false],
    ['\\s', '\u00a0', true],
    ['[\\w--[ab]]', 'a', false],
    ['[\\w&&[^a]]', 'b', true],
    ['[a-c~~b-d]', 'd', true],
    ['[a-c~~b-d]', 'b', false],
    ['[[a-c][x-z]]', 'y', true],
    ['[[:^alpha:]]', 'a', false],
    ['(?x) a b # a comment\n c', 'abc', true],
    ['(?x)[a b]', ' ', false],
    ['(?U)a+', 'aa', true],
    ['a{2}{2}', 'aaa', false],
    ['a**', '', true],
    ['\\u{1F600}', '😀', true],
    ['\\u00e9\\x{e9}\\U000000e9', 'ééé', true],
    ['\\p{sc=Greek}\\p{Script:Latin}', 'λa', true],
    ['\\p{^L}', '1', true],
    ['\\p{greek}', 'λ', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['a$', 'a\n', false],
    ['(?s).', '\n', true],
    ['.', '\n', false],
    ['.', '\r', true],
    ['^.$', '😀', true],
    ['\\n\\t\\r\\f\\v\\a', '\n\t\r\f\v\x07', true],
    ['', 'x', true],
    ['a||b', '', true],
  ])('%j in %j: %s', (pattern, subject, expected) => {
    expect(matches(pattern, subject)).toBe(expected)
  })

  test.each([
    '(',
    ')',
    'a)',
    '[',
    '[a',
    '*',
    '+a',
    '?',
    '{2}',
    'a{',
    'a{2',
    'a{3,2}',
    'a{1001}',
    'a{,2}',
    '\\',
    '\\q',
    '\\1',
    '(?=a)',
  ])('%j is no expression', (pattern) => expect(matches(pattern, 'a')).toBeUndefined())

  test.each([
    '(?<=a)b',
    '(?!a)',
    '(?z)',
    '(?P<1>a)',
    '[b-a]',
    '[\\d-z]',
    '\\p{Nonsense}',
    '\\p{',
    '\\xZ1',
    '\\x{110000}',
    '(?i',
  ])('%j is none either', (pattern) => expect(matches(pattern, 'a')).toBeUndefined())

  test('one with too many states, or that nests too deep, is none', () => {
    expect(matches('((a{100}){100}){100}', 'a')).toBeUndefined()
    expect(matches(`${'('.repeat(100)}${')'.repeat(100)}`, 'a')).toBeUndefined()
    expect(matches('['.repeat(100), 'a')).toBeUndefined()
    expect(matches('a'.repeat(20_000), 'a')).toBeUndefined()
  })

  test('a dot of RFC 9485 takes neither end of a line', () => {
    expect(matches('.', '\r', true, true)).toBe(false)
    expect(matches('.', '\u2028', true, true)).toBe(true)
  })
})

describe('the time is bounded by states times characters', () => {
  test.each(['(a*)*b', '(a|a)*b', '(a|aa)+$b', '(a?){30}a{30}', '((a*)*)*c', '(.*)(.*)(.*)(.*)(.*)x', '(?i)(a+)+\\z.'])(
    '%s',
    (pattern) => {
      const costs = [1000, 2000, 4000, 8000].map((length) => costOf(pattern, 'a'.repeat(length)))
      const exponent = Math.log2(costs[3] / costs[1]) / 2
      expect(exponent).toBeLessThan(1.1)
      expect(costs[3]).toBeLessThan(8000 * 150)
    },
  )
})
