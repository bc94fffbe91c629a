/**
 * HyperLogLogs: where elements go, and registers by the thousand. The layout is that of lib/keyspace/values/hyperloglog.ts:
 * 16,384 registers of 6 bits, the first in the low bits of the first byte; "open" registers take a byte each.
 */

const REGISTERS = 16_384
const INDEX_BITS = 14
const RUN_BITS = 64 - INDEX_BITS
const HASH_SEED = 0xadc83b19
/** The factor 0xc6a4a7935bd1e995 in halves, and its lower half in quarters. */
const FACTOR_HIGH = 0xc6a4a793
const FACTOR_LOW = 0x5bd1e995
const FACTOR_1 = 0x5bd1
const FACTOR_0 = 0xe995

/** In the place of the end of each element: the register in the low 16 bits, above it the value it is to have at least. */
export function placesOf(u8: Uint8Array, text: number, ends: Uint32Array): void {
  let start = text
  for (let i = 0; i < ends.length; i++) {
    const end = text + ends[i]
    hash64(u8, start, end)
    // The zeros above the index, up to a bit that ends every run.
    const rest = ((low >>> INDEX_BITS) | (high << (32 - INDEX_BITS))) >>> 0
    const run = rest !== 0 ? trailingZeros(rest) : 32 + trailingZeros((high >>> INDEX_BITS) | (1 << (RUN_BITS - 32)))
    ends[i] = (low & (REGISTERS - 1)) | ((run + 1) << 16)
    start = end
  }
}

/** Raises open registers to those of a dense value. */
export function mergeDense(into: Uint8Array, open: number, u8: Uint8Array, dense: number): void {
  for (let i = 0; i < REGISTERS; i += 4) {
    const word = u8[dense] | (u8[dense + 1] << 8) | (u8[dense + 2] << 16)
    dense += 3
    for (let k = 0; k < 4; k++) {
      const register = (word >> (6 * k)) & 63
      if (register > into[open + i + k]) into[open + i + k] = register
    }
  }
}

/** Open registers as those of a dense value. */
export function packDense(u8: Uint8Array, open: number, into: Uint8Array, dense: number): void {
  for (let at = open; at < open + REGISTERS; at += 4) {
    const word = (u8[at] & 63) | ((u8[at + 1] & 63) << 6) | ((u8[at + 2] & 63) << 12) | ((u8[at + 3] & 63) << 18)
    into[dense++] = word
    into[dense++] = word >> 8
    into[dense++] = word >> 16
  }
}

/** How many open registers have each value. */
export function histogramOf(u8: Uint8Array, open: number, counts: Uint32Array): void {
  counts.fill(0)
  for (let i = 0; i < REGISTERS; i++) counts[u8[open + i] & 63]++
}

/** The two halves of the 64-bit number that `hash64` works on and leaves: a pair of results, without an object per element. */
let high = 0
let low = 0

/** MurmurHash64A (Appleby, public domain) with Redis's seed, into `high` and `low`. */
function hash64(u8: Uint8Array, start: number, end: number): void {
  high = 0
  low = end - start
  multiply()
  low ^= HASH_SEED
  let hashHigh = high
  let hashLow = low
  let at = start
  for (; at + 8 <= end; at += 8) {
    low = word(u8, at, end)
    high = word(u8, at + 4, end)
    multiply()
    shiftXor()
    multiply()
    high ^= hashHigh
    low ^= hashLow
    multiply()
    hashHigh = high
    hashLow = low
  }
  high = hashHigh
  low = hashLow
  if (at < end) {
    low ^= word(u8, at, end)
    high ^= word(u8, at + 4, end)
    multiply()
  }
  shiftXor()
  multiply()
  shiftXor()
}

/** Four bytes, the first lowest; zeros past the end. */
function word(u8: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) return u8[at] | (u8[at + 1] << 8) | (u8[at + 2] << 16) | (u8[at + 3] << 24)
  let word = 0
  for (let i = end - 1; i >= at; i--) word = (word << 8) | u8[i]
  return word
}

/** Multiplies by the hash's factor, modulo 2^64; from products of 16 bits, which a double holds exactly. */
function multiply(): void {
  const a0 = low & 0xffff
  const a1 = low >>> 16
  const bottom = a0 * FACTOR_0
  const middle = a0 * FACTOR_1 + a1 * FACTOR_0 + (bottom >>> 16)
  const carry = a1 * FACTOR_1 + Math.floor(middle / 65536)
  high = (Math.imul(high, FACTOR_LOW) + Math.imul(low, FACTOR_HIGH) + carry) | 0
  low = (bottom & 0xffff) | (middle << 16)
}

/** `h ^= h >> 47` */
function shiftXor(): void {
  low ^= high >>> 15
}

/** Of a 32-bit number other than 0. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
