/**
 * The parser of extended regular expressions: descends through alternatives, sequences, repeated atoms, and makes the states
 * of automaton.ts as it goes. What a state takes is a table of 256 flags.
 */
import type { Bytes } from '../../base/bytes.ts'
import { Automaton, type Fragment, Place, Refused } from '../automaton.ts'

/** As many states an expression may have, and as deep it may nest. */
const STATES_MAX = 8192
const DEPTH_MAX = 250
/** The largest bound of a repetition, as POSIX has it. */
const REPEAT_MAX = 255

const WHITE = ' \t\n\r\f\v'
const SINGLE_ESCAPES = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
  ['a', '\x07'],
  ['e', '\x1b'],
])
const PLACE_ESCAPES = new Map<string, number>([
  ['b', Place.WordEdge],
  ['B', Place.NoWordEdge],
  ['<', Place.WordStart],
  ['>', Place.WordEnd],
])

type Test = (code: number) => boolean

const isDigit: Test = (code) => code >= 48 && code <= 57
const isUpper: Test = (code) => code >= 65 && code <= 90
const isLower: Test = (code) => code >= 97 && code <= 122
const isAlpha: Test = (code) => isUpper(code) || isLower(code)
const isWhite: Test = (code) => WHITE.includes(String.fromCharCode(code))

const SET_ESCAPES = new Map<string, Test>([
  ['d', isDigit],
  ['w', isWord],
  ['s', isWhite],
])

/** The classes of characters, in the C locale. */
const CLASSES = new Map<string, Test>([
  ['alpha', isAlpha],
  ['digit', isDigit],
  ['alnum', (code) => isAlpha(code) || isDigit(code)],
  ['upper', isUpper],
  ['lower', isLower],
  ['space', isWhite],
  ['blank', (code) => code === 32 || code === 9],
  ['punct', (code) => code > 32 && code < 127 && !isAlpha(code) && !isDigit(code)],
  ['print', (code) => code >= 32 && code < 127],
  ['graph', (code) => code > 32 && code < 127],
  ['cntrl', (code) => code < 32 || code === 127],
  ['xdigit', (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)],
])

/** Why an expression is none, in the words of the library that Redis uses (TRE). */
const Fault = {
  Escape: 'Trailing backslash',
  BackReference: 'Invalid back reference',
  Bracket: "Missing ']'",
  Parenthesis: "Missing ')'",
  Brace: "Missing '}'",
  Bounds: 'Invalid contents of {}',
  Range: 'Invalid character range',
  Class: 'Unknown character class name',
  Collating: 'Unknown collating element',
  Repetition: 'Invalid use of repetition operators',
  Memory: 'Out of memory',
} as const

