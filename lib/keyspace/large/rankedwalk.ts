/**
 * The walk of a snapshot over a large sorted set, from the greatest entry down, as `writeValue` writes it. While it follows changes it has a
 * copy of the order, of scores and addresses; what is about to leave its address is noted by its member.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { At } from '../../memory/arena.ts'
import type { Ranked, RecordListener, RecordRun } from './ranked.ts'

export class RankedWalk implements RecordListener {
  readonly #ranked: Ranked
  /** Entries that were not visited yet: the lowest ones. */
  #left: number
  /** The order, once it follows. */
  #run: RecordRun | undefined
  readonly #noted = new Map<At, Bytes>()

  constructor(ranked: Ranked) {
    this.#ranked = ranked
    this.#left = ranked.size
  }

  get left(): number {
    return this.#left
  }

  /** Is told of changes from now on. */
  follow(): void {
    if (this.#run !== undefined) return
    this.#run = this.#ranked.lowest(this.#left)
    this.#ranked.tell(this)
  }

  end(): void {
    if (this.#ranked.isTelling(this)) this.#ranked.tell(undefined)
  }

  /** Visits the next entries. */
  next(count: number, visit: (member: Bytes, score: number) => void): void {
    const { elements } = this.#ranked
    const end = Math.max(0, this.#left - count)
    const run = this.#run
    if (run === undefined) {
      this.#ranked.walk(this.#left - 1, this.#left - end, true, (at, score) => visit(elements.keyOf(at), score))
    } else {
      for (let i = this.#left - 1; i >= end; i--) {
        const at = run.ats[i]
        visit(this.#noted.get(at) ?? elements.keyOf(at), run.scores[i])
      }
    }
    this.#left = end
  }

  // For the sorted set.

  before(at: At): void {
    // What comes to an address that was noted is newer than the walk.
    if (!this.#noted.has(at)) this.#noted.set(at, this.#ranked.elements.keyOf(at))
  }
}
