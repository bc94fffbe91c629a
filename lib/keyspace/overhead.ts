/** What the keys of a database cost beside their names and values: INFO and MEMORY STATS print it. */
import type { Dict } from './dict.ts'
import type { Value } from './value.ts'
import { EXPIRY_BYTES, KEY_BYTES } from './weight.ts'

/** Unit: bytes. */
export interface DbOverhead {
  /** Of all keys, and of all expiries. */
  readonly keys: number
  readonly expires: number
  /** Of the slots of both dicts, which are part of the former two. */
  readonly slots: number
  /** Of slots that are being left, and of how many dicts they are. */
  readonly leaving: number
  readonly leavingCount: number
}

/** O(1). */
export function overheadOf(entries: Dict<Value>, expires: Dict<number>): DbOverhead {
  return {
    keys: entries.size * KEY_BYTES,
    expires: expires.size * EXPIRY_BYTES,
    slots: entries.slotBytes + expires.slotBytes,
    leaving: entries.leavingBytes + expires.leavingBytes,
    leavingCount: (entries.leavingBytes > 0 ? 1 : 0) + (expires.leavingBytes > 0 ? 1 : 0),
  }
}
