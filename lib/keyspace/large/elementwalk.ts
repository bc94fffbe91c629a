/**
 * The walk of a snapshot over the elements of one large collection, as dbwalk.ts is one over keys: from the last position to the first.
 * While it is told of changes (`Elements.walk`), an element that it has not come to is noted as it was before it changes. Nothing is
 * copied but that, and a bit for each position.
 *
 * Invariant: a position is still to be visited if it is before the cursor and has no mark.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { ElementListener, Elements } from './elements.ts'

export class ElementWalk implements ElementListener {
  readonly #elements: Elements
  /** Positions from here on were visited, or were added since. */
  #cursor: number
  /** A bit for each position before the cursor at the start: 1 if it was noted. */
  readonly #marks: Int32Array
  /** What was noted, and not taken yet: key, value, key, value, … */
  readonly #noted: Bytes[] = []
  /** What `next` has found. */
  key: Bytes = ''
  value: Bytes = ''

  constructor(elements: Elements) {
    this.#elements = elements
    this.#cursor = elements.size
    this.#marks = new Int32Array((elements.size + 31) >>> 5)
  }

  /** Is told of changes from now on. */
  follow(): void {
    this.#elements.walk = this
  }

  end(): void {
    if (this.#elements.walk === this) this.#elements.walk = undefined
  }

  /** Puts the next element into `key` and `value`. False if there is none. */
  next(): boolean {
    const noted = this.#noted
    if (noted.length !== 0) {
      this.value = noted.pop()!
      this.key = noted.pop()!
      return true
    }
    const elements = this.#elements
    while (this.#cursor > 0) {
      const position = --this.#cursor
      if (this.#isMarked(position)) continue
      this.key = elements.keyAt(position)
      this.value = elements.valueAt(position)
      return true
    }
    return false
  }

  // For the elements.

  /** What stands at a position is about to change. */
  before(position: number): void {
    if (position >= this.#cursor || this.#isMarked(position)) return
    this.#marks[position >>> 5] |= 1 << (position & 31)
    this.#noted.push(this.#elements.keyAt(position), this.#elements.valueAt(position))
  }

  /** What stood at a position was removed, and what stood at `last`, the end, has come there. */
  removed(position: number, last: number): void {
    const marks = this.#marks
    if (position !== last && position < this.#cursor && last < this.#cursor && !this.#isMarked(last)) {
      marks[position >>> 5] &= ~(1 << (position & 31))
    }
    if (last < this.#cursor) this.#cursor = last
  }

  #isMarked(position: number): boolean {
    return (this.#marks[position >>> 5] & (1 << (position & 31))) !== 0
  }
}
