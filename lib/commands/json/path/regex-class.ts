/**
 * The parser of what stands for one character in a regular expression: a class in brackets, which may hold others, and an escape.
 * regex-parse.ts extends it with all that is made of these.
 */
import { Refused } from '../../automaton.ts'
import {
  anyOf,
  between,
  type CharacterTest,
  combined,
  ESCAPED_SETS,
  ignoringCase,
  NAMED_SETS,
  namedProperty,
  not,
} from './regex-set.ts'

/** As deep as groups and classes may nest. */
const DEPTH_MAX = 64

const SINGLE_ESCAPES = new Map([
  ['n', 0x0a],
  ['t', 0x09],
  ['r', 0x0d],
  ['f', 0x0c],
  ['v', 0x0b],
  ['a', 0x07],
])
/** How many hexadecimal digits stand behind the letter, if no braces do. */
const HEX_DIGITS = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])
const OPERATORS = ['&&', '--', '~~']

export interface Flags {
  ignoresCase: boolean
  isMultiline: boolean
  dotTakesAll: boolean
  isVerbose: boolean
  isAscii: boolean
}

export abstract class ClassParser {
  /** By code points. */
  readonly #text: readonly string[]
  protected at = 0
  protected flags: Flags = {
    ignoresCase: false,
    isMultiline: false,
    dotTakesAll: false,
    isVerbose: false,
    isAscii: false,
  }
  #depth = 0

  constructor(text: string) {
    this.#text = Array.from(text)
  }

  protected open(): void {
    if (++this.#depth > DEPTH_MAX) throw new Refused('nested too deep')
  }

  protected close(): void {
    this.#depth--
  }

  /** The character at a distance; '' beyond the end. */
  protected peek(distance = 0): string {
    return this.#text[this.at + distance] ?? ''
  }

  /** Passes over characters if they are what comes next. */
  protected take(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.peek(i) !== text[i]) return false
    this.at += text.length
    return true
  }

  /** All up to a character, and past it. */
  protected until(end: string): string {
    let text = ''
    for (; this.peek() !== end; this.at++) {
      if (this.peek() === '') throw new Refused(`'${end}' is missing`)
      text += this.peek()
    }
    this.at++
    return text
  }

  protected folded(test: CharacterTest): CharacterTest {
    return this.flags.ignoresCase ? ignoringCase(test) : test
  }

  /** Behind the opening bracket. */
  protected bracket(): CharacterTest {
    this.open()
    const isNegated = this.take('^')
    let listed: CharacterTest | undefined
    let operator = ''
    let tests: CharacterTest[] = []
    const start = this.at
    for (;;) {
      const next = this.peek()
      if (next === '') throw new Refused('a bracket that is not closed')
      const found = OPERATORS.find((word) => this.peek() === word[0] && this.peek(1) === word[1])
      const isEnd = next === ']' && this.at > start
      if (isEnd || found !== undefined) {
        const test = this.folded(tests.length === 0 ? () => false : anyOf(tests))
        listed = listed === undefined ? test : combined(operator, listed, test)
        tests = []
        operator = found ?? ''
        this.at += isEnd ? 1 : 2
        if (!isEnd) continue
        this.close()
        return isNegated ? not(listed) : listed
      }
      if (this.flags.isVerbose && /\s/.test(next)) this.at++
      else tests.push(this.#item())
    }
  }

  /** A class within, a set by its name, a character, or two with a dash between. */
  #item(): CharacterTest {
    if (this.peek() === '[') {
      const named = this.peek(1) === ':' ? this.#named() : undefined
      if (named !== undefined) return named
      this.at++
      return this.bracket()
    }
    const from = this.#character()
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '-') {
      return typeof from === 'number' ? between(from, from) : from
    }
    this.at++
    const to = this.#character()
    if (typeof from !== 'number' || typeof to !== 'number' || to < from) throw new Refused('a range of no characters')
    return between(from, to)
  }

  /** `[:alpha:]`; undefined for what only begins like it. */
  #named(): CharacterTest | undefined {
    const start = this.at
    this.at += 2
    const isNegated = this.take('^')
    let name = ''
    for (; /^[a-z]$/.test(this.peek()); this.at++) name += this.peek()
    const test = this.take(':]') ? NAMED_SETS.get(name) : undefined
    if (test === undefined) this.at = start
    return test !== undefined && isNegated ? not(test) : test
  }

  #character(): number | CharacterTest {
    const next = this.peek()
    this.at++
    if (next === '') throw new Refused('a bracket that is not closed')
    return next === '\\' ? this.escape() : next.codePointAt(0)!
  }

  /** Behind a backslash: a character, or a set of them. */
  protected escape(): number | CharacterTest {
    const next = this.peek()
    this.at++
    const set = ESCAPED_SETS.get(next.toLowerCase())
    if (set !== undefined) {
      const test = set[this.flags.isAscii ? 1 : 0]
      return next === next.toLowerCase() ? test : not(test)
    }
    if (next === 'p' || next === 'P') return this.#property(next === 'P')
    const digits = HEX_DIGITS.get(next)
    if (digits !== undefined) return this.#hexadecimal(digits)
    const single = SINGLE_ESCAPES.get(next)
    if (single !== undefined) return single
    if (!/^[!-/:-@[-`{-~ ]$/.test(next)) throw new Refused('an unknown escape')
    return next.charCodeAt(0)
  }

  #property(isNegative: boolean): CharacterTest {
    let name = this.peek()
    this.at++
    const isNegated = name === '{' && this.take('^')
    if (name === '{') name = this.until('}')
    const test = namedProperty(name.replaceAll(':', '='))
    if (test === undefined) throw new Refused('an unknown property')
    const folded = this.folded(test)
    return isNegative !== isNegated ? not(folded) : folded
  }

  #hexadecimal(count: number): number {
    let digits = ''
    if (this.take('{')) digits = this.until('}')
    else for (let i = 0; i < count; i++, this.at++) digits += this.peek()
    const code = /^[0-9A-Fa-f]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : -1
    if (code < 0 || code > 0x10ffff) throw new Refused('no character has this number')
    return code
  }
}
