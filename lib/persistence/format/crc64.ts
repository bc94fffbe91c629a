/**
 * CRC-64 with the Jones polynomial, reflected, starting at 0: the checksum at the end of snapshots and of DUMP's payloads. Long
 * pieces go through a kernel.
 */
import { BLOCK_BYTES, KERNEL_MIN, scratch } from '../../memory/scratch.ts'
import { crc64 as crc64InPlace } from '../../memory/twin/crc64.ts'

const SUM_BYTES = 8

/** A checksum that is taken of one piece after the other. */
export class Crc64 {
  readonly #sum = new Uint8Array(SUM_BYTES)

  add(array: Uint8Array, start = 0, end = array.length): void {
    if (end - start < KERNEL_MIN) crc64InPlace(this.#sum, array, start, end)
    else this.#addByKernel(array, start, end)
  }

  #addByKernel(array: Uint8Array, start: number, end: number): void {
    const { kernels, u8, base } = scratch(SUM_BYTES + BLOCK_BYTES)
    u8.set(this.#sum, base)
    for (let at = start; at < end; at += BLOCK_BYTES) {
      const piece = array.subarray(at, Math.min(end, at + BLOCK_BYTES))
      u8.set(piece, base + SUM_BYTES)
      kernels.crc64(base, base + SUM_BYTES, piece.length)
    }
    this.#sum.set(u8.subarray(base, base + SUM_BYTES))
  }

  /** As its eight bytes from the lowest to the highest. */
  get sum(): Uint8Array {
    return this.#sum.slice()
  }
}

/** The checksum of the bytes up to `end`. */
export function crc64(array: Uint8Array, end: number): Uint8Array {
  const crc = new Crc64()
  crc.add(array, 0, end)
  return crc.sum
}

/** True if the eight bytes at `end` are the checksum of those before them. */
export function hasChecksum(array: Uint8Array, end: number): boolean {
  const sum = crc64(array, end)
  for (let i = 0; i < SUM_BYTES; i++) if (sum[i] !== array[end + i]) return false
  return true
}
