/**
 * Large values written a part at a time, for the walk of a snapshot, so that none of them stops the event loop for long. As
 * long as nobody changes the value it is read where it stands. Whoever is about to change it has it detached first: of what is
 * not written yet the pointers are copied, as strings do not change; no table, no order. Each writes what `writeValue` writes at once.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Dict } from '../../keyspace/dict.ts'
import type { ObjectValue, Value } from '../../keyspace/value.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { Run } from '../../keyspace/values/score-tree.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { type ArrayReader, StringBuffer } from '../../keyspace/values/string.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { RdbOutput } from '../format/output.ts'
import { writeArrayHead, writeArraySlice } from './array.ts'
import { LargeHashParts, LargeSetParts, LargeZSetParts, PART_ELEMENTS } from './elementparts.ts'
import { StreamParts } from './streamparts.ts'
import { hasExpiry, writeField, writeListNode } from './write.ts'

/** What weighs less is written at once, in less than a millisecond. */
const LARGE_BYTES = 2 ** 19
/** One part of a text. */
const PART_BYTES = 2 ** 17

export interface ValueParts {
  /** Writes the next part. True if it was the last. */
  write(output: RdbOutput): boolean
  /** The value is about to change: keeps what is not written yet as it is now. */
  detach(): void
  /** All is written, or nothing more will be. */
  end?(): void
}

/** The parts of a value that is too large to be written at once; undefined for any other. */
export function partsOf(value: Value, version: number): ValueParts | undefined {
  if (typeof value !== 'object') {
    return typeof value === 'string' && value.length > LARGE_BYTES ? new TextParts(value) : undefined
  }
  if (value.memoryBytes <= LARGE_BYTES) return undefined
  if (value instanceof StringBuffer) {
    const { content } = value
    return typeof content === 'string' ? new TextParts(content) : new ArrayParts(value, content)
  }
  return partsOfObject(value, version)
}

function partsOfObject(value: ObjectValue, version: number): ValueParts | undefined {
  if (value instanceof ListValue) return new ListParts(value)
  if (value instanceof StreamValue) return new StreamParts(value, version)
  if (value instanceof HashValue) return partsOfHash(value)
  if (value instanceof SetValue) return partsOfSet(value)
  if (value instanceof ZSetValue) return partsOfZSet(value)
  return value instanceof ArrayValue ? new SliceParts(value) : undefined
}

function partsOfHash(hash: HashValue): ValueParts | undefined {
  if (hash.elements !== undefined) return new LargeHashParts(hash, hash.elements)
  return hash.encoding === 'hashtable' ? new HashParts(hash) : undefined
}

function partsOfSet(set: SetValue): ValueParts | undefined {
  if (set.elements !== undefined) return new LargeSetParts(set.elements)
  return set.encoding === 'hashtable' ? new SetParts(set) : undefined
}

function partsOfZSet(zset: ZSetValue): ValueParts | undefined {
  if (zset.large !== undefined) return new LargeZSetParts(zset.large)
  return zset.encoding === 'skiplist' ? new ZSetParts(zset) : undefined
}

/** A long string; nothing can change it. */
class TextParts implements ValueParts {
  readonly #text: Bytes
  #at = -1

  constructor(text: Bytes) {
    this.#text = text
  }

