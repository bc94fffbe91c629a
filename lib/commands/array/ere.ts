/**
 * Extended regular expressions of POSIX over bytes, as ARGREP takes them, with the escapes that are common beside them
 * (`\d \w \s`, their opposites, `\b \B \< \>`, `\t \n \r \f \a \e`, `\xHH`). A match is only asked for, not where it stands,
 * so an expression is a set of states that is moved over the bytes (Thompson's construction): the time is bounded by states
 * times bytes, whatever the expression, which JavaScript's own backtracking cannot promise. Bytes with which no match can begin
 * are passed over while no state waits. Back references are refused.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Automaton, Place, Wait } from '../automaton.ts'
import type { Effort } from './effort.ts'
import { isWord, parseEre } from './ere-parse.ts'

/** Visits that are told at once, and bytes that are passed over in the time of a visit. */
const VISITS_TOLD = 4096
const BYTES_PER_VISIT = 4

export class Ere {
  readonly #program: Automaton<Uint8Array>
  /** States that wait for the next byte, those that will for the one after, and when a state was last entered. */
  #current: number[] = []
  #following: number[] = []
  readonly #entered: Float64Array
  #moment = 0
  readonly #stack: number[] = []
  /** Flags of the bytes with which a match can begin; undefined if one can be empty. */
  readonly #firsts: Uint8Array | undefined
  /** A match begins with the text. */
  readonly #isAnchored: boolean
  #visits = 0

  private constructor(program: Automaton<Uint8Array>) {
    this.#program = program
    this.#entered = new Float64Array(program.waits.length)
    this.#firsts = firstsOf(program)
    this.#isAnchored = !reaches(
      program,
      (state) => program.places[state] !== Place.TextStart,
      () => true,
    )
  }

  /** Why it is no expression, in Redis's words; undefined for one that refers back to what it has matched. */
  static parse(pattern: Bytes, ignoreCase: boolean): Ere | string | undefined {
    const program = parseEre(pattern, ignoreCase)
    return typeof program === 'object' ? new Ere(program) : program
  }

  /** True if some part of the bytes matches. @throws SEARCH_COST */
  matches(bytes: Bytes, effort: Effort): boolean {
    const isMatch = this.#run(bytes, effort)
    this.#tell(effort)
    return isMatch
  }

  #run(bytes: Bytes, effort: Effort): boolean {
    const { next, taken } = this.#program
    const { length } = bytes
    this.#current.length = 0
    for (let at = 0; ; at++) {
      if (this.#current.length === 0) {
        if (this.#isAnchored && at > 0) return false
        at = this.#nextStart(bytes, at)
      }
      if (this.#visits >= VISITS_TOLD) this.#tell(effort)
      this.#moment++
      // A match may begin at every place; states that were reached by the byte before are here already.
      for (const state of this.#current) this.#entered[state] = this.#moment
      this.#visits += this.#current.length
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

  #tell(effort: Effort): void {
    effort.spend(this.#visits)
    this.#visits = 0
  }

  /** The first place from here on where a match can begin; the end, if there is none. */
  #nextStart(bytes: Bytes, from: number): number {
    const firsts = this.#firsts
    if (firsts === undefined || this.#isAnchored) return from
    let at = from
    while (at < bytes.length && firsts[bytes.charCodeAt(at)] === 0) at++
    this.#visits += (at - from) / BYTES_PER_VISIT
    return at
  }

  /** Adds the states that a state leads to without a byte; true if one of them is the end. */
  #enter(state: number, bytes: Bytes, at: number, into: number[]): boolean {
    const { waits, next, other, places } = this.#program
    const stack = this.#stack
    stack.length = 0
    stack.push(state)
    while (stack.length > 0) {
      const top = stack.pop()!
      this.#visits++
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

function firstsOf(program: Automaton<Uint8Array>): Uint8Array | undefined {
  const firsts = new Uint8Array(256)
  const isEmpty = reaches(
    program,
    () => true,
    (state) => {
      const taken = program.taken[state]
      if (taken === undefined) return true
      for (let code = 0; code < 256; code++) firsts[code] |= taken[code]
      return false
    },
  )
  return isEmpty ? undefined : firsts
}

/** True if the states that wait for a byte, or are the end, hold one that is sought, of those that the start leads to by open places. */
function reaches(
  { start, waits, next, other }: Automaton<Uint8Array>,
  isOpen: (place: number) => boolean,
  isSought: (state: number) => boolean,
): boolean {
  const seen = new Set([start])
  for (const state of seen) {
    switch (waits[state]) {
      case Wait.Match:
      case Wait.Character:
        if (isSought(state)) return true
        break
      case Wait.Split:
        seen.add(next[state]).add(other[state])
        break
      case Wait.Place:
        if (isOpen(state)) seen.add(next[state])
        break
      default:
        seen.add(next[state])
    }
  }
  return false
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
