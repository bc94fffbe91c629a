/**
 * The hash table that keyspaces, hashes, sets and sorted sets stand on: a map from Bytes to a position in dense arrays.
 *
 * V8's Map finds the position; `keys` and `values` hold the entries without gaps, so a random entry costs O(1), and the
 * per-entry cost is the two arrays and one Map slot. Removing an entry moves the last one into its place. Entries
 * therefore only ever move towards the front, and a scan that walks from the back to the front meets every entry that
 * stays for the whole scan, whatever is added or removed meanwhile: that is Redis's SCAN guarantee, with a cursor that is
 * a plain position and fits 31 bits. (Redis reaches the same with a reversed-bit walk over its buckets.)
 *
 * A Map cannot hold more than 2^24 entries, so past that further Maps are opened; a look-up then asks each in turn.
 */
import type { Bytes } from '../bytes.ts'

const MAP_LIMIT = 2 ** 24 - 1

export class Dict<V> {
  #positions = new Map<Bytes, number>()
  #overflow: Map<Bytes, number>[] | undefined
  #keys: Bytes[] = []
  #values: V[] = []

  get size(): number {
    return this.#keys.length
  }

  /** The position of a key, or -1. Valid until the next delete. */
  position(key: Bytes): number {
    const position = this.#positions.get(key)
    if (position !== undefined) return position
    return this.#overflow === undefined ? -1 : this.#overflowPosition(key)
  }

  keyAt(position: number): Bytes {
    return this.#keys[position]
  }

  valueAt(position: number): V {
    return this.#values[position]
  }

  setAt(position: number, value: V): void {
    this.#values[position] = value
  }

  has(key: Bytes): boolean {
    return this.position(key) !== -1
  }

  get(key: Bytes): V | undefined {
    const position = this.position(key)
    return position === -1 ? undefined : this.#values[position]
  }

  /** Adds or replaces. True if the key is new. */
  set(key: Bytes, value: V): boolean {
    const position = this.position(key)
    if (position !== -1) {
      this.#values[position] = value
      return false
    }
    this.add(key, value)
    return true
  }

  /** Adds a key that is known to be absent, and returns its position. */
  add(key: Bytes, value: V): number {
    const position = this.#keys.length
    this.#mapForInsert().set(key, position)
    this.#keys.push(key)
    this.#values.push(value)
    return position
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
    this.#mapOf(this.#keys[position]).delete(this.#keys[position])
    const lastKey = this.#keys.pop()!
    const lastValue = this.#values.pop()!
    if (position < this.#keys.length) {
      this.#keys[position] = lastKey
      this.#values[position] = lastValue
      this.#mapOf(lastKey).set(lastKey, position)
    }
  }

  clear(): void {
    this.#positions = new Map()
    this.#overflow = undefined
    this.#keys = []
    this.#values = []
  }

  /** A position drawn uniformly; the dict must not be empty. */
  randomPosition(): number {
    return Math.floor(Math.random() * this.#keys.length)
  }

  /**
   * One step of a scan: visits up to `count` entries and returns the next cursor, 0 when the scan is complete.
   * Start with cursor 0. `visit` must not change the dict.
   */
  scan(cursor: number, count: number, visit: (key: Bytes, value: V) => void): number {
    const from = cursor === 0 || cursor > this.#keys.length ? this.#keys.length : cursor
    const to = Math.max(0, from - count)
    for (let i = from - 1; i >= to; i--) visit(this.#keys[i], this.#values[i])
    return to
  }

  /** All keys; the live array: read it at once and do not change it. */
  keys(): readonly Bytes[] {
    return this.#keys
  }

  /** All values, in the order of `keys()`; the live array. */
  values(): readonly V[] {
    return this.#values
  }

  #mapForInsert(): Map<Bytes, number> {
    if (this.#positions.size < MAP_LIMIT) return this.#positions
    this.#overflow ??= []
    for (const map of this.#overflow) if (map.size < MAP_LIMIT) return map
    const map = new Map<Bytes, number>()
    this.#overflow.push(map)
    return map
  }

  #mapOf(key: Bytes): Map<Bytes, number> {
    if (this.#overflow === undefined || this.#positions.has(key)) return this.#positions
    for (const map of this.#overflow) if (map.has(key)) return map
    return this.#positions
  }

  #overflowPosition(key: Bytes): number {
    for (const map of this.#overflow!) {
      const position = map.get(key)
      if (position !== undefined) return position
    }
    return -1
  }
}
