/**
 * HyperLogLog: estimates how many different elements were added, within 0.81 %, in at most 12 KB. A value is an ordinary
 * string in Redis's own layout, so that what one server wrote the other loads.
 *
 * Idea (Flajolet et al. 2007): each element is hashed to 64 bits. 14 of them choose one of 16,384 registers; the register
 * keeps the longest run of zeros, plus one, seen in the other 50. Many different elements make long runs likely. The
 * estimator that turns registers into a count is Ertl's (arXiv:1702.01284), as in Redis since 4.0.
 *
 * Layout: "HYLL", a byte for the encoding (0 dense, 1 sparse), three zero bytes, the last count as 64 bits little-endian
 * (its topmost bit says that it is out of date), then the registers.
 * - Dense: 6 bits a register, the first in the low bits of the first byte. 12,288 bytes.
 * - Sparse: runs of equal registers. 00xxxxxx: x+1 zeros. 01xxxxxx yyyyyyyy: xy+1 zeros. 1vvvvvxx: x+1 registers of v+1.
 * A sparse one turns dense when it would exceed `hll-sparse-max-bytes` or a register 32.
 *
 * Bytes depend on how a change splits and joins the runs, so `setSparse` goes about it just as Redis does.
 */
import { type Bytes, toArray } from '../../base/bytes.ts'
import { CORRUPTED_HYPERLOGLOG } from '../../base/errors.ts'
import type { StringValue } from '../value.ts'
import { StringBuffer, stringBytes } from './string.ts'

const INDEX_BITS = 14
const RUN_BITS = 64 - INDEX_BITS
export const REGISTERS = 1 << INDEX_BITS
const MAGIC = 'HYLL'
const HEADER_BYTES = 16
const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8
const DENSE = 0
const SPARSE = 1
const ENCODING_AT = 4
const COUNT_AT = 8
const SPARSE_VALUE_MAX = 32
const VALUE_RUN_MAX = 4
const ZERO_RUN_MAX = 64
/** How many runs a change may have made joinable, counted from the one before it. */
const JOIN_RUNS = 5
const ALPHA = 0.5 / Math.LN2
const HASH_SEED = 0xadc83b19
/** The factor 0xc6a4a7935bd1e995 in halves, and its lower half in quarters. */
const FACTOR_HIGH = 0xc6a4a793
const FACTOR_LOW = 0x5bd1e995
const FACTOR_1 = 0x5bd1
const FACTOR_0 = 0xe995

/** No element added. */
export function createHyperLogLog(): StringBuffer {
  return new StringBuffer(MAGIC + '\x01' + '\0'.repeat(11) + '\x7f\xff')
}

/** True if a string has the header of a HyperLogLog and, where dense, its length. */
export function isHyperLogLog(value: StringValue): boolean {
  if (typeof value === 'number' || value.length < HEADER_BYTES) return false
  for (let i = 0; i < MAGIC.length; i++) if (byteAt(value, i) !== MAGIC.charCodeAt(i)) return false
  const encoding = byteAt(value, ENCODING_AT)
  return encoding === SPARSE || (encoding === DENSE && value.length === DENSE_BYTES)
}

/** Whether a HyperLogLog is sparse or dense. */
export function isSparse(value: StringValue): boolean {
  return typeof value !== 'number' && byteAt(value, ENCODING_AT) === SPARSE
}

function byteAt(value: Bytes | StringBuffer, offset: number): number {
  return typeof value === 'string' ? value.charCodeAt(offset) : value.byteAt(offset)
}

/** Adds an element. True if it raised a register. @throws CORRUPTED_HYPERLOGLOG */
export function addElement(hll: StringBuffer, element: Bytes, sparseMaxBytes: number): boolean {
  hash64(element)
  const index = low & (REGISTERS - 1)
  // The zeros above the index, up to a bit that ends every run.
  const rest = ((low >>> INDEX_BITS) | (high << (32 - INDEX_BITS))) >>> 0
  const run = rest !== 0 ? trailingZeros(rest) : 32 + trailingZeros((high >>> INDEX_BITS) | (1 << (RUN_BITS - 32)))
  return setRegister(hll, index, run + 1, sparseMaxBytes)
}

/** Raises a register to a value. True if it was lower. @throws CORRUPTED_HYPERLOGLOG */
export function setRegister(hll: StringBuffer, index: number, value: number, sparseMaxBytes: number): boolean {
  return isSparse(hll) ? setSparse(hll, index, value, sparseMaxBytes) : setDense(hll.array, index, value)
}

/** Marks the count in the header as out of date. */
export function invalidateCount(hll: StringBuffer): void {
  hll.setByte(COUNT_AT + 7, hll.byteAt(COUNT_AT + 7) | 0x80)
}

/** The count in the header; undefined if it is out of date. A bigint only where it was tampered with. */
export function cachedCount(hll: StringBuffer): number | bigint | undefined {
  if (hll.byteAt(COUNT_AT + 7) & 0x80) return undefined
  let count = 0n
  for (let i = 7; i >= 0; i--) count = (count << 8n) | BigInt(hll.byteAt(COUNT_AT + i))
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count
}

