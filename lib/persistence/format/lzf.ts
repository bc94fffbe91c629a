/** LZF, in which snapshots keep long strings: see memory/twin/lzf.ts for the format. Long ones go through a kernel. */
import { type Bytes, MAX_BYTES, sliceOf } from '../../base/bytes.ts'
import { KERNEL_MIN, SCRATCH_MAX, scratch } from '../../memory/scratch.ts'
import { decompress as decompressInPlace } from '../../memory/twin/lzf.ts'

/** Strings of more bytes are tried; as Redis they stay as they are unless that saves four bytes. */
export const COMPRESSED_MIN = 20
const SAVED_MIN = 4
/** Three bytes make 264 at most: a length that promises more is a lie, for which no memory is set aside. */
const GROWTH_MAX = 88

/** Longer ones are left as they are. */
const COMPRESSED_MAX = SCRATCH_MAX / 2 - 64

/** What a string compresses to, as liblzf does it; undefined where that saves too little. */
export function compress(bytes: Bytes | Uint8Array): Uint8Array | undefined {
  const { length } = bytes
  if (length <= COMPRESSED_MIN || length > COMPRESSED_MAX) return undefined
  const room = length - SAVED_MIN
  const memory = scratch(2 * length)
  const { kernels, base } = memory
  memory.put(base, bytes, 0, length)
  const into = base + length
  const count = kernels.lzfCompress(base, length, into, room)
  return count === 0 ? undefined : memory.u8.slice(into, into + count)
}

/** What short strings are decompressed to. */
const short = new Uint8Array(KERNEL_MIN)

/** The string that was compressed to the bytes from `start` to before `end`, of `length` bytes; undefined if that cannot be. */
export function decompressText(array: Uint8Array, start: number, end: number, length: number): Bytes | undefined {
  if (length >= KERNEL_MIN) {
    const output = decompress(array.subarray(start, end), length, false)
    return output === undefined ? undefined : sliceOf(output, 0, length)
  }
  if (length === 0 || length > (end - start) * GROWTH_MAX) return undefined
  return decompressInPlace(array, short, start, end, length) === 0 ? undefined : sliceOf(short, 0, length)
}

/** Decompresses what stands there to a part of the same array, of `length` bytes, which are few; false if that cannot be. */
export function decompressWithin(array: Uint8Array, start: number, end: number, into: number, length: number): boolean {
  return length > 0 && decompressInPlace(array, array, start, end, length, into) === length
}

/**
 * What was compressed to an input, as an array. Unless it `isKept` it may stand in the memory in which kernels work: it is to be read
 * before one of them is called.
 */
export function decompress(input: Uint8Array, length: number, isKept: boolean): Uint8Array | undefined {
  if (length === 0 || length > input.length * GROWTH_MAX || length > MAX_BYTES) return undefined
  // The kernel is not for what is short, nor for what its memory may not hold.
  if (length < KERNEL_MIN || input.length + length > SCRATCH_MAX) {
    const output = new Uint8Array(length)
    return decompressInPlace(input, output) === 0 ? undefined : output
  }
  const memory = scratch(input.length + length)
  const { kernels, base } = memory
  memory.put(base, input, 0, input.length)
  const into = base + input.length
  if (kernels.lzfDecompress(base, input.length, into, length) === 0) return undefined
  return isKept ? memory.u8.slice(into, into + length) : memory.u8.subarray(into, into + length)
}
