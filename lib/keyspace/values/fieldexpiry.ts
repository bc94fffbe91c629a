/** The times at which fields of one hash expire: by field, and in the order in which they are due. */
import type { Bytes } from '../../base/bytes.ts'
import { Dict } from '../dict.ts'
import { TimeHeap } from '../timeheap.ts'
import { arrayWeight, EXPIRY_BYTES, OBJECT_BYTES } from '../weight.ts'

export class FieldExpiry {
  #times = new Dict<number>()
  readonly #heap = new TimeHeap((field, time) => this.#times.get(field) === time)
  /** The time under which the database has noted the hash for active expiry; Infinity if it has not. */
  notedAt = Infinity

  /** Number of fields with a time. */
  get size(): number {
    return this.#times.size
  }

  /** What the times weigh, the heap's entries included. */
  get memoryBytes(): number {
    return 2 * OBJECT_BYTES + this.#times.size * EXPIRY_BYTES + 2 * arrayWeight(this.#heap.size)
  }

  /** Unix ms; undefined for a field that lasts. */
  get(field: Bytes): number | undefined {
    return this.#times.get(field)
  }

  /** True if the time of a field has come. */
  isDue(field: Bytes, now: number): boolean {
    const time = this.#times.get(field)
    return time !== undefined && time <= now
  }

  set(field: Bytes, time: number): void {
    if (this.#times.get(field) === time) return
    this.#times.set(field, time)
    this.#heap.add(field, time)
  }

  /** True if the field had a time. */
  delete(field: Bytes): boolean {
    return this.#times.delete(field)
  }

  /** The earliest time; Infinity for none. */
  next(): number {
    return this.#heap.next()
  }

  /** A field whose time has come, or undefined. It keeps its time until it is deleted. */
  due(now: number): Bytes | undefined {
    return this.#heap.takeDue(now)
  }

  /** The times by field, as they are now. O(n), at memcpy's speed. */
  copyTimes(): Dict<number> {
    return this.#times.copy()
  }

  copy(): FieldExpiry {
    const copy = new FieldExpiry()
    copy.#times = this.#times.copy()
    copy.#heap.copyFrom(this.#heap)
    return copy
  }
}
