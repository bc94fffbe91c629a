/**
 * The order of many elements, by numbers or by their bytes, without a comparison for most of them: places are dealt out by
 * 11 bits of a number after the other, the lowest first (a radix sort), and where all have the same bits, not at all. What is
 * equal so far is then compared. A double's bits are in order once those of negative ones are inverted; of bytes the first
 * six behind what all have in common make a whole number.
 */
import type { Bytes } from '../base/bytes.ts'

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
/** Where in two words of 32 bits each digit begins: three of the lower word, three of the upper. */
const SHIFTS = [0, 11, 22] as const
/** Below so many elements comparing them is quicker. */
const RADIX_MIN = 64
const PREFIX_BYTES = 6

/** The elements by their scores, none of which is NaN; those of one score by their bytes. */
export function sortedByScore(elements: readonly Bytes[], scores: Float64Array): Bytes[] {
  for (let i = 0; i < scores.length; i++) scores[i] += 0 // -0 becomes 0
  const order = orderOf(scores)
  const sorted = new Array<Bytes>(elements.length)
  for (let i = 0; i < order.length; i++) sorted[i] = elements[order[i]]
  sortTies(sorted, order, scores)
  return sorted
}

/** The elements by their bytes. */
export function sortedByBytes(elements: readonly Bytes[]): Bytes[] {
  if (elements.length < RADIX_MIN) return elements.toSorted(compareBytes)
  const common = commonLength(elements)
  const prefixes = new Float64Array(elements.length)
  for (let i = 0; i < prefixes.length; i++) prefixes[i] = prefixOf(elements[i], common)
  return sortedByScore(elements, prefixes)
}

/** -1, 0 or 1, as memcmp; a missing one comes first. */
export function compareBytes(a: Bytes | undefined, b: Bytes | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  return a < b ? -1 : 1
}

/** Sorts what has equal scores by bytes. */
function sortTies(sorted: Bytes[], order: Uint32Array, scores: Float64Array): void {
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start]]
    let end = start + 1
    while (end < order.length && scores[order[end]] === score) end++
    if (end - start > 1) {
      const ties = sorted.slice(start, end).sort(compareBytes)
      for (let i = 0; i < ties.length; i++) sorted[start + i] = ties[i]
    }
    start = end
  }
}

/** The places of numbers, none of which is NaN or -0, in ascending order; equal ones stay as they stood. */
export function orderOf(numbers: Float64Array): Uint32Array {
  const { length } = numbers
  let order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  if (length < RADIX_MIN) return order.sort((a, b) => compareNumbers(numbers[a], numbers[b]) || a - b)
  const words = wordsOf(numbers)
  const counts = countDigits(words, length)
  let other = new Uint32Array(length)
  for (let digit = 0; digit < 6; digit++) {
    const places = placesOf(counts.subarray(digit * DIGITS, (digit + 1) * DIGITS), length)
    if (places === undefined) continue
    const half = digit < 3 ? 0 : 1
    const shift = SHIFTS[digit % 3]
    for (let i = 0; i < length; i++) {
      const at = order[i]
      other[places[(words[2 * at + half] >>> shift) & (DIGITS - 1)]++] = at
    }
    ;[order, other] = [other, order]
  }
  return order
}

/** The bits of doubles as pairs of words, the lower first, in the order of the numbers. */
function wordsOf(numbers: Float64Array): Uint32Array {
  const words = new Uint32Array(numbers.slice().buffer)
  for (let i = 0; i < words.length; i += 2) {
    const isNegative = words[i + 1] >>> 31
    words[i] ^= -isNegative
    words[i + 1] ^= -isNegative | 0x80000000
  }
  return words
}

/** How often each digit is there, at DIGITS times its rank. */
function countDigits(words: Uint32Array, length: number): Uint32Array {
  const counts = new Uint32Array(6 * DIGITS)
  for (let i = 0; i < 2 * length; i += 2) {
    const low = words[i]
    const high = words[i + 1]
    counts[low & (DIGITS - 1)]++
    counts[DIGITS + ((low >>> 11) & (DIGITS - 1))]++
    counts[2 * DIGITS + (low >>> 22)]++
    counts[3 * DIGITS + (high & (DIGITS - 1))]++
    counts[4 * DIGITS + ((high >>> 11) & (DIGITS - 1))]++
    counts[5 * DIGITS + (high >>> 22)]++
  }
  return counts
}

/** Where those of each digit begin, in the place of how many they are; undefined where all have the same. */
function placesOf(counts: Uint32Array, length: number): Uint32Array | undefined {
  let place = 0
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit]
    if (count === length) return undefined
    counts[digit] = place
    place += count
  }
  return counts
}

/** How many bytes at their beginning all elements have in common. */
function commonLength(elements: readonly Bytes[]): number {
  const [first] = elements
  let common = first.length
  for (let i = 1; i < elements.length && common > 0; i++) {
    const element = elements[i]
    if (element.length < common) common = element.length
    let same = 0
    while (same < common && element.charCodeAt(same) === first.charCodeAt(same)) same++
    common = same
  }
  return common
}

/** Six bytes from an offset on as a number, the first the highest; zeros past the end. */
function prefixOf(element: Bytes, offset: number): number {
  const { length } = element
  let prefix = 0
  for (let i = offset; i < offset + PREFIX_BYTES; i++) prefix = prefix * 256 + (i < length ? element.charCodeAt(i) : 0)
  return prefix
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
