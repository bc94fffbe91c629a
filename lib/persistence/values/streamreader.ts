/**
 * Streams read from snapshots (see stream.ts for their form), a node or a pending entry at a time, as readers.ts has
 * it.
 */
import { StreamValue } from '../../keyspace/values/stream.ts'
import { type Consumer, ConsumerGroup } from '../../keyspace/values/stream-group.ts'
import { compareIds, MIN_ID, type StreamId } from '../../keyspace/values/stream-id.ts'
import { Idempotence } from '../../keyspace/values/stream-idempotence.ts'
import { Input, type RdbInput } from '../format/input.ts'
import { type Form, ID_BYTES } from './stream.ts'
import { streamNodeOf } from './streamnode.ts'

/** About as much is read at once. */
const PART_BYTES = 16 * 1024

/** What is read next. */
const Next = { Start: 0, Nodes: 1, Head: 2, Group: 3, Pending: 4, Consumer: 5, Owned: 6, Released: 7, End: 8 } as const
type Next = (typeof Next)[keyof typeof Next]

export class StreamReader {
  readonly #form: Form
  readonly #stream = new StreamValue()
  #next: Next = Next.Start
  /** Id of the last entry that was read. */
  #last: StreamId | undefined
  /** What is left to be read: nodes, pending entries, those of a consumer or those that were given back; consumers; groups. */
  #left = 0
  #consumersLeft = 0
  #groupsLeft = 0
  #group: ConsumerGroup | undefined
  #consumer: Consumer | undefined
  /** Pending entries of the group of which it is known whose they are. */
  #owned = 0
  #released = 0

  constructor(form: Form) {
    this.#form = form
  }

  read(input: RdbInput): boolean {
    for (const end = input.at + PART_BYTES; this.#next !== Next.End && input.at < end; input.settle()) {
      this.#next = this.#step(input)
    }
    return this.#next === Next.End
  }

  finish(): StreamValue {
    return this.#stream
  }

