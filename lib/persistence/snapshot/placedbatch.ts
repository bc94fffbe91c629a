/**
 * Keys of a snapshot whose values are short strings, by the places of both in an input: some are read, and then handed over
 * one after the other, so that what their look-ups will read is asked for before. What is not written as it is, is spelled out
 * behind the input.
 */
import { Places } from '../../base/places.ts'
import { PLACED_KEY_MAX, PLACED_TEXT_MAX } from '../../keyspace/table/record.ts'
import type { RdbInput } from '../format/input.ts'
import type { KeyFacts, SnapshotTaker } from './taker.ts'

/** Keys that are handed over together. */
const KEYS_MAX = 32
/** Room for a key and a string that are spelled out. */
const SPARE_BYTES = PLACED_KEY_MAX + PLACED_TEXT_MAX

export class PlacedBatch {
  readonly #taker: SnapshotTaker
  readonly #places = new Places()
  readonly #expireAts = new Float64Array(KEYS_MAX)
  readonly #idles = new Float64Array(KEYS_MAX)
  readonly #frequencies = new Int32Array(KEYS_MAX)
  readonly #facts = { db: 0, expireAt: 0, idle: 0, frequency: 0 }
  #count = 0
  /** Where the array is free that is read. */
  #spare = 0

  constructor(taker: SnapshotTaker) {
    this.#taker = taker
  }

  /** What is read next is in an array, whose bytes from an offset on are free. Nothing is held of another. */
  use(array: Uint8Array, spare: number): void {
    this.#places.use(array)
    this.#spare = spare
  }

  /** Reads a key and its string; false, and nothing is read, if they are too long, or there is no room to spell them out. */
  read(input: RdbInput, { db, expireAt, idle, frequency }: KeyFacts): boolean {
    if (this.#spare + SPARE_BYTES > input.array.length) {
      if (this.#count === 0) return false
      this.handOver()
      this.#spare = input.end
      if (input.end + SPARE_BYTES > input.array.length) return false
    }
    const { at } = input
    const index = 2 * this.#count
    if (!this.#place(input, index, PLACED_KEY_MAX) || !this.#place(input, index + 1, PLACED_TEXT_MAX)) {
      input.at = at
      return false
    }
    const i = this.#count++
    this.#facts.db = db
    this.#expireAts[i] = expireAt
    this.#idles[i] = idle
    this.#frequencies[i] = frequency
    if (this.#count === KEYS_MAX) {
      this.handOver()
      this.#spare = input.end
    }
    return true
  }

  #place(input: RdbInput, index: number, most: number): boolean {
    const p = this.#places
    if (!input.place(p, index, this.#spare, most)) return false
    if (p.starts[index] === this.#spare) this.#spare = p.ends[index]
    return true
  }

  /** Hands over what was read: before anything else of the snapshot is told, and before the array changes. */
  handOver(): void {
    const count = this.#count
    if (count === 0) return
    this.#count = 0
    const p = this.#places
    const facts = this.#facts
    const taker = this.#taker
    p.first = 0
    taker.ahead!(facts.db, p, count)
    for (let i = 0; i < count; i++) {
      p.first = 2 * i
      facts.expireAt = this.#expireAts[i]
      facts.idle = this.#idles[i]
      facts.frequency = this.#frequencies[i]
      taker.placed!(p, facts)
    }
  }
}
