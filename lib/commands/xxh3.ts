/**
 * XXH3, 64 bits, seed 0: the hash behind DIGEST and the IFDEQ and IFDNE conditions of SET and DELEX. Written from the
 * specification in the xxHash project (doc/xxhash_spec.md). Up to 240 bytes are folded 16 at a time by 128-bit products;
 * longer input runs through eight 64-bit accumulators, 64 bytes a stripe, 1,024 bytes a block.
 *
 * Short input is reckoned in BigInt. The long loop keeps each word of 64 bits as two of 32, which is some ten times as fast.
 */
import { type Bytes, copyInto, toArray } from '../base/bytes.ts'

const SECRET_HEX =
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
  'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
  'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
  '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
const SECRET_BYTES = 192
const SECRET_BYTES_MIN = 136
const STRIPE_BYTES = 64
const STRIPES_PER_BLOCK = (SECRET_BYTES - STRIPE_BYTES) / 8

const PRIME32_1 = 0x9e3779b1n
const PRIME32_2 = 0x85ebca77n
const PRIME32_3 = 0xc2b2ae3dn
const PRIME64_1 = 0x9e3779b185ebca87n
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn
const PRIME64_3 = 0x165667b19e3779f9n
const PRIME64_4 = 0x85ebca77c2b2ae63n
const PRIME64_5 = 0x27d4eb2f165667c5n
const PRIME_MX1 = 0x165667919e3779f9n
const PRIME_MX2 = 0x9fb21c651e98df25n
const MASK32 = 0xffffffffn
const SIGN = 0x80000000 | 0
const SCRAMBLE_PRIME = 0x9e3779b1

/** Input that is looked at together: whole blocks. */
const CHUNK_BYTES = 64 * STRIPES_PER_BLOCK * STRIPE_BYTES
const BLOCK_WORDS = (STRIPES_PER_BLOCK * STRIPE_BYTES) / 4

const secret = new DataView(new ArrayBuffer(SECRET_BYTES))
for (let i = 0; i < SECRET_BYTES; i++) secret.setUint8(i, Number.parseInt(SECRET_HEX.slice(2 * i, 2 * i + 2), 16))

/** The words of the secret, the lower half of each first; behind them those that the last stripe is mixed with. */
const LAST_KEYS = SECRET_BYTES / 4
const KEYS = new Int32Array(LAST_KEYS + STRIPE_BYTES / 4)
for (let i = 0; i < LAST_KEYS; i++) KEYS[i] = secret.getUint32(4 * i, true)
for (let i = 0; i < STRIPE_BYTES / 4; i++) {
  KEYS[LAST_KEYS + i] = secret.getUint32(SECRET_BYTES - STRIPE_BYTES - 7 + 4 * i, true)
}

/** What the long form works with, its accumulators as two words each; its loop never yields, so one set serves all calls. */
const acc = new Int32Array(16)
const chunk = new Uint8Array(CHUNK_BYTES)
const WORDS = new Int32Array(chunk.buffer)
const ACC_START = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1].flatMap(
  (word) => [Number(word & MASK32), Number(word >> 32n)],
)

/** The digest of the bytes, as DIGEST prints it: 16 hexadecimal digits in lower case. O(n). */
export function xxh3(bytes: Bytes): Bytes {
  return (bytes.length > 240 ? hashLong(bytes) : hashShort(bytes)).toString(16).padStart(16, '0')
}

function hashShort(bytes: Bytes): bigint {
  const { length } = bytes
  const array = toArray(bytes)
  const input = new DataView(array.buffer, array.byteOffset, array.byteLength)
  if (length > 128) return hash129To240(input, length)
  if (length > 16) return hash17To128(input, length)
  if (length > 8) return hash9To16(input, length)
  if (length >= 4) return hash4To8(input, length)
  if (length > 0) return hash1To3(input, length)
  return avalancheXxh64(flip(56))
}

function hash1To3(input: DataView, length: number): bigint {
  const first = BigInt(input.getUint8(0))
  const middle = BigInt(input.getUint8(length >> 1))
  const last = BigInt(input.getUint8(length - 1))
  const combined = (first << 16n) | (middle << 24n) | last | (BigInt(length) << 8n)
  return avalancheXxh64(combined ^ BigInt((secret.getUint32(0, true) ^ secret.getUint32(4, true)) >>> 0))
}

function hash4To8(input: DataView, length: number): bigint {
  const head = BigInt(input.getUint32(0, true))
  const tail = BigInt(input.getUint32(length - 4, true))
  let h = (tail | (head << 32n)) ^ flip(8)
  h ^= rotateLeft(h, 49n) ^ rotateLeft(h, 24n)
  h = uint64(h * PRIME_MX2)
  h ^= (h >> 35n) + BigInt(length)
  h = uint64(h * PRIME_MX2)
  return h ^ (h >> 28n)
}

function hash9To16(input: DataView, length: number): bigint {
  const low = word(input, 0) ^ flip(24)
  const high = word(input, length - 8) ^ flip(40)
  return avalanche(BigInt(length) + swapBytes(low) + high + foldProduct(low, high))
}

function hash17To128(input: DataView, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1
  // From the inside outwards, as many pairs of 16 bytes from both ends as the length needs.
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    sum += fold16(input, 16 * i, 32 * i) + fold16(input, length - 16 * (i + 1), 32 * i + 16)
  }
  return avalanche(sum)
}

function hash129To240(input: DataView, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1
  for (let i = 0; i < 8; i++) sum += fold16(input, 16 * i, 16 * i)
  sum = avalanche(sum)
  for (let i = 8; i < length >> 4; i++) sum += fold16(input, 16 * i, 16 * (i - 8) + 3)
  return avalanche(sum + fold16(input, length - 16, SECRET_BYTES_MIN - 17))
}

