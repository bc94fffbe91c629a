/**
 * What stands behind the nodes of a stream: its counters, its consumer groups with what is pending, and what is known of its
 * producers. It is written a part at a time, from where it stands; once the stream is about to change, from what it is asked to
 * keep until `end`: runs of pending entries, which are copied one by one where they change.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { StreamValue } from '../../keyspace/values/stream.ts'
import type { Consumer, ConsumerGroup, KeptPending, Pending } from '../../keyspace/values/stream-group.ts'
import { u64 } from '../../keyspace/values/stream-id.ts'
import { DEFAULT_DURATION, DEFAULT_SIZE, Idempotence } from '../../keyspace/values/stream-idempotence.ts'
import type { RdbOutput } from '../format/output.ts'
import { type Form, writeId, writeRawId } from './stream.ts'

/** So many runs of a hundred or so pending entries are one part. */
const PART_RUNS = 4

type Counters = Pick<StreamValue, 'length' | 'lastId' | 'firstId' | 'maxDeletedId' | 'entriesAdded'>

/** Pending entries in the order of their ids, in runs. */
interface PendingRuns {
  readonly size: number
  readonly runs: readonly (readonly Pending[])[]
}

interface ConsumerState {
  readonly name: Bytes
  readonly seenAt: number
  readonly activeAt: number
  readonly pending: PendingRuns
}

export class StreamTail {
  readonly #form: Form
  #counters: Counters
  readonly #groups: readonly GroupParts[]
  #idempotence: Idempotence | undefined
  /** The group that is written next; -1 before the counters are. */
  #next = -1

  constructor(stream: StreamValue, form: Form) {
    this.#form = form
    this.#counters = stream
    this.#groups = stream.groups().map((group) => new GroupParts(group, form))
    this.#idempotence = stream.idempotence
  }

  /** Writes the next part. True if it was the last. */
  write(output: RdbOutput): boolean {
    const groups = this.#groups
    if (this.#next === -1) this.#writeCounters(output)
    else if (groups[this.#next].write(output)) this.#next++
    if (this.#next === -1) this.#next = 0
    if (this.#next < groups.length) return false
    if (this.#form >= 4) writeIdempotence(output, this.#idempotence ?? new Idempotence(DEFAULT_DURATION, DEFAULT_SIZE))
    return true
  }

  detach(): void {
    const { length, lastId, firstId, maxDeletedId, entriesAdded } = this.#counters
    this.#counters = { length, lastId, firstId, maxDeletedId, entriesAdded }
    for (let i = Math.max(this.#next, 0); i < this.#groups.length; i++) this.#groups[i].detach()
    this.#idempotence = this.#idempotence?.copy()
  }

  end(): void {
    for (const group of this.#groups) group.end()
  }

  #writeCounters(output: RdbOutput): void {
    const { length, lastId, firstId, maxDeletedId, entriesAdded } = this.#counters
    output.count(length)
    for (const id of [lastId, firstId, maxDeletedId]) writeId(output, id)
    output.count(entriesAdded)
    output.count(this.#groups.length)
  }
}

/** One consumer group. */
class GroupParts {
  readonly #form: Form
  readonly #live: ConsumerGroup
  readonly #liveConsumers: readonly Consumer[]
  /** As it is, or as it was when it was detached. */
  #group: Pick<ConsumerGroup, 'name' | 'lastId' | 'entriesRead' | 'releasedCount' | 'released'>
  #pending: PendingRuns
  #kept: KeptPending | undefined
  #consumers: readonly ConsumerState[]
  /** The consumer that is written next; -1 while the entries of the group are, -2 before that. */
  #next = -2
  /** Runs that were written of what is being written. */
  #runs = 0

  constructor(group: ConsumerGroup, form: Form) {
    this.#form = form
    this.#live = group
    this.#liveConsumers = group.consumers()
    this.#group = group
    this.#pending = group.pending
    this.#consumers = this.#liveConsumers
  }

  write(output: RdbOutput): boolean {
    if (this.#next === -2) {
      this.#writeHead(output)
      this.#next = -1
    }
    if (this.#next === -1) {
      if (!this.#writePending(output)) return false
      output.count(this.#consumers.length)
      this.#runs = 0
      this.#next = 0
    } else if (this.#writeConsumer(output, this.#consumers[this.#next])) {
      this.#runs = 0
      this.#next++
    }
    if (this.#next < this.#consumers.length) return false
    if (this.#form >= 5) this.#writeReleased(output)
    return true
  }

  detach(): void {
    const { name, lastId, entriesRead, releasedCount } = this.#live
    const released = [...this.#live.released()]
    this.#group = { name, lastId, entriesRead, releasedCount, released: () => released }
    if (this.#next < 0) {
      this.#kept = this.#live.keepPending()
      this.#pending = this.#kept
    }
    this.#consumers = this.#liveConsumers.map((consumer, i) => (i < this.#next ? consumer : kept(consumer)))
  }

  end(): void {
    this.#live.letGo()
  }

  #writeHead(output: RdbOutput): void {
    const { name, lastId, entriesRead } = this.#group
    output.string(name)
    writeId(output, lastId)
    output.count(u64(BigInt(entriesRead)))
    output.count(this.#pending.size)
  }

  /** True if those were the last. */
  #writePending(output: RdbOutput): boolean {
    const { runs } = this.#pending
    for (let left = PART_RUNS; left > 0 && this.#runs < runs.length; left--) {
      const run = runs[this.#runs++]
      for (let i = 0; i < run.length; i++) {
        const { deliveredAt, deliveries } = this.#kept === undefined ? run[i] : this.#kept.deliveryOf(run[i])
        writeRawId(output, run[i].id)
        output.int64(deliveredAt)
        output.count(deliveries)
      }
    }
    return this.#runs === runs.length
  }

  #writeReleased(output: RdbOutput): void {
    output.count(this.#group.releasedCount)
    for (const { id } of this.#group.released()) writeRawId(output, id)
  }

  #writeConsumer(output: RdbOutput, { name, seenAt, activeAt, pending }: ConsumerState): boolean {
    if (this.#runs === 0) {
      output.string(name)
      output.int64(seenAt)
      if (this.#form >= 3) output.int64(activeAt)
      output.count(pending.size)
    }
    const { runs } = pending
    for (let left = PART_RUNS; left > 0 && this.#runs < runs.length; left--) {
      const run = runs[this.#runs++]
      for (let i = 0; i < run.length; i++) writeRawId(output, run[i].id)
    }
    return this.#runs === runs.length
  }
}

/** A consumer as it is now, until its group lets go. */
function kept({ name, seenAt, activeAt, pending }: Consumer): ConsumerState {
  return { name, seenAt, activeAt, pending: { size: pending.size, runs: pending.keep() } }
}

function writeIdempotence(output: RdbOutput, known: Idempotence): void {
  output.count(known.duration)
  output.count(known.maxSize)
  const producers = known.producers()
  output.count(producers.size)
  for (const [producer, marks] of producers) {
    output.string(producer)
    output.count(marks.size)
    for (const [mark, id] of marks) {
      output.string(mark)
      writeId(output, id)
    }
  }
  output.count(known.added)
  output.count(known.duplicates)
}
