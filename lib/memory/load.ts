/**
 * Brings up the kernels: as WebAssembly, or where that or its vectors of 16 bytes are not to be had, as their twins in
 * TypeScript. Nobody but scratch.ts asks for them.
 */
import type { Address, Kernels } from './kernels.ts'
import { kernelsModule } from './module.ts'
import { twinKernels } from './twin.ts'

const PAGE_BYTES = 65536

/** Kernels, their memory, and where what they work on may stand in it. */
export interface Loaded {
  readonly kernels: Kernels
  readonly buffer: ArrayBuffer
  readonly base: Address
}

/** Kernels with a memory of their own, of so many bytes from `base` on. The module is compiled once a process, in 1 ms. */
export function loadKernels(bytes: number): Loaded {
  const module = kernelsModule()
  return module === null ? twins(bytes) : instance(module, bytes)
}

/** The same without WebAssembly. */
export function twins(bytes: number): Loaded {
  const buffer = new ArrayBuffer((bytes + 7) & -8)
  return { kernels: twinKernels(buffer), buffer, base: 0 }
}

function instance(module: WebAssembly.Module, bytes: number): Loaded {
  const initial = STATIC_PAGES + Math.ceil(bytes / PAGE_BYTES)
  const memory = new WebAssembly.Memory({ initial, maximum: initial })
  const { exports } = new WebAssembly.Instance(module, { env: { memory, asin: Math.asin } })
  const base = (exports['__heap_base'] as WebAssembly.Global).value
  return { kernels: exports as unknown as Kernels, buffer: memory.buffer, base }
}

/** What the module's tables and stack take: its memory must have so many pages. */
const STATIC_PAGES = 6