/** The long form: as many blocks at a time as fit a buffer of ours, so that no second copy of the input is made. */
function hashLong(bytes: Bytes): bigint {
  const { length } = bytes
  acc.set(ACC_START)
  let left = Math.floor((length - 1) / STRIPE_BYTES)
  for (let from = 0; left > 0; from += CHUNK_BYTES) {
    copyInto(chunk, 0, bytes.slice(from, from + CHUNK_BYTES))
    for (let first = 0; first < WORDS.length && left > 0; first += BLOCK_WORDS) {
      accumulate(first, Math.min(left, STRIPES_PER_BLOCK), 0)
      if (left >= STRIPES_PER_BLOCK) scramble()
      left -= STRIPES_PER_BLOCK
    }
  }
  copyInto(chunk, 0, bytes.slice(length - STRIPE_BYTES))
  accumulate(0, 1, LAST_KEYS)
  let sum = BigInt(length) * PRIME64_1
  for (let i = 0; i < 4; i++) {
    sum += foldProduct(lane(2 * i) ^ word(secret, 11 + 16 * i), lane(2 * i + 1) ^ word(secret, 19 + 16 * i))
  }
  return avalanche(sum)
}

function lane(i: number): bigint {
  return (BigInt(acc[2 * i + 1] >>> 0) << 32n) | BigInt(acc[2 * i] >>> 0)
}

/** Adds so many stripes from word `first` of the chunk on; the key of each is two words further than that of the last. */
function accumulate(first: number, stripes: number, firstKey: number): void {
  for (let i = 0; i < 16; i += 4) {
    // Two neighbouring lanes, each of which takes the data of the other as it is.
    let low0 = acc[i]
    let high0 = acc[i + 1]
    let low1 = acc[i + 2]
    let high1 = acc[i + 3]
    let at = first + i
    let key = firstKey + i
    for (let n = stripes; n > 0; n--) {
      const dataLow0 = WORDS[at]
      const dataHigh0 = WORDS[at + 1]
      const dataLow1 = WORDS[at + 2]
      const dataHigh1 = WORDS[at + 3]
      const a0 = dataLow0 ^ KEYS[key]
      const b0 = dataHigh0 ^ KEYS[key + 1]
      const a1 = dataLow1 ^ KEYS[key + 2]
      const b1 = dataHigh1 ^ KEYS[key + 3]

      low0 = (low0 + dataLow1) | 0
      high0 = (high0 + dataHigh1 + carryOf(low0, dataLow1)) | 0
      const product0 = Math.imul(a0, b0)
      low0 = (low0 + product0) | 0
      high0 = (high0 + highProduct(a0, b0) + carryOf(low0, product0)) | 0

      low1 = (low1 + dataLow0) | 0
      high1 = (high1 + dataHigh0 + carryOf(low1, dataLow0)) | 0
      const product1 = Math.imul(a1, b1)
      low1 = (low1 + product1) | 0
      high1 = (high1 + highProduct(a1, b1) + carryOf(low1, product1)) | 0
      at += STRIPE_BYTES / 4
      key += 2
    }
    acc[i] = low0
    acc[i + 1] = high0
    acc[i + 2] = low1
    acc[i + 3] = high1
  }
}

/** 1 if the sum, cut to 32 bits, has passed over the end: it is then less than what was added, both without a sign. */
function carryOf(sum: number, added: number): number {
  return (sum ^ SIGN) < (added ^ SIGN) ? 1 : 0
}

/** The upper 32 bits of a product, of factors and with a result without a sign. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0
}

/** Mixes the accumulators after a block: each with its own upper bits and the last words of the secret, times a prime. */
function scramble(): void {
  for (let i = 0; i < 16; i += 2) {
    const low = acc[i] ^ (acc[i + 1] >>> 15) ^ KEYS[LAST_KEYS - 16 + i]
    const high = acc[i + 1] ^ KEYS[LAST_KEYS - 15 + i]
    acc[i] = Math.imul(low, SCRAMBLE_PRIME)
    acc[i + 1] = highProduct(low, SCRAMBLE_PRIME) + Math.imul(high, SCRAMBLE_PRIME)
  }
}

/** Both halves of a 128-bit product, xored. */
function foldProduct(a: bigint, b: bigint): bigint {
  const product = a * b
  return uint64(product) ^ (product >> 64n)
}

function fold16(input: DataView, offset: number, secretOffset: number): bigint {
  return foldProduct(
    word(input, offset) ^ word(secret, secretOffset),
    word(input, offset + 8) ^ word(secret, secretOffset + 8),
  )
}

function avalanche(sum: bigint): bigint {
  let h = uint64(sum)
  h = uint64((h ^ (h >> 37n)) * PRIME_MX1)
  return h ^ (h >> 32n)
}

function avalancheXxh64(h: bigint): bigint {
  h = uint64((h ^ (h >> 33n)) * PRIME64_2)
  h = uint64((h ^ (h >> 29n)) * PRIME64_3)
  return h ^ (h >> 32n)
}

/** Two neighbouring words of the secret, xored. */
function flip(offset: number): bigint {
  return word(secret, offset) ^ word(secret, offset + 8)
}

function word(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true)
}

function uint64(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return uint64(value << bits) | (value >> (64n - bits))
}

function swapBytes(value: bigint): bigint {
  let swapped = 0n
  for (let shift = 0n; shift < 64n; shift += 8n) swapped = (swapped << 8n) | ((value >> shift) & 0xffn)
  return swapped
}
