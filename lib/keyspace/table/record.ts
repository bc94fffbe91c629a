/**
 * How a key lies in an arena: a head of four words, and for a key with an expiry two more, then the key's bytes, then the value's.
 *
 * - word 0: the position of the key (see table.ts)
 * - word 1: the access word (see db.ts)
 * - word 2: the length of the key in the lower 16 bits, its form above, and whether there are six words
 * - word 3: the length of the value
 * - word 4: the index among the keys with an expiry, or -1
 *
 * The value is text, a number, or the bytes of a small collection as Redis packs it (packed/pack.ts). A key of the form `Object` has no
 * record: its name and value are on V8's heap (heapvalues.ts). So it is with all that is larger, and with strings that are written in
 * place.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Chunk } from '../../memory/arena.ts'

export const POSITION = 0
export const ACCESS = 1
export const SHAPE = 2
export const LENGTH = 3
export const TIMED = 4

export const Form = { Text: 0, Number: 1, Object: 2, Hash: 3, Intset: 4, Set: 5, ZSet: 6, List: 7 } as const

const FORM_SHIFT = 16
const FORM_MASK = 7
export const KEY_LENGTH_MASK = 0xffff
/** Set in the shape of a record of six words. */
export const HAS_TIME = 1 << 19
const HEAD_BYTES = 16
const TIMED_HEAD_BYTES = 24

/** Longest key, and longest text, that lie there. Unit: bytes. */
export const PLACED_KEY_MAX = 1024
export const PLACED_TEXT_MAX = 1024

const SPARSE_LEAST = 1024

export function shapeOf(form: number, keyLength: number, hasTime: boolean): number {
  return keyLength | (form << FORM_SHIFT) | (hasTime ? HAS_TIME : 0)
}

export function formOf(shape: number): number {
  return (shape >>> FORM_SHIFT) & FORM_MASK
}

export function headBytes(shape: number): number {
  return (shape & HAS_TIME) === 0 ? HEAD_BYTES : TIMED_HEAD_BYTES
}

/** Copies bytes, four at a time. For lengths at which calling something costs more. */
export function copyBytes(from: DataView, start: number, length: number, into: Chunk, at: number): void {
  const { view } = into
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) view.setInt32(at + i, from.getInt32(start + i, true), true)
  for (let i = whole; i < length; i++) view.setUint8(at + i, from.getUint8(start + i))
}

export function sameBytes(a: DataView, atA: number, b: DataView, atB: number, length: number): boolean {
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) if (a.getInt32(atA + i, true) !== b.getInt32(atB + i, true)) return false
  for (let i = whole; i < length; i++) if (a.getUint8(atA + i) !== b.getUint8(atB + i)) return false
  return true
}

/** Whether text stands at a place. */
export function stands(bytes: Uint8Array, start: number, length: number, text: Bytes): boolean {
  if (text.length !== length) return false
  let i = 0
  while (i < length && text.charCodeAt(i) === bytes[start + i]) i++
  return i === length
}

/** Whether an array has so much room for so few that half of it is given back. */
export function isSparse({ length }: Int32Array, size: number): boolean {
  return length > SPARSE_LEAST && 4 * size < length
}

/** The same with more room. */
export function grown(array: Int32Array): Int32Array {
  const longer = new Int32Array(Math.max(16, Math.ceil(array.length * 1.5)))
  longer.set(array)
  return longer
}
