/** What the keys of a database cost beside their names and values: INFO and MEMORY STATS print it. */
import type { Table } from './table/table.ts'
import { KEY_BYTES, TIME_BYTES } from './weight.ts'

/** Unit: bytes. */
export interface DbOverhead {
  /** Of all keys, and of all expiries. */
  readonly keys: number
  readonly expires: number
  /** Of the slots, which are part of the former. */
  readonly slots: number
  /** Of slots that are being left, and of how many tables they are. */
  readonly leaving: number
  readonly leavingCount: number
}

/** O(1). */
export function overheadOf({ size, timedSize, slots }: Table): DbOverhead {
  return {
    keys: size * KEY_BYTES,
    expires: timedSize * TIME_BYTES,
    slots: slots.bytes,
    leaving: slots.leavingBytes,
    leavingCount: slots.leavingBytes > 0 ? 1 : 0,
  }
}
