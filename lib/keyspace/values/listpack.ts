/**
 * The arithmetic of Redis's listpack, its compact form of a short list: how many bytes an element takes there, and how
 * much one listpack may hold under `list-max-listpack-size`: counted as Redis does, so that
 * OBJECT ENCODING changes at the same element and so that lists are cut into nodes at the same places.
 */
import type { Bytes } from '../../base/bytes.ts'

/** Bytes of a listpack without elements. */
export const LISTPACK_EMPTY = 7

/** Bytes by which Redis overestimates an element before it adds it to a node. */
export const ESTIMATE_OVERHEAD = 8

/** A listpack limited by a number of elements is still limited to this many bytes. */
const SAFETY_LIMIT = 8192
const INT64_MAX = '9223372036854775807'
const INT64_MIN = '-9223372036854775808'

/** Bytes that an element takes: its encoding, which is shorter for integers, and its length for the way back. */
export function listpackBytes(element: Bytes): number {
  const { length } = element
  const encoded = integerBytes(element) || length + (length < 64 ? 1 : length < 4096 ? 2 : 5)
  return encoded + (encoded <= 127 ? 1 : encoded < 16_383 ? 2 : encoded < 2_097_151 ? 3 : encoded < 268_435_455 ? 4 : 5)
}

/**
 * True if a listpack of this size is too large under a fill factor, which is a number of elements or, below 0, one of five
 * sizes in bytes from 4 to 64 KB.
 */
export function exceedsFill(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > sizeLimit(fill)
  return bytes > SAFETY_LIMIT || count > Math.max(1, fill)
}

/** `exceedsFill` at half of the limits: what a list must fall to before it becomes a listpack again. */
export function exceedsHalfFill(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > sizeLimit(fill) / 2
  return count > Math.max(1, fill) >> 1
}

/** True if an element is so large that it gets a node of its own. */
export function isLarge(fill: number, length: number): boolean {
  return length > (fill < 0 ? sizeLimit(fill) : SAFETY_LIMIT)
}

function sizeLimit(fill: number): number {
  return 2048 << Math.min(-fill, 5)
}

/** Bytes of an element that is a canonical 64-bit integer, without the length for the way back; 0 for another. */
function integerBytes(element: Bytes): number {
  const { length } = element
  if (length === 0 || length > 20) return 0
  const first = element.charCodeAt(0)
  const negative = first === 45
  if (negative ? length === 1 || element.charCodeAt(1) === 48 : first === 48 && length > 1) return 0
  let magnitude = 0
  for (let i = negative ? 1 : 0; i < length; i++) {
    const digit = element.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return 0
    magnitude = magnitude * 10 + digit
  }
  if (!negative && magnitude < 128) return 1
  const value = negative ? magnitude - 1 : magnitude // two's complement reaches one further below 0
  if (value < 2 ** 12) return 2
  if (value < 2 ** 15) return 3
  if (value < 2 ** 23) return 4
  if (value < 2 ** 31) return 5
  const bound = negative ? INT64_MIN : INT64_MAX
  return length < bound.length || (length === bound.length && element <= bound) ? 9 : 0
}
