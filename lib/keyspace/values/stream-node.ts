/**
 * A node of a stream: up to a hundred or so entries packed into one byte array, in the very layout of the listpacks in
 * Redis's streams, less the head. So nodes fill up, and are trimmed whole, at the same entries as in Redis, and an entry
 * costs the same few bytes.
 *
 * An entry is a row of listpack elements: flags, the differences of its ms and seq to those of the node's id, its values
 * (preceded by number and names of the fields, unless they are those of the node), and the number of elements before.
 * A deleted entry is only flagged; its bytes go with the node.
 */
import { type Bytes, copyInto, sliceOf } from '../../base/bytes.ts'
import { LISTPACK_EMPTY, listpackBytes } from './listpack.ts'
import { type StreamId, type U64, u64 } from './stream-id.ts'

const DELETED = 1
const SAME_FIELDS = 2
/** Bytes that an element takes beyond those of its string, at most. */
const ELEMENT_OVERHEAD = 10
/** A slice of a longer string holds on to that from this length on: V8 copies shorter ones. */
const SLICED_LENGTH = 13
/** Short elements that are read one by one before all of the node is made text, of which they are then cut. */
const SINGLE_READS = 8
/** What a node weighs beside its bytes. */
const NODE_BYTES = 400

export class StreamNode {
  /** Id of the first entry that was ever in the node. */
  readonly id: StreamId
  /** Names of the first entry's fields. */
  readonly fields: readonly Bytes[]
  /** Entries that are not deleted. */
  count = 0
  deleted = 0
  /** Id of the last entry, deleted or not. */
  lastId: StreamId
  #array: Uint8Array
  #length = 0
  /** A twin reads the array: what is written so far must stay. */
  #isShared = false
  /** Bytes that the head takes in Redis's listpack, its two counters aside. */
  readonly #headBytes: number

  constructor(id: StreamId, fields: readonly Bytes[], capacity = 256) {
    this.id = id
    this.lastId = id
    this.fields = fields
    this.#headBytes = LISTPACK_EMPTY + 2 + listpackBytes('' + fields.length)
    for (const field of fields) this.#headBytes += listpackBytes(field)
    this.#array = new Uint8Array(capacity)
  }

  /** A node around entries that were read from elsewhere and checked; it keeps the array. */
  static of(
    id: StreamId,
    fields: readonly Bytes[],
    entries: Uint8Array,
    { count, deleted, lastId }: { readonly count: number; readonly deleted: number; readonly lastId: StreamId },
  ): StreamNode {
    const node = new StreamNode(id, fields, 0)
    node.#array = entries
    node.#length = entries.length
    node.count = count
    node.deleted = deleted
    node.lastId = lastId
    return node
  }

  /** The bytes that the entries take. The array is replaced as it grows. */
  get array(): Uint8Array {
    return this.#array
  }

  get length(): number {
    return this.#length
  }

  /** What it weighs; the names of the fields are not counted, which nodes mostly share. */
  get memoryBytes(): number {
    return NODE_BYTES + this.#array.length
  }

  /** Bytes of the listpack that Redis would hold. */
  get listpackBytes(): number {
    return this.#headBytes + counterBytes(this.count) + counterBytes(this.deleted) + this.#length
  }

  /** Adds an entry at the end. `pairs` is field, value, … */
  append(id: StreamId, pairs: readonly Bytes[]): void {
    const same = this.#sharesFields(pairs)
    this.#reserve(pairs)
    this.#writeInteger(same ? SAME_FIELDS : 0)
    this.#writeInteger(difference(id.ms, this.id.ms))
    this.#writeInteger(difference(id.seq, this.id.seq))
    if (!same) this.#writeInteger(pairs.length / 2)
    for (let i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) this.#writeElement(pairs[i])
    this.#writeInteger(same ? 3 + pairs.length / 2 : 4 + pairs.length)
    this.lastId = id
    this.count++
  }

