/**
 * Whether bytes hold a part, in time that is linear in both whatever they are. V8's own search is so for short parts. A long one
 * it compares anew at each place where the last 250 bytes agree, so that `ba…a` with millions of letters takes minutes to be
 * sought in as many of them. Long parts are sought by the two-way algorithm (Crochemore and Perrin, 1991), which needs no table: a
 * part is cut where both halves cannot overlap themselves by less than the period of the whole; the right one is compared first,
 * and what it has passed is never looked at again.
 */
import type { Bytes } from '../base/bytes.ts'

/** As long a part as V8's tables know whole. */
const SHORT_MAX = 250

/** True if some part of the bytes is this one. O(n), and no memory. */
export function holdsPart(bytes: Bytes, part: Bytes): boolean {
  if (part.length <= SHORT_MAX || part.length >= bytes.length) return bytes.includes(part)
  return holdsLongPart(bytes, part)
}

function holdsLongPart(bytes: Bytes, part: Bytes): boolean {
  const below = maximalSuffix(part, false)
  const above = maximalSuffix(part, true)
  const { start, period } = above.start > below.start ? above : below
  return repeatsItself(part, start, period)
    ? holdsRepeating(bytes, part, start, period)
    : holdsVaried(bytes, part, start, Math.max(start, part.length - start) + 1)
}

interface Suffix {
  readonly start: number
  readonly period: number
}

/** The greatest of all suffixes, in the order of bytes or in the opposite one, and its period. O(length). */
function maximalSuffix(part: Bytes, isReversed: boolean): Suffix {
  const { length } = part
  let start = 0
  let candidate = 1
  let matched = 0
  let period = 1
  while (candidate + matched < length) {
    const one = part.charCodeAt(candidate + matched)
    const other = part.charCodeAt(start + matched)
    if (one === other) {
      if (++matched === period) {
        candidate += period
        matched = 0
      }
    } else if (one < other !== isReversed) {
      candidate += matched + 1
      matched = 0
      period = candidate - start
    } else {
      start = candidate++
      matched = 0
      period = 1
    }
  }
  return { start, period }
}

/** True if what stands before the cut stands again a period further, so that the period is that of the whole. */
function repeatsItself(part: Bytes, cut: number, period: number): boolean {
  for (let i = 0; i < cut; i++) if (part.charCodeAt(i) !== part.charCodeAt(i + period)) return false
  return true
}

/** A part with a period: what is known of the place before, when it moves by the period, is not compared again. */
function holdsRepeating(bytes: Bytes, part: Bytes, cut: number, period: number): boolean {
  const { length } = part
  const last = bytes.length - length
  let known = 0
  for (let at = 0; at <= last; ) {
    let i = Math.max(cut, known)
    while (i < length && part.charCodeAt(i) === bytes.charCodeAt(at + i)) i++
    if (i < length) {
      at += i - cut + 1
      known = 0
      continue
    }
    i = cut - 1
    while (i >= known && part.charCodeAt(i) === bytes.charCodeAt(at + i)) i--
    if (i < known) return true
    at += period
    known = length - period
  }
  return false
}

/** A part without one: it moves so far where its right half agrees and its left half does not. */
function holdsVaried(bytes: Bytes, part: Bytes, cut: number, step: number): boolean {
  const { length } = part
  const last = bytes.length - length
  for (let at = 0; at <= last; ) {
    let i = cut
    while (i < length && part.charCodeAt(i) === bytes.charCodeAt(at + i)) i++
    if (i < length) {
      at += i - cut + 1
      continue
    }
    i = cut - 1
    while (i >= 0 && part.charCodeAt(i) === bytes.charCodeAt(at + i)) i--
    if (i < 0) return true
    at += step
  }
  return false
}
