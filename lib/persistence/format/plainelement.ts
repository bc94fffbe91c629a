/**
 * Elements of listpacks as Redis writes them: each in its shortest form, and what spells an integer as an integer. They are passed over
 * at a glance; whoever meets another reads the listpack again by the strict reader (listpack.ts), which says what is wrong with it, if
 * anything is.
 */
import { sliceOf } from '../../base/bytes.ts'
import { isInteger } from '../../keyspace/packed/integer.ts'

/** In place of a number of elements that does not fit two bytes. */
export const MANY = 0xffff
/** No longer string spells an integer. */
const INTEGER_LENGTH_MAX = 20
const [MINUS, ZERO, NINE] = [45, 48, 57]
/** First bytes of strings with a length of four bytes, and of integers of eight. */
const [LONG_TEXT, LONG_INTEGER] = [0xf0, 0xf4]
/** Longest strings whose length is in the first byte, or in it and the next. */
const [TEXT_6, TEXT_12] = [63, 4095]
/** Longest elements by the bytes of their length at the end, from one to four. */
const BACK_LENGTHS = [127, 16_382, 2_097_150, 268_435_454]

/** Whether a listpack says that it has so many elements, or that they are many. */
export function claimsElements(array: Uint8Array, count: number): boolean {
  const claimed = array[4] | (array[5] << 8)
  return claimed === MANY || claimed === count
}

/**
 * The offset behind an element of a listpack that ends at `end`, which is that at the most; -1 if there is none, or it is not written as
 * Redis writes it.
 */
export function behindPlain(array: Uint8Array, at: number, end: number): number {
  return array[at] < 0x80 ? (array[at + 1] === 1 ? at + 2 : -1) : behindLonger(array, at, end)
}

/** Behind anything but an integer of seven bits. */
function behindLonger(array: Uint8Array, at: number, end: number): number {
  const lead = array[at]
  if (lead < 0xc0) {
    const length = lead & TEXT_6
    const next = at + 1 + length
    return next < end && array[next] === length + 1 && isPlain(array, at + 1, length) ? next + 1 : -1
  }
  if (lead < 0xe0) {
    const value = ((((lead & 31) << 8) | array[at + 1]) << 19) >> 19
    return (value < 0 || value > 127) && at + 2 < end && array[at + 2] === 2 ? at + 3 : -1
  }
  if (lead > LONG_TEXT) return behindInteger(array, at, end)
  const head = lead === LONG_TEXT ? 5 : 2
  if (at + head > end) return -1
  const length = lead === LONG_TEXT ? uint32(array, at + 1) : ((lead & 15) << 8) | array[at + 1]
  return length > (lead === LONG_TEXT ? TEXT_12 : TEXT_6) ? behindText(array, at, head + length, end) : -1
}

/** Behind an integer of 16 to 64 bits: one that takes fewer is not written so. */
function behindInteger(array: Uint8Array, at: number, end: number): number {
  const lead = array[at]
  const width = lead === LONG_INTEGER ? 8 : lead - 0xef
  const next = at + 1 + width
  if (lead > LONG_INTEGER || next >= end || array[next] !== width + 1) return -1
  const low = uint32(array, at + 1) | 0
  const unused = width === 8 ? 0 : 32 - 8 * width
  const value = (low << unused) >> unused
  const bitsLess = width === 2 ? 13 : 8 * width - 8
  const fitsLess =
    width === 8 ? (uint32(array, at + 5) | 0) === low >> 31 : (value << (32 - bitsLess)) >> (32 - bitsLess) === value
  return fitsLess ? -1 : next + 1
}

/** Behind an element of so many bytes, more than fit a byte's bits with its head, and their number. */
function behindText(array: Uint8Array, at: number, bytes: number, end: number): number {
  let count = 1
  while (count <= BACK_LENGTHS.length && bytes > BACK_LENGTHS[count - 1]) count++
  const next = at + bytes
  if (next + count > end) return -1
  if (array[next] !== bytes >>> (7 * (count - 1))) return -1
  for (let i = 1; i < count; i++) {
    if (array[next + i] !== (((bytes >>> (7 * (count - 1 - i))) & 127) | 128)) return -1
  }
  return next + count
}

/** A string that does not spell an integer. */
function isPlain(array: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || length > INTEGER_LENGTH_MAX) return true
  const first = array[start]
  if (first > NINE || (first < ZERO && first !== MINUS)) return true
  return !isInteger(sliceOf(array, start, start + length))
}

export function uint32(array: Uint8Array, at: number): number {
  return (array[at] | (array[at + 1] << 8) | (array[at + 2] << 16) | (array[at + 3] << 24)) >>> 0
}