  write(output: RdbOutput): boolean {
    if (this.#at === -1) {
      output.count(this.#text.length)
      this.#at = 0
    }
    output.bytes(this.#text.slice(this.#at, this.#at + PART_BYTES))
    this.#at += PART_BYTES
    return this.#at >= this.#text.length
  }

  detach(): void {}
}

/** A long string that is written in place: of what is about to change, the parts are kept that are not written yet. */
class ArrayParts implements ValueParts, ArrayReader {
  readonly #buffer: StringBuffer
  readonly #array: Uint8Array
  #next = 0
  readonly #kept = new Map<number, Uint8Array>()

  constructor(buffer: StringBuffer, array: Uint8Array) {
    this.#buffer = buffer
    this.#array = array
  }

  write(output: RdbOutput): boolean {
    const at = this.#next
    if (at === 0) output.count(this.#array.length)
    output.raw(this.#kept.get(at) ?? this.#array.subarray(at, at + PART_BYTES))
    this.#kept.delete(at)
    this.#next += PART_BYTES
    return this.#next >= this.#array.length
  }

  detach(): void {
    this.#buffer.readBy(this)
  }

  beforeWrite(from: number, to: number): void {
    const end = Math.min(to, this.#array.length)
    for (let at = Math.max(this.#next, from - (from % PART_BYTES)); at < end; at += PART_BYTES) {
      if (!this.#kept.has(at)) this.#kept.set(at, this.#array.slice(at, at + PART_BYTES))
    }
  }

  end(): void {
    this.#buffer.readBy(undefined)
  }
}

class ListParts implements ValueParts {
  #list: ListValue
  #nodes: ReturnType<ListValue['nodes']>
  #left: number

  constructor(list: ListValue) {
    this.#list = list
    this.#nodes = list.nodes()
    this.#left = -1
  }

  write(output: RdbOutput): boolean {
    if (this.#left === -1) {
      this.#left = this.#list.nodeCount
      output.count(this.#left)
    }
    for (let left = PART_ELEMENTS; left > 0 && this.#left > 0; this.#left--) {
      const { value: node } = this.#nodes.next()
      left -= node.count + (node.bytes >> 8)
      writeListNode(output, this.#list, node)
    }
    return this.#left === 0
  }

  /** Nodes keep their order in the copy. */
  detach(): void {
    const written = this.#left === -1 ? 0 : this.#list.nodeCount - this.#left
    this.#list = this.#list.copy()
    this.#nodes = this.#list.nodes()
    for (let i = 0; i < written; i++) this.#nodes.next()
  }
}

/** An array, a slice at a time. */
class SliceParts implements ValueParts {
  #array: ArrayValue
  readonly #count: number
  #next = -1

  constructor(array: ArrayValue) {
    this.#array = array
    this.#count = array.sliceCount
  }

  write(output: RdbOutput): boolean {
    if (this.#next === -1) writeArrayHead(output, this.#array)
    else this.#array.sliceAt(this.#next, (sliceId, slice) => writeArraySlice(output, sliceId, slice))
    return ++this.#next === this.#count
  }

  detach(): void {
    this.#array = this.#array.copy()
  }
}

class HashParts implements ValueParts {
  readonly #hash: HashValue
  readonly #length: number
  /** The earliest time of a field, where fields have times. */
  readonly #earliest: number | undefined
  #position = -1
  /** Once it is detached: what was left then, from which position on, and the times of the fields. */
  #pairs: readonly Bytes[] | undefined
  #from = 0
  #times: Dict<number> | undefined

  constructor(hash: HashValue) {
    this.#hash = hash
    this.#length = hash.length
    this.#earliest = hasExpiry(hash) ? hash.expiry!.next() : undefined
  }

  write(output: RdbOutput): boolean {
    const earliest = this.#earliest
    if (this.#position === -1) {
      if (earliest !== undefined) output.int64(earliest)
      output.count(this.#length)
      this.#position = 0
    }
    for (let left = PART_ELEMENTS; left > 0 && this.#position < this.#length; )
      left -= this.#writeNext(output, earliest)
    return this.#position === this.#length
  }

  #writeNext(output: RdbOutput, earliest: number | undefined): number {
    const pairs = this.#pairs
    const at = this.#position++ - this.#from
    const field = pairs === undefined ? this.#hash.fieldAt(at) : pairs[2 * at]
    const value = pairs === undefined ? this.#hash.valueAt(at) : pairs[2 * at + 1]
    const expireAt = pairs === undefined ? this.#hash.expireAt(field) : this.#times?.get(field)
    writeField(output, field, value, expireAt, earliest)
    return 1 + ((field.length + value.length) >> 8)
  }

  detach(): void {
    if (this.#pairs !== undefined) return
    this.#from = Math.max(0, this.#position)
    this.#pairs = this.#hash.pairsFrom(this.#from)
    if (this.#earliest !== undefined) this.#times = this.#hash.expiry!.copyTimes()
  }
}

class SetParts implements ValueParts {
  readonly #set: SetValue
  readonly #length: number
  #position = -1
  /** Once it is detached: what was left then, every other one a member, from which position on. */
  #entries: readonly (Bytes | undefined)[] | undefined
  #from = 0

  constructor(set: SetValue) {
    this.#set = set
    this.#length = set.length
  }

  write(output: RdbOutput): boolean {
    if (this.#position === -1) {
      output.count(this.#length)
      this.#position = 0
    }
    for (let left = PART_ELEMENTS; left > 0 && this.#position < this.#length; this.#position++) {
      const at = this.#position - this.#from
      const member = this.#entries === undefined ? this.#set.memberAt(at) : this.#entries[2 * at]!
      output.string(member)
      left -= 1 + (member.length >> 8)
    }
    return this.#position === this.#length
  }

  detach(): void {
    if (this.#entries !== undefined) return
    this.#from = Math.max(0, this.#position)
    this.#entries = this.#set.entriesFrom(this.#from)
  }
}

/** From the greatest down, as `writeValue` does. */
class ZSetParts implements ValueParts {
  readonly #zset: ZSetValue
  #left: number
  #isStarted = false
  /** Once it is detached: what is left, the last of it to be written first. */
  #runs: Run[] | undefined

  constructor(zset: ZSetValue) {
    this.#zset = zset
    this.#left = zset.length
  }

  write(output: RdbOutput): boolean {
    if (!this.#isStarted) output.count(this.#left)
    this.#isStarted = true
    const count = Math.min(PART_ELEMENTS, this.#left)
    if (this.#runs !== undefined) writeLast(output, this.#runs, count)
    else {
      this.#zset.walk(this.#left - 1, count, true, (member, score) => {
        output.string(member)
        output.double(score)
      })
    }
    this.#left -= count
    return this.#left === 0
  }

  detach(): void {
    this.#runs ??= this.#zset.lowest(this.#left)
  }
}

/** Writes entries from the last one down, and forgets them. */
function writeLast(output: RdbOutput, runs: Run[], count: number): void {
  for (let left = count; left > 0; left--) {
    const run = runs[runs.length - 1]
    output.string(run.members.pop()!)
    output.double(run.scores.pop()!)
    if (run.members.length === 0) runs.pop()
  }
}
