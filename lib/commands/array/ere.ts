/**
 * Extended regular expressions of POSIX over bytes, as ARGREP takes them, with the escapes that are common beside them
 * (`\d \w \s`, their opposites, `\b \B \< \>`, `\t \n \r \f \a \e`, `\xHH`). A match is only asked for, not where it stands,
 * so an expression is a set of states that is moved over the bytes (Thompson's construction): the time is bounded by states
 * times bytes, whatever the expression, which JavaScript's own backtracking cannot promise. Back references are refused.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Automaton, Place, Wait } from '../automaton.ts'
import { isWord, parseEre } from './ere-parse.ts'

export class Ere {
  readonly #program: Automaton<Uint8Array>
  /** States that wait for the next byte, those that will for the one after, and when a state was last entered. */
  #current: number[] = []
  #following: number[] = []
  readonly #entered: Float64Array
  #moment = 0
  readonly #stack: number[] = []

  private constructor(program: Automaton<Uint8Array>) {
    this.#program = program
    this.#entered = new Float64Array(program.waits.length)
  }

  /** Why it is no expression, in Redis's words; undefined for one that refers back to what it has matched. */
  static parse(pattern: Bytes, ignoreCase: boolean): Ere | string | undefined {
    const program = parseEre(pattern, ignoreCase)
    return typeof program === 'object' ? new Ere(program) : program
  }

  /** True if some part of the bytes matches. */
  matches(bytes: Bytes): boolean {
    const { next, taken } = this.#program
    const { length } = bytes
    this.#current.length = 0
    for (let at = 0; ; at++) {
      this.#moment++
      // A match may begin at every place; states that were reached by the byte before are here already.
      for (const state of this.#current) this.#entered[state] = this.#moment
      if (this.#enter(this.#program.start, bytes, at, this.#current)) return true
      if (at === length) return false
      const code = bytes.charCodeAt(at)
      this.#following.length = 0
      this.#moment++
      for (const state of this.#current) {
        if (taken[state]![code] === 1 && this.#enter(next[state], bytes, at + 1, this.#following)) return true
      }
      const emptied = this.#current
      this.#current = this.#following
      this.#following = emptied
    }
  }

  /** Adds the states that a state leads to without a byte; true if one of them is the end. */
  #enter(state: number, bytes: Bytes, at: number, into: number[]): boolean {
    const { waits, next, other, places } = this.#program
    const stack = this.#stack
    stack.length = 0
    stack.push(state)
    while (stack.length > 0) {
      const top = stack.pop()!
      if (this.#entered[top] === this.#moment) continue
      this.#entered[top] = this.#moment
      switch (waits[top]) {
        case Wait.Match:
          return true
        case Wait.Character:
          into.push(top)
          break
        case Wait.Joint:
          stack.push(next[top])
          break
        case Wait.Split:
          stack.push(next[top], other[top])
          break
        default:
          if (holds(places[top], bytes, at)) stack.push(next[top])
      }
    }
    return false
  }
}

function holds(place: number, bytes: Bytes, at: number): boolean {
  if (place === Place.TextStart) return at === 0
  if (place === Place.TextEnd) return at === bytes.length
  const before = at > 0 && isWord(bytes.charCodeAt(at - 1))
  const after = at < bytes.length && isWord(bytes.charCodeAt(at))
  if (place === Place.WordStart) return !before && after
  if (place === Place.WordEnd) return before && !after
  return (before !== after) === (place === Place.WordEdge)
}
