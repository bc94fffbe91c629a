/**
 * The elements of one large collection, in memory of their own: a dict as in dict.ts whose keys and values are bytes in an arena
 * that belongs to the collection alone (elementrecords.ts). So nobody has to free anything: a collection that is dropped is the collector's
 * with all its memory, as one of strings is; and it is few objects, however large.
 *
 * An element has an address, valid until the element is changed, and a position, as keys have in a table (table/table.ts): positions
 * have no gaps, elements only ever move towards the front, and a scan from the back to the front keeps Redis's guarantee.
 *
 * What is removed leaves holes. Once they are more than what is kept, the chunks that are mostly holes are left, and each later change moves
 * a few records out of them. So a collection holds about twice what is in it, whatever went before, and no command pays for more than
 * STEP records.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { At } from '../../memory/arena.ts'
import { hashOfBytes, hashOfText } from '../table/keyhash.ts'
import { grown, isSparse } from '../table/record.ts'
import { MOVED, Slots } from '../table/slots.ts'
import { elementsWeight } from '../weight.ts'
import { ElementRecords } from './elementrecords.ts'

/** Records that one change looks at while chunks are left. */
const STEP = 16
/** Fewer holes are not worth the effort. Unit: bytes. */
const HOLES_LEAST = 1 << 20
/** Chunks are left that are used to less than this share. */
const LEFT_SHARE = 2 / 3
/** After it was tried, holes must have become more by this factor before it is tried again. */
const MORE = 1.25

/** Who must hear of elements before they change. */
export interface ElementListener {
  /** What stands at a position is about to change. */
  before(position: number): void
  /** What stood at a position was removed, and what stood at `last`, the end, has come there. */
  removed(position: number, last: number): void
}

export class Elements extends ElementRecords {
  /** A collection of fewer is on V8's heap, where it takes less to make one. Tests make do with less. */
  static least = 8192
  #slots = new Slots()
  /** By position: where the record is. */
  #ats: Int32Array = new Int32Array(16)
  #size = 0
  /** The position behind the next record to be looked at while chunks are left; -1 while none is. */
  #leaveAt = -1
  /** So many holes are too many. */
  #holesMax = HOLES_LEAST
  /** The walk that is under way, if it follows changes. */
  walk: ElementListener | undefined
  /** Hears of each record that gets another address: it lies in both places. */
  onMove: ((at: At, to: At) => void) | undefined

  get size(): number {
    return this.#size
  }

  /** What it weighs: see weight.ts. O(1). */
  get memoryBytes(): number {
    return elementsWeight(this.#size, this.arena.usedBytes) + this.texts.bytes
  }

  /** Bytes that it holds. */
  get heldBytes(): number {
    return this.arena.heldBytes
  }

  // By address.

  /** Where an element is; 0 for nowhere. */
  find(key: Bytes, hash = hashOfText(key)): At {
    const { pairs, mask, old } = this.#slots
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = pairs[2 * slot + 1]
      if (at === 0) return old === undefined ? 0 : this.#findOld(old, key, hash)
      if (pairs[2 * slot] === hash && this.isKey(at, key)) return at
    }
  }

  /** The same of an argument, of at most PART_MAX bytes, that stands in a read buffer. */
  findPlace(p: Places, index: number): At {
    const start = p.start(index)
    return this.#findBytes(p.view, start, p.end(index) - start, hashOfBytes(p.view, start, p.end(index)))
  }

  /** Gives an element another value. */
  setValue(at: At, value: Bytes): void {
    this.#beforeValue(at)
    this.#replace(at, this.rewrite(at, value))
  }

  /** Adds or replaces: both of at most PART_MAX bytes, a value of index 0 is none. True if the key is new. */
  setPlace(p: Places, key: number, value: number): boolean {
    const start = p.start(key)
    const hash = hashOfBytes(p.view, start, p.end(key))
    const at = this.#findBytes(p.view, start, p.end(key) - start, hash)
    if (at === 0) {
      this.#enter(this.writePlace(p, key, value), hash)
      return true
    }
    if (value !== 0) {
      this.#beforeValue(at)
      this.#replace(at, this.rewritePlace(at, p, value))
    }
    return false
  }

  // As members of a sorted set, whose values are scores.

  /** Adds a member that is known to be absent. Returns where it is. */
  addScored(key: Bytes, score: number, hash = hashOfText(key)): At {
    const at = this.writeScored(key, score)
    this.#enter(at, hash)
    return at
  }

  /** Adds a member unless it is there. Returns where it is; 0, and nothing is changed, if it was there. */
  addNewScored(key: Bytes, score: number): At {
    const hash = hashOfText(key)
    return this.find(key, hash) === 0 ? this.addScored(key, score, hash) : 0
  }

