/**
 * The time of a Durable Object. Its timers are one alarm: an object with a timer of its own could not sleep, and would forget
 * it where it was put out of memory all the same. The alarm is set to the first time at which something is to be done, and what
 * is due when it comes is run. What keeps nobody waiting (`inBackground`) has timers: it is there only while a request is under way.
 *
 * Background work runs where the alarm says so, and not by itself (`isManual`).
 */
import type { Clock } from '../../base/clock.ts'
import { inBackground } from '../../base/runtime.ts'
import { TimeHeap } from '../../keyspace/timeheap.ts'

export interface AlarmClockParts {
  readonly now: () => number
  /** Has `runDue` called at a time, in unix ms, in place of the one before. */
  readonly setAlarm: (at: number) => void
  readonly onFault: (error: unknown) => void
}

export class AlarmClock implements Clock {
  readonly isManual = true
  readonly #parts: AlarmClockParts
  readonly #runs = new Map<string, () => void>()
  readonly #times = new TimeHeap((name) => this.#runs.has(name))
  #names = 0
  /** The time to which the alarm is set; Infinity where it is set to none. */
  #armedAt = Infinity

  constructor(parts: AlarmClockParts) {
    this.#parts = parts
  }

  now(): number {
    return this.#parts.now()
  }

  after(ms: number, run: () => void, isBackground = false): () => void {
    return isBackground ? inBackground(ms, run) : this.at(this.now() + ms, run)
  }

  /** Runs a function once, at a time in unix ms or after it. Returns its cancellation. */
  at(time: number, run: () => void): () => void {
    const name = `${this.#names++}`
    this.#runs.set(name, run)
    this.#times.add(name, time)
    this.#arm(time)
    return () => this.#runs.delete(name)
  }

  /** The alarm has come: runs what is due, and sets it to what comes next. */
  runDue(): void {
    this.#armedAt = Infinity
    const now = this.now()
    for (let name = this.#times.takeDue(now); name !== undefined; name = this.#times.takeDue(now)) {
      const run = this.#runs.get(name)!
      this.#runs.delete(name)
      try {
        run()
      } catch (error) {
        this.#parts.onFault(error)
      }
    }
    this.#arm(this.#times.next())
  }

  #arm(time: number): void {
    if (time >= this.#armedAt) return
    this.#armedAt = time
    this.#parts.setAlarm(time)
  }
}
