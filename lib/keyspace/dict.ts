/**
 * The hash table that hashes, sets and sorted sets stand on. (Keyspaces have their own, which is like it: table/table.ts.)
 *
 * Entries stand without gaps in one array, key next to value, in order of insertion until something is removed. A table
 * of slots (open addressing, linear probing, at most half full) maps a key's hash to its position. A look-up touches one
 * slot and one entry; a Map with values beside it was measured at 1.7 times the time and 1.3 times the memory, and ends
 * at 2^24 entries.
 *
 * Removing an entry moves the last one into its place. Entries therefore only ever move towards the front, and a scan
 * that walks from the back to the front meets every entry that stays for the whole scan, whatever is added or removed
 * meanwhile: that is Redis's SCAN guarantee, with a cursor that is a plain position and fits 31 bits. (Redis reaches the
 * same with a reversed-bit walk over its buckets.) A random entry costs O(1).
 *
 * When the slots become too few (or far too many), a new table is laid beside the old one, and each later addition, removal
 * or search that had to look into the old one carries over a few slots: no single command pays for a million, and where nothing
 * is added any more, the old table does not stay. New entries go to the new one; look-ups ask both. In the old table what has
 * moved or gone leaves a mark, so that searches go on past it.
 */
import type { Bytes } from '../base/bytes.ts'
import { hashOfText } from './table/keyhash.ts'

const MIN_SLOTS = 16

/** Slots of the old table that one change or search carries over. The old one is empty long before the new one is half full. */
const CARRIED = 32

/** In an old slot: what stood here has moved to the new table, or is gone. */
const MOVED = -1

export class Dict<V> {
  /** key, value, key, value, … */
  #entries: (Bytes | V)[] = []
  #size = 0
  /** Pairs: hash, position + 1 (0: free). */
  #slots: Int32Array = new Int32Array(2 * MIN_SLOTS)
  /** Number of slots - 1; the number is a power of two. */
  #mask = MIN_SLOTS - 1
  /** The table that is being left, and its first slot that was not carried over yet. */
  #old: Int32Array | undefined
  #carryFrom = 0

  get size(): number {
    return this.#size
  }

  /** Bytes of the slots, those of the table that is being left included. */
  get slotBytes(): number {
    return this.#slots.byteLength + this.leavingBytes
  }

  /** Bytes of the table that is being left; 0 for none. */
  get leavingBytes(): number {
    return this.#old?.byteLength ?? 0
  }

  /** The position of a key, or -1. Valid until the next delete. */
  position(key: Bytes): number {
    return this.#search(key, hashOfText(key))
  }

  keyAt(position: number): Bytes {
    return this.#entries[2 * position] as Bytes
  }

  valueAt(position: number): V {
    return this.#entries[2 * position + 1] as V
  }

  setAt(position: number, value: V): void {
    this.#entries[2 * position + 1] = value
  }

  has(key: Bytes): boolean {
    return this.position(key) !== -1
  }

