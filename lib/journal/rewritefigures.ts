/** What is told of rewrites, and how long the next one waits where they fail: a minute after the third failure, then twice that. */
import type { Log } from './log.ts'

/** Failures in a row from which on rewrites are put off, and the longest time. */
const FAILURES = 3
const MINUTES_MAX = 60

export class RewriteFigures {
  readonly #log: Log
  /** How many were begun, and how many have failed since the last that did not. */
  count = 0
  failures = 0
  succeeded = true
  /** Seconds that the last one took; -1 before the first. */
  lastSeconds = -1
  #delayMinutes = 0
  /** Unix ms before which none begins by itself; 0 for none. */
  #nextAt = 0

  constructor(log: Log) {
    this.#log = log
  }

  ended(succeeded: boolean, seconds: number): void {
    this.succeeded = succeeded
    this.lastSeconds = seconds
    this.failures = succeeded ? 0 : this.failures + 1
  }

  /** A rewrite could not even begin. */
  failedToBegin(): void {
    this.succeeded = false
    this.failures++
  }

  /** True while none is to begin by itself. */
  isPutOff(now: number): boolean {
    if (this.failures < FAILURES) {
      this.#delayMinutes = this.#nextAt = 0
      return false
    }
    if (this.#nextAt !== 0) {
      if (now < this.#nextAt) return true
      this.#nextAt = 0
      return false
    }
    this.#delayMinutes = Math.min(MINUTES_MAX, this.#delayMinutes === 0 ? 1 : this.#delayMinutes * 2)
    this.#nextAt = now + this.#delayMinutes * 60_000
    this.#log(
      'warning',
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.#delayMinutes} minutes`,
    )
    return true
  }
}
