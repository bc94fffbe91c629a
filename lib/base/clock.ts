/**
 * Time, injected so that tests can move it. Wall time is integer unix milliseconds; the engine reads it once per
 * command and freezes it for the command's run. Whatever must happen later is scheduled here, so that a test's clock
 * drives it too.
 */

import { inBackground } from './runtime.ts'

export interface Clock {
  /** Unix time in integer ms. */
  now(): number
  /**
   * Runs a function once, `ms` from now. Returns its cancellation. What is done in the background does not keep the
   * process alive.
   */
  after(ms: number, run: () => void, inBackground?: boolean): () => void
  /** It moves only where it is told to; background work then runs only where `cron` is called. */
  readonly isManual?: true
}

/** The longest delay that timers take. */
const TIMEOUT_MAX = 2 ** 31 - 1

/**
 * The time of the process. Its functions are looked up when they are called, so that fake timers move a store: its time of day, and
 * what a caller waits for (a blocking command's timeout, the end of CLIENT PAUSE). Background work goes on by real time: a
 * loop of it would keep `runAllTimers` from an end, and would end with the fakes.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run, isBackground = false) {
    if (ms > TIMEOUT_MAX) {
      let cancel = systemClock.after(
        TIMEOUT_MAX,
        () => {
          cancel = systemClock.after(ms - TIMEOUT_MAX, run, isBackground)
        },
        isBackground,
      )
      return () => cancel()
    }
    if (isBackground) return inBackground(ms, run)
    // A timer can be cleared only by whoever has set it.
    const clear = clearTimeout
    const timer = setTimeout(run, ms)
    return () => clear(timer)
  },
}

interface Scheduled {
  readonly runAt: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it; what was scheduled runs, in order, when its time is passed. */
export class ManualClock implements Clock {
  readonly isManual = true
  #now: number
  #scheduled: Scheduled[] = []

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const entry = { runAt: this.#now + ms, run }
    this.#scheduled.push(entry)
    return () => {
      this.#scheduled = this.#scheduled.filter((other) => other !== entry)
    }
  }

  /** Moves forward by `ms`, stopping at each scheduled time on the way. */
  advance(ms: number): void {
    const target = this.#now + ms
    for (;;) {
      let next: Scheduled | undefined
      for (const entry of this.#scheduled) {
        if (entry.runAt <= target && (next === undefined || entry.runAt < next.runAt)) next = entry
      }
      if (next === undefined) break
      this.#scheduled = this.#scheduled.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.runAt)
      next.run()
    }
    this.#now = target
  }
}
