/**
 * Indexes of arrays: unsigned 64-bit integers but for the highest, which no element may have so that one more than any
 * index can still be told. Like the halves of stream ids they are numbers while they are safe as such, and bigints beyond.
 * An index is a slice and an offset in it; both are plain numbers whatever the index, so nothing but the parsing, the
 * printing and the arithmetic here is done with bigints.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type U64, U64_MAX, u64 } from './stream-id.ts'

/** Indexes of one slice. */
export const SLICE_SIZE = 4096
const SLICE_BITS = 12n
/** The slice of the highest index, and the last whose indexes are all safe as numbers. */
export const SLICE_MAX = 2 ** 52 - 1
const SAFE_SLICE_MAX = 2 ** 41 - 1

/** The highest index of an element. */
export const INDEX_MAX: U64 = (U64_MAX as bigint) - 1n

export function sliceIdOf(index: U64): number {
  return typeof index === 'number' ? Math.floor(index / SLICE_SIZE) : Number(index >> SLICE_BITS)
}

export function offsetOf(index: U64): number {
  return typeof index === 'number' ? index % SLICE_SIZE : Number(index & 4095n)
}

export function indexAt(sliceId: number, offset: number): U64 {
  if (sliceId <= SAFE_SLICE_MAX) return sliceId * SLICE_SIZE + offset
  return u64((BigInt(sliceId) << SLICE_BITS) | BigInt(offset))
}

/** An index in decimal digits, of which the first may be zeros (redis-benchmark's random ones are); undefined for anything else. */
export function parseIndex(text: Bytes, max: U64 = INDEX_MAX): U64 | undefined {
  const { length } = text
  if (length === 0 || length > 20) return undefined
  let number = 0
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  if (length < 16) return number
  const exact = BigInt(text)
  return exact <= max ? u64(exact) : undefined
}

/** The index so many places on; undefined past `max`. */
export function indexAfter(index: U64, places: number, max: U64 = INDEX_MAX): U64 | undefined {
  if (typeof index === 'number' && index + places <= Number.MAX_SAFE_INTEGER) return index + places
  const exact = BigInt(index) + BigInt(places)
  return exact <= max ? u64(exact) : undefined
}

/** The index before, which there must be. */
export function indexBefore(index: U64): U64 {
  return typeof index === 'number' ? index - 1 : u64(index - 1n)
}

/** How many places lie between two indexes, as a double. */
export function distance(from: U64, to: U64): number {
  if (typeof from === 'number' && typeof to === 'number') return to - from
  return Number(BigInt(to) - BigInt(from))
}

/** The remainder of a division, for a ring of so many places. */
export function wrapped(index: U64, size: U64): U64 {
  if (typeof index === 'number' && typeof size === 'number') return index % size
  return u64(BigInt(index) % BigInt(size))
}
