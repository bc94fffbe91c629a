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
import { type Bytes, copyInto, toArray } from '../../base/bytes.ts'
import { CORRUPTED_HYPERLOGLOG } from '../../base/errors.ts'
import { scratch } from '../../memory/scratch.ts'
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
/** Elements whose places are asked for at once, and the bytes that they may have together. */
const BATCH_MAX = 4096
const TEXT_BYTES = 65536
/** Open registers, and those of a dense value. */
const UNION_ROOM = 2 * REGISTERS
/** Values that six bits have. */
const HISTOGRAM = 64

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

/** Adds elements. How many raised a register. @throws CORRUPTED_HYPERLOGLOG */
export function addElements(hll: StringBuffer, elements: readonly Bytes[], sparseMaxBytes: number): number {
  let raised = 0
  for (let start = 0; start < elements.length; ) {
    // An element alone may be of any length.
    let end = start + 1
    for (let bytes = elements[start].length; end < elements.length && end - start < BATCH_MAX; end++) {
      bytes += elements[end].length
      if (bytes > TEXT_BYTES) break
    }
    const batch = start === 0 && end === elements.length ? elements : elements.slice(start, end)
    raised += addBatch(hll, batch, sparseMaxBytes)
    start = end
  }
  return raised
}

function addBatch(hll: StringBuffer, elements: readonly Bytes[], sparseMaxBytes: number): number {
  const count = elements.length
  // One long text is copied quicker than many short ones.
  const text = count === 1 ? elements[0] : elements.join('')
  const { u8, u32, base, kernels } = scratch(4 * count + Math.max(text.length, TEXT_BYTES))
  const ends = base >> 2
  const textAt = base + 4 * count
  copyInto(u8, textAt, text)
  for (let i = 0, end = 0; i < count; i++) u32[ends + i] = end += elements[i].length
  kernels.pfPlaces(textAt, base, count)
  let raised = 0
  let i = 0
  for (; i < count && isSparse(hll); i++) {
    const place = u32[ends + i]
    if (setSparse(hll, place & (REGISTERS - 1), place >>> 16, sparseMaxBytes)) raised++
  }
  if (i === count) return raised
  const { array } = hll
  for (; i < count; i++) {
    const place = u32[ends + i]
    if (setDense(array, place & (REGISTERS - 1), place >>> 16)) raised++
  }
  return raised
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
  const count = countRegisters(registersOf(hll))
  for (let i = 0, rest = count; i < 8; i++, rest = Math.floor(rest / 256)) hll.setByte(COUNT_AT + i, rest % 256)
  return count
}

/** The registers of a value, one a byte. @throws CORRUPTED_HYPERLOGLOG */
function registersOf(value: StringValue): Uint8Array {
  const registers = new Uint8Array(REGISTERS)
  mergeInto(registers, value)
  return registers
}

/** Raises registers, one a byte, to those of a value that are higher. @throws CORRUPTED_HYPERLOGLOG */
export function mergeInto(registers: Uint8Array, value: StringValue): void {
  const bytes = bytesOf(value)
  if (bytes[ENCODING_AT] === DENSE) {
    const { u8, base, kernels } = scratch(UNION_ROOM)
    u8.set(registers, base)
    u8.set(bytes.subarray(HEADER_BYTES), base + REGISTERS)
    kernels.pfMerge(base, base + REGISTERS)
    registers.set(u8.subarray(base, base + REGISTERS))
    return
  }
  let index = 0
  for (const { value: register, length } of runsOf(bytes)) {
    if (register === 0) index += length
    else for (const end = index + length; index < end; index++) registers[index] = Math.max(registers[index], register)
  }
}

/** The estimate for registers, one a byte. */
export function countRegisters(registers: Uint8Array): number {
  const { u8, u32, base, kernels } = scratch(UNION_ROOM)
  u8.set(registers, base)
  const counts = base + REGISTERS
  kernels.pfHistogram(base, counts)
  return estimate(u32.subarray(counts >> 2, (counts >> 2) + HISTOGRAM))
}

/** Gives a dense value these registers, one a byte. */
export function replaceRegisters(hll: StringBuffer, registers: Uint8Array): void {
  const { u8, base, kernels } = scratch(UNION_ROOM)
  u8.set(registers, base)
  const dense = base + REGISTERS
  kernels.pfPack(base, dense)
  hll.array.set(u8.subarray(dense, dense + DENSE_BYTES - HEADER_BYTES), HEADER_BYTES)
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

function estimate(histogram: Uint32Array): number {
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
