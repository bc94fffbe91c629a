/**
 * The keys on which most was spent, in a bounded memory: each is counted exactly for as long as it is kept. When too many are, those with
 * the least are forgotten, and count from 0 if they come again; so a figure is never too high, and a key that is much used is
 * never among the least for long.
 */
import type { Bytes } from '../base/bytes.ts'

/** Keys that are kept, for each that is asked for; twice as many before some are forgotten. */
const KEPT_PER_KEY = 10

export class TopKeys {
  readonly #count: number
  #totals = new Map<Bytes, number>()

  /** `count`: how many keys are asked for. */
  constructor(count: number) {
    this.#count = count
  }

  add(key: Bytes, amount: number): void {
    const total = this.#totals.get(key)
    this.#totals.set(key, (total ?? 0) + amount)
    const kept = this.#count * KEPT_PER_KEY
    if (total === undefined && this.#totals.size > 2 * kept) this.#totals = new Map(this.#greatest(kept))
  }

  /** The keys with most, each with how much it was. */
  greatest(): readonly (readonly [Bytes, number])[] {
    return this.#greatest(this.#count)
  }

  #greatest(count: number): [Bytes, number][] {
    return [...this.#totals].sort((a, b) => b[1] - a[1]).slice(0, count)
  }
}
