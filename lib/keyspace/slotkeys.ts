/**
 * The keys of a database by their slots, for a node of a cluster: which keys a slot has, and how many. `Db` tells of each key that
 * comes and goes, O(1) a key; a database of a server that is no such node has none of this.
 */
import type { Bytes } from '../base/bytes.ts'
import { SLOTS, slotOf } from '../base/slots.ts'

export class SlotKeys {
  /** Undefined where the slot has no keys. */
  #slots: (Set<Bytes> | undefined)[] = new Array(SLOTS).fill(undefined)

  add(key: Bytes): void {
    const slot = slotOf(key)
    const keys = this.#slots[slot]
    if (keys === undefined) this.#slots[slot] = new Set([key])
    else keys.add(key)
  }

  remove(key: Bytes): void {
    const slot = slotOf(key)
    const keys = this.#slots[slot]
    if (keys === undefined) return
    keys.delete(key)
    if (keys.size === 0) this.#slots[slot] = undefined
  }

  clear(): void {
    this.#slots = new Array(SLOTS).fill(undefined)
  }

  count(slot: number): number {
    return this.#slots[slot]?.size ?? 0
  }

  /** The first keys of a slot, as many as are wanted. */
  first(slot: number, count: number): Bytes[] {
    const found: Bytes[] = []
    if (count <= 0) return found
    for (const key of this.#slots[slot] ?? []) if (found.push(key) >= count) break
    return found
  }
}
