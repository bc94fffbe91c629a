/**
 * Regular expressions of filters (`=~`, `match`, `search`): those of Rust's regex crate, which RedisJSON has, without what only
 * matters to whoever asks where a match is. A client writes them, or a document holds them, so they may not take longer than
 * states times characters, which JavaScript's own backtracking cannot promise: a set of states is moved over the text, one
 * character after the other (Thompson's construction).
 */
import type { Bytes } from '../../../base/bytes.ts'
import { type Automaton, Place, Wait } from '../../automaton.ts'
import { type CharacterSet, isWord } from './regex-set.ts'
import type { Steps } from './steps.ts'
import { codePointAt, widthAt } from './text.ts'

/** States that are visited in a step of steps.ts, and how many are visited before the steps are told. */
const VISITS_PER_STEP = 4
const VISITS_TOLD = 4096

export class Regex {
  readonly #steps: Steps
  readonly #start: number
  readonly #waits: Uint8Array
  readonly #next: Int32Array
  readonly #other: Int32Array
  readonly #places: Uint8Array
  readonly #sets: readonly (CharacterSet | undefined)[]
  /** States that wait for the next character, and those that will for the one after. */
  #current: Int32Array
  #following: Int32Array
  #followingCount = 0
  /** When a state was last entered. */
  readonly #entered: Float64Array
  #moment = 0
  readonly #stack: Int32Array
  #visits = 0

  constructor({ waits, next, other, taken, places, start }: Automaton<CharacterSet>, steps: Steps) {
    this.#steps = steps
    this.#start = start
    this.#waits = Uint8Array.from(waits)
    this.#next = Int32Array.from(next)
    this.#other = Int32Array.from(other)
    this.#places = Uint8Array.from(places)
    this.#sets = taken
    this.#current = new Int32Array(waits.length)
    this.#following = new Int32Array(waits.length)
    this.#entered = new Float64Array(waits.length)
    this.#stack = new Int32Array(2 * waits.length)
  }

  /** True if the text matches as a whole, or some part of it does. */
  matches(text: Bytes, isWhole: boolean): boolean {
    const { length } = text
    this.#begin()
    let isMatch = this.#enter(this.#start, text, 0) && (!isWhole || length === 0)
    let at = 0
    while (!isMatch && at < length && (!isWhole || this.#followingCount > 0)) {
      const code = codePointAt(text, at)
      at += widthAt(text, at)
      const count = this.#followingCount
      const states = this.#following
      this.#following = this.#current
      this.#current = states
      this.#begin()
      const isLast = at >= length
      for (let i = 0; i < count; i++) {
        const state = states[i]
        if (this.#sets[state]!.has(code) && this.#enter(this.#next[state], text, at) && (!isWhole || isLast))
          isMatch = true
      }
      // A part may begin at every place.
      if (!isWhole && this.#enter(this.#start, text, at)) isMatch = true
      this.#visits += count
      if (this.#visits >= VISITS_TOLD) this.#tell()
    }
    this.#tell()
    return isMatch
  }

  #begin(): void {
    this.#moment++
    this.#followingCount = 0
  }

  #tell(): void {
    this.#steps.spend(this.#visits / VISITS_PER_STEP)
    this.#visits = 0
  }

  /** Adds the states that a state leads to without a character; true if one of them is the end. */
  #enter(state: number, text: Bytes, at: number): boolean {
    const stack = this.#stack
    const entered = this.#entered
    const moment = this.#moment
    let ends = false
    let depth = 1
    stack[0] = state
    while (depth > 0) {
      const top = stack[--depth]
      this.#visits++
      if (entered[top] === moment) continue
      entered[top] = moment
      switch (this.#waits[top]) {
        case Wait.Match:
          ends = true
          break
        case Wait.Character:
          this.#following[this.#followingCount++] = top
          break
        case Wait.Joint:
          stack[depth++] = this.#next[top]
          break
        case Wait.Split:
          stack[depth++] = this.#next[top]
          stack[depth++] = this.#other[top]
          break
        default:
          if (holds(this.#places[top], text, at)) stack[depth++] = this.#next[top]
      }
    }
    return ends
  }
}

function holds(place: number, text: Bytes, at: number): boolean {
  switch (place) {
    case Place.TextStart:
      return at === 0
    case Place.TextEnd:
      return at >= text.length
    case Place.LineStart:
      return at === 0 || text[at - 1] === '\n'
    case Place.LineEnd:
      return at >= text.length || text[at] === '\n'
  }
  const before = isWordBefore(text, at)
  const after = at < text.length && isWord(codePointAt(text, at))
  if (place === Place.WordStart) return !before && after
  if (place === Place.WordEnd) return before && !after
  return (before !== after) === (place === Place.WordEdge)
}

function isWordBefore(text: Bytes, at: number): boolean {
  let start = at - 1
  while (start > 0 && (text.charCodeAt(start) & 0xc0) === 0x80) start--
  return start >= 0 && isWord(codePointAt(text, start))
}
