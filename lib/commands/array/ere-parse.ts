/**
 * The parser of extended regular expressions: descends through alternatives, sequences, repeated atoms, and makes the states
 * of ere.ts as it goes. A part of an expression is a fragment of states with one way in and one way out; a bounded
 * repetition is the fragment so many times, and the number of states is bounded.
 */
import type { Bytes } from '../../base/bytes.ts'
import { isWord, Place, type Program, Wait } from './ere-program.ts'

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

class Refused extends Error {
  override readonly name = 'Refused'
}

/** One way in, and a last state whose `next` is the way out. */
interface Fragment {
  readonly first: number
  readonly last: number
}

/** Why it is no expression; undefined for one with back references. */
export function parseEre(pattern: Bytes, ignoreCase: boolean): Program | string | undefined {
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
  readonly #program: Program = { waits: [], next: [], other: [], bytes: [], places: [], start: 0 }
  #at = 0
  #depth = 0
  #groups = 0
  /** The greatest number of a back reference; 0 for none. */
  #reference = 0

  constructor(text: Bytes, ignoresCase: boolean) {
    this.#text = text
    this.#ignoresCase = ignoresCase
  }

  parse(): Program | undefined {
    const whole = this.#alternatives()
    if (this.#reference > this.#groups) throw new Refused(Fault.BackReference)
    if (this.#reference > 0) return undefined
    this.#program.next[whole.last] = this.#state(Wait.Match)
    this.#program.start = whole.first
    return this.#program
  }

  #state(wait: number, bytes?: Uint8Array, place = 0): number {
    const { waits, next, other, bytes: taken, places } = this.#program
    if (waits.length >= STATES_MAX) throw new Refused(Fault.Memory)
    waits.push(wait)
    next.push(-1)
    other.push(-1)
    taken.push(bytes)
    places.push(place)
    return waits.length - 1
  }

  /** A state that leads on at once. */
  #joint(): number {
    return this.#state(Wait.Split)
  }

  #link(from: number, to: number): void {
    this.#program.next[from] = to
    if (this.#program.waits[from] === Wait.Split && this.#program.other[from] === -1) this.#program.other[from] = to
  }

  #peek(): string {
    return this.#at < this.#text.length ? this.#text[this.#at] : ''
  }

  #alternatives(): Fragment {
    if (++this.#depth > DEPTH_MAX) throw new Refused(Fault.Memory)
    let fragment = this.#sequence()
    while (this.#peek() === '|') {
      this.#at++
      const right = this.#sequence()
      const first = this.#state(Wait.Split)
      const last = this.#joint()
      this.#program.next[first] = fragment.first
      this.#program.other[first] = right.first
      this.#link(fragment.last, last)
      this.#link(right.last, last)
      fragment = { first, last }
    }
    this.#depth--
    return fragment
  }

  #sequence(): Fragment {
    const first = this.#joint()
    let last = first
    for (
      let next = this.#peek();
      next !== '' && next !== '|' && !(next === ')' && this.#depth > 1);
      next = this.#peek()
    ) {
      const fragment = this.#repeated()
      this.#link(last, fragment.first)
      last = fragment.last
    }
    return { first, last }
  }

  #repeated(): Fragment {
    const low = this.#program.waits.length
    let fragment = this.#atom()
    for (;;) {
      const next = this.#peek()
      if (next === '{') {
        fragment = this.#times(fragment, low, this.#bounds())
        continue
      }
      if (next !== '*' && next !== '+' && next !== '?') return fragment
      this.#at++
      fragment = next === '?' ? this.#optional(fragment) : this.#star(fragment, next === '+')
    }
  }

  #star(fragment: Fragment, once: boolean): Fragment {
    const split = this.#state(Wait.Split)
    const last = this.#joint()
    this.#program.next[split] = fragment.first
    this.#program.other[split] = last
    this.#link(fragment.last, split)
    return { first: once ? fragment.first : split, last }
  }

  #optional(fragment: Fragment): Fragment {
    const first = this.#state(Wait.Split)
    const last = this.#joint()
    this.#program.next[first] = fragment.first
    this.#program.other[first] = last
    this.#link(fragment.last, last)
    return { first, last }
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

  /** A fragment, whose states are all from `low` on, so many times. */
  #times(fragment: Fragment, low: number, [least, most]: readonly [number, number]): Fragment {
    const first = this.#joint()
    if (most === 0) return { first, last: first }
    const isOpen = most === Infinity
    const fragments = [fragment]
    for (let i = 1; i < (isOpen ? least : most); i++) fragments.push(this.#copy(fragment, low, first))
    let last = first
    for (const [i, part] of fragments.entries()) {
      const isLast = i === fragments.length - 1
      const repeated = isOpen && isLast ? this.#star(part, least > 0) : i < least ? part : this.#optional(part)
      this.#link(last, repeated.first)
      last = repeated.last
    }
    return { first, last }
  }

  /** The same as a fragment whose states are those from `low` to before `high`, with its way out open. */
  #copy(fragment: Fragment, low: number, high: number): Fragment {
    const { waits, next, other, bytes, places } = this.#program
    const shift = waits.length - low
    for (let i = low; i < high; i++) {
      const state = this.#state(waits[i], bytes[i], places[i])
      if (next[i] !== -1) next[state] = next[i] + shift
      if (other[i] !== -1) other[state] = other[i] + shift
    }
    return { first: fragment.first + shift, last: fragment.last + shift }
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
        return this.#asserting(Place.Start)
      case '$':
        return this.#asserting(Place.End)
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
      const joint = this.#joint()
      return { first: joint, last: joint }
    }
    const place = PLACE_ESCAPES.get(next)
    if (place !== undefined) return this.#asserting(place)
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
    const state = this.#state(Wait.Byte, this.#table(test))
    return { first: state, last: state }
  }

  #asserting(place: number): Fragment {
    const state = this.#state(Wait.Assert, undefined, place)
    return { first: state, last: state }
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