  /** As `addScored`, of an argument of at most PART_MAX bytes that stands in a read buffer. */
  addScoredPlace(p: Places, index: number, score: number): At {
    const start = p.start(index)
    const at = this.writeScoredBytes(p.view, start, p.length(index), score)
    this.#enter(at, hashOfBytes(p.view, start, p.end(index)))
    return at
  }

  // As a Dict.

  keyAt(position: number): Bytes {
    return this.keyOf(this.#ats[position])
  }

  valueAt(position: number): Bytes {
    return this.valueOf(this.#ats[position])
  }

  has(key: Bytes): boolean {
    return this.find(key) !== 0
  }

  get(key: Bytes): Bytes | undefined {
    const at = this.find(key)
    return at === 0 ? undefined : this.valueOf(at)
  }

  /** Adds or replaces. True if the key is new. */
  set(key: Bytes, value: Bytes): boolean {
    const hash = hashOfText(key)
    const at = this.find(key, hash)
    if (at === 0) this.#enter(this.write(key, value), hash)
    else this.setValue(at, value)
    return at === 0
  }

  /** Adds a key that is known to be absent. */
  add(key: Bytes, value: Bytes = ''): void {
    this.#enter(this.write(key, value), hashOfText(key))
  }

  /** Adds a key unless it is there. Returns its position; -1, and nothing is changed, if it was there. */
  addNew(key: Bytes, value: Bytes = ''): number {
    const hash = hashOfText(key)
    if (this.find(key, hash) !== 0) return -1
    this.#enter(this.write(key, value), hash)
    return this.#size - 1
  }

  /** Makes room for so many, if there are none yet. */
  expect(count: number): void {
    if (this.#size !== 0) return
    this.#slots.expect(count)
    if (count > this.#ats.length) this.#ats = new Int32Array(count)
  }

  /** True if the key was there. */
  delete(key: Bytes): boolean {
    const at = this.find(key)
    if (at !== 0) this.remove(at)
    return at !== 0
  }

  // With another large collection's elements, of which no string is made.

  atPosition(position: number): At {
    return this.#ats[position]
  }

  /** Whether the key of another's element is here. */
  hasOf(other: Elements, at: At): boolean {
    return this.#findOf(other, at) !== 0
  }

  /** Adds the key of another's element, unless it is here. True if it was not. */
  addOf(other: Elements, at: At): boolean {
    if (!other.openKey(at)) return this.addNew(other.keyOf(at)) !== -1
    const { keyView: view, keyStart: start, keyEnd: end } = other
    const hash = hashOfBytes(view, start, end)
    if (this.#findBytes(view, start, end - start, hash) !== 0) return false
    this.#enter(this.writeBytes(view, start, end - start), hash)
    return true
  }

  /** Removes the key of another's element. True if it was here. */
  deleteOf(other: Elements, at: At): boolean {
    const found = this.#findOf(other, at)
    if (found !== 0) this.remove(found)
    return found !== 0
  }

  #findOf(other: Elements, at: At): At {
    if (!other.openKey(at)) return this.find(other.keyOf(at))
    const { keyView: view, keyStart: start, keyEnd: end } = other
    return this.#findBytes(view, start, end - start, hashOfBytes(view, start, end))
  }

  /** Removes the element at a position; the last one takes its place. */
  deleteAt(position: number): void {
    this.remove(this.#ats[position])
  }

  /** A position drawn uniformly; there must be one. */
  randomPosition(): number {
    return Math.floor(Math.random() * this.#size)
  }

  /** See Dict. */
  scan(cursor: number, count: number, visit: (key: Bytes, value: Bytes) => void): number {
    return this.scanRecords(cursor, count, (at) => visit(this.keyOf(at), this.valueOf(at)))
  }

  scanRecords(cursor: number, count: number, visit: (at: At) => void): number {
    const from = cursor === 0 || cursor > this.#size ? this.#size : cursor
    const to = Math.max(0, from - count)
    for (let i = from - 1; i >= to; i--) visit(this.#ats[i])
    return to
  }

  /** All keys, as a fresh array. O(n) */
  keys(): Bytes[] {
    const keys = new Array<Bytes>(this.#size)
    for (let i = 0; i < keys.length; i++) keys[i] = this.keyAt(i)
    return keys
  }

  /** Key, value, key, value, … from a position on, as a fresh array. O(n) */
  entriesFrom(position: number): Bytes[] {
    const entries: Bytes[] = []
    for (let i = position; i < this.#size; i++) entries.push(this.keyAt(i), this.valueAt(i))
    return entries
  }

  /** An independent copy, whose elements have the same positions. O(n), at memcpy's speed. */
  copy(): Elements {
    const copy = new Elements(this.arena.copy())
    copy.texts = this.texts.copy()
    copy.#slots = this.#slots.copy()
    copy.#ats = this.#ats.slice()
    copy.#size = this.#size
    copy.#leaveAt = this.#leaveAt
    copy.#holesMax = this.#holesMax
    return copy
  }

  /** For tests. @throws Error where something does not fit together */
  check(): void {
    this.arena.check()
    let bytes = 0
    let long = 0
    for (let position = 0; position < this.#size; position++) {
      const at = this.#ats[position]
      if (this.positionOf(at) !== position) throw new Error(`position ${position}: another one`)
      if (this.find(this.keyOf(at)) !== at) throw new Error(`position ${position} is not found`)
      if (this.hashOf(at) !== hashOfText(this.keyOf(at))) throw new Error(`position ${position}: another hash`)
      bytes += this.arena.sizeOf(at)
      long += this.longParts(at)
    }
    if (bytes !== this.arena.usedBytes) throw new Error(`records of ${bytes} bytes in ${this.arena.usedBytes}`)
    if (long !== this.texts.size) throw new Error(`${this.texts.size} long texts, ${long} in use`)
  }

  #findOld(old: Int32Array, key: Bytes, hash: number): At {
    const mask = old.length / 2 - 1
    let at = 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      at = old[2 * slot + 1]
      if (at === 0 || (at !== MOVED && old[2 * slot] === hash && this.isKey(at, key))) break
    }
    this.#slots.carry()
    return at
  }

  #findBytes(view: DataView, start: number, length: number, hash: number): At {
    const { pairs, mask, old } = this.#slots
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = pairs[2 * slot + 1]
      if (at === 0) return old === undefined ? 0 : this.#findOldBytes(old, view, start, length, hash)
      if (pairs[2 * slot] === hash && this.isKeyPlace(at, view, start, length)) return at
    }
  }

  #findOldBytes(old: Int32Array, view: DataView, start: number, length: number, hash: number): At {
    const mask = old.length / 2 - 1
    let at = 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      at = old[2 * slot + 1]
      if (at === 0 || (at !== MOVED && old[2 * slot] === hash && this.isKeyPlace(at, view, start, length))) break
    }
    this.#slots.carry()
    return at
  }

  /** Makes a record that of a new element. */
  #enter(at: At, hash: number): void {
    this.#slots.makeRoom(this.#size)
    const position = this.#size++
    if (position === this.#ats.length) this.#ats = grown(this.#ats)
    this.#ats[position] = at
    this.place(at, position)
    this.#slots.occupy(hash, at)
    if (this.#leaveAt !== -1) this.#leave()
  }

  /** Removes an element. */
  remove(at: At): void {
    const position = this.positionOf(at)
    if (this.walk !== undefined) this.walk.before(position)
    this.#slots.replace(this.hashOf(at), at, 0)
    const last = --this.#size
    if (position !== last) this.place((this.#ats[position] = this.#ats[last]), position)
    if (this.walk !== undefined) this.walk.removed(position, last)
    this.forget(at)
    this.arena.free(at)
    this.#slots.giveRoom(last)
    if (isSparse(this.#ats, last)) this.#ats = this.#ats.slice(0, 2 * last)
    this.#tidy()
  }

  #beforeValue(at: At): void {
    if (this.walk !== undefined) this.walk.before(this.positionOf(at))
  }

  /** Another record takes the place of one, unless it is the same. */
  #replace(at: At, to: At): void {
    if (to !== at) {
      this.#move(at, to)
      this.#tidy()
    } else if (this.#leaveAt !== -1) this.#leave()
  }

  #move(at: At, to: At): void {
    if (this.onMove !== undefined) this.onMove(at, to)
    const position = this.positionOf(at)
    this.place(to, position)
    this.#ats[position] = to
    this.#slots.replace(this.hashOf(to), at, to)
    this.arena.free(at)
  }

  /** Something was freed: goes on with chunks that are left, or begins to leave some. */
  #tidy(): void {
    if (this.#leaveAt !== -1) {
      this.#leave()
      return
    }
    const { touchedBytes, usedBytes } = this.arena
    const holes = touchedBytes - usedBytes
    if (holes <= this.#holesMax || holes <= usedBytes) return
    this.#holesMax = Math.max(HOLES_LEAST, holes * MORE)
    if (this.arena.startLeaving(LEFT_SHARE) !== 0) this.#leaveAt = this.#size
  }

  /** Looks at the next few records, and moves those that lie in chunks that are left. */
  #leave(): void {
    const from = Math.min(this.#leaveAt, this.#size)
    const to = Math.max(0, from - STEP)
    for (let position = from - 1; position >= to; position--) {
      const at = this.#ats[position]
      if (this.arena.isLeaving(at)) this.#move(at, this.moved(at))
    }
    this.#leaveAt = to
    if (to !== 0) return
    this.arena.endLeaving()
    this.#leaveAt = -1
    const { touchedBytes, usedBytes } = this.arena
    this.#holesMax = Math.max(HOLES_LEAST, usedBytes, (touchedBytes - usedBytes) * MORE)
  }
}
