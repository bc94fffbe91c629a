/**
 * The elements of a listpack, Redis's compact list of strings and integers: written, and passed over and read where they lie. An element is its kind and length, its bytes, and the length of both once more for readers that come from behind: seven bits
 * a byte, the highest first. What is an integer in its shortest form is written as one, so an element has one form only, and two
 * elements are equal exactly if their bytes are.
 *
 * What is written elsewhere, and so may be wrong, is read by persistence/format/listpack.ts.
 */
import { type Bytes, copyInto, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { isInteger } from './integer.ts'

/** Before the first element stand the bytes in all and the number of elements, behind the last one stands END. */
export const HEADER_BYTES = 6
export const END = 255
/** Bytes of a listpack without elements. */
export const EMPTY_BYTES = HEADER_BYTES + 1
/** An element takes at most so many bytes beside its own. */
export const ELEMENT_EXTRA = 12

/** Longest strings whose length is in the first byte, or in it and the next; and longest elements by the bytes of their length at the end. */
const STRING_6 = 63
const STRING_12 = 4095
const STRING_32 = 0xf0
const BACK_1 = 127
const BACK_2 = 16_382
const BACK_3 = 2_097_150
const BACK_4 = 268_435_454
const SAFE_DIGITS = 15
const TWO_32 = 2 ** 32
const MINUS = 45
const DOT = 46
const ZERO = 48

/** Where elements are written before they are compared with others or put into a pack. */
export const scratch = new Uint8Array(16_384)
export const scratchView = new DataView(scratch.buffer)

/** Writes an element, of at most 4095 bytes, into the scratch array. Returns the offset behind it. */
export function writeElement(element: Bytes, at: number): number {
  return putElement(scratch, scratchView, element, at)
}

/** Writes any element where there is room for ELEMENT_EXTRA bytes more. Returns the offset behind it. */
export function putElement(bytes: Uint8Array, view: DataView, element: Bytes, at: number): number {
  if (startsAsInteger(element) && isInteger(element)) {
    if (element.length <= SAFE_DIGITS) return putInteger(bytes, view, +element, at)
    view.setBigInt64(at + 1, BigInt(element), true)
    return endLongInteger(bytes, at)
  }
  const to = putHead(bytes, element.length, at)
  copyInto(bytes, to, element)
  return putBackLength(bytes, at, to + element.length)
}

/** The same of an argument that stands in a read buffer. */
export function writePlaced(p: Places, index: number, at: number): number {
  const { bytes } = p
  const start = p.start(index)
  const length = p.length(index)
  if (length !== 0 && bytes[start] <= 57 && (bytes[start] >= 48 || bytes[start] === 45)) {
    const integer = p.integer(index)
    if (!Number.isNaN(integer)) return writeInteger(integer, at)
    if (length > SAFE_DIGITS) return writeElement(p.text(index), at)
  }
  const to = putHead(scratch, length, at)
  copyBytes(scratchView, to, p.view, start, length)
  return putBackLength(scratch, at, to + length)
}

/** Copies bytes from one memory into another, four at a time: for few, what copies arrays takes longer to begin. */
export function copyBytes(into: DataView, to: number, from: DataView, start: number, length: number): void {
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) into.setInt32(to + i, from.getInt32(start + i, true), true)
  for (let i = whole; i < length; i++) into.setUint8(to + i, from.getUint8(start + i))
}

/** Writes a safe integer into the scratch array. */
export function writeInteger(value: number, at: number): number {
  return putInteger(scratch, scratchView, value, at)
}

function putInteger(bytes: Uint8Array, view: DataView, value: number, at: number): number {
  if (value >= 0 && value < 128) {
    bytes[at] = value
    bytes[at + 1] = 1
    return at + 2
  }
  if (value >= -4096 && value < 4096) {
    bytes[at] = 0xc0 | ((value >> 8) & 31)
    bytes[at + 1] = value & 255
    bytes[at + 2] = 2
    return at + 3
  }
  if (value !== (value | 0)) {
    view.setInt32(at + 1, value | 0, true)
    view.setInt32(at + 5, Math.floor(value / TWO_32), true)
    return endLongInteger(bytes, at)
  }
  const width = value >= -32_768 && value < 32_768 ? 2 : value >= -8_388_608 && value < 8_388_608 ? 3 : 4
  bytes[at] = 0xef + width
  for (let i = 0; i < width; i++) bytes[at + 1 + i] = value >> (8 * i)
  bytes[at + 1 + width] = 1 + width
  return at + 2 + width
}

/** The string of a decimal: its digits as an integer below 10^15, of which so many, 1 at least, stand behind the dot. */
export function writeDecimal(digits: number, places: number, isNegative: boolean, at: number): number {
  const whole = Math.floor(digits / 10 ** places)
  let wholeDigits = 1
  for (let power = 10; whole >= power; power *= 10) wholeDigits++
  const start = at + 1
  const end = start + (isNegative ? 1 : 0) + wholeDigits + 1 + places
  scratch[at] = 0x80 | (end - start)
  if (isNegative) scratch[start] = MINUS
  let rest = digits
  for (let i = end - 1; i >= end - 1 - places - wholeDigits; i--) {
    if (i === end - 1 - places) scratch[i] = DOT
    else {
      const tenth = Math.floor(rest / 10)
      scratch[i] = ZERO + rest - 10 * tenth
      rest = tenth
    }
  }
  return putBackLength(scratch, at, end)
}

