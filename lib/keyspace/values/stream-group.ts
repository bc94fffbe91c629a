/**
 * Consumer groups. An entry that was delivered and not yet acknowledged is one `Pending`, listed twice: in its group and
 * in the consumer that owns it, or, where its consumer gave it back (XNACK), among those that are released, in the order in
 * which they were. Every change of owner goes through `ConsumerGroup`, which keeps the lists in step.
 */
import type { Bytes } from '../../base/bytes.ts'
import { stringWeight, type Tally } from '../weight.ts'
import { IdList } from './id-list.ts'
import { plus, type StreamId, type U64 } from './stream-id.ts'

/** What they weigh: a pending entry, listed twice, with its id; a group or a consumer with its lists, less the name. */
const PENDING_BYTES = 150
const GROUP_BYTES = 500
const CONSUMER_BYTES = 250

/** The greatest number of deliveries, which marks what nobody is to try again. */
export const MAX_DELIVERIES: U64 = 2n ** 63n - 1n

/** `entriesRead` where the number is not known. */
export const UNKNOWN_ENTRIES_READ = -1

export class Consumer {
  readonly name: Bytes
  readonly pending = new IdList<Pending>()
  /** Unix ms of the last attempt to read or claim. */
  seenAt: number
  /** Unix ms of the last success, or -1. */
  activeAt = -1

  constructor(name: Bytes, now: number) {
    this.name = name
    this.seenAt = now
  }
}

export class Pending {
  readonly id: StreamId
  /** Undefined where it was given back to the group. */
  consumer: Consumer | undefined
  /** Unix ms; 0 for what was given back. */
  deliveredAt: number
  deliveries: U64

  constructor(id: StreamId, consumer: Consumer | undefined, deliveredAt: number, deliveries: U64) {
    this.id = id
    this.consumer = consumer
    this.deliveredAt = deliveredAt
    this.deliveries = deliveries
  }

  /** How many deliveries there are with the next one. */
  get nextDelivery(): U64 {
    return this.deliveries < MAX_DELIVERIES ? plus(this.deliveries, 1) : this.deliveries
  }
}

/** What of a pending entry changes in place. */
type Delivery = Pick<Pending, 'deliveredAt' | 'deliveries'>

/** What was pending in a group at one moment, whatever has become of it. */
export class KeptPending {
  readonly size: number
  /** In the order of ids, in runs. What changes in place is told by `deliveryOf`. */
  readonly runs: readonly (readonly Pending[])[]
  /** Of those that were delivered again since then. */
  readonly #before = new Map<Pending, Delivery>()

  constructor({ pending }: ConsumerGroup) {
    this.size = pending.size
    this.runs = pending.keep()
  }

  deliveryOf(pending: Pending): Delivery {
    return this.#before.get(pending) ?? pending
  }

  /** An entry is about to change in place. */
  note(pending: Pending): void {
    const { deliveredAt, deliveries } = pending
    if (!this.#before.has(pending)) this.#before.set(pending, { deliveredAt, deliveries })
  }
}

export class ConsumerGroup {
  readonly name: Bytes
  readonly pending = new IdList<Pending>()
  /** What was given back, the first first; undefined before anything is. */
  #released: Set<Pending> | undefined
  readonly #consumers = new Map<Bytes, Consumer>()
  /** Id of the last entry that was delivered. */
  lastId: StreamId
  /** How many entries of the stream, from its first ever, were delivered; UNKNOWN_ENTRIES_READ if that cannot be told. */
  entriesRead: number
  #kept: KeptPending | undefined
  /** What the group weighs goes in here: its own, until it belongs to a stream. */
  #tally: Tally = { bytes: 0 }

  constructor(name: Bytes, lastId: StreamId, entriesRead: number) {
    this.name = name
    this.lastId = lastId
    this.entriesRead = entriesRead
    this.#tally.bytes = GROUP_BYTES + stringWeight(name.length)
  }

  /** Counts its weight where another does, from now on. */
  joinTally(tally: Tally): void {
    tally.bytes += this.#tally.bytes
    this.#tally = tally
  }

