/**
 * Counting and combining bits in byte arrays, 32 bits at a time wherever the array lies on a word boundary. The
 * order of bytes in a word matters to none of these.
 */

/** Below this many bytes going by words does not pay. */
const WORDS_MIN = 16

/** Number of one bits. */
export function countBits(bytes: Uint8Array): number {
  const { length } = bytes
  let count = 0
  let i = 0
  if (length >= WORDS_MIN) {
    for (const aligned = -bytes.byteOffset & 3; i < aligned; i++) count += countInWord(bytes[i])
    const words = wordsOf(bytes, i)
    for (let w = 0; w < words.length; w++) count += countInWord(words[w])
    i += 4 * words.length
  }
  for (; i < length; i++) count += countInWord(bytes[i])
  return count
}

/** `into &= bytes`; all of these take two of one length. */
export function andBits(into: Uint8Array, bytes: Uint8Array): void {
  const [a, b] = wordPair(into, bytes, bytes.length)
  for (let i = 0; i < a.length; i++) a[i] &= b[i]
  for (let i = 4 * a.length; i < bytes.length; i++) into[i] &= bytes[i]
}

/** `into |= bytes` */
export function orBits(into: Uint8Array, bytes: Uint8Array): void {
  const [a, b] = wordPair(into, bytes, bytes.length)
  for (let i = 0; i < a.length; i++) a[i] |= b[i]
  for (let i = 4 * a.length; i < bytes.length; i++) into[i] |= bytes[i]
}

/** `into ^= bytes` */
export function xorBits(into: Uint8Array, bytes: Uint8Array): void {
  const [a, b] = wordPair(into, bytes, bytes.length)
  for (let i = 0; i < a.length; i++) a[i] ^= b[i]
  for (let i = 4 * a.length; i < bytes.length; i++) into[i] ^= bytes[i]
}

/** `into &= ~bytes` */
export function clearBits(into: Uint8Array, bytes: Uint8Array): void {
  const [a, b] = wordPair(into, bytes, bytes.length)
  for (let i = 0; i < a.length; i++) a[i] &= ~b[i]
  for (let i = 4 * a.length; i < bytes.length; i++) into[i] &= ~bytes[i]
}

/** Notes in `repeated` which bits are set in both, and sets those of `bytes` in `into`. */
export function repeatBits(into: Uint8Array, repeated: Uint8Array, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    repeated[i] |= into[i] & bytes[i]
    into[i] |= bytes[i]
  }
}

/** `into = ~into` */
export function invertBits(into: Uint8Array): void {
  const [words] = wordPair(into, into, into.length)
  for (let i = 0; i < words.length; i++) words[i] = ~words[i]
  for (let i = 4 * words.length; i < into.length; i++) into[i] = ~into[i]
}

/** The bits of a 32-bit word, by summing neighbours: pairs, then nibbles, then bytes. */
function countInWord(word: number): number {
  word -= (word >>> 1) & 0x55555555
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** The whole words from byte `from` on, which lies on a word boundary. */
function wordsOf(bytes: Uint8Array, from: number): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset + from, (bytes.length - from) >>> 2)
}

/** The whole words of the first `length` bytes of two arrays; none where one of them lies off the word boundaries. */
function wordPair(a: Uint8Array, b: Uint8Array, length: number): [Uint32Array, Uint32Array] {
  const words = length < WORDS_MIN || (a.byteOffset | b.byteOffset) & 3 ? 0 : length >>> 2
  if (words === 0) return [NO_WORDS, NO_WORDS]
  return [new Uint32Array(a.buffer, a.byteOffset, words), new Uint32Array(b.buffer, b.byteOffset, words)]
}

const NO_WORDS = new Uint32Array(0)
