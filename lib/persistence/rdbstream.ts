/**
 * Streams in snapshots: their nodes as listpacks under the id of the first entry, the counters, and the consumer groups
 * with what is pending. Redis 5 wrote the first form; the second (7.0) adds the counters, the third (7.2) when a consumer
 * last succeeded, the fourth (8.6) what is known of producers, the fifth (8.8) what
 * consumers gave back. A node's entries stand here in Redis's own layout, so they are copied as they are, after a look at each.
 */
import type { Bytes } from '../base/bytes.ts'
import { StreamValue } from '../keyspace/values/stream.ts'
import { ConsumerGroup, type Pending } from '../keyspace/values/stream-group.ts'
import { compareIds, formatId, MIN_ID, type StreamId, type U64, u64 } from '../keyspace/values/stream-id.ts'
import { DEFAULT_DURATION, DEFAULT_SIZE, Idempotence } from '../keyspace/values/stream-idempotence.ts'
import { StreamNode } from '../keyspace/values/stream-node.ts'
import { Input, type RdbInput } from './input.ts'
import { ListpackInput, ListpackOutput } from './listpack.ts'
import type { RdbOutput } from './output.ts'
import { RDB_VERSION_7_0, RdbType } from './rdbtypes.ts'

const DELETED = 1
const SAME_FIELDS = 2
const ID_BYTES = 16

type Form = 1 | 2 | 3 | 4 | 5

/** The least form that holds all of a stream, for readers of a version. */
export function formOf(stream: StreamValue, version: number): Form {
  if (stream.hasReleased) return 5
  if (stream.idempotence !== undefined) return 4
  return version > RDB_VERSION_7_0 ? 3 : 2
}

export const STREAM_TYPES: Readonly<Record<Form, number>> = {
  1: RdbType.Stream,
  2: RdbType.Stream2,
  3: RdbType.Stream3,
  4: RdbType.Stream4,
  5: RdbType.Stream5,
}

/** Where something is written to that is written in parts, of which each may go elsewhere. */
export interface Target {
  output: RdbOutput
}

export function writeStream(output: RdbOutput, stream: StreamValue, form: Form): void {
  output.count(stream.nodeCount)
  for (const node of stream.nodes()) writeStreamNode(output, node)
  for (const _ of writeStreamTail({ output }, stream, form));
}

export function writeStreamNode(output: RdbOutput, node: StreamNode): void {
  output.byte(ID_BYTES)
  writeRawId(output, node.id)
  output.blob(listpackOfNode(node))
}

/** What stands behind the nodes, in parts. */
export function* writeStreamTail(target: Target, stream: StreamValue, form: Form): IterableIterator<void> {
  const { output } = target
  output.count(stream.length)
  for (const id of [stream.lastId, stream.firstId, stream.maxDeletedId]) writeId(output, id)
  output.count(stream.entriesAdded)
  output.count(stream.groupCount)
  for (const group of stream.groups()) yield* writeGroup(target, group, form)
  if (form >= 4) writeIdempotence(target.output, stream.idempotence ?? new Idempotence(DEFAULT_DURATION, DEFAULT_SIZE))
}