/** Counts, and notes the count in the header. @throws CORRUPTED_HYPERLOGLOG */
export function recount(hll: StringBuffer): number {
  const count = estimate(histogramOf(hll))
  for (let i = 0, rest = count; i < 8; i++, rest = Math.floor(rest / 256)) hll.setByte(COUNT_AT + i, rest % 256)
  return count
}

/** The estimate for registers, one a byte. */
export function countRegisters(registers: Uint8Array): number {
  const histogram = new Int32Array(64)
  for (const register of registers) histogram[register]++
  return estimate(histogram)
}

/** Raises registers, one a byte, to those of a value. @throws CORRUPTED_HYPERLOGLOG */
export function mergeInto(registers: Uint8Array, value: StringValue): void {
  const bytes = bytesOf(value)
  if (bytes[ENCODING_AT] === DENSE) {
    for (let i = 0; i < REGISTERS; i++) registers[i] = Math.max(registers[i], denseRegister(bytes, i))
    return
  }
  let index = 0
  for (const { value: register, length } of runsOf(bytes)) {
    if (register === 0) index += length
    else for (const end = index + length; index < end; index++) registers[index] = Math.max(registers[index], register)
  }
}

/** The registers of a dense value. */
export function denseRegisters(hll: StringBuffer): number[] {
  const { array } = hll
  return Array.from({ length: REGISTERS }, (_, i) => denseRegister(array, i))
}

/** Turns a sparse value dense. @throws CORRUPTED_HYPERLOGLOG */
export function makeDense(hll: StringBuffer): void {
  const dense = new Uint8Array(DENSE_BYTES)
  const bytes = hll.array
  let index = 0
  for (const { value, length } of runsOf(bytes)) {
    if (value === 0) index += length
    else for (const end = index + length; index < end; index++) setDense(dense, index, value)
  }
  dense.set(bytes.subarray(0, HEADER_BYTES))
  dense[ENCODING_AT] = DENSE
  hll.replace(dense)
}

/** The runs of a sparse value, valid or not, as PFDEBUG DECODE prints them: `z:` and `Z:` zeros, `v:` a value and its length. */
export function describeRuns(hll: StringBuffer): Bytes {
  const { array } = hll
  const run: Run = { value: 0, length: 0, bytes: 1 }
  const words: Bytes[] = []
  for (let at = HEADER_BYTES; at < array.length; at += run.bytes) {
    readRun(array, at, run)
    words.push(run.value === 0 ? `${run.bytes === 2 ? 'Z' : 'z'}:${run.length}` : `v:${run.value},${run.length}`)
  }
  return words.join(' ')
}

function bytesOf(value: StringValue): Uint8Array {
  return value instanceof StringBuffer ? value.array : toArray(stringBytes(value))
}

/** A run of equal registers, and how many bytes it takes. */
interface Run {
  value: number
  length: number
  bytes: 1 | 2
}

/** Walks the runs of a sparse value; they must cover the registers exactly. The object is the same each time. */
function* runsOf(bytes: Uint8Array): Generator<Run> {
  const run: Run = { value: 0, length: 0, bytes: 1 }
  let covered = 0
  for (let at = HEADER_BYTES; at < bytes.length; at += run.bytes) {
    readRun(bytes, at, run)
    covered += run.length
    if (covered > REGISTERS) throw CORRUPTED_HYPERLOGLOG
    yield run
  }
  if (covered !== REGISTERS) throw CORRUPTED_HYPERLOGLOG
}

function readRun(bytes: Uint8Array, at: number, run: Run): Run {
  const byte = bytes[at]
  run.bytes = 1
  run.value = 0
  if (byte & 0x80) {
    run.value = ((byte >> 2) & 31) + 1
    run.length = (byte & 3) + 1
  } else if (byte & 0x40) {
    run.bytes = 2
    run.length = (((byte & 63) << 8) | bytes[at + 1]) + 1
  } else run.length = (byte & 63) + 1
  return run
}

function setSparse(hll: StringBuffer, index: number, value: number, maxBytes: number): boolean {
  if (value > SPARSE_VALUE_MAX) return promoteAndSet(hll, index, value)
  const bytes = hll.array
  // The walk to the run that holds the register is nearly all the work, so it is done without `readRun`.
  let at = HEADER_BYTES
  let first = 0
  let previous = at
  for (;;) {
    if (at >= bytes.length) throw CORRUPTED_HYPERLOGLOG
    const byte = bytes[at]
    const isLong = (byte & 0xc0) === 0x40
    const length = byte & 0x80 ? (byte & 3) + 1 : isLong ? (((byte & 63) << 8) | bytes[at + 1]) + 1 : byte + 1
    if (index < first + length) break
    previous = at
    at += isLong ? 2 : 1
    first += length
  }
  const run = readRun(bytes, at, { value: 0, length: 0, bytes: 1 })
  if (run.value >= value) return false

  const replacement: number[] = []
  pushRun(replacement, run.value, index - first)
  pushRun(replacement, value, 1)
  pushRun(replacement, run.value, first + run.length - 1 - index)
  const added = replacement.length - run.bytes
  if (added > 0 && bytes.length + added > maxBytes) return promoteAndSet(hll, index, value)
  hll.splice(at, run.bytes, replacement)
  joinRuns(hll, previous)
  invalidateCount(hll)
  return true
}

