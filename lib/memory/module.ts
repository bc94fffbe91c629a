/**
 * The kernels as a module of WebAssembly, compiled once a process, in 1 ms. The build for Cloudflare has another module in the place of
 * this one, which imports them (packaging/worker.ts).
 */
import { copyInto } from '../base/bytes.ts'
import { KERNELS_BINARY } from './binary.ts'

/** undefined: not tried yet; null: not to be had. */
let module: WebAssembly.Module | null | undefined

export function kernelsModule(): WebAssembly.Module | null {
  if (module === undefined) module = compile()
  return module
}

/** Hosts that forbid to compile what comes as bytes, and engines without vectors of 16 bytes, throw here. */
function compile(): WebAssembly.Module | null {
  const text = atob(KERNELS_BINARY)
  const binary = new Uint8Array(text.length)
  copyInto(binary, 0, text)
  try {
    return new WebAssembly.Module(binary)
  } catch {
    return null
  }
}
