/**
 * What a stream remembers of its producers (Redis 8.6): under the name of each, the ids by which it marked its latest entries,
 * each with the id of the entry. A producer that sends an entry again under the same mark is told the id that it has.
 */
import type { Bytes } from '../../base/bytes.ts'
import { stringWeight, type Tally } from '../weight.ts'
import type { StreamId } from './stream-id.ts'

/** What they weigh beside their strings. */
const PRODUCER_BYTES = 250
const MARK_BYTES = 150

/** What the directives say at first. */
export const DEFAULT_DURATION = 100
export const DEFAULT_SIZE = 100

export class Idempotence {
  /** For so long a mark is remembered. Unit: seconds. */
  duration: number
  /** So many marks of each producer. */
  maxSize: number
  /** Entries that were ever added with a mark, and those that were refused for one. */
  added = 0
  duplicates = 0
  /** The marks of each, the oldest first. */
  readonly #producers = new Map<Bytes, Map<Bytes, StreamId>>()
  #tally: Tally = { bytes: 0 }

  constructor(duration: number, maxSize: number) {
    this.duration = duration
    this.maxSize = maxSize
  }

  /** Counts its weight where another does, from now on. */
  joinTally(tally: Tally): void {
    tally.bytes += this.#tally.bytes
    this.#tally = tally
  }

  /** The entry that a producer marked so, if that is not too long ago. `now` in unix ms. */
  find(producer: Bytes, mark: Bytes, now: number): StreamId | undefined {
    const id = this.#producers.get(producer)?.get(mark)
    return id === undefined || this.#isOver(id, now) ? undefined : id
  }

  /** Remembers a mark that is new. The oldest go where there are too many. */
  record(producer: Bytes, mark: Bytes, id: StreamId): void {
    let marks = this.#producers.get(producer)
    if (marks === undefined) {
      this.#producers.set(producer, (marks = new Map()))
      this.#tally.bytes += PRODUCER_BYTES + stringWeight(producer.length)
    }
    if (marks.has(mark)) this.#forget(marks, mark)
    marks.set(mark, id)
    this.#tally.bytes += MARK_BYTES + stringWeight(mark.length)
    for (const oldest of marks.keys()) {
      if (marks.size <= this.maxSize) break
      this.#forget(marks, oldest)
    }
  }

  /** Forgets what is older than the duration. `now` in unix ms. */
  expire(now: number): void {
    for (const [producer, marks] of this.#producers) {
      for (const [mark, id] of marks) {
        if (!this.#isOver(id, now)) break
        this.#forget(marks, mark)
      }
      if (marks.size === 0) this.#dropProducer(producer)
    }
  }

  /** True if it says nothing that a stream without would not say. */
  get isUntouched(): boolean {
    const asAtFirst = this.duration === DEFAULT_DURATION && this.maxSize === DEFAULT_SIZE
    return asAtFirst && this.#producers.size === 0 && this.added === 0 && this.duplicates === 0
  }

  /** Producers and marks that are not older than the duration. */
  tracked(now: number): { readonly producers: number; readonly marks: number } {
    let producers = 0
    let marks = 0
    for (const [, list] of this.#producers) {
      const before = marks
      for (const id of list.values()) if (!this.#isOver(id, now)) marks++
      if (marks > before) producers++
    }
    return { producers, marks }
  }

  /** Forgets all marks. */
  clear(): void {
    for (const [producer, marks] of this.#producers) {
      for (const mark of marks.keys()) this.#forget(marks, mark)
      this.#dropProducer(producer)
    }
  }

  producers(): ReadonlyMap<Bytes, ReadonlyMap<Bytes, StreamId>> {
    return this.#producers
  }

  copy(): Idempotence {
    const copy = new Idempotence(this.duration, this.maxSize)
    copy.added = this.added
    copy.duplicates = this.duplicates
    for (const [producer, marks] of this.#producers) for (const [mark, id] of marks) copy.record(producer, mark, id)
    return copy
  }

  #isOver(id: StreamId, now: number): boolean {
    return Number(id.ms) <= now - this.duration * 1000
  }

  #forget(marks: Map<Bytes, StreamId>, mark: Bytes): void {
    marks.delete(mark)
    this.#tally.bytes -= MARK_BYTES + stringWeight(mark.length)
  }

  #dropProducer(producer: Bytes): void {
    this.#producers.delete(producer)
    this.#tally.bytes -= PRODUCER_BYTES + stringWeight(producer.length)
  }
}