/** The offset of the element behind one; END stands there if that is the last. */
export function skip(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]
  if (lead < 0x80) return at + 2
  if (lead < 0xc0) return at + (lead & 63) + 2
  if (lead < 0xe0) return at + 3
  if (lead > STRING_32) return at + (lead === 0xf4 ? 10 : lead - 0xef + 2)
  if (lead === STRING_32) {
    const length = 5 + longLength(bytes, at)
    return at + length + backLengthBytes(length)
  }
  const length = 2 + (((lead & 15) << 8) | bytes[at + 1])
  return at + length + (length <= BACK_1 ? 1 : 2)
}

/** The offset of the element before one, or before END. */
export function back(bytes: Uint8Array, at: number): number {
  const last = bytes[at - 1]
  if (last < 128) return at - 1 - last
  const second = bytes[at - 2]
  return second < 128 ? at - 2 - ((second << 7) | (last & 127)) : backFar(bytes, at)
}

function backFar(bytes: Uint8Array, at: number): number {
  let length = 0
  let count = 0
  for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
    byte = bytes[at - ++count]
    length |= (byte & 127) << shift
  }
  return at - count - length
}

export function isString(lead: number): boolean {
  return (lead >= 0x80 && lead < 0xc0) || (lead >= 0xe0 && lead <= STRING_32)
}

/** Where the bytes of an element that is a string begin. */
export function stringStart(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]
  return lead < 0xc0 ? at + 1 : lead < STRING_32 ? at + 2 : at + 5
}

/** How many they are. */
export function stringLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]
  if (lead < 0xc0) return lead & 63
  return lead < STRING_32 ? ((lead & 15) << 8) | bytes[at + 1] : longLength(bytes, at)
}

/** Of an element that is an integer: whether it may be past 2^53. */
export function isLongInteger(lead: number): boolean {
  return lead === 0xf4
}

export function readElement(bytes: Uint8Array, view: DataView, at: number): Bytes {
  const lead = bytes[at]
  if (lead >= 0x80 && lead < 0xc0) return sliceOf(bytes, at + 1, at + 1 + (lead & 63))
  if (lead >= 0xe0 && lead < 0xf0) return sliceOf(bytes, at + 2, at + 2 + (((lead & 15) << 8) | bytes[at + 1]))
  if (lead === 0xf4) return readLongInteger(view, at + 1)
  if (lead === STRING_32) return sliceOf(bytes, at + 5, at + 5 + longLength(bytes, at))
  return '' + readInteger(bytes, view, at)
}

/** Of an element that is an integer: its value, for those past 2^53 the nearest double. */
export function readInteger(bytes: Uint8Array, view: DataView, at: number): number {
  const lead = bytes[at]
  if (lead < 0x80) return lead
  if (lead < 0xe0) return ((((lead & 31) << 8) | bytes[at + 1]) << 19) >> 19
  if (lead === 0xf1) return view.getInt16(at + 1, true)
  if (lead === 0xf2) return ((bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16)) << 8) >> 8
  if (lead === 0xf3) return view.getInt32(at + 1, true)
  return view.getInt32(at + 5, true) * TWO_32 + view.getUint32(at + 1, true)
}

/** False for most of what is no integer, at a glance. */
function startsAsInteger(element: Bytes): boolean {
  const lead = element.charCodeAt(0)
  return (lead <= 57 && lead >= 48) || lead === 45
}

function readLongInteger(view: DataView, at: number): Bytes {
  const value = view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
  return Number.isSafeInteger(value) ? '' + value : '' + view.getBigInt64(at, true)
}

/** Of a string with a length of four bytes. */
function longLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) | (bytes[at + 4] << 24)) >>> 0
}

/** What stands around the eight bytes of an integer. */
function endLongInteger(bytes: Uint8Array, at: number): number {
  bytes[at] = 0xf4
  bytes[at + 9] = 9
  return at + 10
}

/** What stands before the bytes of a string. Returns the offset behind it. */
function putHead(bytes: Uint8Array, length: number, at: number): number {
  if (length <= STRING_6) {
    bytes[at] = 0x80 | length
    return at + 1
  }
  if (length <= STRING_12) {
    bytes[at] = 0xe0 | (length >> 8)
    bytes[at + 1] = length & 255
    return at + 2
  }
  bytes[at] = STRING_32
  for (let i = 0; i < 4; i++) bytes[at + 1 + i] = length >> (8 * i)
  return at + 5
}

function putBackLength(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length <= BACK_1) {
    bytes[end] = length
    return end + 1
  }
  const count = backLengthBytes(length)
  bytes[end] = length >> (7 * (count - 1))
  for (let i = 1; i < count; i++) bytes[end + i] = ((length >> (7 * (count - 1 - i))) & 127) | 128
  return end + count
}

function backLengthBytes(length: number): number {
  if (length <= BACK_1) return 1
  return length <= BACK_2 ? 2 : length <= BACK_3 ? 3 : length <= BACK_4 ? 4 : 5
}