function pushRun(bytes: number[], value: number, length: number): void {
  if (length === 0) return
  if (value !== 0) bytes.push(valueRun(value, length))
  else if (length <= ZERO_RUN_MAX) bytes.push(length - 1)
  else bytes.push(0x40 | ((length - 1) >> 8), (length - 1) & 255)
}

function valueRun(value: number, length: number): number {
  return 0x80 | ((value - 1) << 2) | (length - 1)
}

/** Joins neighbouring runs of the same value where the result still fits one byte; looks at a few runs from `at` on. */
function joinRuns(hll: StringBuffer, at: number): void {
  for (let looks = JOIN_RUNS; looks > 0 && at < hll.length; looks--) {
    const byte = hll.byteAt(at)
    if ((byte & 0x80) === 0) {
      at += byte & 0x40 ? 2 : 1
      continue
    }
    const next = at + 1 < hll.length ? hll.byteAt(at + 1) : 0
    const length = (byte & 3) + (next & 3) + 2
    if (byte >> 2 === next >> 2 && length <= VALUE_RUN_MAX) hll.splice(at, 2, [(byte & 0xfc) | (length - 1)])
    else at++
  }
}

function promoteAndSet(hll: StringBuffer, index: number, value: number): boolean {
  makeDense(hll)
  return setDense(hll.array, index, value)
}

/** `bytes` is a whole dense value. A register spans two bytes at most; the one past the last register is not there. */
function denseRegister(bytes: Uint8Array, index: number): number {
  const bit = index * 6
  const at = HEADER_BYTES + (bit >> 3)
  return ((bytes[at] | (bytes[at + 1] << 8)) >> (bit & 7)) & 63
}

function setDense(bytes: Uint8Array, index: number, value: number): boolean {
  if (denseRegister(bytes, index) >= value) return false
  writeDense(bytes, index, value)
  return true
}

/** Sets a register of a dense value, up or down. */
export function writeDense(bytes: Uint8Array, index: number, value: number): void {
  const bit = index * 6
  const at = HEADER_BYTES + (bit >> 3)
  const shift = bit & 7
  const both = ((bytes[at] | (bytes[at + 1] << 8)) & ~(63 << shift)) | (value << shift)
  bytes[at] = both
  bytes[at + 1] = both >> 8
}

/** How many registers have each value. @throws CORRUPTED_HYPERLOGLOG */
function histogramOf(hll: StringBuffer): Int32Array {
  const histogram = new Int32Array(64)
  const { array } = hll
  if (isSparse(hll)) for (const { value, length } of runsOf(array)) histogram[value] += length
  else for (let i = 0; i < REGISTERS; i++) histogram[denseRegister(array, i)]++
  return histogram
}

function estimate(histogram: Int32Array): number {
  let z = REGISTERS * tau((REGISTERS - histogram[RUN_BITS + 1]) / REGISTERS)
  for (let value = RUN_BITS; value >= 1; value--) z = (z + histogram[value]) * 0.5
  z += REGISTERS * sigma(histogram[0] / REGISTERS)
  return Math.round((ALPHA * REGISTERS * REGISTERS) / z)
}

/** Ertl's correction for registers at zero. */
function sigma(x: number): number {
  if (x === 1) return Infinity
  let y = 1
  let z = x
  for (let before = -1; before !== z; ) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

/** Ertl's correction for registers at their highest. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let y = 1
  let z = 1 - x
  for (let before = -1; before !== z; ) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) * (1 - x) * y
  }
  return z / 3
}

/** The two halves of the 64-bit number that `hash64` works on and leaves: a pair of results, without an object per element. */
let high = 0
let low = 0

/** MurmurHash64A (Appleby, public domain) with Redis's seed, into `high` and `low`. */
function hash64(bytes: Bytes): void {
  const { length } = bytes
  high = 0
  low = length
  multiply()
  low ^= HASH_SEED
  let hashHigh = high
  let hashLow = low
  let at = 0
  for (; at + 8 <= length; at += 8) {
    low = word(bytes, at)
    high = word(bytes, at + 4)
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
  if (at < length) {
    low ^= word(bytes, at)
    high ^= word(bytes, at + 4)
    multiply()
  }
  shiftXor()
  multiply()
  shiftXor()
}

/** Four bytes, the first lowest; zeros past the end. */
function word(bytes: Bytes, at: number): number {
  if (at + 4 <= bytes.length) {
    return (
      bytes.charCodeAt(at) |
      (bytes.charCodeAt(at + 1) << 8) |
      (bytes.charCodeAt(at + 2) << 16) |
      (bytes.charCodeAt(at + 3) << 24)
    )
  }
  let word = 0
  for (let i = bytes.length - 1; i >= at; i--) word = (word << 8) | bytes.charCodeAt(i)
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
