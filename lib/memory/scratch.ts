/**
 * The memory in which kernels work. Nothing is kept in it from call to call: who uses it copies in, calls, and copies out
 * before anything else runs. It never grows, so its views never go stale: one memory of SMALL_BYTES serves nearly all, as
 * long input is best gone through in pieces of BLOCK_BYTES, which stay in the processor's cache. What needs all of its input
 * at once gets a larger one, which is left to the collector, and used again if it is still there.
 */
import { type Bytes, copyInto } from '../base/bytes.ts'
import type { Address, Kernels } from './kernels.ts'
import { type Loaded, loadKernels, twins } from './load.ts'

/** Long input is best copied and gone through in pieces of this size. */
export const BLOCK_BYTES = 65536
/** Up to so many bytes neither loading the kernels nor copying to them pays. */
export const KERNEL_MIN = 2048

const SMALL_BYTES = 16 * BLOCK_BYTES
/** What needs more works in an array of its own, by the twins. */
export const SCRATCH_MAX = 64 * 2 ** 20

export class Scratch {
  readonly kernels: Kernels
  /** Where one's own bytes may begin. A multiple of 8. */
  readonly base: Address
  readonly u8: Uint8Array
  readonly u32: Uint32Array
  readonly f64: Float64Array

  constructor({ kernels, buffer, base }: Loaded) {
    this.kernels = kernels
    this.base = (base + 7) & -8
    this.u8 = new Uint8Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.f64 = new Float64Array(buffer)
  }

  /** Copies a part of something in; zeros behind its end. */
  put(at: Address, source: Bytes | Uint8Array, start: number, length: number): void {
    const end = Math.min(source.length, start + length)
    const count = Math.max(0, end - start)
    if (count > 0) {
      if (typeof source === 'string') copyInto(this.u8, at, source.slice(start, end))
      else this.u8.set(source.subarray(start, end), at)
    }
    if (count < length) this.u8.fill(0, at + count, at + length)
  }
}

let tiny: Scratch | undefined
let small: Scratch | undefined
let large: WeakRef<Scratch> | undefined

/**
 * Kernels with room for so many bytes from `base` on. Take it anew for each piece of work. For little the kernels are not
 * brought up: their twins do it as quickly.
 */
export function scratch(bytes: number): Scratch {
  if (small !== undefined && bytes <= SMALL_BYTES) return small
  if (bytes <= KERNEL_MIN) return (tiny ??= new Scratch(twins(KERNEL_MIN + SLACK)))
  if (bytes <= SMALL_BYTES) return (small = new Scratch(loadKernels(SMALL_BYTES + SLACK)))
  if (bytes > SCRATCH_MAX) return new Scratch(twins(bytes + SLACK))
  const kept = large?.deref()
  if (kept !== undefined && kept.u8.length - kept.base >= bytes + SLACK) return kept
  const made = new Scratch(loadKernels(bytes + SLACK))
  large = new WeakRef(made)
  return made
}

/** Behind what one asked for: some kernels touch a few bytes more. */
const SLACK = 64
