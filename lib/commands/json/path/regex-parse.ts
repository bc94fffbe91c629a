/**
 * The parser of regular expressions: descends through alternatives, sequences and repeated atoms, and makes the states of
 * automaton.ts as it goes. Groups capture nothing, and what is lazy is as greedy, as only whether there is a match is asked.
 */
import { type Bytes, toText } from '../../../base/bytes.ts'
import { Automaton, type Fragment, Place, Refused } from '../../automaton.ts'
import { ClassParser, type Flags } from './regex-class.ts'
import { between, CharacterSet, type CharacterTest, not } from './regex-set.ts'
import type { Steps } from './steps.ts'

const STATES_MAX = 4096
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

/** Undefined for what is no expression. `isStrict` is RFC 9485's dot, which takes no `\r` either. */
export function parseRegex(pattern: Bytes, isStrict: boolean, steps: Steps): Automaton<CharacterSet> | undefined {
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
  readonly #names = new Set<string>()
  readonly #states: Automaton<CharacterSet>

  constructor(text: string, isStrict: boolean, steps: Steps) {
    super(text)
    this.#isStrict = isStrict
    this.#states = new Automaton(STATES_MAX, () => steps.spend(STEPS_PER_STATE))
  }

  parse(): Automaton<CharacterSet> {
    const whole = this.#alternatives()
    if (this.peek() !== '') throw new Refused('a parenthesis that was not opened')
    return this.#states.end(whole)
  }

  #alternatives(): Fragment {
    this.open()
    let fragment = this.#sequence()
    while (this.take('|')) fragment = this.#states.either(fragment, this.#sequence())
    this.close()
    return fragment
  }

  #sequence(): Fragment {
    let whole = this.#states.empty()
    for (let next = this.#skip(); next !== '' && next !== '|' && next !== ')'; next = this.#skip()) {
      whole = this.#states.sequence(whole, this.#repeated())
    }
    return whole
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
    const low = this.#states.size
    let fragment = this.#atom()
    for (;;) {
      const next = this.#skip()
      if (next === '{') {
        const [least, most] = this.#bounds()
        fragment = this.#states.times(fragment, low, least, most)
      } else if (next === '*' || next === '+' || next === '?') {
        this.at++
        fragment = next === '?' ? this.#states.optional(fragment) : this.#states.star(fragment, next === '+')
      } else return fragment
      this.take('?')
    }
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
        return this.#states.saying(this.flags.isMultiline ? Place.LineStart : Place.TextStart)
      case '$':
        return this.#states.saying(this.flags.isMultiline ? Place.LineEnd : Place.TextEnd)
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
    return this.#states.saying(place)
  }

  #literal(code: number): Fragment {
    return this.#taking(this.folded(between(code, code)))
  }

  #taking(test: CharacterTest): Fragment {
    return this.#states.taking(new CharacterSet(test))
  }

  /** Behind the parenthesis: a group with or without a name, with flags of its own, or flags for what follows. */
  #group(): Fragment {
    const before = this.flags
    if (this.take('?P<') || this.take('?<')) {
      const name = this.until('>')
      if (!/^[A-Za-z_][\w.[\]]*$/.test(name) || this.#names.has(name)) throw new Refused('a bad name of a group')
      this.#names.add(name)
    } else if (this.take('?') && !this.#takeFlags()) {
      return this.#states.empty()
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