  /** Flags the entry that begins at an offset as deleted. */
  markDeleted(offset: number): void {
    if (this.#isShared) this.#array = this.#array.slice()
    this.#isShared = false
    this.#array[offset] |= DELETED
    this.count--
    this.deleted++
  }

  /** Gives back the room that was kept for more entries, if it is worth a copy. */
  seal(): void {
    if (this.#array.length > this.#length + (this.#length >> 3)) this.#array = this.#array.slice(0, this.#length)
  }

  /** Number of listpack elements of all entries. O(entries). */
  countElements(): number {
    const cursor = new EntryCursor(this)
    let elements = 0
    while (cursor.next()) elements += cursor.elements
    return elements
  }

  copy(): StreamNode {
    return this.#around(this.#array.slice(0, this.#length))
  }

  /** The node as it is now, to be read: the bytes are copied when one of its entries is deleted, and not before. O(1). */
  twin(): StreamNode {
    this.#isShared = true
    return this.#around(this.#array)
  }

  #around(array: Uint8Array): StreamNode {
    const copy = new StreamNode(this.id, this.fields, 0)
    copy.#array = array
    copy.#length = this.#length
    copy.count = this.count
    copy.deleted = this.deleted
    copy.lastId = this.lastId
    return copy
  }

  #sharesFields(pairs: readonly Bytes[]): boolean {
    const { fields } = this
    if (pairs.length !== 2 * fields.length) return false
    for (let i = 0; i < fields.length; i++) if (pairs[2 * i] !== fields[i]) return false
    return true
  }

  #reserve(pairs: readonly Bytes[]): void {
    let room = 5 * ELEMENT_OVERHEAD
    for (const element of pairs) room += element.length + ELEMENT_OVERHEAD
    const needed = this.#length + room
    if (needed <= this.#array.length) return
    const larger = new Uint8Array(Math.max(needed, this.#array.length * 2))
    larger.set(this.#array.subarray(0, this.#length))
    this.#array = larger
  }

  #writeElement(element: Bytes): void {
    const integer = integerOf(element)
    if (integer === undefined) this.#writeString(element)
    else this.#writeInteger(integer)
  }

  #writeString(bytes: Bytes): void {
    const array = this.#array
    const start = this.#length
    const { length } = bytes
    let at = start
    if (length < 64) array[at++] = 0x80 | length
    else if (length < 4096) {
      array[at++] = 0xe0 | (length >> 8)
      array[at++] = length & 255
    } else {
      array[at++] = 0xf0
      at = this.#writeLittleEndian(at, length, 4)
    }
    copyInto(array, at, bytes)
    this.#writeBackLength(at + length, at + length - start)
  }

  #writeInteger(value: number | bigint): void {
    const array = this.#array
    const start = this.#length
    let at = start
    if (typeof value === 'bigint' || value < -(2 ** 31) || value >= 2 ** 31) {
      const exact = typeof value === 'bigint' ? BigInt.asIntN(64, value) : value
      const high = typeof exact === 'bigint' ? Number(exact >> 32n) : Math.floor(exact / 2 ** 32)
      const low = typeof exact === 'bigint' ? Number(exact & 0xffffffffn) : exact - high * 2 ** 32
      array[at++] = 0xf4
      at = this.#writeLittleEndian(at, low, 4)
      at = this.#writeLittleEndian(at, high, 4)
    } else if (value >= 0 && value < 128) {
      array[at++] = value
    } else if (value >= -4096 && value < 4096) {
      array[at++] = 0xc0 | ((value >> 8) & 31)
      array[at++] = value & 255
    } else {
      const width = value >= -32768 && value < 32768 ? 2 : value >= -(2 ** 23) && value < 2 ** 23 ? 3 : 4
      array[at++] = 0xef + width
      at = this.#writeLittleEndian(at, value, width)
    }
    this.#writeBackLength(at, at - start)
  }

