/**
 * Set values, in Redis's three encodings: `intset`, sorted integers; `listpack`, a short list of members in the order in
 * which they came; `hashtable`, a Dict. A set begins in the smallest form that its first members allow and only ever
 * moves on to a larger one, at the thresholds of Redis 7.2 and later (set-max-intset-entries,
 * set-max-listpack-entries, set-max-listpack-value), except where an operation builds it anew.
 *
 * Members have positions 0 to length - 1, so that a random one costs O(1). Invariants: members are distinct; an intset
 * holds nothing but canonical 64-bit integers.
 */
import type { Bytes } from '../../base/bytes.ts'
import { Dict } from '../dict.ts'
import type { EncodingLimits, ObjectValue } from '../value.ts'
import { arrayWeight, DICT_ENTRY_BYTES, OBJECT_BYTES, stringWeight } from '../weight.ts'
import { Intset, isInteger } from './intset.ts'

export class SetValue implements ObjectValue {
  readonly #limits: EncodingLimits
  #members: Intset | Bytes[] | Dict<undefined>
  /** What the members weigh as strings, which those of an intset are not. */
  #stringBytes = 0
  countedBytes = 0

  /** An empty set, in the form that suits a first member and an expected number of members. */
  constructor(limits: EncodingLimits, first: Bytes | undefined, expected: number) {
    this.#limits = limits
    if (expected <= limits['set-max-intset-entries'] && first !== undefined && isInteger(first)) {
      this.#members = new Intset()
    } else {
      this.#members = expected <= limits['set-max-listpack-entries'] ? [] : new Dict()
    }
  }

  /** An empty intset: where a result is gathered whose members are not known yet. */
  static gathering(limits: EncodingLimits): SetValue {
    return new SetValue(limits, '0', 0)
  }

  get type(): 'set' {
    return 'set'
  }

