/**
 * The time of a database that several machines share: keys expire by it, and not by clocks that each tell another time. Between
 * its readings the clock of this process goes on from the last one.
 */
import type { Clock } from '../../base/clock.ts'

export class DatabaseClock implements Clock {
  readonly #own: Clock
  /** Added to the time of this process. Unit: ms. */
  #ahead = 0
  readonly after: Clock['after']

  constructor(own: Clock) {
    this.#own = own
    this.after = (ms, run, inBackground) => own.after(ms, run, inBackground)
  }

  now(): number {
    return this.#own.now() + this.#ahead
  }

  /** The database has just said what time it is. */
  follow(now: number): void {
    this.#ahead = now - this.#own.now()
  }
}
