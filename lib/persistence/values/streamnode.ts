/**
 * A node of a stream as it stands in a snapshot: a listpack of its counters and fields, and of its entries in Redis's own layout (see
 * keyspace/values/stream-node.ts), which are copied as they are after a look at each. Entries that are written as Redis writes them are
 * looked at where they stand; a node with any other is read element by element.
 */
import type { Bytes } from '../../base/bytes.ts'
import { isString, readInteger } from '../../keyspace/packed/element.ts'
import { compareIds, type StreamId, type U64, u64 } from '../../keyspace/values/stream-id.ts'
import { StreamNode } from '../../keyspace/values/stream-node.ts'
import { integrityFault } from '../format/input.ts'
import { ListpackInput } from '../format/listpack.ts'
import { behindPlain, claimsElements } from '../format/plainelement.ts'

const DELETED = 1
const SAME_FIELDS = 2
const FLAGS = DELETED | SAME_FIELDS
/** Elements of the head beside the fields, and those of an entry beside its values, whose number the last of them tells. */
const HEAD_ELEMENTS = 4
const SAME_ELEMENTS = 4
const OTHER_ELEMENTS = 5

interface Head {
  readonly id: StreamId
  readonly count: number
  readonly deleted: number
  readonly fields: readonly Bytes[]
}

interface Seen {
  lastId: StreamId
  entries: number
  deleted: number
}

/** The node under an id. @throws Malformed */
export function streamNodeOf(id: StreamId, array: Uint8Array): StreamNode {
  try {
    return readNode(id, array)
  } catch (error) {
    throw integrityFault('Stream listpack', error)
  }
}

function readNode(id: StreamId, array: Uint8Array): StreamNode {
  const input: ListpackInput = new ListpackInput(array)
  const count = smallInteger(input)
  const deleted = smallInteger(input)
  const fields: Bytes[] = []
  for (let left = smallInteger(input); left > 0; left--) fields.push(input.element())
  input.check(smallInteger(input) === 0, 'a node without end of its head')
  const from = input.at
  const head = { id, count, deleted, fields }
  const seen = glanceAt(head, array, from, input.end) ?? readEntries(head, input)
  const isWhole = count > 0 && seen.entries === count + deleted && seen.deleted === deleted
  input.check(isWhole, 'a node with another number of entries')
  return StreamNode.of(id, fields, array.slice(from, input.end), { count, deleted, lastId: seen.lastId })
}

/** What the entries are; undefined if one is not written as Redis writes it, they are out of order, or an id is a large one. */
function glanceAt({ id, fields }: Head, array: Uint8Array, from: number, end: number): Seen | undefined {
  const { ms: baseMs, seq: baseSeq } = id
  if (typeof baseMs !== 'number' || typeof baseSeq !== 'number') return undefined
  const view = new DataView(array.buffer, array.byteOffset, array.length)
  let elements = HEAD_ELEMENTS + fields.length
  let entries = 0
  let deleted = 0
  let lastMs = baseMs
  let lastSeq = baseSeq - 1
  for (let at = from; at < end; entries++) {
    const flags = array[at]
    const msAt = behindPlain(array, at, end)
    const seqAt = behindInteger(array, msAt, end)
    const contentAt = behindInteger(array, seqAt, end)
    if (flags > FLAGS || contentAt === -1) return undefined
    const ms = baseMs + readInteger(array, view, msAt)
    const seq = baseSeq + readInteger(array, view, seqAt)
    if (ms < lastMs || (ms === lastMs && seq <= lastSeq) || seq < 0) return undefined
    if (ms > Number.MAX_SAFE_INTEGER || seq > Number.MAX_SAFE_INTEGER) return undefined
    lastMs = ms
    lastSeq = seq
    let values = fields.length
    at = contentAt
    if ((flags & SAME_FIELDS) === 0) {
      at = behindInteger(array, contentAt, end)
      if (at === -1) return undefined
      values = 2 * readInteger(array, view, contentAt)
      if (values < 0) return undefined
    }
    for (let left = values; left > 0; left--) {
      at = behindPlain(array, at, end)
      if (at === -1) return undefined
    }
    const own = values + ((flags & SAME_FIELDS) === 0 ? OTHER_ELEMENTS : SAME_ELEMENTS)
    const next = behindInteger(array, at, end)
    if (next === -1 || readInteger(array, view, at) !== own - 1) return undefined
    at = next
    elements += own
    deleted += flags & DELETED
  }
  if (!claimsElements(array, elements)) return undefined
  return { lastId: entries === 0 ? id : { ms: lastMs, seq: lastSeq }, entries, deleted }
}

/** The offset behind an element that is an integer; -1 if there is none. */
function behindInteger(array: Uint8Array, at: number, end: number): number {
  return at === -1 || isString(array[at]) ? -1 : behindPlain(array, at, end)
}

/** @throws Malformed */
function readEntries({ id, fields }: Head, input: ListpackInput): Seen {
  let lastId: StreamId | undefined
  let entries = 0
  let deleted = 0
  while (!input.done) {
    const flags = smallInteger(input)
    const entryId = { ms: sum(id.ms, input.integer()), seq: sum(id.seq, input.integer()) }
    input.check(compareIds(lastId ?? id, entryId) <= (lastId === undefined ? 0 : -1), 'entries out of order')
    lastId = entryId
    const same = (flags & SAME_FIELDS) !== 0
    const values = same ? fields.length : 2 * smallInteger(input)
    for (let left = values; left > 0; left--) input.skip()
    const own = values + (same ? SAME_ELEMENTS : OTHER_ELEMENTS)
    input.check(smallInteger(input) === own - 1, 'an entry of another length')
    entries++
    if (flags & DELETED) deleted++
  }
  return { lastId: lastId ?? id, entries, deleted }
}

/** An integer that counts something, or a few flags. */
function smallInteger(input: ListpackInput): number {
  const number = Number(input.integer())
  input.check(number >= 0 && number < 2 ** 31, 'an impossible number')
  return number
}

function sum(half: U64, difference: number | bigint): U64 {
  if (typeof half === 'number' && typeof difference === 'number') {
    const number = half + difference
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) return number
  }
  return u64(BigInt(half) + BigInt(difference))
}
