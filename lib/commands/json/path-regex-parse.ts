/**
 * The parser of regular expressions: descends through alternatives, sequences and repeated atoms, and makes the states of
 * path-regex-program.ts as it goes. A part of an expression is a fragment of states with one way in and one way out; a bounded
 * repetition is the fragment so many times, and the number of states is bounded. Groups capture nothing, and what is lazy
 * is as greedy, as only whether there is a match is asked.
 */
import { type Bytes, toText } from '../../base/bytes.ts'
import { ClassParser, type Flags, Refused } from './path-regex-class.ts'
import { Place, type Program, Wait } from './path-regex-program.ts'
import { between, CharacterSet, type CharacterTest, not } from './path-regex-set.ts'
import type { Steps } from './path-steps.ts'

const STATES_MAX = 4096
/** A longer pattern has more states than that, or says little in many words. */
const PATTERN_BYTES_MAX = 16_384
const REPEAT_MAX = 1000
const STEPS_PER_STATE = 16

const PLACE_ESCAPES = new Map<string, number>([
  ['A', Place.TextStart],
  ['z', Place.TextEnd],
  ['b', Place.WordEdge],
  ['B', Place.NoWordEdge],
  ['<', Place.WordStart],
  ['>', Place.WordEnd],
])
const FLAGS = new Map<string, keyof Flags | undefined>([
  ['i', 'ignoresCase'],
  ['m', 'isMultiline'],
  ['s', 'dotTakesAll'],
  ['x', 'isVerbose'],
  ['u', 'isAscii'],
  // Which is greedy, and what ends a line in Windows: neither changes whether there is a match of what Redis's users write.
  ['U', undefined],
])

const isNewline = between(0x0a, 0x0a)
const isLineEnd: CharacterTest = (code) => code === 0x0a || code === 0x0d

/** One way in, and a last state whose `next` is the way out. */
interface Fragment {
  readonly first: number
  readonly last: number
}