  #writeLittleEndian(at: number, value: number, width: number): number {
    for (let i = 0; i < width; i++) this.#array[at++] = (value >>> (8 * i)) & 255
    return at
  }

  /** The length of the element before, for readers that come from behind: seven bits a byte, the highest first. */
  #writeBackLength(at: number, length: number): void {
    const array = this.#array
    let shift = 7 * (backLengthBytes(length) - 1)
    array[at++] = (length >>> shift) & 127
    while (shift > 0) {
      shift -= 7
      array[at++] = ((length >>> shift) & 127) | 128
    }
    this.#length = at
  }
}

/** Walks the entries of a node from the first to the last, deleted ones included. The node must not grow meanwhile. */
export class EntryCursor {
  readonly #node: StreamNode
  readonly #array: Uint8Array
  #view: DataView | undefined
  #next = 0
  #at = 0
  #sameFields = false
  /** The node as text, once many of its elements are read: to cut a short one of it takes a quarter of the time. */
  #text: Bytes = ''
  #reads = 0
  /** Offset of the entry in the node. */
  offset = 0
  deleted = false
  /** Number of listpack elements that the entry takes; set by `next`. */
  elements = 0
  ms: U64 = 0
  seq: U64 = 0

  constructor(node: StreamNode) {
    this.#node = node
    this.#array = node.array
  }

