/**
 * The hashes of one database whose fields expire, by the earliest time at which one of them does. An entry means something
 * while its hash is noted under just that time (`expiry.notedAt`).
 */
import type { Bytes } from '../base/bytes.ts'
import type { Table } from './table/table.ts'
import { TimeHeap } from './timeheap.ts'
import { HashValue } from './values/hash.ts'

export class HashTimes {
  readonly #table: Table
  readonly #heap: TimeHeap

  /** `table` is that of the database. */
  constructor(table: Table) {
    this.#table = table
    this.#heap = new TimeHeap((key, time) => {
      const value = this.#hashOf(key)
      return value?.expiry?.notedAt === time
    })
  }

  /** Number of hashes with fields that expire, or a little more. */
  get size(): number {
    return this.#heap.size
  }

  /** When the first of the fields goes, in unix ms; Infinity for none. */
  get next(): number {
    return this.#heap.next()
  }

  /** Takes note of a hash whose fields were given times. */
  note(key: Bytes, { expiry }: HashValue): void {
    if (expiry === undefined) return
    const next = expiry.next()
    if (next >= expiry.notedAt) return
    expiry.notedAt = next
    this.#heap.add(key, next)
  }

  /** The key of a hash with a field whose time has come, or undefined. It is not noted any longer. */
  takeDue(now: number): Bytes | undefined {
    const key = this.#heap.takeDue(now)
    if (key !== undefined) this.#hashOf(key)!.expiry!.notedAt = Infinity
    return key
  }

  /** True if there is a hash with fields that expire. */
  get any(): boolean {
    let key = this.takeDue(Number.MAX_SAFE_INTEGER)
    while (key !== undefined) {
      const hash = this.#hashOf(key)!
      this.note(key, hash)
      if (hash.expiry!.size > 0) return true
      key = this.takeDue(Number.MAX_SAFE_INTEGER)
    }
    return false
  }

  #hashOf(key: Bytes): HashValue | undefined {
    const at = this.#table.find(key)
    const value = at === 0 ? undefined : this.#table.objectOf(at)
    return value instanceof HashValue ? value : undefined
  }
}
