/**
 * When work in the background goes on that is cut into slices: while nobody asks for anything, at once after the last slice;
 * while commands run, for a part of the time, in slices that are shorter still, so that clients get nearly all of what they
 * would get without it: a fifth while some run, an eleventh while they are many. What a slice took too long the next ones lack. Whether the
 * server is busy is told by the number of commands, not by how long the event loop was away: clients that wait for a slice to end
 * make a loop look idle.
 */
import { immediately, monotonic, soon } from '../../base/runtime.ts'

/** The longest slice. Unit: ms. */
const SLICE_MS = 1
/** What slices take while commands run, of the time between them; and while there are so many a ms, or more. */
const SHARE = 0.25
const CROWD_SHARE = 0.1
const CROWD = 30
/** What a slice took too long is forgotten beyond so much. Unit: ms. */
const DEBT_MAX_MS = 5
/** Time between slices while commands run, and how long after the last command they are taken to. Unit: ms. */
const REST_MS = 1
const BUSY_MS = 5

export class Pace {
  /** Works until a moment of `monotonic`, or a little longer. False where there is nothing to do now. */
  readonly #work: (endsAt: number) => boolean
  /** Number of commands that have run. */
  readonly #commands: () => number
  #seen = 0
  #busyAt = -Infinity
  #leftAt = 0
  /** What the next slice may take; below 0 what the last ones took too long. Unit: ms. */
  #credit = 0
  #isWaiting = false

  constructor(work: (endsAt: number) => boolean, commands: () => number) {
    this.#work = work
    this.#commands = commands
  }

  /** There is something to do: in this turn of the event loop or soon after it. */
  resume(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#leftAt = monotonic()
    this.#seen = this.#commands()
    immediately(this.#turn)
  }

  readonly #turn = (): void => {
    const now = monotonic()
    const elapsed = now - this.#leftAt
    const commands = this.#commands()
    const count = commands - this.#seen
    this.#seen = commands
    if (count !== 0) this.#busyAt = now
    const isBusy = now - this.#busyAt < BUSY_MS
    const share = count > CROWD * elapsed ? CROWD_SHARE : SHARE
    this.#credit = isBusy ? Math.min(SLICE_MS, this.#credit + share * elapsed) : SLICE_MS
    if (this.#credit > 0) this.#isWaiting = this.#work(now + this.#credit)
    this.#leftAt = monotonic()
    this.#credit = Math.max(-DEBT_MAX_MS, this.#credit - (this.#leftAt - now))
    if (!this.#isWaiting) return
    if (isBusy) soon(REST_MS, this.#turn)
    else immediately(this.#turn)
  }
}