  /** Reads one thing, all of it before it changes anything. Returns what comes next. */
  #step(input: RdbInput): Next {
    switch (this.#next) {
      case Next.Start:
        this.#left = input.count(2)
        return Next.Nodes
      case Next.Nodes:
        if (this.#left === 0) return Next.Head
        this.#readNode(input)
        this.#left--
        return Next.Nodes
      case Next.Head:
        this.#readHead(input)
        return Next.Group
      case Next.Group:
        if (this.#groupsLeft > 0) return this.#beginGroup(input)
        if (this.#form >= 4) this.#readIdempotence(input)
        return Next.End
      case Next.Pending:
        if (this.#left > 0) return this.#readPending(input, this.#group!)
        this.#consumersLeft = input.count(10)
        return Next.Consumer
      case Next.Consumer:
        if (this.#consumersLeft > 0) return this.#beginConsumer(input, this.#group!)
        this.#left = this.#form >= 5 ? input.count(ID_BYTES) : 0
        return Next.Released
      case Next.Owned:
        if (this.#left > 0) return this.#readOwned(input, this.#group!, this.#consumer!)
        this.#consumersLeft--
        return Next.Consumer
      case Next.Released:
        return this.#left > 0 ? this.#readReleased(input, this.#group!) : this.#endGroup(input, this.#group!)
    }
    return Next.End
  }

  #readNode(input: RdbInput): void {
    const key = input.blob()
    input.check(key.length === ID_BYTES, 'a node under a bad id')
    const node = streamNodeOf(readRawId(new Input(key)), input.blob(false))
    input.check(this.#last === undefined || compareIds(this.#last, node.id) < 0, 'nodes out of order')
    this.#last = node.lastId
    this.#stream.adopt(node)
  }

  #readHead(input: RdbInput): void {
    const stream = this.#stream
    const last = this.#last
    const length = input.integer()
    input.check(length === stream.length, 'a stream of another length')
    stream.lastId = readId(input)
    input.check(last === undefined || compareIds(last, stream.lastId) <= 0, 'an entry behind the last id')
    stream.firstId = stream.edgeId(true)
    if (this.#form === 1) stream.entriesAdded = stream.length
    else {
      readId(input) // the first id is what it is
      stream.maxDeletedId = readId(input)
      stream.entriesAdded = Number(input.integer())
    }
    this.#groupsLeft = input.count(4)
  }

  #beginGroup(input: RdbInput): Next {
    const stream = this.#stream
    const name = input.string()
    input.check(stream.group(name) === undefined, 'a group twice')
    const lastId = readId(input)
    const entriesRead =
      this.#form === 1 ? stream.entriesUpTo(lastId) : Number(BigInt.asIntN(64, BigInt(input.integer())))
    this.#left = input.count(ID_BYTES + 9)
    this.#group = new ConsumerGroup(name, lastId, entriesRead)
    this.#owned = 0
    this.#released = 0
    return Next.Pending
  }

  #readPending(input: RdbInput, group: ConsumerGroup): Next {
    const id = readRawId(input)
    const deliveredAt = input.time()
    const deliveries = input.integer()
    const last = group.pending.last()
    const isNew = last === undefined || compareIds(last.id, id) < 0 || group.pending.get(id) === undefined
    input.check(isNew, 'a pending entry twice')
    group.addPending(id, undefined, deliveredAt, deliveries)
    this.#left--
    return Next.Pending
  }

  #beginConsumer(input: RdbInput, group: ConsumerGroup): Next {
    const name = input.string()
    input.check(group.consumer(name) === undefined, 'Duplicate stream consumer detected')
    const seenAt = input.time()
    const activeAt = this.#form >= 3 ? input.time() : seenAt
    this.#left = input.count(ID_BYTES)
    this.#consumer = group.addConsumer(name, seenAt)
    this.#consumer.activeAt = activeAt
    return Next.Owned
  }

  #readOwned(input: RdbInput, group: ConsumerGroup, consumer: Consumer): Next {
    const pending = group.pending.get(readRawId(input))
    input.check(pending !== undefined && pending.consumer === undefined, 'a consumer has what is not pending')
    group.assign(pending, consumer)
    this.#owned++
    this.#left--
    return Next.Owned
  }

  #readReleased(input: RdbInput, group: ConsumerGroup): Next {
    const pending = group.pending.get(readRawId(input))
    input.check(pending !== undefined && pending.consumer === undefined, 'what was given back is not pending')
    group.release(pending, pending.deliveries)
    input.check(group.releasedCount === ++this.#released, 'what was given back twice')
    this.#owned++
    this.#left--
    return Next.Released
  }

  #readIdempotence(input: RdbInput): void {
    const known = readIdempotence(input)
    if (this.#form === 4 || !known.isUntouched) this.#stream.setIdempotence(known)
  }

  #endGroup(input: RdbInput, group: ConsumerGroup): Next {
    input.check(this.#owned === group.pending.size, 'a pending entry without consumer')
    this.#stream.addGroup(group)
    this.#groupsLeft--
    return Next.Group
  }
}

function readIdempotence(input: RdbInput): Idempotence {
  const known = new Idempotence(Number(input.integer()), Number(input.integer()))
  for (let left = input.count(2); left > 0; left--) {
    const producer = input.string()
    for (let marksLeft = input.count(3); marksLeft > 0; marksLeft--) {
      const mark = input.string()
      input.check(producer !== '' && mark !== '', 'a mark without a name')
      known.record(producer, mark, readId(input))
    }
  }
  known.added = Number(input.integer())
  known.duplicates = Number(input.integer())
  return known
}

function readRawId(input: Input): StreamId {
  return { ms: input.uint64BigEndian(), seq: input.uint64BigEndian() }
}

function readId(input: RdbInput): StreamId {
  const ms = input.integer()
  const seq = input.integer()
  return ms === 0 && seq === 0 ? MIN_ID : { ms, seq }
}
