/**
 * Keys of several commands, read off their buffers together: what their look-ups will ask the memory for is asked before, in
 * loops whose reads do not depend on each other, so that the processor waits for all at once. The hashes are kept for the
 * look-ups, which come in the same order.
 */
import { type Bytes, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { hashOfArray, hashOfText } from './keyhash.ts'
import type { Table } from './table.ts'

/** Keys that one `readKeys` takes. */
export const KEYS_AHEAD = 64
/** The keys of the last `readKeys`, their hashes, how many they are, and which will be looked up next. */
const keys: Bytes[] = new Array(KEYS_AHEAD).fill('')
const hashes = new Int32Array(KEYS_AHEAD)
const ats = new Int32Array(KEYS_AHEAD)
let count = 0
let next = 0

/**
 * Reads up to KEYS_AHEAD keys, each of which stands in its buffer from its start to before its end, and in advance what their
 * look-ups will read; of the values only those marked by a 1. A key whose name is on V8's heap is given as it is there. Returns an
 * array that is valid until the next call.
 */
export function readKeys(
  table: Table,
  buffers: readonly Uint8Array[],
  starts: Int32Array,
  ends: Int32Array,
  areRead: Uint8Array,
  length: number,
): readonly Bytes[] {
  for (let i = 0; i < length; i++) hashes[i] = hashOfArray(buffers[i], starts[i], ends[i])
  for (let i = 0; i < length; i++) ats[i] = table.guess(hashes[i])
  let seen = 0
  for (let i = 0; i < length; i++) if (ats[i] !== 0) seen ^= table.touch(ats[i])
  for (let i = 0; i < length; i++) if (ats[i] !== 0) seen ^= table.touchObject(ats[i], areRead[i] !== 0)
  for (let i = 0; i < length; i++) {
    const known = ats[i] === 0 ? undefined : table.nameOf(ats[i], buffers[i], starts[i], ends[i])
    keys[i] = known ?? sliceOf(buffers[i], starts[i], ends[i])
  }
  ats[0] = seen // what nobody keeps V8 would not read
  count = length
  next = 0
  return keys
}

/** The hash of a key, which may have been read ahead. */
export function aheadHash(key: Bytes): number {
  return next < count && keys[next] === key ? hashes[next++] : hashOfText(key)
}

/** Reads in advance what look-ups of keys among places will read, up to PLACES_AHEAD of them, by their indexes. */
export function touchPlaces(table: Table, p: Places, indexes: Int32Array, length: number): void {
  const { hashes: all } = p
  for (let i = 0; i < length; i++) placed[i] = table.guess(all[indexes[i]])
  let seen = 0
  for (let i = 0; i < length; i++) if (placed[i] !== 0) seen ^= table.touch(placed[i])
  placed[0] = seen // what nobody keeps V8 would not read
}

/** Keys among places that are read ahead at the most. */
export const PLACES_AHEAD = 256
const placed = new Int32Array(PLACES_AHEAD)
