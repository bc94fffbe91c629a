/**
 * Hash values, in Redis's encodings. A small hash is a `listpack`: an array of field, value, field, value in the order in
 * which they came. Past hash-max-listpack-entries fields, or with a field or value longer than hash-max-listpack-value,
 * it is a `hashtable`, a Dict, and stays one; a large one is Elements in memory of their own. A listpack of up to PACK_MAX bytes is one, in the record of its key (packed/packable.ts).
 *
 * Fields may have a time to expire (Redis 7.4). A field past its time is hidden at once, to be removed by the command that
 * asks for it by name or by active expiry; `length` counts it until then, as HLEN does. A listpack with such times is a
 * `listpackex`: its fields stand in the order of their times, and those that last at the end.
 */
import type { Bytes } from '../../base/bytes.ts'
import { Dict } from '../dict.ts'
import { Elements } from '../large/elements.ts'
import { writeElement } from '../packed/element.ts'
import { ELEMENT_MAX, type Pack, writeListpack } from '../packed/pack.ts'
import { Packable } from '../packed/packable.ts'
import { Form } from '../table/record.ts'
import type { EncodingLimits } from '../value.ts'
import { arrayWeight, DICT_ENTRY_BYTES, OBJECT_BYTES, stringWeight } from '../weight.ts'
import { FieldExpiry } from './fieldexpiry.ts'

export class HashValue extends Packable {
  readonly type = 'hash'
  readonly packForm = Form.Hash
  #list: Bytes[] | undefined
  #dict: Dict<Bytes> | Elements | undefined
  #expiry: FieldExpiry | undefined
  /** What the strings of all fields and values weigh; not kept up for Elements. */
  #stringBytes = 0

  constructor(limits: EncodingLimits, pack?: Pack) {
    super(limits, pack)
    this.#list = pack === undefined ? [] : undefined
  }

