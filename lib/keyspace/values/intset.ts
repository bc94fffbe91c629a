/**
 * A sorted array of 64-bit integers: Redis's intset. Integers that a double holds exactly are numbers, the others
 * bigints; JavaScript orders the two among each other exactly. Searching costs O(log n), inserting and deleting O(n).
 */
import type { Bytes } from '../../base/bytes.ts'
import { arrayWeight, OBJECT_BYTES } from '../weight.ts'

type Integer = number | bigint

const INT64_MAX = '9223372036854775807'
const INT64_MIN = '-9223372036854775808'

/** True for the canonical decimal form of a signed 64-bit integer. */
export function isInteger(bytes: Bytes): boolean {
  const { length } = bytes
  if (length === 0 || length > 20) return false
  const negative = bytes.charCodeAt(0) === 45
  const first = negative ? 1 : 0
  const lead = bytes.charCodeAt(first)
  if (lead === 48) return length === 1
  if (!(lead >= 49 && lead <= 57)) return false
  for (let i = first + 1; i < length; i++) {
    const code = bytes.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  const bound = negative ? INT64_MIN : INT64_MAX
  return length < bound.length || (length === bound.length && bytes <= bound)
}

export class Intset {
  #integers: Integer[] = []

  /** The set of distinct integers, given in any order. O(n log n). */
  static of(members: readonly Bytes[]): Intset {
    const intset = new Intset()
    intset.#integers = members.map(parse).sort((a, b) => (a < b ? -1 : 1))
    return intset
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
    const integer = parse(member)
    return this.#integers[this.#lowerBound(integer)] === integer
  }

  /** Adds an integer; true if it is new. */
  add(member: Bytes): boolean {
    const integer = parse(member)
    const position = this.#lowerBound(integer)
    if (this.#integers[position] === integer) return false
    if (position === this.#integers.length) this.#integers.push(integer)
    else this.#integers.splice(position, 0, integer)
    return true
  }

  /** True if the member was there. */
  delete(member: Bytes): boolean {
    if (!isInteger(member)) return false
    const integer = parse(member)
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

function parse(member: Bytes): Integer {
  const number = +member
  return Number.isSafeInteger(number) ? number : BigInt(member)
}
