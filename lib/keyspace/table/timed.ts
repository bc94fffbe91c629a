/**
 * The keys of a table that have an expiry, without gaps, so that samples of them can be drawn: their times, and where their
 * records are. A record knows its index here.
 */
import type { At } from '../../memory/arena.ts'
import { isSparse } from './record.ts'

export class Timed {
  #times = new Float64Array(0)
  #ats = new Int32Array(0)
  size = 0

  /** Unix ms. */
  timeAt(index: number): number {
    return this.#times[index]
  }

  recordAt(index: number): At {
    return this.#ats[index]
  }

  setTime(index: number, time: number): void {
    this.#times[index] = time
  }

  setRecord(index: number, at: At): void {
    this.#ats[index] = at
  }

  /** Returns the index. */
  add(at: At, time: number): number {
    const index = this.size++
    if (index === this.#ats.length) this.#resize(Math.max(16, Math.ceil(index * 1.5)))
    this.#times[index] = time
    this.#ats[index] = at
    return index
  }

  /** The last one takes the place of the one that goes. Returns its record, which must learn so; 0 if the last has gone. */
  remove(index: number): At {
    const last = --this.size
    this.#times[index] = this.#times[last]
    const moved = (this.#ats[index] = this.#ats[last])
    if (isSparse(this.#ats, last)) this.#resize(2 * last)
    return index === last ? 0 : moved
  }

  /** Makes room for so many. */
  expect(size: number): void {
    if (size > this.#ats.length) this.#resize(size)
  }

  #resize(length: number): void {
    const times = new Float64Array(length)
    times.set(this.#times.subarray(0, this.size))
    this.#times = times
    const ats = new Int32Array(length)
    ats.set(this.#ats.subarray(0, this.size))
    this.#ats = ats
  }
}