  get encoding(): Bytes {
    if (this.#dict !== undefined) return 'hashtable'
    return this.#expiry === undefined ? 'listpack' : 'listpackex'
  }

  get length(): number {
    if (this.pack !== undefined) return this.pack.count / 2
    return this.#list === undefined ? this.#dict!.size : this.#list.length / 2
  }

  get partCount(): number {
    return this.#dict === undefined ? 1 : this.#dict.size
  }

  /** What it consists of if it is large. */
  get elements(): Elements | undefined {
    return this.#dict instanceof Elements ? this.#dict : undefined
  }

  /** Moves on to a hashtable at once if what is about to be added will need one: flat pairs from `from` to `to`, excluded. */
  grow(pairs: readonly Bytes[], from: number, to: number): void {
    if (this.#dict !== undefined) return
    const longest = this.limits['hash-max-listpack-value']
    let fits = (to - from) / 2 <= this.limits['hash-max-listpack-entries']
    for (let i = from; i < to && fits; i++) fits = pairs[i].length <= longest
    if (!fits) this.#toTable()
  }

  /** Moves on to a hashtable at once if so many fields are about to be added that it will come to that, with room for them. */
  expect(count: number): void {
    if (this.#dict === undefined && count > this.limits['hash-max-listpack-entries']) this.#toTable(count)
  }

  /** The value of a field, unless its time has come. */
  get(field: Bytes, now: number): Bytes | undefined {
    if (this.pack !== undefined) return getPacked(this.pack, field)
    if (this.#expiry?.isDue(field, now)) return undefined
    const list = this.#list
    if (list === undefined) return this.#dict!.get(field)
    const position = find(list, field)
    return position === -1 ? undefined : list[position + 1]
  }

  /** True if the field is there and its time has come. */
  isDue(field: Bytes, now: number): boolean {
    return this.#expiry?.isDue(field, now) ?? false
  }

  /** Adds or replaces. An old field lasts from now on, unless `keepsExpiry`. True if the field is new. */
  set(field: Bytes, value: Bytes, keepsExpiry = false): boolean {
    if (this.#dict !== undefined) return this.#setInTable(this.#dict, field, value, keepsExpiry)
    const { limits } = this
    if (Math.max(field.length, value.length) > limits['hash-max-listpack-value']) {
      return this.#setInTable(this.#toTable(), field, value, keepsExpiry)
    }
    if (this.pack !== undefined) {
      const isNew = this.#setPacked(this.pack, field, value)
      if (isNew !== undefined) return isNew
      this.unpack()
    }
    const list = this.#list!
    const position = find(list, field)
    if (position !== -1) {
      this.#stringBytes += stringWeight(value.length) - stringWeight(list[position + 1].length)
      list[position + 1] = value
      if (!keepsExpiry && this.#expiry !== undefined) this.persist(field)
      return false
    }
    list.push(field, value)
    this.#stringBytes += pairWeight(field, value)
    if (list.length / 2 > limits['hash-max-listpack-entries']) this.#toTable()
    return true
  }

  /** Adds a field. False, and nothing is changed, if it is there. */
  add(field: Bytes, value: Bytes): boolean {
    if (this.pack !== undefined) return this.pack.find(field, 2) === -1 && this.set(field, value)
    if (this.#list !== undefined) return find(this.#list, field) === -1 && this.set(field, value)
    if (this.#dict!.addNew(field, value) === -1) return false
    this.#added(field, value)
    return true
  }

  /** Removes a field, whether its time has come or not. True if it was there. */
  delete(field: Bytes): boolean {
    if (this.pack !== undefined) return deletePacked(this.pack, field)
    this.#expiry?.delete(field)
    const list = this.#list
    if (list === undefined) return this.#deleteInTable(this.#dict!, field)
    const position = find(list, field)
    if (position === -1) return false
    this.#stringBytes -= pairWeight(field, list[position + 1])
    list.splice(position, 2)
    return true
  }

  // Expiry of fields. The field must be there.

  /** Unix ms; undefined for a field that lasts. */
  expireAt(field: Bytes): number | undefined {
    return this.#expiry?.get(field)
  }

  setExpireAt(field: Bytes, expireAt: number): void {
    this.unpack()
    this.#expiry ??= new FieldExpiry()
    this.#expiry.set(field, expireAt)
    this.#place(field, expireAt)
  }

  /** Makes a field last. True if it had a time. */
  persist(field: Bytes): boolean {
    if (this.#expiry === undefined || !this.#expiry.delete(field)) return false
    this.#place(field, Infinity)
    return true
  }

  /** The times of the fields, for active expiry; undefined where none ever had one. */
  get expiry(): FieldExpiry | undefined {
    return this.#expiry
  }

  /** Number of fields past their time, not yet removed. O(n) where fields have times, else O(1). */
  countDue(now: number): number {
    const expiry = this.#expiry
    if (expiry === undefined || expiry.next() > now) return 0
    let due = 0
    this.forEach(-Infinity, (field) => {
      if (expiry.isDue(field, now)) due++
    })
    return due
  }

  // All fields.

  /** Calls `visit` with each field that is not past its time. It must not change the hash. */
  forEach(now: number, visit: (field: Bytes, value: Bytes) => void): void {
    if (this.pack !== undefined) {
      this.pack.forEachPair(visit)
      return
    }
    const expiry = this.#hiding(now)
    const list = this.#list
    if (list !== undefined) {
      for (let i = 0; i < list.length; i += 2) if (!expiry?.isDue(list[i], now)) visit(list[i], list[i + 1])
      return
    }
    const dict = this.#dict!
    for (let i = 0; i < dict.size; i++) {
      const field = dict.keyAt(i)
      if (!expiry?.isDue(field, now)) visit(field, dict.valueAt(i))
    }
  }

  /** A position drawn uniformly among all fields; the hash must not be empty. */
  randomPosition(): number {
    return this.#dict === undefined ? Math.floor(Math.random() * this.length) : this.#dict.randomPosition()
  }

  fieldAt(position: number): Bytes {
    if (this.pack !== undefined) return this.pack.elementAt(this.pack.seek(2 * position))
    return this.#list === undefined ? this.#dict!.keyAt(position) : this.#list[2 * position]
  }

  valueAt(position: number): Bytes {
    if (this.pack !== undefined) return this.pack.elementAt(this.pack.seek(2 * position + 1))
    return this.#list === undefined ? this.#dict!.valueAt(position) : this.#list[2 * position + 1]
  }

  /** Field, value, field, value, … from a position on, as they are now. O(n), at memcpy's speed but where it is large. */
  pairsFrom(position: number): readonly Bytes[] {
    if (this.#dict !== undefined) return this.#dict.entriesFrom(position)
    return (this.#list ?? this.pack!.elements()).slice(2 * position)
  }

  /** See `Scannable`; fields past their time are left out. */
  scan(cursor: number, count: number, now: number, visit: (field: Bytes, value: Bytes) => void): number {
    if (this.#dict === undefined) {
      this.forEach(now, visit)
      return 0
    }
    const expiry = this.#hiding(now)
    return this.#dict.scan(cursor, count, (field, value) => {
      if (!expiry?.isDue(field, now)) visit(field, value)
    })
  }

  copy(): HashValue {
    const copy = new HashValue(this.limits)
    copy.#expiry = this.#expiry?.copy()
    copy.#stringBytes = this.#stringBytes
    if (this.#dict === undefined) copy.#list = this.#list?.slice() ?? this.pack!.elements()
    else {
      copy.#list = undefined
      copy.#dict = this.#dict.copy()
    }
    if (this.pack !== undefined) copy.#weigh()
    return copy
  }

  protected get heapBytes(): number {
    const times = this.#expiry?.memoryBytes ?? 0
    if (this.#dict instanceof Elements) return OBJECT_BYTES + this.#dict.memoryBytes + times
    const list = this.#list
    const places = list === undefined ? this.#dict!.size * DICT_ENTRY_BYTES : arrayWeight(list.length)
    return OBJECT_BYTES + places + this.#stringBytes + times
  }

  protected writePacked(): number {
    return this.#list === undefined || this.#expiry !== undefined ? 0 : writeListpack(this.#list)
  }

  protected takeBack(pack: Pack): void {
    this.#list = pack.elements()
    this.#weigh()
  }

  protected letGo(): void {
    this.#list = undefined
    this.#stringBytes = 0
  }

  /** True if the field is new; undefined, and nothing is changed, if that is too much for a pack. */
  #setPacked(pack: Pack, field: Bytes, value: Bytes): boolean | undefined {
    if (Math.max(field.length, value.length) > ELEMENT_MAX) return undefined
    const found = pack.find(field, 2)
    if (found !== -1) {
      const at = pack.skip(found)
      return pack.change(at, pack.skip(at) - at, writeElement(value, 0), 0) ? false : undefined
    }
    if (pack.count / 2 >= this.limits['hash-max-listpack-entries']) return undefined
    return pack.change(pack.end(), 0, writeElement(value, pack.sought), 2) ? true : undefined
  }

  #weigh(): void {
    let bytes = 0
    for (const element of this.#list!) bytes += stringWeight(element.length)
    this.#stringBytes = bytes
  }

  #setInTable(dict: Dict<Bytes> | Elements, field: Bytes, value: Bytes, keepsExpiry: boolean): boolean {
    if (dict instanceof Elements) {
      const isNew = dict.set(field, value)
      if (!isNew && !keepsExpiry && this.#expiry !== undefined) this.#expiry.delete(field)
      return isNew
    }
    const position = dict.position(field)
    if (position === -1) {
      dict.add(field, value)
      this.#added(field, value)
      return true
    }
    this.#stringBytes += stringWeight(value.length) - stringWeight(dict.valueAt(position).length)
    dict.setAt(position, value)
    if (!keepsExpiry && this.#expiry !== undefined) this.#expiry.delete(field)
    return false
  }

  #deleteInTable(dict: Dict<Bytes> | Elements, field: Bytes): boolean {
    if (dict instanceof Elements) return dict.delete(field)
    const position = dict.position(field)
    if (position === -1) return false
    this.#stringBytes -= pairWeight(field, dict.valueAt(position))
    dict.deleteAt(position)
    return true
  }

  /** A field has come to the table, which may be a large one now. */
  #added(field: Bytes, value: Bytes): void {
    const dict = this.#dict
    if (!(dict instanceof Dict)) return
    if (dict.size < Elements.least) this.#stringBytes += pairWeight(field, value)
    else this.#enlarge(dict)
  }

  /** Positions stay what they are, so that scans go on. */
  #enlarge(dict: Dict<Bytes>): void {
    const elements = new Elements()
    elements.expect(dict.size)
    for (let i = 0; i < dict.size; i++) elements.add(dict.keyAt(i), dict.valueAt(i))
    this.#dict = elements
    this.#stringBytes = 0
  }

  /** The expiry, if it hides any field now. */
  #hiding(now: number): FieldExpiry | undefined {
    return this.#expiry !== undefined && this.#expiry.next() <= now ? this.#expiry : undefined
  }

  /** Moves a field of a listpackex to where its time belongs: before the first that is not due earlier. */
  #place(field: Bytes, expireAt: number): void {
    const list = this.#list
    if (list === undefined) return
    const expiry = this.#expiry!
    const pair = list.splice(find(list, field), 2)
    let position = 0
    while (position < list.length && (expiry.get(list[position]) ?? Infinity) < expireAt) position += 2
    if (expireAt === Infinity) position = list.length
    list.splice(position, 0, ...pair)
  }

  #toTable(expected = 0): Dict<Bytes> | Elements {
    this.unpack()
    const list = this.#list!
    const isLarge = Math.max(expected, list.length / 2) >= Elements.least
    const dict = isLarge ? new Elements() : new Dict<Bytes>()
    dict.expect(expected)
    for (let i = 0; i < list.length; i += 2) dict.add(list[i], list[i + 1])
    this.#dict = dict
    this.#list = undefined
    if (isLarge) this.#stringBytes = 0
    return dict
  }
}

function getPacked(pack: Pack, field: Bytes): Bytes | undefined {
  const found = pack.find(field, 2)
  return found === -1 ? undefined : pack.elementAt(pack.skip(found))
}

function deletePacked(pack: Pack, field: Bytes): boolean {
  const found = pack.find(field, 2)
  if (found === -1) return false
  pack.change(found, pack.skip(pack.skip(found)) - found, 0, -2)
  return true
}

function pairWeight(field: Bytes, value: Bytes): number {
  return stringWeight(field.length) + stringWeight(value.length)
}

/** The position of a field in flat pairs, or -1. */
function find(list: readonly Bytes[], field: Bytes): number {
  const { length } = field
  for (let i = 0; i < list.length; i += 2) if (list[i].length === length && list[i] === field) return i
  return -1
}
