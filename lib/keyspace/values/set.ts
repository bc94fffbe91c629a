/**
 * Set values, in Redis's three encodings: `intset`, sorted integers; `listpack`, a short list of members in the order in
 * which they came; `hashtable`, a Dict, and for a large set Elements in memory of their own. A set begins in the smallest form that its first members allow and only ever
 * moves on to a larger one, at the thresholds of Redis 7.2 and later (set-max-intset-entries,
 * set-max-listpack-entries, set-max-listpack-value), except where an operation builds it anew. In both small encodings it lies in
 * the record of its key as long as it takes no more than PACK_MAX bytes (packed/packable.ts).
 *
 * Members have positions 0 to length - 1, so that a random one costs O(1). Invariants: members are distinct; an intset
 * holds nothing but canonical 64-bit integers.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { At } from '../../memory/arena.ts'
import { Dict } from '../dict.ts'
import { Elements } from '../large/elements.ts'
import { integerOf, isInteger } from '../packed/integer.ts'
import { addInteger, countOf, indexOf, integerAt, integersOf, removeAt, writeIntset } from '../packed/intset.ts'
import { ELEMENT_MAX, type Pack, writeListpack } from '../packed/pack.ts'
import { Packable } from '../packed/packable.ts'
import { Form } from '../table/record.ts'
import type { EncodingLimits } from '../value.ts'
import { arrayWeight, DICT_ENTRY_BYTES, OBJECT_BYTES, stringWeight } from '../weight.ts'
import { Intset } from './intset.ts'

export class SetValue extends Packable {
  /** Undefined while it is packed. */
  #members: Intset | Bytes[] | Dict<undefined> | Elements | undefined
  /** How it is packed, if it is. */
  #form: number = Form.Set
  /** What the members weigh as strings, which those of an intset and of Elements are not; of the latter it is of no meaning. */
  #stringBytes = 0

  /** An empty set, in the form that suits a first member and an expected number of members; or one that is packed in a form. */
  constructor(limits: EncodingLimits, first: Bytes | undefined, expected: number, pack?: Pack, form?: number) {
    super(limits, pack)
    if (form !== undefined) this.#form = form
    else if (expected <= limits['set-max-intset-entries'] && first !== undefined && isInteger(first)) {
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
    if (isTable(this.#members)) return 'hashtable'
    return this.packForm === Form.Intset ? 'intset' : 'listpack'
  }

  get length(): number {
    if (this.pack !== undefined) return this.#form === Form.Intset ? countOf(this.pack) : this.pack.count
    return isTable(this.#members) ? this.#members.size : this.#members!.length
  }

  get partCount(): number {
    return isTable(this.#members) ? this.#members.size : 1
  }

  /** What it consists of if it is large. */
  get elements(): Elements | undefined {
    return this.#members instanceof Elements ? this.#members : undefined
  }

  has(member: Bytes): boolean {
    const members = this.#members
    if (members === undefined) return this.#placeOf(this.pack!, member) !== -1
    return Array.isArray(members) ? members.includes(member) : members.has(member)
  }

  /**
   * Moves on to a hashtable at once if so many members are about to be added that it will come to that. `areNew`: none of them is there, so
   * room is made.
   */
  expect(count: number, areNew = false): void {
    if (isTable(this.#members)) return
    const isIntset = this.packForm === Form.Intset
    const max = this.limits[isIntset ? 'set-max-intset-entries' : 'set-max-listpack-entries']
    if (count > max) this.#toTable(areNew ? count : 0)
  }

  /** True if the member is new. O(1), in the small encodings O(n). */
  add(member: Bytes): boolean {
    if (this.pack !== undefined) {
      const isNew = this.#addPacked(this.pack, member)
      if (isNew !== undefined) return isNew
      this.unpack()
    }
    const members = this.#members!
    if (isTable(members)) {
      if (members.addNew(member, undefined) === -1) return false
      if (members instanceof Dict && members.size >= Elements.least)
        this.#members = tableOf(members.keys(), members.size)
    } else if (members instanceof Intset ? !this.#addToIntset(members, member) : !this.#addToList(members, member)) {
      return false
    }
    this.#stringBytes += stringWeight(member.length)
    return true
  }

  /** As `add`, of an argument of at most PART_MAX bytes that stands in a read buffer. */
  addPlace(p: Places, index: number): boolean {
    return this.#members instanceof Elements ? this.#members.setPlace(p, index, 0) : this.add(p.text(index))
  }

  /** As `has`, of such an argument. */
  hasPlace(p: Places, index: number): boolean {
    return this.#members instanceof Elements ? this.#members.findPlace(p, index) !== 0 : this.has(p.text(index))
  }

  /** As `has`, `add` and `delete`, of a member of a large set: without a string, if this one is large, too. */
  hasOf(other: Elements, at: At): boolean {
    return this.#members instanceof Elements ? this.#members.hasOf(other, at) : this.has(other.keyOf(at))
  }

  addOf(other: Elements, at: At): boolean {
    return this.#members instanceof Elements ? this.#members.addOf(other, at) : this.add(other.keyOf(at))
  }

  deleteOf(other: Elements, at: At): boolean {
    return this.#members instanceof Elements ? this.#members.deleteOf(other, at) : this.delete(other.keyOf(at))
  }

  /** True if the member was there. */
  delete(member: Bytes): boolean {
    if (this.pack !== undefined) {
      const place = this.#placeOf(this.pack, member)
      if (place !== -1) this.#removePacked(this.pack, place)
      return place !== -1
    }
    if (!this.#remove(member)) return false
    this.#stringBytes -= stringWeight(member.length)
    return true
  }

  memberAt(position: number): Bytes {
    const members = this.#members
    if (members === undefined) return this.#packedAt(this.pack!, position)
    if (isTable(members)) return members.keyAt(position)
    return members instanceof Intset ? members.memberAt(position) : members[position]
  }

  /** A member drawn uniformly; the set must not be empty. */
  randomMember(): Bytes {
    return this.memberAt(Math.floor(Math.random() * this.length))
  }

  /** Removes a member drawn uniformly, and returns it. The set must not be empty. */
  popRandom(): Bytes {
    const position = Math.floor(Math.random() * this.length)
    const member = this.memberAt(position)
    const { pack } = this
    if (pack !== undefined) {
      this.#removePacked(pack, this.#form === Form.Intset ? position : pack.seek(position))
      return member
    }
    const members = this.#members!
    if (Array.isArray(members)) members.splice(position, 1)
    else members.deleteAt(position)
    this.#stringBytes -= stringWeight(member.length)
    return member
  }

  /**
   * Removes all but `keep` members, drawn uniformly, and returns the others. Those that stay form a new set, which may
   * take a smaller encoding than the one before. Suits a small `keep`. O(n).
   */
  popAllBut(keep: number): Bytes[] {
    this.unpack()
    const popped = this.members().slice()
    const kept = this.#members instanceof Intset ? SetValue.gathering(this.limits) : new SetValue(this.limits, '', 0)
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
    const members = this.#members
    if (members === undefined) return this.#packedMembers(this.pack!)
    if (isTable(members)) return members.keys()
    return members instanceof Intset ? members.members() : members
  }

  /** Member, undefined, member, undefined, … of a hashtable from a position on, as they are now. O(n), at memcpy's speed. */
  entriesFrom(position: number): readonly (Bytes | undefined)[] {
    return this.#members instanceof Dict ? this.#members.entriesFrom(position) : []
  }

  /** Becomes an intset if it holds nothing but integers, and few enough of them. */
  shrinkToIntset(): void {
    this.unpack()
    if (this.#members instanceof Intset || this.length > this.limits['set-max-intset-entries']) return
    const members = this.members()
    if (!members.every(isInteger)) return
    this.#members = Intset.of(members)
    this.#weigh(members)
  }

  /** See `Scannable`. */
  scan(cursor: number, count: number, visit: (member: Bytes) => void): number {
    if (isTable(this.#members)) return this.#members.scan(cursor, count, (member) => visit(member))
    for (const member of this.members()) visit(member)
    return 0
  }

  copy(): SetValue {
    const copy = SetValue.gathering(this.limits)
    const members = this.#members
    if (members === undefined) copy.#take(this.pack!, this.#form)
    else {
      copy.#members = Array.isArray(members) ? members.slice() : members.copy()
      copy.#stringBytes = this.#stringBytes
    }
    return copy
  }

  protected get heapBytes(): number {
    const members = this.#members!
    if (members instanceof Intset || members instanceof Elements) return OBJECT_BYTES + members.memoryBytes
    const places = members instanceof Dict ? members.size * DICT_ENTRY_BYTES : arrayWeight(members.length)
    return OBJECT_BYTES + places + this.#stringBytes
  }

  get packForm(): number {
    if (this.pack !== undefined) return this.#form
    return this.#members instanceof Intset ? Form.Intset : Form.Set
  }

  protected writePacked(): number {
    const members = this.#members!
    if (isTable(members)) return 0
    return members instanceof Intset ? writeIntset(members.integers) : writeListpack(members)
  }

  protected takeBack(pack: Pack): void {
    this.#take(pack, this.#form)
  }

  protected letGo(): void {
    this.#form = this.packForm
    this.#members = undefined
    this.#stringBytes = 0
  }

  #take(pack: Pack, form: number): void {
    this.#members = form === Form.Intset ? Intset.ofSorted(integersOf(pack)) : pack.elements()
    this.#weigh(this.#packedMembers(pack, form))
  }

  #weigh(members: readonly Bytes[]): void {
    this.#stringBytes = 0
    for (const member of members) this.#stringBytes += stringWeight(member.length)
  }

  /** In a pack: the index of an integer, the offset of another member, -1 for none. */
  #placeOf(pack: Pack, member: Bytes): number {
    if (this.#form === Form.Set) return pack.find(member, 1)
    return isInteger(member) ? indexOf(pack, integerOf(member)) : -1
  }

  /** True if the member is new; undefined, and nothing is changed, if that is too much for a pack. */
  #addPacked(pack: Pack, member: Bytes): boolean | undefined {
    const { limits } = this
    if (this.#form === Form.Intset) {
      if (!isInteger(member)) return undefined
      const integer = integerOf(member)
      if (countOf(pack) >= limits['set-max-intset-entries']) return indexOf(pack, integer) === -1 ? undefined : false
      return addInteger(pack, integer)
    }
    if (member.length > ELEMENT_MAX) return undefined
    if (pack.find(member, 1) !== -1) return false
    if (pack.count >= limits['set-max-listpack-entries'] || member.length > limits['set-max-listpack-value'])
      return undefined
    return pack.change(pack.end(), 0, pack.sought, 1) ? true : undefined
  }

  #removePacked(pack: Pack, place: number): void {
    if (this.#form === Form.Intset) removeAt(pack, place)
    else pack.change(place, pack.skip(place) - place, 0, -1)
  }

  #packedAt(pack: Pack, position: number): Bytes {
    return this.#form === Form.Intset ? '' + integerAt(pack, position) : pack.elementAt(pack.seek(position))
  }

  #packedMembers(pack: Pack, form = this.#form): Bytes[] {
    return form === Form.Intset ? integersOf(pack).map(String) : pack.elements()
  }

  #remove(member: Bytes): boolean {
    const members = this.#members!
    if (!Array.isArray(members)) return members.delete(member)
    const position = members.indexOf(member)
    if (position !== -1) members.splice(position, 1)
    return position !== -1
  }

  #addToIntset(integers: Intset, member: Bytes): boolean {
    const limits = this.limits
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
    const limits = this.limits
    if (list.length < limits['set-max-listpack-entries'] && member.length <= limits['set-max-listpack-value']) {
      list.push(member)
    } else {
      this.#toTable().add(member, undefined)
    }
    return true
  }

  #toTable(expected = 0): Dict<undefined> | Elements {
    this.unpack()
    const table = tableOf(this.members(), expected)
    this.#members = table
    return table
  }
}

function isTable(members: unknown): members is Dict<undefined> | Elements {
  return members instanceof Dict || members instanceof Elements
}

/** The members keep their positions, so that scans go on. */
function tableOf(members: readonly Bytes[], expected: number): Dict<undefined> | Elements {
  const count = Math.max(members.length, expected)
  const table = count < Elements.least ? new Dict<undefined>() : new Elements()
  table.expect(expected)
  for (const member of members) table.add(member, undefined)
  return table
}
