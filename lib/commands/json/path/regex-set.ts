/**
 * Sets of characters in regular expressions: a test, whose answers for ASCII are kept. Properties of Unicode are asked of JavaScript's
 * own expressions, one code point at a time, which no text can make slow.
 */
import type { Bytes } from '../../../base/bytes.ts'

export type CharacterTest = (code: number) => boolean

export class CharacterSet {
  /** 0 for a character that was not asked for yet, 1 for one that is not in the set, 2 for one that is. */
  readonly #answers = new Uint8Array(128)
  readonly #test: CharacterTest

  constructor(test: CharacterTest) {
    this.#test = test
  }

  has(code: number): boolean {
    if (code >= 128) return this.#test(code)
    const answer = this.#answers[code]
    if (answer !== 0) return answer === 2
    const has = this.#test(code)
    this.#answers[code] = has ? 2 : 1
    return has
  }
}

const isDigit = property('\\p{Nd}')
const isSpace = property('\\p{White_Space}')
export const isWord = property('[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]')
const isAsciiDigit = between(0x30, 0x39)
const isAsciiSpace: CharacterTest = (code) => code === 32 || (code >= 9 && code <= 13)
const isUpper = between(0x41, 0x5a)
const isLower = between(0x61, 0x7a)
const isAlpha: CharacterTest = (code) => isUpper(code) || isLower(code)
const isAlnum: CharacterTest = (code) => isAlpha(code) || isAsciiDigit(code)
const isAsciiWord: CharacterTest = (code) => isAlnum(code) || code === 0x5f

/** `\d`, `\s` and `\w`, of Unicode and of ASCII. */
export const ESCAPED_SETS = new Map<string, readonly [unicode: CharacterTest, ascii: CharacterTest]>([
  ['d', [isDigit, isAsciiDigit]],
  ['s', [isSpace, isAsciiSpace]],
  ['w', [isWord, isAsciiWord]],
])

/** `[:alpha:]` and its kin, which are of ASCII. */
export const NAMED_SETS = new Map<Bytes, CharacterTest>([
  ['alnum', isAlnum],
  ['alpha', isAlpha],
  ['ascii', between(0, 0x7f)],
  ['blank', (code) => code === 32 || code === 9],
  ['cntrl', (code) => code < 32 || code === 0x7f],
  ['digit', isAsciiDigit],
  ['graph', between(0x21, 0x7e)],
  ['lower', isLower],
  ['print', between(0x20, 0x7e)],
  ['punct', (code) => code > 32 && code < 0x7f && !isAlnum(code)],
  ['space', isAsciiSpace],
  ['upper', isUpper],
  ['word', isAsciiWord],
  ['xdigit', (code) => isAsciiDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66)],
])

export function between(from: number, to: number): CharacterTest {
  return (code) => code >= from && code <= to
}

export function not(test: CharacterTest): CharacterTest {
  return (code) => !test(code)
}

export function anyOf(tests: readonly CharacterTest[]): CharacterTest {
  if (tests.length === 1) return tests[0]
  return (code) => {
    for (const test of tests) if (test(code)) return true
    return false
  }
}

/** What `[a--b]`, `[a&&b]` and `[a~~b]` are. */
export function combined(operator: Bytes, left: CharacterTest, right: CharacterTest): CharacterTest {
  if (operator === '&&') return (code) => left(code) && right(code)
  if (operator === '--') return (code) => left(code) && !right(code)
  return (code) => left(code) !== right(code)
}

/** A property by its name, as `\p{…}` has it: a category, a script, or one with its kind before it. Undefined for none. */
export function namedProperty(name: Bytes): CharacterTest | undefined {
  if (!/^[A-Za-z_]+(=[A-Za-z_]+)?$/.test(name)) return undefined
  const capital = name[0].toUpperCase() + name.slice(1).toLowerCase()
  for (const source of [name, `Script=${name}`, capital, `Script=${capital}`]) {
    try {
      return property(`\\p{${source}}`)
    } catch {
      // Not known by this name.
    }
  }
  return undefined
}

function property(source: string): CharacterTest {
  const expression = new RegExp(source, 'u')
  return (code) => expression.test(String.fromCodePoint(code))
}

/** A letter of Unicode whose other case, by JavaScript's words for case, is not the only one that it folds with. */
const ALSO = new Map([
  [0x73, 0x17f],
  [0x53, 0x17f],
  [0x6b, 0x212a],
  [0x4b, 0x212a],
  [0xe5, 0x212b],
  [0xc5, 0x212b],
])

/** A test that a character passes if it does in either case. */
export function ignoringCase(test: CharacterTest): CharacterTest {
  return (code) => {
    if (test(code)) return true
    const text = String.fromCodePoint(code)
    const lower = text.toLowerCase()
    const upper = text.toUpperCase()
    const also = ALSO.get(code)
    return (
      passes(test, lower) ||
      passes(test, upper) ||
      passes(test, upper.toLowerCase()) ||
      (also !== undefined && test(also))
    )
  }
}

/** One that is more than a character in the other case does not fold with it. */
function passes(test: CharacterTest, text: string): boolean {
  const code = text.codePointAt(0)!
  return text.length === (code > 0xffff ? 2 : 1) && test(code)
}
