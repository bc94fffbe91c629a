/**
 * A sorted array of 64-bit integers: Redis's intset, where it is not packed (packed/intset.ts). Integers that a double holds exactly are numbers, the others
 * bigints; JavaScript orders the two among each other exactly. Searching costs O(log n), inserting and deleting O(n).
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Integer, integerOf, isInteger } from '../packed/integer.ts'
import { arrayWeight, OBJECT_BYTES } from '../weight.ts'

export class Intset {
  #integers: Integer[] = []

  /** The set of distinct integers, given in any order. O(n log n). */
  static of(members: readonly Bytes[]): Intset {
    const intset = new Intset()
    intset.#integers = members.map(integerOf).sort((a, b) => (a < b ? -1 : 1))
    return intset
  }

  /** The set of integers that are in ascending order. It keeps the array. */
  static ofSorted(integers: Integer[]): Intset {
    const intset = new Intset()
    intset.#integers = integers
    return intset
  }

  /** In ascending order. Neither keep nor change it. */
  get integers(): readonly Integer[] {
    return this.#integers
  }

  get length(): number {
    return this.#integers.length
  }

  /** Bytes of the longest member's decimal form; 0 if empty. */
  get longestMember(): number {
    if (this.length === 0) return 0
    return Math.max(this.memberAt(0).length, this.memberAt(this.length - 1).length)
  }

  get memoryBytes(): number {
    return OBJECT_BYTES + arrayWeight(this.length)
  }

  has(member: Bytes): boolean {
    if (!isInteger(member)) return false
    const integer = integerOf(member)
    return this.#integers[this.#lowerBound(integer)] === integer
  }

  /** Adds an integer; true if it is new. */
  add(member: Bytes): boolean {
    const integer = integerOf(member)
    const position = this.#lowerBound(integer)
    if (this.#integers[position] === integer) return false
    if (position === this.#integers.length) this.#integers.push(integer)
    else this.#integers.splice(position, 0, integer)
    return true
  }

  /** True if the member was there. */
  delete(member: Bytes): boolean {
    if (!isInteger(member)) return false
    const integer = integerOf(member)
    const position = this.#lowerBound(integer)
    if (this.#integers[position] !== integer) return false
    this.deleteAt(position)
    return true
  }

  deleteAt(position: number): void {
    this.#integers.splice(position, 1)
  }

  memberAt(position: number): Bytes {
    return '' + this.#integers[position]
  }

  /** All members in ascending order, as a fresh array. */
  members(): Bytes[] {
    return this.#integers.map(String)
  }

  copy(): Intset {
    const copy = new Intset()
    copy.#integers = this.#integers.slice()
    return copy
  }

  /** The first position whose integer is not below this one. */
  #lowerBound(integer: Integer): number {
    const integers = this.#integers
    let low = 0
    let high = integers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (integers[middle] < integer) low = middle + 1
      else high = middle
    }
    return low
  }
}
