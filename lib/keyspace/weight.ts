/**
 * What things weigh in memory, in bytes. Records are known exactly (memory/arena.ts). V8 does not say, so for what is on its heap these
 * are its layouts (64 bits, no pointer compression) and the mean room that tables and arrays keep for more;
 * docs/adr/0010-memory-account.md has the sum beside what the process takes.
 * Every value tells its weight in O(1), so that an account of all keys can follow each change.
 */
import type { Value } from './value.ts'

/** A sum that the parts of a value keep up for it. */
export interface Tally {
  bytes: number
}

/** A pair in a Dict: its share of the slots, and its place among the entries. */
export const DICT_ENTRY_BYTES = 40
/** The expiry of a field: a pair in a Dict, and the time. */
export const EXPIRY_BYTES = 56
/** A key's share of slots and positions. */
const SLOT_SHARE_BYTES = 20
/** A key of a database beside its name and its value: the head of its record, and its share of slots and positions. */
export const KEY_BYTES = SLOT_SHARE_BYTES + 16
/** The expiry of a key, with the words that its record has for it. */
export const TIME_BYTES = 24
/** Of that what is not in the record. */
const TIMED_BYTES = 16
/** A key and a value on V8's heap: two references, and the columns beside them. */
const OBJECT_PLACE_BYTES = 34
/** An array without its elements, a reference in one, and the room that V8 gives one with its first element. */
const ARRAY_BYTES = 48
const SLOT_BYTES = 8
const FIRST_SLOTS = 17
/** An object with its fields. */
export const OBJECT_BYTES = 80
/** A store without keys and clients: what making one was seen to add to the heap. */
export const EMPTY_STORE_BYTES = 280 * 1024
const STRING_HEAD_BYTES = 16
/** An integer that is not stored in the place of a reference. */
const BOXED_NUMBER_BYTES = 16

/** A string of so many bytes. */
export function stringWeight(length: number): number {
  return STRING_HEAD_BYTES + ((length + 7) & ~7)
}

/** A key with its record: `nameLength` is that of its name on V8's heap, -1 for none there. Without a value that is there. */
export function keyWeight(recordBytes: number, isTimed: boolean, nameLength: number): number {
  const record = SLOT_SHARE_BYTES + recordBytes + (isTimed ? TIMED_BYTES : 0)
  return nameLength === -1 ? record : record + nameWeight(nameLength)
}

/** Many keys with their records, so many of them with an expiry, without what is on V8's heap. */
export function keysWeight(keys: number, timed: number, recordsBytes: number): number {
  return keys * SLOT_SHARE_BYTES + timed * TIMED_BYTES + recordsBytes
}

/** Elements of a large collection with their records, without what is on V8's heap. */
export function elementsWeight(elements: number, recordsBytes: number): number {
  return elements * SLOT_SHARE_BYTES + recordsBytes
}

/** A name on V8's heap, and the place of it and of its value. */
export function nameWeight(length: number): number {
  return OBJECT_PLACE_BYTES + stringWeight(length)
}

/** An array of so many references, which are grown by half when they are full. */
export function arrayWeight(length: number): number {
  return ARRAY_BYTES + SLOT_BYTES * Math.max(FIRST_SLOTS, length + (length >> 2))
}

/** A number among references. */
export function numberWeight(value: number): number {
  return value === (value | 0) ? 0 : BOXED_NUMBER_BYTES
}

/** O(1). */
export function valueWeight(value: Value): number {
  if (typeof value === 'string') return stringWeight(value.length)
  return typeof value === 'number' ? numberWeight(value) : value.memoryBytes
}

/** How much more a value weighs than what was counted in its place; from now on that is counted for it. */
export function countWeight(value: Value, before: number): number {
  const weight = valueWeight(value)
  if (typeof value === 'object') value.countedBytes = weight
  return weight - before
}

/** What was last counted for a value. */
export function countedWeight(value: Value): number {
  return typeof value === 'object' ? value.countedBytes : valueWeight(value)
}
