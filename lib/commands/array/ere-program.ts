/** What an extended regular expression becomes: states that wait for bytes. ere-parse.ts makes them, ere.ts runs them. */

/** What a state waits for. */
export const Wait = { Byte: 0, Split: 1, Assert: 2, Match: 3 } as const
/** What a state asserts about the place between two bytes. */
export const Place = { Start: 0, End: 1, WordEdge: 2, NoWordEdge: 3, WordStart: 4, WordEnd: 5 } as const

/** The states of an expression, in parallel arrays. */
export interface Program {
  readonly waits: number[]
  /** The next state, and the other one of a split; -1 while it is not known. */
  readonly next: number[]
  readonly other: number[]
  /** The bytes that a state takes, as a table of 256 flags; undefined where it takes none. */
  readonly bytes: (Uint8Array | undefined)[]
  /** Which place a state asserts. */
  readonly places: number[]
  start: number
}

export function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
}
