/**
 * String values. Three forms: a JavaScript string (embstr or raw in Redis's terms), a number for a canonical safe
 * integer (Redis's int), and `StringBuffer` for a string that is written in place (APPEND, SETRANGE, SETBIT), which
 * Redis keeps as raw. A StringBuffer grows by doubling, so n appends cost O(n) bytes copied.
 */
import { type Bytes, fromArray } from '../../bytes.ts'
import type { StringValue, TypeName } from '../value.ts'

const EMBSTR_MAX = 44
const INT64_MIN = '-9223372036854775808'
const INT64_MAX = '9223372036854775807'

export class StringBuffer {
  #array: Uint8Array
  #length: number
  #text: Bytes | undefined

  constructor(bytes: Bytes) {
    this.#array = new Uint8Array(Math.max(64, bytes.length))
    this.#length = 0
    this.write(0, bytes)
  }

  get type(): TypeName {
    return 'string'
  }

  get length(): number {
    return this.#length
  }

  /** The bytes up to `length`. The array is replaced when the buffer grows: do not keep it across writes. */
  get array(): Uint8Array {
    return this.#array.subarray(0, this.#length)
  }

  /** The content as Bytes, made once per change. */
  toBytes(): Bytes {
    this.#text ??= fromArray(this.array)
    return this.#text
  }

  byteAt(offset: number): number {
    return offset < this.#length ? this.#array[offset] : 0
  }

  /** Writes at an offset; a gap before it is filled with zero bytes. */
  write(offset: number, bytes: Bytes): void {
    this.grow(offset + bytes.length)
    const array = this.#array
    for (let i = 0; i < bytes.length; i++) array[offset + i] = bytes.charCodeAt(i)
  }

  setByte(offset: number, byte: number): void {
    this.grow(offset + 1)
    this.#array[offset] = byte
  }

  /** Makes the content at least `length` bytes long, with zero bytes at the end. */
  grow(length: number): void {
    this.#text = undefined
    if (length <= this.#length) return
    if (length > this.#array.length) {
      const larger = new Uint8Array(Math.max(length, this.#array.length * 2))
      larger.set(this.array)
      this.#array = larger
    }
    this.#length = length
  }

  copy(): StringBuffer {
    return new StringBuffer(this.toBytes())
  }
}

/** The bytes of a string value. */
export function stringBytes(value: StringValue): Bytes {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? '' + value : value.toBytes()
}

export function stringLength(value: StringValue): number {
  return typeof value === 'number' ? ('' + value).length : value.length
}

/** The form in which to store bytes: a number if they are a canonical safe integer, themselves otherwise. O(1) mostly. */
export function storedString(bytes: Bytes): StringValue {
  const length = bytes.length
  if (length === 0 || length > 16) return bytes
  const first = bytes.charCodeAt(0)
  if (first > 57 || (first < 48 && first !== 45)) return bytes
  for (let i = 1; i < length; i++) {
    const code = bytes.charCodeAt(i)
    if (code > 57 || code < 48) return bytes
  }
  const number = +bytes
  return Number.isSafeInteger(number) && '' + number === bytes ? number : bytes
}

/** int, embstr or raw, as OBJECT ENCODING names them. */
export function stringEncoding(value: StringValue): Bytes {
  if (typeof value === 'number') return 'int'
  if (typeof value !== 'string') return 'raw'
  if (value.length <= 20 && isCanonicalInt64(value)) return 'int'
  return value.length <= EMBSTR_MAX ? 'embstr' : 'raw'
}

function isCanonicalInt64(bytes: Bytes): boolean {
  if (!/^(?:0|-?[1-9][0-9]{0,18})$/.test(bytes)) return false
  const bound = bytes[0] === '-' ? INT64_MIN : INT64_MAX
  return bytes.length < bound.length || bytes <= bound
}
