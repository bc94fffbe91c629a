/**
 * Keys to which the clients of a writable replica have given times. What the master has given a time the master removes; of
 * these it knows nothing, so they are kept note of and removed here. As in Redis, whatever is noted and has no time any more is
 * forgotten when it is looked at.
 */
import type { Bytes } from '../base/bytes.ts'

/** What is to be known of a database. */
interface Expiring {
  expireAt(key: Bytes): number
  /** Removes the key if its time is past. */
  has(key: Bytes): boolean
}

/** Keys that are looked at in one round. */
const LOOKED_AT_MAX = 1000

export class OwnExpiry {
  readonly #keys = new Map<Expiring, Set<Bytes>>()

  get size(): number {
    let size = 0
    for (const keys of this.#keys.values()) size += keys.size
    return size
  }

  note(db: Expiring, key: Bytes): void {
    const keys = this.#keys.get(db)
    if (keys === undefined) this.#keys.set(db, new Set([key]))
    else keys.add(key)
  }

  /** Removes those whose time is past. Returns how many. */
  run(now: number): number {
    let removed = 0
    for (const [db, keys] of this.#keys) {
      let left = LOOKED_AT_MAX
      for (const key of keys) {
        if (left-- === 0) break
        const expireAt = db.expireAt(key)
        keys.delete(key)
        if (expireAt > now)
          keys.add(key) // behind the others
        else if (expireAt >= 0 && !db.has(key)) removed++
      }
      if (keys.size === 0) this.#keys.delete(db)
    }
    return removed
  }
}
