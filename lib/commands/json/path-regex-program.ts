/** What a regular expression becomes: states that wait for characters. path-regex-parse.ts makes them, path-regex.ts runs them. */
import type { CharacterSet } from './path-regex-set.ts'

/** What a state waits for. */
export const Wait = { Character: 0, Split: 1, Place: 2, Match: 3 } as const
/** What a state says of the place between two characters. */
export const Place = {
  TextStart: 0,
  TextEnd: 1,
  LineStart: 2,
  LineEnd: 3,
  WordEdge: 4,
  NoWordEdge: 5,
  WordStart: 6,
  WordEnd: 7,
} as const

/** The states of an expression, in parallel arrays. */
export interface Program {
  readonly waits: number[]
  /** The next state, and the other one of a split; -1 while it is not known. */
  readonly next: number[]
  readonly other: number[]
  /** The characters that a state takes; undefined where it takes none. */
  readonly sets: (CharacterSet | undefined)[]
  readonly places: number[]
  start: number
}