  get(key: Bytes): V | undefined {
    const position = this.position(key)
    return position === -1 ? undefined : (this.#entries[2 * position + 1] as V)
  }

  /** Adds or replaces. True if the key is new. */
  set(key: Bytes, value: V): boolean {
    const position = this.position(key)
    if (position !== -1) {
      this.setAt(position, value)
      return false
    }
    this.add(key, value)
    return true
  }

  /** Adds a key that is known to be absent, and returns its position. */
  add(key: Bytes, value: V): number {
    return this.#append(hashOfText(key), key, value)
  }

  /** Adds a key unless it is there. Returns its position; -1, and nothing is changed, if it was there. */
  addNew(key: Bytes, value: V): number {
    const hash = hashOfText(key)
    return this.#search(key, hash) === -1 ? this.#append(hash, key, value) : -1
  }

  /** Makes room for so many entries, if there are none yet. */
  expect(count: number): void {
    if (this.#size !== 0 || this.#old !== undefined) return
    let slots = this.#mask + 1
    while (slots <= 2 * count) slots *= 2
    this.#slots = new Int32Array(2 * slots)
    this.#mask = slots - 1
  }

  /** True if the key was there. */
  delete(key: Bytes): boolean {
    const position = this.position(key)
    if (position === -1) return false
    this.deleteAt(position)
    return true
  }

  /** Removes the entry at a position; the last entry takes its place. */
  deleteAt(position: number): void {
    const entries = this.#entries
    this.#repoint(position, -1)
    const last = --this.#size
    if (position !== last) {
      this.#repoint(last, position)
      entries[2 * position] = entries[2 * last]
      entries[2 * position + 1] = entries[2 * last + 1]
    }
    entries.pop()
    entries.pop()
    if (this.#old !== undefined) this.#carryOver(this.#old, CARRIED)
    else if (this.#mask + 1 > MIN_SLOTS && this.#size * 16 <= this.#mask) this.#resize((this.#mask + 1) / 4)
  }

  clear(): void {
    this.#entries = []
    this.#size = 0
    this.#slots = new Int32Array(2 * MIN_SLOTS)
    this.#mask = MIN_SLOTS - 1
    this.#old = undefined
  }

  /** An independent copy, whose entries have the same positions. O(n), at memcpy's speed. */
  copy(): Dict<V> {
    const copy = new Dict<V>()
    copy.#entries = this.#entries.slice()
    copy.#size = this.#size
    copy.#slots = this.#slots.slice()
    copy.#mask = this.#mask
    copy.#old = this.#old?.slice()
    copy.#carryFrom = this.#carryFrom
    return copy
  }

  /** Key, value, key, value, … from a position on, as they are now. O(n), at memcpy's speed. */
  entriesFrom(position: number): readonly (Bytes | V)[] {
    return this.#entries.slice(2 * position)
  }

  /** A position drawn uniformly; the dict must not be empty. */
  randomPosition(): number {
    return Math.floor(Math.random() * this.#size)
  }

  /**
   * One step of a scan: visits up to `count` entries and returns the next cursor, 0 when the scan is complete.
   * Start with cursor 0. `visit` must not change the dict.
   */
  scan(cursor: number, count: number, visit: (key: Bytes, value: V) => void): number {
    const from = cursor === 0 || cursor > this.#size ? this.#size : cursor
    const to = Math.max(0, from - count)
    for (let i = from - 1; i >= to; i--) visit(this.keyAt(i), this.valueAt(i))
    return to
  }

  /** All keys, as a fresh array. O(n); to walk them use `keyAt` from 0 to `size`. */
  keys(): Bytes[] {
    const keys = new Array<Bytes>(this.#size)
    for (let i = 0; i < keys.length; i++) keys[i] = this.keyAt(i)
    return keys
  }

  /** All values, as a fresh array in the order of `keys()`. */
  values(): V[] {
    const values = new Array<V>(this.#size)
    for (let i = 0; i < values.length; i++) values[i] = this.valueAt(i)
    return values
  }

  #search(key: Bytes, hash: number): number {
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const next = slots[2 * slot + 1]
      if (next === 0) return this.#old === undefined ? -1 : this.#oldPosition(this.#old, key, hash)
      if (slots[2 * slot] === hash && this.#entries[2 * next - 2] === key) return next - 1
    }
  }

  #append(hash: number, key: Bytes, value: V): number {
    if (this.#old !== undefined) this.#carryOver(this.#old, CARRIED)
    else if (2 * this.#size > this.#mask) this.#resize(2 * (this.#mask + 1))
    const position = this.#size++
    this.#entries.push(key, value)
    this.#occupy(hash, position)
    return position
  }

  /** Puts a position into the first free slot of its hash. */
  #occupy(hash: number, position: number): void {
    const slots = this.#slots
    let slot = hash & this.#mask
    while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask
    slots[2 * slot] = hash
    slots[2 * slot + 1] = position + 1
  }

  #oldPosition(old: Int32Array, key: Bytes, hash: number): number {
    const mask = old.length / 2 - 1
    let next = 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      next = old[2 * slot + 1]
      if (next === 0 || (next !== MOVED && old[2 * slot] === hash && this.#entries[2 * next - 2] === key)) break
    }
    this.#carryOver(old, CARRIED)
    return next - 1
  }

  /** Makes the slot that points to one position point to another (-1: to none). */
  #repoint(from: number, to: number): void {
    const hash = hashOfText(this.keyAt(from))
    const slots = this.#slots
    for (let slot = hash & this.#mask; slots[2 * slot + 1] !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[2 * slot + 1] !== from + 1) continue
      if (to === -1) this.#vacate(slot)
      else slots[2 * slot + 1] = to + 1
      return
    }
    const old = this.#old!
    const mask = old.length / 2 - 1
    let slot = hash & mask
    while (old[2 * slot + 1] !== from + 1) slot = (slot + 1) & mask
    old[2 * slot + 1] = to === -1 ? MOVED : to + 1
  }

  /** Frees a slot, and pulls back those behind it that were pushed past it, so that no search ends too early. */
  #vacate(slot: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let hole = slot
    for (let next = (hole + 1) & mask; slots[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const home = slots[2 * next] & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      slots[2 * hole] = slots[2 * next]
      slots[2 * hole + 1] = slots[2 * next + 1]
      hole = next
    }
    slots[2 * hole + 1] = 0
  }

  /** Begins to move to a table of another size. */
  #resize(slotCount: number): void {
    this.#old = this.#slots
    this.#carryFrom = 0
    this.#slots = new Int32Array(2 * slotCount)
    this.#mask = slotCount - 1
    this.#carryOver(this.#old, CARRIED)
  }

  /** Moves the next slots of the old table to the new one. */
  #carryOver(old: Int32Array, count: number): void {
    const end = Math.min(old.length, 2 * (this.#carryFrom + count))
    for (let i = 2 * this.#carryFrom; i < end; i += 2) {
      if (old[i + 1] <= 0) continue
      this.#occupy(old[i], old[i + 1] - 1)
      old[i + 1] = MOVED
    }
    this.#carryFrom = end / 2
    if (end === old.length) this.#old = undefined
  }
}
