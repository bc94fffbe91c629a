/**
 * Counting, finding and combining bits of whole strings, which are read where they are kept (as text or as an array) and go
 * through the kernels in blocks. Bit 0 is the most significant bit of byte 0.
 */
import { type Bytes, isRepeated } from '../../base/bytes.ts'
import type { Address } from '../../memory/kernels.ts'
import { BLOCK_BYTES, type Scratch, scratch } from '../../memory/scratch.ts'

/** The operations of BITOP. */
export const COMBINATIONS = ['AND', 'OR', 'XOR', 'NOT', 'DIFF', 'DIFF1', 'ANDOR', 'ONE'] as const
export type Combination = (typeof COMBINATIONS)[number]

/** What holds bits. */
type Source = Bytes | Uint8Array

/** Bytes that are looked at one by one before whole blocks are. */
const NEAR_BYTES = 64
/** A block of equal bytes is passed over at once; where it ends, smaller ones tell. */
const STRIDES = [16_384, 512] as const

/** Number of one bits from bit `from` to bit `to`, both included and within the source. */
export function countBits(source: Source, from: number, to: number): number {
  const first = from >>> 3
  const last = to >>> 3
  const memory = scratch(Math.min(last + 1 - first, BLOCK_BYTES))
  const { base, kernels } = memory
  let count = 0
  for (let at = first; at <= last; at += BLOCK_BYTES) {
    const length = Math.min(last + 1 - at, BLOCK_BYTES)
    memory.put(base, source, at, length)
    if (at === first) memory.u8[base] &= 255 >> (from & 7)
    if (at + length > last) memory.u8[base + length - 1] &= ~(127 >> (to & 7))
    count += kernels.countBits(base, length)
  }
  return count
}

/** Position of the first bit of a value, from bit `from` to bit `to` (both included and within the source); -1 for none. */
export function findBit(source: Source, bit: number, from: number, to: number): number {
  // A byte xor `others` has its ones where the bits sought stand.
  const others = bit === 1 ? 0 : 255
  const last = to >>> 3
  let i = from >>> 3
  let found = (byteAt(source, i) ^ others) & (255 >> (from & 7))
  if (found === 0) {
    if (i === last) return -1
    i = skipBytes(source, i + 1, last, others)
    found = byteAt(source, i) ^ others
    if (found === 0) return -1
  }
  const position = 8 * i + Math.clz32(found) - 24
  return position > to ? -1 : position
}

/** The first byte from `i` on that is not `byte`, but no further than `last`. */
function skipBytes(source: Source, i: number, last: number, byte: number): number {
  const near = Math.min(last, i + NEAR_BYTES)
  while (i < near && byteAt(source, i) === byte) i++
  if (i === near) {
    for (const stride of STRIDES) while (i + stride <= last && isRepeated(source, i, i + stride, byte)) i += stride
  }
  while (i < last && byteAt(source, i) === byte) i++
  return i
}

function byteAt(source: Source, i: number): number {
  return typeof source === 'string' ? source.charCodeAt(i) : source[i]
}

/** What the sources come to, as long as the longest: in a fresh array, or in one of that length, which may be a source. */
export function combine(
  operation: Combination,
  sources: readonly Source[],
  length: number,
  result: Uint8Array = new Uint8Array(length),
): Uint8Array {
  const block = Math.min(length, BLOCK_BYTES)
  const memory = scratch(3 * block)
  const { u8, base } = memory
  for (let at = 0; at < length; at += block) {
    const count = Math.min(block, length - at)
    combineBlock(memory, operation, sources, at, count)
    result.set(u8.subarray(base, base + count), at)
  }
  return result
}

/** Leaves at the base of the memory what `length` bytes from `at` on come to. */
function combineBlock(
  memory: Scratch,
  operation: Combination,
  sources: readonly Source[],
  at: number,
  length: number,
): void {
  const { kernels, base } = memory
  const other: Address = base + length
  const startsWithOthers = operation === 'DIFF1' || operation === 'ANDOR'
  memory.put(base, startsWithOthers ? '' : sources[0], at, length)
  if (operation === 'NOT') kernels.invertBits(base, length)
  else if (operation === 'ONE') keepSingleBits(memory, sources, at, length)
  else {
    for (let i = 1; i < sources.length; i++) {
      memory.put(other, sources[i], at, length)
      if (operation === 'AND') kernels.andBits(base, other, length)
      else if (operation === 'XOR') kernels.xorBits(base, other, length)
      else if (operation === 'DIFF') kernels.clearBits(base, other, length)
      else kernels.orBits(base, other, length)
    }
  }
  if (!startsWithOthers) return
  memory.put(other, sources[0], at, length)
  if (operation === 'DIFF1') kernels.clearBits(base, other, length)
  else kernels.andBits(base, other, length)
}

/** Leaves the bits that are set in exactly one of the sources, of which the first is at the base already. */
function keepSingleBits(memory: Scratch, sources: readonly Source[], at: number, length: number): void {
  const { kernels, base } = memory
  const other: Address = base + length
  const repeated: Address = other + length
  memory.put(repeated, '', 0, length)
  for (let i = 1; i < sources.length; i++) {
    memory.put(other, sources[i], at, length)
    kernels.repeatBits(base, repeated, other, length)
  }
  kernels.clearBits(base, repeated, length)
}
