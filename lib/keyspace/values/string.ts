/**
 * String values. Three forms: a JavaScript string (embstr or raw in Redis's terms), a number for a canonical safe
 * integer (Redis's int), and `StringBuffer` for a string that is written in place (APPEND, SETRANGE, SETBIT, PFADD), which
 * Redis keeps as raw.
 *
 * A StringBuffer holds its content once: as an array while it is written, as text from the moment somebody asks for the
 * whole, until the next write. Going over costs O(n), but only after a reader was given all n bytes, so it adds no more
 * than a constant factor; parts are read from either form as it is. The array grows by doubling up to 1 MB and by a
 * quarter above, so n appends cost O(n) bytes copied and little is held in vain.
 */
import { type Bytes, copyInto, fromArray } from '../../base/bytes.ts'
import type { StringValue, TypeName } from '../value.ts'
import { OBJECT_BYTES, stringWeight } from '../weight.ts'

const EMBSTR_MAX = 44
const CAPACITY_MIN = 32
/** What a byte array weighs beside its bytes. */
const ARRAY_BYTES = 200
/** Up to this size capacity doubles; above it grows by a quarter. Unit: bytes. */
const DOUBLING_MAX = 1024 * 1024
const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** Digits and sign of the longest safe integer, and of the longest 64-bit one. */
const SAFE_LENGTH_MAX = 17
const INT64_LENGTH_MAX = 20

/** Whoever reads the array of a StringBuffer as it was, while it is written. */
export interface ArrayReader {
  /** The bytes from `from` to before `to` are about to change. */
  beforeWrite(from: number, to: number): void
}

export class StringBuffer {
  /** The content up to `#length`, with room to grow; undefined while `#text` holds it. */
  #array: Uint8Array | undefined
  #length: number
  /** '' while `#array` holds the content. */
  #text: Bytes
  /** Reads `#array`, and nothing that takes its place. */
  #reader: ArrayReader | undefined
  /** What its database has last counted for it. */
  countedBytes = 0

  constructor(bytes: Bytes) {
    this.#array = undefined
    this.#length = bytes.length
    this.#text = bytes
  }

  /** A buffer of zero bytes. */
  static zeros(length: number): StringBuffer {
    return StringBuffer.adopt(new Uint8Array(length))
  }

  /** A buffer that takes over the array, which nobody else may keep. */
  static adopt(array: Uint8Array): StringBuffer {
    const buffer = new StringBuffer('')
    buffer.replace(array)
    return buffer
  }

  get type(): TypeName {
    return 'string'
  }

  get length(): number {
    return this.#length
  }

  /** Bytes of memory held for the content, room to grow included. */
  get capacity(): number {
    return this.#array === undefined ? this.#length : this.#array.length
  }

