/**
 * When the next sync of `appendfsync always` begins. As one ends its answers leave, and most of those who get them write again at once.
 * If the next began at that moment, it would be for the others alone: two groups that take turns, each waiting for the sync of the other
 * before its own. So what follows a sync at once is held back until as many changes have come as were made safe or waited then, or for a
 * while none has come, or as much time has passed as the sync took.
 *
 * Where that time ends in vain, since those who write are always others, holding back costs them time and brings nothing: it gets shorter
 * then, until they come in time again; now and then all of it is tried.
 */
import { immediately, monotonic } from '../base/runtime.ts'

/** The longest that changes are held back. Unit: ms. */
const HELD_MAX_MS = 5
/** What is left of that time where it has ended in vain: those who come again do not always come in time. */
const LESS = 0.8
/** So many syncs after a trial of all the time another follows. */
const TRIAL_EVERY = 64
/** The while in which no change comes: a part of the time that the sync took, within bounds. Unit: ms. */
const QUIET_SHARE = 1 / 8
const QUIET_LEAST_MS = 0.05
const QUIET_MOST_MS = 0.5

export class GroupCommit {
  readonly #commit: () => void
  readonly #now: () => number
  /** Changes since the last sync began, and those that this made safe. */
  #came = 0
  #synced = 0
  #expected = 0
  #beganAt = 0
  #heldUntil = 0
  #quietMs = 0
  /** Changes at the last look, and when it is too long ago that another came. */
  #seen = 0
  #quietAt = 0
  #looksAgain = false
  /** Of the time that a sync took, how much the next may be held back. */
  #patience = 1
  #wasHeld = false
  #syncs = 0

  /** `commit` is called when it is time to ask again. */
  constructor(commit: () => void, now = monotonic) {
    this.#commit = commit
    this.#now = now
  }

  /** A change has come. */
  added(): void {
    this.#came++
  }

  /** A sync begins, for all that has come. */
  began(): void {
    this.#synced = this.#came
    this.#came = 0
    this.#beganAt = this.#now()
  }

  /** It is over, and its answers have left, which took until now. */
  ended(endedAt: number): void {
    const took = endedAt - this.#beganAt
    const now = this.#now()
    this.#expected = this.#synced + this.#came
    if (++this.#syncs % TRIAL_EVERY === 0) this.#patience = 1
    this.#heldUntil = now + Math.min(took, HELD_MAX_MS) * this.#patience
    this.#wasHeld = false
    this.#quietMs = Math.max(QUIET_LEAST_MS, Math.min(took * QUIET_SHARE, QUIET_MOST_MS))
    this.#seen = -1
  }

  /** True if the next sync is held back; `commit` will be called then. */
  holds(): boolean {
    if (this.#came >= this.#expected) return this.#goes(2)
    const now = this.#now()
    if (now >= this.#heldUntil) return this.#goes(LESS)
    if (this.#came === this.#seen && now >= this.#quietAt) return false
    if (this.#came !== this.#seen) this.#quietAt = now + this.#quietMs
    this.#seen = this.#came
    this.#wasHeld = true
    if (!this.#looksAgain) {
      this.#looksAgain = true
      immediately(this.#look)
    }
    return true
  }

  /** It is held no longer. */
  #goes(factor: number): false {
    if (this.#wasHeld) this.#patience = Math.min(1, this.#patience * factor)
    this.#wasHeld = false
    return false
  }

  readonly #look = (): void => {
    this.#looksAgain = false
    this.#commit()
  }
}