  get encoding(): Bytes {
    if (this.#members instanceof Dict) return 'hashtable'
    return this.#members instanceof Intset ? 'intset' : 'listpack'
  }

  get length(): number {
    return this.#members instanceof Dict ? this.#members.size : this.#members.length
  }

  get partCount(): number {
    return this.#members instanceof Dict ? this.#members.size : 1
  }

  has(member: Bytes): boolean {
    if (this.#members instanceof Dict) return this.#members.has(member)
    if (this.#members instanceof Intset) return this.#members.has(member)
    return this.#members.includes(member)
  }

  /**
   * Moves on to a hashtable at once if so many members are about to be added that it will come to that. `areNew`: none of them is there, so
   * room is made.
   */
  expect(count: number, areNew = false): void {
    const members = this.#members
    if (members instanceof Dict) return
    const max = this.#limits[members instanceof Intset ? 'set-max-intset-entries' : 'set-max-listpack-entries']
    if (count > max) this.#toTable(areNew ? count : 0)
  }

  /** True if the member is new. O(1), in the small encodings O(n). */
  add(member: Bytes): boolean {
    const members = this.#members
    if (members instanceof Dict) {
      if (members.addNew(member, undefined) === -1) return false
    } else if (members instanceof Intset ? !this.#addToIntset(members, member) : !this.#addToList(members, member)) {
      return false
    }
    this.#stringBytes += stringWeight(member.length)
    return true
  }

  /** True if the member was there. */
  delete(member: Bytes): boolean {
    if (!this.#remove(member)) return false
    this.#stringBytes -= stringWeight(member.length)
    return true
  }

  memberAt(position: number): Bytes {
    if (this.#members instanceof Dict) return this.#members.keyAt(position)
    return this.#members instanceof Intset ? this.#members.memberAt(position) : this.#members[position]
  }

  /** A member drawn uniformly; the set must not be empty. */
  randomMember(): Bytes {
    return this.memberAt(Math.floor(Math.random() * this.length))
  }

  /** Removes a member drawn uniformly, and returns it. The set must not be empty. */
  popRandom(): Bytes {
    const position = Math.floor(Math.random() * this.length)
    const member = this.memberAt(position)
    if (this.#members instanceof Dict || this.#members instanceof Intset) this.#members.deleteAt(position)
    else this.#members.splice(position, 1)
    this.#stringBytes -= stringWeight(member.length)
    return member
  }

  /**
   * Removes all but `keep` members, drawn uniformly, and returns the others. Those that stay form a new set, which may
   * take a smaller encoding than the one before. Suits a small `keep`. O(n).
   */
  popAllBut(keep: number): Bytes[] {
    const popped = this.members().slice()
    const kept = this.#members instanceof Intset ? SetValue.gathering(this.#limits) : new SetValue(this.#limits, '', 0)
    for (let i = 0; i < keep; i++) {
      const drawn = Math.floor(Math.random() * popped.length)
      kept.add(popped[drawn])
      popped[drawn] = popped[popped.length - 1]
      popped.pop()
    }
    this.#members = kept.#members
    this.#stringBytes = kept.#stringBytes
    return popped
  }

  /** All members by position. May be the live array: read it at once, and neither keep nor change it. */
  members(): readonly Bytes[] {
    if (this.#members instanceof Dict) return this.#members.keys()
    return this.#members instanceof Intset ? this.#members.members() : this.#members
  }

  /** Member, undefined, member, undefined, … of a hashtable from a position on, as they are now. O(n), at memcpy's speed. */
  entriesFrom(position: number): readonly (Bytes | undefined)[] {
    return this.#members instanceof Dict ? this.#members.entriesFrom(position) : []
  }

  /** Becomes an intset if it holds nothing but integers, and few enough of them. */
  shrinkToIntset(): void {
    if (this.#members instanceof Intset || this.length > this.#limits['set-max-intset-entries']) return
    const members = this.members()
    if (members.every(isInteger)) this.#members = Intset.of(members)
  }

  /** See `Scannable`. */
  scan(cursor: number, count: number, visit: (member: Bytes) => void): number {
    if (this.#members instanceof Dict) return this.#members.scan(cursor, count, visit)
    for (const member of this.members()) visit(member)
    return 0
  }

  copy(): SetValue {
    const copy = SetValue.gathering(this.#limits)
    const members = this.#members
    if (members instanceof Intset) copy.#members = members.copy()
    else if (members instanceof Dict) copy.#members = members.copy()
    else copy.#members = members.slice()
    copy.#stringBytes = this.#stringBytes
    return copy
  }

  get memoryBytes(): number {
    const members = this.#members
    if (members instanceof Intset) return OBJECT_BYTES + members.memoryBytes
    const places = members instanceof Dict ? members.size * DICT_ENTRY_BYTES : arrayWeight(members.length)
    return OBJECT_BYTES + places + this.#stringBytes
  }

  #remove(member: Bytes): boolean {
    const members = this.#members
    if (members instanceof Dict || members instanceof Intset) return members.delete(member)
    const position = members.indexOf(member)
    if (position !== -1) members.splice(position, 1)
    return position !== -1
  }

  #addToIntset(integers: Intset, member: Bytes): boolean {
    const limits = this.#limits
    if (isInteger(member)) {
      if (!integers.add(member)) return false
      if (integers.length > limits['set-max-intset-entries']) this.#toTable()
      return true
    }
    const longest = Math.max(member.length, integers.longestMember)
    if (integers.length < limits['set-max-listpack-entries'] && longest <= limits['set-max-listpack-value']) {
      this.#members = integers.members()
      this.#members.push(member)
    } else {
      this.#toTable().add(member, undefined)
    }
    return true
  }

  #addToList(list: Bytes[], member: Bytes): boolean {
    if (list.includes(member)) return false
    const limits = this.#limits
    if (list.length < limits['set-max-listpack-entries'] && member.length <= limits['set-max-listpack-value']) {
      list.push(member)
    } else {
      this.#toTable().add(member, undefined)
    }
    return true
  }

  #toTable(expected = 0): Dict<undefined> {
    return (this.#members = dictOf(this.members(), expected))
  }
}

function dictOf(members: readonly Bytes[], expected: number): Dict<undefined> {
  const dict = new Dict<undefined>()
  dict.expect(expected)
  for (const member of members) dict.add(member, undefined)
  return dict
}
