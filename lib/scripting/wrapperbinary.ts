/** `(module (import "e" "f" (func (param i32) (result i32))) (export "f" (func 0)))`, as WebAssembly. */
const I32 = 0x7f

export const WRAPPER_BINARY = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 6, 1, 0x60, 1, I32, 1, I32],
  ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
])
