/**
 * Names by the time at which something is due: a binary heap whose smallest time is looked at in O(1) and taken in
 * O(log n). Entries are not removed when they lose their meaning; the owner says which are still live, and the others
 * are passed over when their turn comes, or swept out when they might be more than half.
 */
import type { Bytes } from '../base/bytes.ts'

const SWEEP_MIN = 64

export class TimeHeap {
  readonly #isLive: (name: Bytes, time: number) => boolean
  #times: number[] = []
  #names: Bytes[] = []
  #sweepAt = SWEEP_MIN

  constructor(isLive: (name: Bytes, time: number) => boolean) {
    this.#isLive = isLive
  }

  /** Takes the entries of another heap in the place of its own. O(n), at memcpy's speed. */
  copyFrom(other: TimeHeap): void {
    this.#times = other.#times.slice()
    this.#names = other.#names.slice()
    this.#sweepAt = other.#sweepAt
  }

  get size(): number {
    return this.#times.length
  }

  add(name: Bytes, time: number): void {
    if (this.#times.length >= this.#sweepAt) this.#sweep()
    this.#times.push(time)
    this.#names.push(name)
    this.#rise(this.#times.length - 1)
  }

  /** The smallest time with a live entry; Infinity for none. */
  next(): number {
    while (this.#times.length > 0) {
      if (this.#isLive(this.#names[0], this.#times[0])) return this.#times[0]
      this.#removeFirst()
    }
    return Infinity
  }

  /** Takes the live entry of the smallest time, if that is not after `now`. */
  takeDue(now: number): Bytes | undefined {
    if (this.next() > now) return undefined
    const name = this.#names[0]
    this.#removeFirst()
    return name
  }

  #removeFirst(): void {
    const time = this.#times.pop()!
    const name = this.#names.pop()!
    if (this.#times.length === 0) return
    this.#times[0] = time
    this.#names[0] = name
    this.#sink(0)
  }

  #rise(position: number): void {
    const times = this.#times
    while (position > 0) {
      const parent = (position - 1) >> 1
      if (times[parent] <= times[position]) return
      this.#swap(parent, position)
      position = parent
    }
  }

  #sink(position: number): void {
    const times = this.#times
    for (;;) {
      let child = 2 * position + 1
      if (child >= times.length) return
      if (child + 1 < times.length && times[child + 1] < times[child]) child++
      if (times[position] <= times[child]) return
      this.#swap(position, child)
      position = child
    }
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a]
    const name = this.#names[a]
    this.#times[a] = this.#times[b]
    this.#names[a] = this.#names[b]
    this.#times[b] = time
    this.#names[b] = name
  }

  /** Drops what is no longer live. O(n), after at least as many additions. */
  #sweep(): void {
    const [times, names] = [this.#times, this.#names]
    this.#times = []
    this.#names = []
    for (let i = 0; i < times.length; i++) {
      if (!this.#isLive(names[i], times[i])) continue
      this.#times.push(times[i])
      this.#names.push(names[i])
    }
    for (let i = (this.#times.length >> 1) - 1; i >= 0; i--) this.#sink(i)
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#times.length)
  }
}
