/**
 * Regular expressions of filters (`=~`, `match`, `search`): those of Rust's regex crate, which RedisJSON has, without what only
 * matters to whoever asks where a match is. A client writes them, or a document holds them, so they may not take longer than
 * states times characters, which JavaScript's own backtracking cannot promise: a set of states is moved over the text, one
 * character after the other (Thompson's construction).
 */
import type { Bytes } from '../../base/bytes.ts'
import { Place, type Program, Wait } from './path-regex-program.ts'
import { isWord } from './path-regex-set.ts'
import type { Steps } from './path-steps.ts'
import { codePointAt, widthAt } from './path-text.ts'

/** States that are moved in a step of path-steps.ts, and how many are moved before the steps are told. */
const MOVES_PER_STEP = 4
const MOVES_TOLD = 4096

export class Regex {
  readonly #program: Program
  readonly #steps: Steps
  /** States that wait for the next character, those that will for the one after, and when a state was last entered. */
  #current: number[] = []
  #following: number[] = []
  readonly #entered: Float64Array
  #moment = 0
  readonly #stack: number[] = []

  constructor(program: Program, steps: Steps) {
    this.#program = program
    this.#steps = steps
    this.#entered = new Float64Array(program.waits.length)
  }

  /** True if the text matches as a whole, or some part of it does. */
  matches(text: Bytes, isWhole: boolean): boolean {
    const { next, sets, start } = this.#program
    const { length } = text
    let moves = 0
    this.#current.length = 0
    for (let at = 0; ; ) {
      this.#moment++
      if (at === 0 || !isWhole) {
        // A match may begin at every place; states that were reached by the character before are here already.
        for (const state of this.#current) this.#entered[state] = this.#moment
        const ends = this.#enter(start, text, at, this.#current)
        if (ends && (!isWhole || at === length)) return true
      }
      moves += this.#current.length + 1
      if (moves >= MOVES_TOLD) {
        this.#steps.spend(moves / MOVES_PER_STEP)
        moves = 0
      }
      if (at === length || (isWhole && this.#current.length === 0)) return this.#tell(moves)
      const code = codePointAt(text, at)
      at += widthAt(text, at)
      this.#following.length = 0
      this.#moment++
      let ends = false
      for (const state of this.#current) {
        if (sets[state]!.has(code) && this.#enter(next[state], text, at, this.#following)) ends = true
      }
      if (ends && (!isWhole || at >= length)) return true
      const emptied = this.#current
      this.#current = this.#following
      this.#following = emptied
    }
  }

  #tell(moves: number): false {
    this.#steps.spend(moves / MOVES_PER_STEP)
    return false
  }

  /** Adds the states that a state leads to without a character; true if one of them is the end. */
  #enter(state: number, text: Bytes, at: number, into: number[]): boolean {
    const { waits, next, other, places } = this.#program
    const stack = this.#stack
    let ends = false
    stack.length = 0
    stack.push(state)
    while (stack.length > 0) {
      const top = stack.pop()!
      if (this.#entered[top] === this.#moment) continue
      this.#entered[top] = this.#moment
      switch (waits[top]) {
        case Wait.Match:
          ends = true
          break
        case Wait.Character:
          into.push(top)
          break
        case Wait.Split:
          stack.push(next[top], other[top])
          break
        default:
          if (holds(places[top], text, at)) stack.push(next[top])
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
