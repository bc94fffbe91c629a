/**
 * The slots of a table of keys, or of the elements of a large collection: from a hash to the addresses of records, by open addressing with linear probing, filled to
 * three quarters at the most. Whoever seeks walks `pairs` from the slot of the hash on to the first free one, then those of
 * `old`, if there are any.
 *
 * When they become too few (or far too many), new ones are laid beside the old, and each later addition or removal carries
 * over a few, and so does each search that had to look into the old ones (`carry`): no single command pays for a million, and where
 * nothing is added any more, the old ones do not stay. In them what has moved or gone leaves a mark, so that searches go on past it.
 */
import type { At } from '../../memory/arena.ts'

const MIN_SLOTS = 16
/** Slots that one change or search carries over. The old ones are empty long before the new ones are full. */
const CARRIED = 32
/** In an old slot: what stood here has moved, or is gone. */
export const MOVED = -1

export class Slots {
  /** Pairs: hash, address (0: free). */
  pairs: Int32Array = new Int32Array(2 * MIN_SLOTS)
  /** Number of slots - 1; the number is a power of two. */
  mask = MIN_SLOTS - 1
  /** Those that are being left, and the first that was not carried over yet. */
  old: Int32Array | undefined
  #carryFrom = 0

  /** Those that are being left included. */
  get bytes(): number {
    return this.pairs.byteLength + this.leavingBytes
  }

  get leavingBytes(): number {
    return this.old?.byteLength ?? 0
  }

  copy(): Slots {
    const copy = new Slots()
    copy.pairs = this.pairs.slice()
    copy.mask = this.mask
    copy.old = this.old?.slice()
    copy.#carryFrom = this.#carryFrom
    return copy
  }

  /** Makes room for one more than `size`. */
  makeRoom(size: number): void {
    if (this.old !== undefined) this.#carryOver(this.old)
    else if (4 * size > 3 * this.mask) this.#resize(2 * (this.mask + 1))
  }

  /** Makes room for so many, while there are none. */
  expect(size: number): void {
    if (this.old !== undefined) return
    let count = this.mask + 1
    while (3 * count <= 4 * size) count *= 2
    this.pairs = new Int32Array(2 * count)
    this.mask = count - 1
  }

  /** One has gone; `size` are left. */
  giveRoom(size: number): void {
    if (this.old !== undefined) this.#carryOver(this.old)
    else if (this.mask + 1 > MIN_SLOTS && size * 16 <= this.mask) this.#resize((this.mask + 1) / 4)
  }

  /** Puts an address into the first free slot of its hash. */
  occupy(hash: number, at: At): void {
    const { pairs, mask } = this
    let slot = hash & mask
    while (pairs[2 * slot + 1] !== 0) slot = (slot + 1) & mask
    pairs[2 * slot] = hash
    pairs[2 * slot + 1] = at
  }

  /** Puts another address in the place of one that is here; 0: none. */
  replace(hash: number, from: At, to: At): void {
    const { pairs, mask } = this
    for (let slot = hash & mask; pairs[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      if (pairs[2 * slot + 1] !== from) continue
      if (to === 0) this.#vacate(slot)
      else pairs[2 * slot + 1] = to
      return
    }
    const old = this.old!
    const oldMask = old.length / 2 - 1
    let slot = hash & oldMask
    while (old[2 * slot + 1] !== from) slot = (slot + 1) & oldMask
    old[2 * slot + 1] = to === 0 ? MOVED : to
  }

  /** Frees a slot, and pulls back those behind it that were pushed past it, so that no search ends too early. */
  #vacate(slot: number): void {
    const { pairs, mask } = this
    let hole = slot
    for (let next = (hole + 1) & mask; pairs[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const home = pairs[2 * next] & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      pairs[2 * hole] = pairs[2 * next]
      pairs[2 * hole + 1] = pairs[2 * next + 1]
      hole = next
    }
    pairs[2 * hole + 1] = 0
  }

  /** A search has come to the old ones, and is over. */
  carry(): void {
    if (this.old !== undefined) this.#carryOver(this.old)
  }

  #resize(count: number): void {
    this.old = this.pairs
    this.#carryFrom = 0
    this.pairs = new Int32Array(2 * count)
    this.mask = count - 1
    this.#carryOver(this.old)
  }

  #carryOver(old: Int32Array): void {
    const end = Math.min(old.length, 2 * (this.#carryFrom + CARRIED))
    for (let i = 2 * this.#carryFrom; i < end; i += 2) {
      if (old[i + 1] === 0 || old[i + 1] === MOVED) continue
      this.occupy(old[i], old[i + 1])
      old[i + 1] = MOVED
    }
    this.#carryFrom = end / 2
    if (end === old.length) this.old = undefined
  }
}
