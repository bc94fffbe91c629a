/**
 * Binary-safe strings. Inside zerodis every key, value and argument is a `Bytes`: a JavaScript string in which one code
 * unit (0 to 255) is one byte (latin1). V8 stores such strings with one byte per unit, hashes and compares them
 * natively, and `<` orders them as memcmp does. Text becomes Bytes, and Bytes become text, only at the doors and only
 * here.
 */

export type Bytes = string

/** V8's longest string; the bound on any one value (`proto-max-bulk-len` is capped here). Unit: bytes. */
export const MAX_BYTES = 536_870_888

/** Of four bytes, the bits that none has that is ASCII. */
const NOT_ASCII = 0x80808080 | 0

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as in TextEncoder. O(n), no copy for ASCII. */
export function fromText(text: string): Bytes {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** The text that the bytes spell in UTF-8. Invalid sequences become U+FFFD. O(n), no copy for ASCII. */
export function toText(bytes: Bytes): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Bytes of a typed array, whatever its elements are; the array may be reused afterwards. */
export function fromArray(array: ArrayBufferView): Bytes {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('latin1')
}

/** Node's own reading, writing and search, which work on any typed array but are declared for Buffers only. */
const { latin1Slice, latin1Write, indexOf } = Buffer.prototype as unknown as {
  indexOf(this: Uint8Array, sought: Uint8Array): number
  latin1Slice(this: Uint8Array, start: number, end: number): string
  latin1Write(this: Uint8Array, string: string, offset: number, length: number): number
}

/** Bytes of a part of an array; the array may be reused afterwards. */
export function sliceOf(array: Uint8Array, start: number, end: number): Bytes {
  return latin1Slice.call(array, start, end)
}

/** Whether bytes stand somewhere in an array. At memmem's speed. */
export function includes(array: Uint8Array, sought: Uint8Array): boolean {
  return indexOf.call(array, sought) !== -1
}

/** Whether two arrays are equal. */
export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** The text that a part of an array spells in UTF-8, as `toText`; `view` is one of the same memory. */
export function textOf(array: Uint8Array, view: DataView, start: number, end: number): string {
  const whole = start + ((end - start) & ~3)
  let seen = 0
  for (let i = start; i < whole; i += 4) seen |= view.getInt32(i, true)
  for (let i = whole; i < end; i++) seen |= view.getUint8(i)
  if ((seen & NOT_ASCII) === 0) return latin1Slice.call(array, start, end)
  return Buffer.from(array.buffer, array.byteOffset + start, end - start).toString('utf8')
}

/** A fresh array with the bytes of a part of another. */
export function copyOf(array: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start)
  if (end - start > 64) copy.set(array.subarray(start, end))
  else for (let i = start; i < end; i++) copy[i - start] = array[i]
  return copy
}

/** A fresh array with the same bytes. */
export function toArray(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1')
}

/** Writes the bytes into an array from an offset on, where there must be room. O(n), at memcpy's speed for long input. */
export function copyInto(array: Uint8Array, offset: number, bytes: Bytes): void {
  const { length } = bytes
  if (length > 64) latin1Write.call(array, bytes, offset, length)
  else for (let i = 0; i < length; i++) array[offset + i] = bytes.charCodeAt(i)
}

/** Bytes of one kind, to compare with: at most so many, in text and in an array. */
const REPEATED_MAX = 16_384
const repeatedTexts = new Map<number, Bytes>()
const repeatedArrays = new Map<number, Buffer>()

/** Whether all bytes from `start` to before `end`, at most REPEATED_MAX, are this one. At memcmp's speed, without a copy. */
export function isRepeated(bytes: Bytes | Uint8Array, start: number, end: number, byte: number): boolean {
  const length = end - start
  if (typeof bytes === 'string') {
    const key = length * 256 + byte
    let text = repeatedTexts.get(key)
    if (text === undefined) repeatedTexts.set(key, (text = fromArray(Buffer.alloc(length, byte))))
    return bytes.slice(start, end) === text
  }
  let array = repeatedArrays.get(byte)
  if (array === undefined) repeatedArrays.set(byte, (array = Buffer.alloc(REPEATED_MAX, byte)))
  return array.compare(bytes, start, end, 0, length) === 0
}

/** base64 of the bytes, with padding. */
export function toBase64(bytes: Bytes): string {
  return btoa(bytes)
}

/** Text has as many UTF-8 bytes as code units only if all of it is ASCII; counting them is Node's quickest scan. */
export function isAscii(text: string): boolean {
  if (text.length > 4) return Buffer.byteLength(text) === text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}