function* writeGroup(target: Target, group: ConsumerGroup, form: Form): IterableIterator<void> {
  target.output.string(group.name)
  writeId(target.output, group.lastId)
  target.output.count(u64(BigInt(group.entriesRead)))
  target.output.count(group.pending.size)
  for (const run of group.pending.runs) {
    yield
    writePending(target.output, run)
  }
  target.output.count(group.consumerCount)
  for (const consumer of group.consumers()) {
    target.output.string(consumer.name)
    target.output.int64(consumer.seenAt)
    if (form >= 3) target.output.int64(consumer.activeAt)
    target.output.count(consumer.pending.size)
    for (const run of consumer.pending.runs) {
      yield
      for (let i = 0; i < run.length; i++) writeRawId(target.output, run[i].id)
    }
  }
  if (form < 5) return
  target.output.count(group.releasedCount)
  for (const { id } of group.released()) writeRawId(target.output, id)
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

function writePending(output: RdbOutput, run: readonly Pending[]): void {
  for (let i = 0; i < run.length; i++) {
    const { id, deliveredAt, deliveries } = run[i]
    writeRawId(output, id)
    output.int64(deliveredAt)
    output.count(deliveries)
  }
}

function listpackOfNode(node: StreamNode): Uint8Array {
  const pack = new ListpackOutput()
  pack.integer(node.count)
  pack.integer(node.deleted)
  pack.integer(node.fields.length)
  for (const field of node.fields) pack.element(field)
  pack.integer(0)
  pack.elements(node.array.subarray(0, node.length), node.countElements())
  return pack.finish()
}

function writeRawId(output: RdbOutput, id: StreamId): void {
  output.uint64(id.ms)
  output.uint64(id.seq)
}

function writeId(output: RdbOutput, id: StreamId): void {
  output.count(id.ms)
  output.count(id.seq)
}

/** @throws Malformed */
export function readStream(input: RdbInput, form: Form): StreamValue {
  const stream = new StreamValue()
  let last: StreamId | undefined
  for (let left = input.count(2); left > 0; left--) {
    const key = input.blob()
    input.check(key.length === ID_BYTES, 'a node under a bad id')
    const node = readNode(readRawId(new Input(key)), input.blob())
    input.check(last === undefined || compareIds(last, node.id) < 0, 'nodes out of order')
    last = node.lastId
    stream.adopt(node)
  }
  const length = input.integer()
  input.check(length === stream.length, 'a stream of another length')
  stream.lastId = readId(input)
  input.check(last === undefined || compareIds(last, stream.lastId) <= 0, 'an entry behind the last id')
  stream.firstId = stream.edgeId(true)
  if (form === 1) stream.entriesAdded = stream.length
  else {
    readId(input) // the first id is what it is
    stream.maxDeletedId = readId(input)
    stream.entriesAdded = Number(input.integer())
  }
  for (let left = input.count(4); left > 0; left--) readGroup(input, stream, form)
  if (form >= 4) readIdempotence(input, stream, form)
  return stream
}

function readGroup(input: RdbInput, stream: StreamValue, form: Form): void {
  const name = input.string()
  input.check(stream.group(name) === undefined, 'a group twice')
  const lastId = readId(input)
  const entriesRead = form === 1 ? stream.entriesUpTo(lastId) : Number(BigInt.asIntN(64, BigInt(input.integer())))
  const group = new ConsumerGroup(name, lastId, entriesRead)
  const waiting = new Map<Bytes, { readonly deliveredAt: number; readonly deliveries: U64 }>()
  for (let left = input.count(ID_BYTES + 9); left > 0; left--) {
    const id = formatId(readRawId(input))
    input.check(!waiting.has(id), 'a pending entry twice')
    waiting.set(id, { deliveredAt: input.time(), deliveries: input.integer() })
  }
  for (let left = input.count(10); left > 0; left--) {
    const consumerName = input.string()
    input.check(group.consumer(consumerName) === undefined, 'a consumer twice')
    const seenAt = input.time()
    const consumer = group.addConsumer(consumerName, seenAt)
    consumer.activeAt = form >= 3 ? input.time() : seenAt
    for (let pendingLeft = input.count(ID_BYTES); pendingLeft > 0; pendingLeft--) {
      const id = readRawId(input)
      const entry = waiting.get(formatId(id))
      input.check(entry !== undefined, 'a consumer has what is not pending')
      waiting.delete(formatId(id))
      group.addPending(id, consumer, entry.deliveredAt, entry.deliveries)
    }
  }
  for (let left = form >= 5 ? input.count(ID_BYTES) : 0; left > 0; left--) {
    const id = readRawId(input)
    const entry = waiting.get(formatId(id))
    input.check(entry !== undefined, 'what was given back is not pending')
    waiting.delete(formatId(id))
    group.addReleased(id, entry.deliveries)
  }
  input.check(waiting.size === 0, 'a pending entry without consumer')
  stream.addGroup(group)
}

function readIdempotence(input: RdbInput, stream: StreamValue, form: Form): void {
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
  if (form === 4 || !known.isUntouched) stream.setIdempotence(known)
}

function readNode(id: StreamId, array: Uint8Array): StreamNode {
  const input: ListpackInput = new ListpackInput(array)
  const count = smallInteger(input)
  const deleted = smallInteger(input)
  const fields: Bytes[] = []
  for (let left = smallInteger(input); left > 0; left--) fields.push(input.element())
  input.check(smallInteger(input) === 0, 'a node without end of its head')
  const from = input.at
  let lastId: StreamId | undefined
  let seen = 0
  let seenDeleted = 0
  while (!input.done) {
    const flags = smallInteger(input)
    const entryId = { ms: sum(id.ms, integer(input)), seq: sum(id.seq, integer(input)) }
    input.check(compareIds(lastId ?? id, entryId) <= (lastId === undefined ? 0 : -1), 'entries out of order')
    lastId = entryId
    const same = (flags & SAME_FIELDS) !== 0
    const values = same ? fields.length : 2 * smallInteger(input)
    for (let left = values; left > 0; left--) input.element()
    input.check(smallInteger(input) === values + (same ? 3 : 4), 'an entry of another length')
    seen++
    if (flags & DELETED) seenDeleted++
  }
  input.check(count > 0 && seen === count + deleted && seenDeleted === deleted, 'a node with another number of entries')
  return StreamNode.of(id, fields, array.slice(from, input.end), { count, deleted, lastId: lastId ?? id })
}

/** An integer that counts something, or a few flags. */
function smallInteger(input: ListpackInput): number {
  const number = Number(integer(input))
  input.check(number >= 0 && number < 2 ** 31, 'an impossible number')
  return number
}

/** Entries are walked by readers that take integers to be written as such. */
function integer(input: ListpackInput): bigint {
  const lead = input.peek()
  input.check(lead < 0x80 || (lead >= 0xc0 && lead < 0xe0) || lead > 0xf0, 'not an integer')
  return BigInt(input.element())
}

function sum(half: U64, difference: bigint): U64 {
  return u64(BigInt(half) + difference)
}

function readRawId(input: Input): StreamId {
  return { ms: input.uint64BigEndian(), seq: input.uint64BigEndian() }
}

function readId(input: RdbInput): StreamId {
  const ms = input.integer()
  const seq = input.integer()
  return ms === 0 && seq === 0 ? MIN_ID : { ms, seq }
}
