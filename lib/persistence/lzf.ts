/**
 * LZF, the quick compression of long strings in snapshots (Marc Lehmann's liblzf). A control byte below 32 stands before
 * so many literal bytes plus one. Any other says to repeat what came before: its upper three bits are the length less two
 * (7: more length follows in the next byte), its lower five bits and the next byte how far back, less one.
 */
import { MAX_BYTES } from '../base/bytes.ts'

/** Three bytes make 264 at most: a length that promises more is a lie, for which no memory is set aside. */
const GROWTH_MAX = 88

/** The bytes that were compressed, `length` of them; undefined if that cannot be. */
export function decompress(input: Uint8Array, length: number): Uint8Array | undefined {
  if (length === 0 || length > input.length * GROWTH_MAX || length > MAX_BYTES) return undefined
  const output = new Uint8Array(length)
  let from = 0
  let to = 0
  while (from < input.length) {
    const control = input[from++]
    if (control < 32) {
      const count = control + 1
      if (from + count > input.length || to + count > length) return undefined
      for (let i = 0; i < count; i++) output[to++] = input[from++]
      continue
    }
    let count = (control >> 5) + 2
    if (count === 9) count += input[from++] ?? Infinity
    if (from >= input.length) return undefined
    let back = to - (((control & 31) << 8) | input[from++]) - 1
    if (back < 0 || to + count > length) return undefined
    for (let i = 0; i < count; i++) output[to++] = output[back++]
  }
  return to === length ? output : undefined
}
