/**
 * When work in the background goes on that is cut into slices: while nobody asks for anything, at once after the last slice;
 * while commands run, for a fifth of the time, in slices that are shorter still, so that clients get nearly all of what they
 * would get without it. Whether the server is busy is told by the number of commands, not by how long the event loop was
 * away: clients that wait for a slice to end make a loop look idle.
 */
import { immediately, monotonic, soon } from '../../base/runtime.ts'

/** The longest slice. Unit: ms. */
const SLICE_MS = 1
/** What a slice takes while commands run, of the time since the last one. */
const SHARE = 0.25
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
    const commands = this.#commands()
    if (commands !== this.#seen) this.#busyAt = now
    this.#seen = commands
    const isBusy = now - this.#busyAt < BUSY_MS
    const slice = isBusy ? Math.min(SLICE_MS, SHARE * (now - this.#leftAt)) : SLICE_MS
    this.#isWaiting = this.#work(now + slice)
    this.#leftAt = monotonic()
    if (!this.#isWaiting) return
    if (isBusy) soon(REST_MS, this.#turn)
    else immediately(this.#turn)
  }
}