  get memoryBytes(): number {
    return OBJECT_BYTES + (this.#array === undefined ? stringWeight(this.#length) : ARRAY_BYTES + this.#array.length)
  }

  /** The content, to be read or changed in place; replaced when the buffer grows or is read as a whole: do not keep it. */
  get array(): Uint8Array {
    const array = this.#writable(0, this.#length)
    return array.length === this.#length ? array : array.subarray(0, this.#length)
  }

  /** The content in the form in which it is kept, to be read at once. O(1). */
  get content(): Bytes | Uint8Array {
    return this.#array === undefined ? this.#text : this.#array.subarray(0, this.#length)
  }

  /** From now on the reader is told before the array changes that `content` gives now; undefined for none. */
  readBy(reader: ArrayReader | undefined): void {
    this.#reader = this.#array === undefined ? undefined : reader
  }

  /** The whole content. O(n) after a write, O(1) from then on. */
  toBytes(): Bytes {
    if (this.#array !== undefined) {
      this.#text = fromArray(this.#array.subarray(0, this.#length))
      this.#array = undefined
      this.#reader = undefined
    }
    return this.#text
  }

  /** The text that readers were given, while the content is that; '' otherwise. */
  get sharedText(): Bytes {
    return this.#text
  }

  /** The bytes from `start` to before `end`, both within the content. O(end - start). */
  slice(start: number, end: number): Bytes {
    if (this.#array === undefined) return this.#text.slice(start, end)
    return fromArray(this.#array.subarray(start, end))
  }

  /** 0 past the end. */
  byteAt(offset: number): number {
    if (offset >= this.#length) return 0
    return this.#array === undefined ? this.#text.charCodeAt(offset) : this.#array[offset]
  }

  /** Writes at an offset; a gap before it is filled with zero bytes. */
  write(offset: number, bytes: Bytes): void {
    this.grow(offset + bytes.length)
    copyInto(this.#writable(offset, offset + bytes.length), offset, bytes)
  }

  setByte(offset: number, byte: number): void {
    this.grow(offset + 1)
    this.#writable(offset, offset + 1)[offset] = byte
  }

  /** Makes the content at least `length` bytes long, with zero bytes at the end. */
  grow(length: number): void {
    if (length <= this.#length) return
    if (length > this.capacity) {
      const larger = new Uint8Array(roomFor(length, this.#length))
      if (this.#array === undefined) copyInto(larger, 0, this.#text)
      else larger.set(this.#array)
      this.#array = larger
      this.#text = ''
      this.#reader = undefined
    }
    this.#length = length
  }

  /** Puts bytes in the place of `count` bytes at an offset; the rest moves. O(n). */
  splice(offset: number, count: number, bytes: readonly number[]): void {
    const length = this.#length + bytes.length - count
    const before = this.#length
    this.grow(length)
    const array = this.#writable(offset, Math.max(length, before))
    array.copyWithin(offset + bytes.length, offset + count, before)
    array.set(bytes, offset)
    array.fill(0, length, before)
    this.#length = length
  }

  /** Takes over the array, which nobody else may keep, as the content. */
  replace(array: Uint8Array): void {
    this.#array = array
    this.#length = array.length
    this.#text = ''
    this.#reader = undefined
  }

  /** An independent copy. O(n), O(1) after the whole was read. */
  copy(): StringBuffer {
    return new StringBuffer(this.toBytes())
  }

  /** The array, whose bytes from `from` to before `to` are about to change. */
  #writable(from: number, to: number): Uint8Array {
    if (this.#reader !== undefined) this.#reader.beforeWrite(from, to)
    if (this.#array === undefined) {
      this.#array = new Uint8Array(this.#length)
      copyInto(this.#array, 0, this.#text)
      this.#text = ''
    }
    return this.#array
  }
}

/** Capacity for content that has grown to `length` from `before`. */
function roomFor(length: number, before: number): number {
  if (before === 0) return length
  return length < DOUBLING_MAX ? Math.max(CAPACITY_MIN, 2 * length) : length + Math.floor(length / 4)
}

/** The bytes of a string value. */
export function stringBytes(value: StringValue): Bytes {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? '' + value : value.toBytes()
}

export function stringLength(value: StringValue): number {
  return typeof value === 'number' ? ('' + value).length : value.length
}

/** The bytes from `start` to before `end`, both within the value. */
export function stringSlice(value: StringValue, start: number, end: number): Bytes {
  return typeof value === 'number' ? ('' + value).slice(start, end) : value.slice(start, end)
}

/** The form in which to store bytes: a number if they are a canonical safe integer, themselves otherwise. O(1). */
export function storedString(bytes: Bytes): StringValue {
  const { length } = bytes
  if (length === 0 || length > SAFE_LENGTH_MAX) return bytes
  const lead = bytes.charCodeAt(0)
  const negative = lead === 45
  let i = negative ? 1 : 0
  const firstDigit = i < length ? bytes.charCodeAt(i) - 48 : -1
  if (firstDigit <= 0 || firstDigit > 9) return length === 1 && firstDigit === 0 ? 0 : bytes
  let number = firstDigit
  while (++i < length) {
    const digit = bytes.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return bytes
    number = number * 10 + digit
  }
  if (number > Number.MAX_SAFE_INTEGER) return bytes
  return negative ? -number : number
}

/**
 * int, embstr or raw, as OBJECT ENCODING names them. A safe integer that is held as text is one that Redis would not
 * encode either (a result of INCRBYFLOAT); of longer integers only the text is there to tell.
 */
export function stringEncoding(value: StringValue): Bytes {
  if (typeof value === 'number') return 'int'
  if (typeof value !== 'string') return 'raw'
  if (value.length > EMBSTR_MAX) return 'raw'
  return isLongInteger(value) ? 'int' : 'embstr'
}

/** A canonical 64-bit integer outside the safe ones. */
function isLongInteger(bytes: Bytes): boolean {
  const { length } = bytes
  if (length < SAFE_LENGTH_MAX - 1 || length > INT64_LENGTH_MAX || !/^-?[1-9][0-9]+$/.test(bytes)) return false
  const number = BigInt(bytes)
  return !Number.isSafeInteger(Number(bytes)) && number <= INT64_MAX && number >= INT64_MIN
}

/** The text that readers of a string value are given, where there is one already; undefined for any other value. */
export function sharedTextOf(value: unknown): Bytes | undefined {
  if (typeof value === 'string') return value
  return value instanceof StringBuffer ? value.sharedText : undefined
}