  /** Takes its weight out of the tally that it had joined. O(consumers). */
  leaveTally(): void {
    let bytes = GROUP_BYTES + stringWeight(this.name.length) + PENDING_BYTES * this.pending.size
    for (const name of this.#consumers.keys()) bytes += consumerWeight(name)
    this.#tally.bytes -= bytes
    this.#tally = { bytes }
  }

  get consumerCount(): number {
    return this.#consumers.size
  }

  consumer(name: Bytes): Consumer | undefined {
    return this.#consumers.get(name)
  }

  /** All consumers, by name, as Redis lists them. */
  consumers(): Consumer[] {
    return byName(this.#consumers)
  }

  /** Adds a consumer; the name must be free. */
  addConsumer(name: Bytes, now: number): Consumer {
    const consumer = new Consumer(name, now)
    this.#consumers.set(name, consumer)
    this.#tally.bytes += consumerWeight(name)
    return consumer
  }

  /** Removes a consumer with all that is pending for it. */
  deleteConsumer(consumer: Consumer): void {
    for (const pending of consumer.pending) this.pending.delete(pending.id)
    this.#consumers.delete(consumer.name)
    this.#tally.bytes -= consumerWeight(consumer.name) + PENDING_BYTES * consumer.pending.size
  }

  /** Notes a delivery of an entry that is not pending. Without a consumer, `assign` or `release` must follow. */
  addPending(id: StreamId, consumer: Consumer | undefined, deliveredAt: number, deliveries: U64): Pending {
    const pending = new Pending(id, consumer, deliveredAt, deliveries)
    this.pending.add(pending)
    consumer?.pending.add(pending)
    this.#tally.bytes += PENDING_BYTES
    return pending
  }

  /** Gives a pending entry to a consumer. */
  assign(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return
    this.#disown(pending)
    pending.consumer = consumer
    consumer.pending.add(pending)
  }

  /** A pending entry is delivered again. */
  redeliver(pending: Pending, deliveredAt: number, deliveries: U64): void {
    if (this.#kept !== undefined) this.#kept.note(pending)
    pending.deliveredAt = deliveredAt
    pending.deliveries = deliveries
  }

  /** Takes a pending entry back from its consumer, behind what was taken back before: whoever claims gets it. */
  release(pending: Pending, deliveries: U64): void {
    this.#disown(pending)
    pending.consumer = undefined
    this.redeliver(pending, 0, deliveries)
    this.#released ??= new Set()
    this.#released.add(pending)
  }

  /** Adds an entry that is not pending as one that was given back. */
  addReleased(id: StreamId, deliveries: U64): void {
    const pending = new Pending(id, undefined, 0, deliveries)
    this.pending.add(pending)
    this.#tally.bytes += PENDING_BYTES
    this.release(pending, deliveries)
  }

  get releasedCount(): number {
    return this.#released?.size ?? 0
  }

  /** What was given back, the first first. */
  released(): Iterable<Pending> {
    return this.#released ?? []
  }

  /** Acknowledges an entry. False if it is not pending. */
  deletePending(id: StreamId): boolean {
    const pending = this.pending.delete(id)
    if (pending === undefined) return false
    this.#disown(pending)
    this.#tally.bytes -= PENDING_BYTES
    return true
  }

  /** What is pending now, for one reader at a time, which says when it is done. O(n / 128). */
  keepPending(): KeptPending {
    this.#kept = new KeptPending(this)
    return this.#kept
  }

  letGo(): void {
    this.#kept = undefined
    this.pending.letGo()
    for (const { pending } of this.#consumers.values()) pending.letGo()
  }

  /** Takes a pending entry out of the list of its consumer, or of those that were given back. */
  #disown(pending: Pending): void {
    if (pending.consumer === undefined) this.#released?.delete(pending)
    else pending.consumer.pending.delete(pending.id)
  }

  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.name, this.lastId, this.entriesRead)
    for (const { name, seenAt, activeAt } of this.#consumers.values()) {
      copy.addConsumer(name, seenAt).activeAt = activeAt
    }
    for (const { id, consumer, deliveredAt, deliveries } of this.pending) {
      if (consumer !== undefined) copy.addPending(id, copy.consumer(consumer.name)!, deliveredAt, deliveries)
    }
    for (const { id, deliveries } of this.released()) copy.addReleased(id, deliveries)
    return copy
  }
}

function consumerWeight(name: Bytes): number {
  return CONSUMER_BYTES + stringWeight(name.length)
}

/** Values of a map by name, in the order of bytes. */
export function byName<V extends { readonly name: Bytes }>(map: ReadonlyMap<Bytes, V>): V[] {
  return [...map.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