/** Why it is no expression; undefined for one with back references. */
export function parseEre(pattern: Bytes, ignoreCase: boolean): Automaton<Uint8Array> | string | undefined {
  try {
    return new Parser(pattern, ignoreCase).parse()
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

class Parser {
  readonly #text: Bytes
  readonly #ignoresCase: boolean
  readonly #states = new Automaton<Uint8Array>(STATES_MAX)
  #at = 0
  #depth = 0
  #groups = 0
  /** The greatest number of a back reference; 0 for none. */
  #reference = 0

  constructor(text: Bytes, ignoresCase: boolean) {
    this.#text = text
    this.#ignoresCase = ignoresCase
  }

  parse(): Automaton<Uint8Array> | undefined {
    const whole = this.#alternatives()
    if (this.#reference > this.#groups) throw new Refused(Fault.BackReference)
    return this.#reference > 0 ? undefined : this.#states.end(whole)
  }

  #peek(): string {
    return this.#at < this.#text.length ? this.#text[this.#at] : ''
  }

  #alternatives(): Fragment {
    if (++this.#depth > DEPTH_MAX) throw new Refused(Fault.Memory)
    let fragment = this.#sequence()
    while (this.#peek() === '|') {
      this.#at++
      fragment = this.#states.either(fragment, this.#sequence())
    }
    this.#depth--
    return fragment
  }

  #sequence(): Fragment {
    let whole = this.#states.empty()
    for (
      let next = this.#peek();
      next !== '' && next !== '|' && !(next === ')' && this.#depth > 1);
      next = this.#peek()
    ) {
      whole = this.#states.sequence(whole, this.#repeated())
    }
    return whole
  }

  #repeated(): Fragment {
    const low = this.#states.size
    let fragment = this.#atom()
    for (;;) {
      const next = this.#peek()
      if (next === '{') {
        const [least, most] = this.#bounds()
        fragment = this.#states.times(fragment, low, least, most)
        continue
      }
      if (next !== '*' && next !== '+' && next !== '?') return fragment
      this.#at++
      fragment = next === '?' ? this.#states.optional(fragment) : this.#states.star(fragment, next === '+')
    }
  }

  /** `{m}`, `{m,}`, `{m,n}` or `{,n}`; Infinity for no upper bound. */
  #bounds(): readonly [number, number] {
    const match = /^\{(\d*)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 12))
    if (/^\{\d*,?\d*$/.test(this.#text.slice(this.#at))) throw new Refused(Fault.Brace)
    if (match === null || (match[1] === '' && match[3] === '')) throw new Refused(Fault.Bounds)
    const least = Number(match[1])
    const most = match[2] === '' ? least : match[3] === '' ? Infinity : Number(match[3])
    if (least > REPEAT_MAX || (most > REPEAT_MAX && most !== Infinity) || least > most) {
      throw new Refused(Fault.Bounds)
    }
    this.#at += match[0].length
    return [least, most]
  }

  #atom(): Fragment {
    const next = this.#peek()
    this.#at++
    switch (next) {
      case '(': {
        this.#groups++
        const fragment = this.#alternatives()
        if (this.#peek() !== ')') throw new Refused(Fault.Parenthesis)
        this.#at++
        return fragment
      }
      case '.':
        return this.#taking(() => true)
      case '[':
        return this.#bracket()
      case '^':
        return this.#states.saying(Place.TextStart)
      case '$':
        return this.#states.saying(Place.TextEnd)
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Refused(Fault.Repetition)
    }
    return this.#literal(next.charCodeAt(0))
  }

  #escape(): Fragment {
    const next = this.#peek()
    if (next === '') throw new Refused(Fault.Escape)
    this.#at++
    if (next >= '1' && next <= '9') {
      this.#reference = Math.max(this.#reference, Number(next))
      return this.#states.empty()
    }
    const place = PLACE_ESCAPES.get(next)
    if (place !== undefined) return this.#states.saying(place)
    const test = SET_ESCAPES.get(next.toLowerCase())
    if (test !== undefined) return this.#taking(isLower(next.charCodeAt(0)) ? test : (code) => !test(code))
    if (next === 'x') return this.#literal(this.#hexadecimal())
    return this.#literal((SINGLE_ESCAPES.get(next) ?? next).charCodeAt(0))
  }

  #hexadecimal(): number {
    const match = /^(?:\{([0-9a-f]{1,2})\}|([0-9a-f]{1,2}))/i.exec(this.#text.slice(this.#at, this.#at + 4))
    if (match === null) {
      if (this.#peek() === '{') throw new Refused(Fault.Brace)
      return 0
    }
    this.#at += match[0].length
    return Number.parseInt(match[1] ?? match[2], 16)
  }

  #literal(code: number): Fragment {
    return this.#taking((other) => other === code)
  }

  #taking(test: Test): Fragment {
    return this.#states.taking(this.#table(test))
  }

  /** The bytes that a test takes, and where case is ignored, those of the other case. */
  #table(test: Test): Uint8Array {
    const table = new Uint8Array(256)
    for (let code = 0; code < 256; code++) {
      if (test(code) || (this.#ignoresCase && isAlpha(code) && test(code ^ 32))) table[code] = 1
    }
    return table
  }

  /** Behind the opening bracket. A bracket that stands first is one of the list. */
  #bracket(): Fragment {
    const isNegated = this.#peek() === '^'
    if (isNegated) this.#at++
    const listed = new Uint8Array(256)
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.#at >= this.#text.length) throw new Refused(Fault.Bracket)
      const kind = this.#text.slice(this.#at, this.#at + 2)
      if (kind === '[:') this.#class(listed)
      else this.#range(listed)
    }
    this.#at++
    const table = this.#table((code) => listed[code] === 1)
    return this.#taking(isNegated ? (code) => table[code] === 0 : (code) => table[code] === 1)
  }

  #class(listed: Uint8Array): void {
    const end = this.#text.indexOf(':]', this.#at + 2)
    const test = end === -1 ? undefined : CLASSES.get(this.#text.slice(this.#at + 2, end))
    if (test === undefined) throw new Refused(Fault.Class)
    this.#at = end + 2
    for (let code = 0; code < 256; code++) if (test(code)) listed[code] = 1
  }

  /** A character, or two with a dash between. */
  #range(listed: Uint8Array): void {
    const from = this.#listedCharacter()
    let to = from
    if (this.#peek() === '-' && this.#text[this.#at + 1] !== ']' && this.#at + 1 < this.#text.length) {
      this.#at++
      to = this.#listedCharacter()
    }
    if (from > to) throw new Refused(Fault.Range)
    for (let code = from; code <= to; code++) listed[code] = 1
  }

  /** One character of a list; a backslash has no meaning there, and `[.x.]` and `[=x=]` are not known. */
  #listedCharacter(): number {
    const kind = this.#text.slice(this.#at, this.#at + 2)
    if (kind === '[.' || kind === '[=') throw new Refused(Fault.Collating)
    return this.#text.charCodeAt(this.#at++)
  }
}

export function isWord(code: number): boolean {
  return isDigit(code) || isAlpha(code) || code === 95
}