/** Undefined for what is no expression. `isStrict` is RFC 9485's dot, which takes no `\r` either. */
export function parseRegex(pattern: Bytes, isStrict: boolean, steps: Steps): Program | undefined {
  if (pattern.length > PATTERN_BYTES_MAX) return undefined
  steps.spend(pattern.length)
  try {
    return new RegexParser(toText(pattern), isStrict, steps).parse()
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

class RegexParser extends ClassParser {
  readonly #isStrict: boolean
  readonly #steps: Steps
  readonly #names = new Set<string>()
  readonly #program: Program = { waits: [], next: [], other: [], sets: [], places: [], start: 0 }

  constructor(text: string, isStrict: boolean, steps: Steps) {
    super(text)
    this.#isStrict = isStrict
    this.#steps = steps
  }

  parse(): Program {
    const whole = this.#alternatives()
    if (this.peek() !== '') throw new Refused('a parenthesis that was not opened')
    this.#link(whole.last, this.#state(Wait.Match))
    this.#program.start = whole.first
    return this.#program
  }

  #state(wait: number, set?: CharacterSet, place = 0): number {
    const { waits, next, other, sets, places } = this.#program
    if (waits.length >= STATES_MAX) throw new Refused('too many states')
    this.#steps.spend(STEPS_PER_STATE)
    waits.push(wait)
    next.push(-1)
    other.push(-1)
    sets.push(set)
    places.push(place)
    return waits.length - 1
  }

  /** A state that leads on at once. */
  #joint(): number {
    return this.#state(Wait.Split)
  }

  #link(from: number, to: number): void {
    const { waits, next, other } = this.#program
    next[from] = to
    if (waits[from] === Wait.Split && other[from] === -1) other[from] = to
  }

  #alternatives(): Fragment {
    this.open()
    let fragment = this.#sequence()
    while (this.take('|')) {
      const right = this.#sequence()
      const first = this.#state(Wait.Split)
      const last = this.#joint()
      this.#program.next[first] = fragment.first
      this.#program.other[first] = right.first
      this.#link(fragment.last, last)
      this.#link(right.last, last)
      fragment = { first, last }
    }
    this.close()
    return fragment
  }

  #sequence(): Fragment {
    const first = this.#joint()
    let last = first
    for (let next = this.#skip(); next !== '' && next !== '|' && next !== ')'; next = this.#skip()) {
      const fragment = this.#repeated()
      this.#link(last, fragment.first)
      last = fragment.last
    }
    return { first, last }
  }

  /** The next character, past blanks and comments where flags say that these mean nothing. */
  #skip(): string {
    while (this.flags.isVerbose) {
      if (/^\s$/.test(this.peek())) this.at++
      else if (this.peek() === '#') {
        while (this.peek() !== '' && this.peek() !== '\n') this.at++
      } else break
    }
    return this.peek()
  }

  #repeated(): Fragment {
    const low = this.#program.waits.length
    let fragment = this.#atom()
    for (;;) {
      const next = this.#skip()
      if (next === '{') fragment = this.#times(fragment, low, this.#bounds())
      else if (next === '*' || next === '+' || next === '?') {
        this.at++
        fragment = next === '?' ? this.#optional(fragment) : this.#star(fragment, next === '+')
      } else return fragment
      this.take('?')
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

  /** `{m}`, `{m,}` or `{m,n}`; Infinity for no upper bound. */
  #bounds(): readonly [number, number] {
    this.at++
    const match = /^ *(\d{1,4}) *(, *(\d{0,4}) *)?$/.exec(this.until('}'))
    if (match === null) throw new Refused('bad bounds of a repetition')
    const least = Number(match[1])
    const most = match[2] === undefined ? least : match[3] === '' ? Infinity : Number(match[3])
    if (least > REPEAT_MAX || (most > REPEAT_MAX && most !== Infinity) || least > most) {
      throw new Refused('bad bounds of a repetition')
    }
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
    const { waits, next, other, sets, places } = this.#program
    const shift = waits.length - low
    for (let i = low; i < high; i++) {
      const state = this.#state(waits[i], sets[i], places[i])
      if (next[i] !== -1) next[state] = next[i] + shift
      if (other[i] !== -1) other[state] = other[i] + shift
    }
    return { first: fragment.first + shift, last: fragment.last + shift }
  }

  #atom(): Fragment {
    const next = this.peek()
    this.at++
    switch (next) {
      case '(':
        return this.#group()
      case '.':
        return this.#taking(this.flags.dotTakesAll ? () => true : not(this.#isStrict ? isLineEnd : isNewline))
      case '[':
        return this.#taking(this.bracket())
      case '^':
        return this.#saying(this.flags.isMultiline ? Place.LineStart : Place.TextStart)
      case '$':
        return this.#saying(this.flags.isMultiline ? Place.LineEnd : Place.TextEnd)
      case '\\':
        return this.#escaped()
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Refused('nothing to repeat')
    }
    return this.#literal(next.codePointAt(0)!)
  }

  #escaped(): Fragment {
    const place = PLACE_ESCAPES.get(this.peek())
    if (place === undefined) {
      const character = this.escape()
      return typeof character === 'number' ? this.#literal(character) : this.#taking(character)
    }
    this.at++
    return this.#saying(place)
  }

  #literal(code: number): Fragment {
    return this.#taking(this.folded(between(code, code)))
  }

  #taking(test: CharacterTest): Fragment {
    const state = this.#state(Wait.Character, new CharacterSet(test))
    return { first: state, last: state }
  }

  #saying(place: number): Fragment {
    const state = this.#state(Wait.Place, undefined, place)
    return { first: state, last: state }
  }

  /** Behind the parenthesis: a group with or without a name, with flags of its own, or flags for what follows. */
  #group(): Fragment {
    const before = this.flags
    if (this.take('?P<') || this.take('?<')) {
      const name = this.until('>')
      if (!/^[A-Za-z_][\w.[\]]*$/.test(name) || this.#names.has(name)) throw new Refused('a bad name of a group')
      this.#names.add(name)
    } else if (this.take('?') && !this.#takeFlags()) {
      const joint = this.#joint()
      return { first: joint, last: joint }
    }
    const fragment = this.#alternatives()
    if (!this.take(')')) throw new Refused('a parenthesis that is not closed')
    this.flags = before
    return fragment
  }

  /** `i:`, `i-s:`, `i)` and the like. True if a group follows, false if the flags are for what follows. */
  #takeFlags(): boolean {
    const flags = { ...this.flags }
    let isOn = true
    for (;;) {
      const next = this.peek()
      this.at++
      if (next === ':' || next === ')') {
        this.flags = flags
        return next === ':'
      }
      if (next === '-' && isOn) isOn = false
      else if (!FLAGS.has(next)) throw new Refused('an unknown flag')
      else {
        const flag = FLAGS.get(next)
        if (flag !== undefined) flags[flag] = flag === 'isAscii' ? !isOn : isOn
      }
    }
  }
}
