/**
 * What things weigh in V8's memory, in bytes. V8 does not say, so these are its layouts (64 bits, no pointer compression)
 * and the mean room that tables and arrays keep for more; docs/adr/0010-memory-account.md has the sum beside the heap.
 * Every value tells its weight in O(1), so that an account of all keys can follow each change.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Value } from './value.ts'

/** A sum that the parts of a value keep up for it. */
export interface Tally {
  bytes: number
}

/** A pair in a Dict: its share of the slots, and its place among the entries. */
export const DICT_ENTRY_BYTES = 40
/** A key of a database beside its string and its value: a pair in a Dict, and its access word. */
export const KEY_BYTES = 48
/** The expiry of a key: a pair in a Dict, and the time. */
export const EXPIRY_BYTES = 56
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

/** A key without its value. */
export function keyWeight(key: Bytes): number {
  return KEY_BYTES + stringWeight(key.length)
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