  /** Moves to the next entry; false after the last. */
  next(): boolean {
    if (this.#next >= this.#node.length) return false
    this.moveTo(this.#next)
    const { fields } = this.#node
    const contentAt = this.#at
    const values = this.#sameFields ? fields.length : 2 * Number(this.#readInteger())
    for (let left = values; left >= 0; left--) this.#skip()
    this.elements = values + (this.#sameFields ? 4 : 5)
    this.#next = this.#at
    this.#at = contentAt
    return true
  }

  /** Moves to the entry at an offset that was met before, to read it; `next` is not affected. */
  moveTo(offset: number): void {
    const { id } = this.#node
    this.offset = this.#at = offset
    const flags = this.#readInteger() as number
    this.deleted = (flags & DELETED) !== 0
    this.#sameFields = (flags & SAME_FIELDS) !== 0
    this.ms = sum(id.ms, this.#readInteger())
    this.seq = sum(id.seq, this.#readInteger())
  }

  get id(): StreamId {
    return { ms: this.ms, seq: this.seq }
  }

  /** The memory in which the entries stand. */
  get array(): Uint8Array {
    return this.#array
  }

  get view(): DataView {
    const array = this.#array
    return (this.#view ??= new DataView(array.buffer, array.byteOffset, array.length))
  }

  /** The fields of the entry, if they are those of the node, so that its values alone stand where it does. */
  get sharedFields(): readonly Bytes[] | undefined {
    return this.#sameFields ? this.#node.fields : undefined
  }

  /** How many fields the entry has. Call it once after a move, and not beside `pairs`. */
  countFields(): number {
    return this.#sameFields ? this.#node.fields.length : Number(this.#readInteger())
  }

  /** Then: where its values stand as listpack elements, each behind its field where those are not shared. */
  get contentAt(): number {
    return this.#at
  }

  /** Field, value, … of the entry. Call it once after a move. */
  pairs(): Bytes[] {
    const { fields } = this.#node
    if (!this.#sameFields) {
      const pairs: Bytes[] = []
      for (let left = 2 * Number(this.#readInteger()); left > 0; left--) pairs.push(this.#readElement())
      return pairs
    }
    // An array that grows takes room for seventeen at once.
    const pairs = new Array<Bytes>(2 * fields.length)
    for (let i = 0; i < fields.length; i++) {
      pairs[2 * i] = fields[i]
      pairs[2 * i + 1] = this.#readElement()
    }
    return pairs
  }

  /** -1, 0 or 1 as the entry's id is less than, the same as or greater than another. */
  compare(id: StreamId): number {
    if (this.ms !== id.ms) return this.ms < id.ms ? -1 : 1
    return this.seq === id.seq ? 0 : this.seq < id.seq ? -1 : 1
  }

  #readElement(): Bytes {
    const array = this.#array
    const lead = array[this.#at]
    let head: number
    let length: number
    if ((lead & 0xc0) === 0x80) {
      head = 1
      length = lead & 63
    } else if ((lead & 0xf0) === 0xe0) {
      head = 2
      length = ((lead & 15) << 8) | array[this.#at + 1]
    } else if (lead === 0xf0) {
      head = 5
      length = this.#littleEndian(this.#at + 1, 4) >>> 0
    } else return '' + this.#readInteger()
    const start = this.#at + head
    this.#at = start + length + backLengthBytes(head + length)
    return length < SLICED_LENGTH ? this.#cut(start, start + length) : sliceOf(array, start, start + length)
  }

  #cut(start: number, end: number): Bytes {
    if (this.#reads < SINGLE_READS) {
      this.#reads++
      return sliceOf(this.#array, start, end)
    }
    if (this.#text === '') this.#text = sliceOf(this.#array, 0, this.#node.length)
    return this.#text.slice(start, end)
  }

  #readInteger(): number | bigint {
    const array = this.#array
    const at = this.#at
    const lead = array[at]
    if (lead < 0x80) {
      this.#at = at + 2
      return lead
    }
    if (lead < 0xf0) {
      this.#at = at + 3
      return ((((lead & 31) << 8) | array[at + 1]) << 19) >> 19
    }
    const width = lead === 0xf4 ? 8 : lead - 0xef
    this.#at = at + width + 2
    if (width === 8) {
      const low = this.#littleEndian(at + 1, 4) >>> 0
      const high = this.#littleEndian(at + 5, 4)
      const number = high * 2 ** 32 + low
      return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) + BigInt(low)
    }
    const unused = 32 - 8 * width
    return (this.#littleEndian(at + 1, width) << unused) >> unused
  }

  #littleEndian(at: number, width: number): number {
    let value = 0
    for (let i = 0; i < width; i++) value |= this.#array[at + i] << (8 * i)
    return value
  }

  #skip(): void {
    const array = this.#array
    const at = this.#at
    const lead = array[at]
    let length: number
    if (lead < 0x80) length = 1
    else if (lead < 0xc0) length = 1 + (lead & 63)
    else if (lead < 0xe0) length = 2
    else if (lead < 0xf0) length = 2 + (((lead & 15) << 8) | array[at + 1])
    else if (lead === 0xf0) length = 5 + (this.#littleEndian(at + 1, 4) >>> 0)
    else length = lead === 0xf4 ? 9 : lead - 0xee
    this.#at = at + length + backLengthBytes(length)
  }
}

/** Bytes of an integer element from 0 on. */
function counterBytes(counter: number): number {
  return counter < 128 ? 2 : counter < 4096 ? 3 : listpackBytes('' + counter)
}

function backLengthBytes(length: number): number {
  if (length <= 127) return 1
  return length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5
}

/** a - b, modulo 2^64 where it matters. */
function difference(a: U64, b: U64): number | bigint {
  return typeof a === 'number' && typeof b === 'number' ? a - b : BigInt(a) - BigInt(b)
}

function sum(a: U64, b: number | bigint): U64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const number = a + b
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) return number
  }
  return u64(BigInt(a) + BigInt(b))
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** The integer of which an element is the canonical decimal form, if it fits 64 bits. */
function integerOf(element: Bytes): number | bigint | undefined {
  const { length } = element
  if (length === 0 || length > 20) return undefined
  const first = element.charCodeAt(0) === 45 ? 1 : 0
  const lead = element.charCodeAt(first)
  if (lead === 48) return length === 1 ? 0 : undefined
  let number = 0
  for (let i = first; i < length; i++) {
    const digit = element.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  if (first === length) return undefined
  if (length < 16) return first === 0 ? number : -number
  const integer = BigInt(element)
  return integer <= INT64_MAX && integer >= INT64_MIN ? integer : undefined
}
