/**
 * A cut is a place in the order of a sorted set, between entries; there may be an entry on either side of it or none.
 * Every range, by score or by member, open or closed, is what lies between two cuts: `(1.5` as a minimum is the cut after
 * all entries of score 1.5, as a maximum the one before them.
 */
import type { Bytes } from '../../base/bytes.ts'

export interface Cut {
  /** True if the entry lies before the cut; if it is for one entry, it is for all entries below. */
  isAfter(score: number, member: Bytes): boolean
  /** False if the score alone tells. */
  readonly asksMember: boolean
}

/** Before or after all entries of one score. */
export class ScoreCut implements Cut {
  readonly asksMember = false
  readonly #score: number
  readonly #above: boolean

  constructor(score: number, above: boolean) {
    this.#score = score
    this.#above = above
  }

  isAfter(score: number): boolean {
    return this.#above ? score <= this.#score : score < this.#score
  }
}

/** Before or after one member, in a set where all scores are the same. */
export class MemberCut implements Cut {
  readonly asksMember = true
  readonly #member: Bytes
  readonly #above: boolean

  constructor(member: Bytes, above: boolean) {
    this.#member = member
    this.#above = above
  }

  isAfter(_score: number, member: Bytes): boolean {
    return this.#above ? member <= this.#member : member < this.#member
  }
}

/** Before the first entry. */
export const BOTTOM: Cut = { asksMember: false, isAfter: () => false }

/** After the last entry. */
export const TOP: Cut = { asksMember: false, isAfter: () => true }
