/**
 * The clock of a store under test. It runs with the machine's, ahead of it by what `advance` was told, or stands still where
 * it is frozen. Whatever the store has scheduled (blocking timeouts, pauses, background work) runs at its time on this clock.
 * Fake timers of a runner are the machine's time to a store that was made under them; background work stays out of their reach.
 */
import { type Clock, systemClock } from '../base/clock.ts'

/** What a test may do with the time of its store. */
export interface TestTime {
  /** Unix time of the store. Unit: ms. */
  now(): number
  /**
   * Moves the time of the store forward by `ms`. Before it returns, every timeout on the way has fired, in order, and every
   * key whose time has come is gone. @throws RangeError if `ms` is negative or no number
   */
  advance(ms: number): void
  /** From here on the time moves by `advance` alone. */
  freeze(): void
  /** From here on the time moves with the machine's again. */
  resume(): void
  readonly isFrozen: boolean
}

/** True for a number of milliseconds. A text such as '5' is none: sums with it are texts, too. */
export function isDuration(ms: unknown): boolean {
  return typeof ms === 'number' && ms >= 0 && ms < Infinity
}

interface Scheduled {
  readonly runAt: number
  readonly run: () => void
  readonly inBackground: boolean
  cancel: (() => void) | undefined
}

export class TestClock implements Clock, TestTime {
  /** Ms that this clock is ahead of the machine's. */
  #offset = 0
  /** The time at which it stands; undefined while it runs. */
  #frozenAt: number | undefined
  readonly #scheduled = new Set<Scheduled>()
  /** Called when `advance` has come to its end. */
  onAdvanced: () => void = () => {}

  /** @throws RangeError for a time that is none */
  constructor(startsAt: number | undefined, frozen: boolean) {
    if (startsAt !== undefined && !Number.isSafeInteger(startsAt))
      throw new RangeError(`now takes a Date or a Unix time in ms, not ${startsAt}`)
    if (startsAt !== undefined) this.#offset = startsAt - Date.now()
    if (frozen) this.#frozenAt = startsAt ?? Date.now()
  }

  get isFrozen(): boolean {
    return this.#frozenAt !== undefined
  }

  now(): number {
    return this.#frozenAt ?? Math.floor(Date.now() + this.#offset)
  }

  after(ms: number, run: () => void, inBackground = false): () => void {
    const entry: Scheduled = { runAt: this.now() + ms, run, inBackground, cancel: undefined }
    this.#scheduled.add(entry)
    this.#arm(entry)
    return () => this.#remove(entry)
  }

  advance(ms: number): void {
    if (!isDuration(ms))
      throw new RangeError(`advance takes milliseconds as a number that is not negative, not the ${typeof ms} ${ms}`)
    const target = this.now() + Math.floor(ms)
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#remove(next)
      this.#moveTo(Math.max(this.now(), next.runAt))
      next.run()
    }
    // What ran may have moved it further.
    this.#moveTo(Math.max(this.now(), target))
    // Background work runs once, however often it would have.
    for (const entry of [...this.#scheduled]) {
      if (!entry.inBackground || entry.runAt > target) continue
      this.#remove(entry)
      entry.run()
    }
    for (const entry of this.#scheduled) this.#arm(entry)
    this.onAdvanced()
  }

  freeze(): void {
    this.#frozenAt = this.now()
    for (const { cancel } of this.#scheduled) cancel?.()
  }

  resume(): void {
    if (this.#frozenAt === undefined) return
    this.#offset = this.#frozenAt - Date.now()
    this.#frozenAt = undefined
    for (const entry of this.#scheduled) this.#arm(entry)
  }

  /** Forgets all that is scheduled. */
  stop(): void {
    for (const entry of [...this.#scheduled]) this.#remove(entry)
  }

  #moveTo(time: number): void {
    if (this.#frozenAt === undefined) this.#offset += time - this.now()
    else this.#frozenAt = time
  }

  /** What comes first of all that is due up to a time, background work aside. */
  #next(until: number): Scheduled | undefined {
    let first: Scheduled | undefined
    for (const entry of this.#scheduled) {
      if (!entry.inBackground && entry.runAt <= until && (first === undefined || entry.runAt < first.runAt))
        first = entry
    }
    return first
  }

  #arm(entry: Scheduled): void {
    entry.cancel?.()
    if (this.#frozenAt !== undefined) return
    const fire = (): void => {
      // Timers may be early. Background work follows real time, whatever a fake says.
      if (entry.runAt > this.now() && !entry.inBackground) this.#arm(entry)
      else {
        this.#remove(entry)
        entry.run()
      }
    }
    entry.cancel = systemClock.after(Math.max(entry.runAt - this.now(), 0), fire, entry.inBackground)
  }

  #remove(entry: Scheduled): void {
    entry.cancel?.()
    this.#scheduled.delete(entry)
  }
}
