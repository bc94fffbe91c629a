/**
 * Large values written a part at a time, for the walk of a snapshot, so that none of them stops the event loop for long. As
 * long as nobody changes the value it is read where it stands. Whoever is about to change it has it detached first: what is
 * not written yet is copied by its structure, which costs some ten milliseconds for a million elements, as strings do not
 * change and are shared. Each writes what `writeValue` writes at once.
 */
import type { Bytes } from '../base/bytes.ts'
import type { ObjectValue, Value } from '../keyspace/value.ts'
import { ArrayValue } from '../keyspace/values/array.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { ListValue } from '../keyspace/values/list.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { StreamValue } from '../keyspace/values/stream.ts'
import { StringBuffer } from '../keyspace/values/string.ts'
import { ZSetValue } from '../keyspace/values/zset.ts'
import type { RdbOutput } from './output.ts'
import { writeArrayHead, writeArraySlice } from './rdbarray.ts'
import { hasExpiry, writeField, writeListNode } from './rdbwrite.ts'
import { StreamParts } from './streamparts.ts'

/** What weighs less is written at once, in less than a millisecond. */
const LARGE_BYTES = 2 ** 19
/** One part: so many elements, or so many bytes of them. */
const PART_ELEMENTS = 512
const PART_BYTES = 2 ** 17

export interface ValueParts {
  /** Writes the next part. True if it was the last. */
  write(output: RdbOutput): boolean
  /** The value is about to change: keeps what is not written yet as it is now. */
  detach(): void
}

/** The parts of a value that is too large to be written at once; undefined for any other. */
export function partsOf(value: Value, version: number): ValueParts | undefined {
  if (typeof value !== 'object') {
    return typeof value === 'string' && value.length > LARGE_BYTES ? new TextParts(value) : undefined
  }
  if (value.memoryBytes <= LARGE_BYTES) return undefined
  if (value instanceof StringBuffer) {
    const { content } = value
    return typeof content === 'string' ? new TextParts(content) : new ArrayParts(content)
  }
  return partsOfObject(value, version)
}

function partsOfObject(value: ObjectValue, version: number): ValueParts | undefined {
  if (value instanceof ListValue) return new ListParts(value)
  if (value instanceof StreamValue) return new StreamParts(value, version)
  if (value instanceof HashValue) return value.encoding === 'hashtable' ? new HashParts(value) : undefined
  if (value instanceof SetValue) return value.encoding === 'hashtable' ? new SetParts(value) : undefined
  if (value instanceof ZSetValue) return value.encoding === 'skiplist' ? new ZSetParts(value) : undefined
  return value instanceof ArrayValue ? new SliceParts(value) : undefined
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

/** A long string that is written in place. */
class ArrayParts implements ValueParts {
  #array: Uint8Array
  #isStarted = false

  constructor(array: Uint8Array) {
    this.#array = array
  }

  write(output: RdbOutput): boolean {
    if (!this.#isStarted) {
      output.count(this.#array.length)
      this.#isStarted = true
    }
    output.raw(this.#array.subarray(0, PART_BYTES))
    this.#array = this.#array.subarray(PART_BYTES)
    return this.#array.length === 0
  }

  detach(): void {
    this.#array = this.#array.slice()
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

/** Positions stay as they are in the copy. */
class HashParts implements ValueParts {
  #hash: HashValue
  /** The earliest time of a field, where fields have times. */
  readonly #earliest: number | undefined
  #position = -1

  constructor(hash: HashValue) {
    this.#hash = hash
    this.#earliest = hasExpiry(hash) ? hash.expiry!.next() : undefined
  }

  write(output: RdbOutput): boolean {
    const hash = this.#hash
    const earliest = this.#earliest
    if (this.#position === -1) {
      if (earliest !== undefined) output.int64(earliest)
      output.count(hash.length)
      this.#position = 0
    }
    for (let left = PART_ELEMENTS; left > 0 && this.#position < hash.length; this.#position++) {
      const field = hash.fieldAt(this.#position)
      const value = hash.valueAt(this.#position)
      writeField(output, hash, field, value, earliest)
      left -= 1 + ((field.length + value.length) >> 8)
    }
    return this.#position === hash.length
  }

  detach(): void {
    this.#hash = this.#hash.copy()
  }
}

class SetParts implements ValueParts {
  #set: SetValue
  #position = -1

  constructor(set: SetValue) {
    this.#set = set
  }

  write(output: RdbOutput): boolean {
    const set = this.#set
    if (this.#position === -1) {
      output.count(set.length)
      this.#position = 0
    }
    for (let left = PART_ELEMENTS; left > 0 && this.#position < set.length; this.#position++) {
      const member = set.memberAt(this.#position)
      output.string(member)
      left -= 1 + (member.length >> 8)
    }
    return this.#position === set.length
  }

  detach(): void {
    this.#set = this.#set.copy()
  }
}

/** From the greatest down, as `writeValue` does. */
class ZSetParts implements ValueParts {
  readonly #zset: ZSetValue
  #left = -1
  /** Once it is detached: what is left, the last of it to be written first. */
  #members: Bytes[] | undefined
  #scores: number[] = []

  constructor(zset: ZSetValue) {
    this.#zset = zset
  }

  write(output: RdbOutput): boolean {
    if (this.#left === -1) {
      this.#left = this.#members?.length ?? this.#zset.length
      output.count(this.#left)
    }
    const count = Math.min(PART_ELEMENTS, this.#left)
    if (this.#members === undefined) {
      this.#zset.walk(this.#left - 1, count, true, (member, score) => {
        output.string(member)
        output.double(score)
      })
    } else {
      for (let i = 0; i < count; i++) {
        output.string(this.#members.pop()!)
        output.double(this.#scores.pop()!)
      }
    }
    this.#left -= count
    return this.#left === 0
  }

  detach(): void {
    const members: Bytes[] = []
    this.#zset.walk(0, this.#left === -1 ? this.#zset.length : this.#left, false, (member, score) => {
      members.push(member)
      this.#scores.push(score)
    })
    this.#members = members
  }
}
