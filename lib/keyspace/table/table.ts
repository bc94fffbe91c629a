/**
 * The keys of one database with all that belongs to them: a dict as in dict.ts over records outside V8's heap (record.ts).
 *
 * A key has an address, by which everything is asked of it and which is valid until the key is changed or another is
 * removed; and a position, from 0 on without gaps. Removing a key moves the last one into its position: keys only
 * ever move towards the front, and a scan that walks from the back to the front meets every key that stays for the
 * whole scan. That is Redis's guarantee, with a cursor that is a plain position.
 *
 * A number, or a string of up to PLACED_TEXT_MAX bytes, lies in the record whichever way it was written: as a value of JavaScript
 * (`add`, `setValue`) or by its place in a read buffer (`addText`, `setText`, `setNumber`). So does a small collection, as packed bytes of
 * which its value is a view (packed/packable.ts). Everything else is on V8's heap.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { type At, CHUNK_MASK, CHUNK_SHIFT } from '../../memory/arena.ts'
import { Packable } from '../packed/packable.ts'
import type { EncodingLimits, Value } from '../value.ts'
import { Collections } from './collections.ts'
import { hashOfText } from './keyhash.ts'
import {
  copyBytes,
  Form,
  grown,
  HAS_TIME,
  headBytes,
  isSparse,
  KEY_LENGTH_MASK,
  LENGTH,
  PLACED_KEY_MAX,
  PLACED_TEXT_MAX,
  SHAPE,
  shapeOf,
} from './record.ts'
import { NOT_TIMED, NUMBER_BYTES } from './records.ts'
import { MOVED, Slots } from './slots.ts'
import { Timed } from './timed.ts'

export class Table extends Collections {
  readonly slots = new Slots()
  readonly #timed = new Timed()
  /** By position: where the record is. */
  #ats: Int32Array = new Int32Array(16)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Number of keys with an expiry. */
  get timedSize(): number {
    return this.#timed.size
  }

  /** Where a key is; 0 for nowhere. */
  override find(key: Bytes, hash = hashOfText(key)): At {
    const { pairs, mask, old } = this.slots
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = pairs[2 * slot + 1]
      if (at === 0) return old === undefined ? 0 : this.#findOld(old, key, hash)
      if (pairs[2 * slot] === hash && this.isNamed(at, key)) return at
    }
  }

  /** The same of a key that stands in a buffer. */
  findPlace(p: Places, index: number): At {
    const hash = p.hash(index)
    const { pairs, mask, old } = this.slots
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = pairs[2 * slot + 1]
      if (at === 0) return old === undefined ? 0 : this.#findOldPlace(old, p, index)
      if (pairs[2 * slot] === hash && this.isPlaced(at, p.bytes, p.view, p.start(index), p.end(index))) return at
    }
  }

  /** A key's record, if it is likely to be that of a hash; 0 if there is none. Its content is on its way when this returns. */
  guess(hash: number): At {
    const { pairs, mask } = this.slots
    let slot = hash & mask
    while (pairs[2 * slot] !== hash && pairs[2 * slot + 1] !== 0) slot = (slot + 1) & mask
    return pairs[2 * slot + 1]
  }

  /** Makes room for so many keys, and for those of them with an expiry, if there are none yet. */
  expect(keys: number, timedKeys: number): void {
    if (this.#size !== 0) return
    this.slots.expect(keys)
    this.#timed.expect(timedKeys)
    if (keys > this.#ats.length) this.#ats = new Int32Array(keys)
  }

  atPosition(position: number): At {
    return this.#ats[position]
  }

  // Changes. The address that comes back is the key's from then on.

  /** Adds a key that is known to be absent. `isTimed` leaves room for a time. */
  add(key: Bytes, value: Value, access: number, hash = hashOfText(key), isTimed = false): At {
    const form = key.length > PLACED_KEY_MAX ? Form.Object : formFor(value)
    if (form === Form.Object) return this.#addObject(key, value, access, hash, isTimed)
    const at = this.named(key, form, form === Form.Number ? NUMBER_BYTES : (value as Bytes).length, isTimed)
    this.writeValue(at, value as Bytes | number)
    this.#enter(at, access, hash)
    return at
  }

  #addObject(key: Bytes, value: Value, access: number, hash: number, isTimed: boolean): At {
    const length = this.pack(key, value)
    if (length === 0) {
      const at = this.heap.add(key, value)
      this.#enter(at, access, hash)
      return at
    }
    const at = this.named(key, (value as Packable).packForm, length, isTimed)
    this.writePacked(at, length)
    this.#enter(at, access, hash)
    this.settled(value as Packable, key, at)
    return at
  }

  setValue(at: At, key: Bytes, value: Value): At {
    const form = key.length > PLACED_KEY_MAX ? Form.Object : formFor(value)
    if (form !== Form.Object) {
      const to = this.#fit(at, form, form === Form.Number ? NUMBER_BYTES : (value as Bytes).length)
      this.writeValue(to, value as Bytes | number)
      return to
    }
    if (value instanceof Packable && value.liesAt(this, at)) return at
    const length = this.pack(key, value)
    if (length !== 0) {
      const to = this.#fit(at, (value as Packable).packForm, length)
      this.writePacked(to, length)
      this.settled(value as Packable, key, to)
      return to
    }
    if (at < 0) {
      this.heap.setValue(at, value)
      return at
    }
    const to = this.heap.add(key, value)
    this.move(at, to, hashOfText(key))
    this.arena.free(at)
    return to
  }

  addText(p: Places, key: number, value: number, access: number, isTimed: boolean): At {
    const at = this.placed(p, key, Form.Text, p.length(value), isTimed)
    this.writeText(at, p, value)
    this.#enter(at, access, p.hash(key))
    return at
  }

  setText(at: At, p: Places, value: number): At {
    const to = this.#fit(at, Form.Text, p.length(value))
    this.writeText(to, p, value)
    return to
  }

  addNumber(p: Places, key: number, number: number, access: number, isTimed: boolean): At {
    const at = this.placed(p, key, Form.Number, NUMBER_BYTES, isTimed)
    this.writeNumber(at, number)
    this.#enter(at, access, p.hash(key))
    return at
  }

  /** Adds a key with a collection, whose packed form in a form the scratch array begins with. */
  addPacked(p: Places, key: number, form: number, length: number, access: number, limits: EncodingLimits): At {
    this.limits ??= limits
    const at = this.placed(p, key, form, length, false)
    this.writePacked(at, length)
    this.#enter(at, access, p.hash(key))
    return at
  }

  setNumber(at: At, number: number): At {
    const to = this.#fit(at, Form.Number, NUMBER_BYTES)
    this.writeNumber(to, number)
    return to
  }

  remove(at: At): void {
    this.moves++
    this.slots.replace(this.hashOf(at), at, 0)
    this.clearTime(at)
    const position = this.positionOf(at)
    const last = --this.#size
    if (position !== last) this.place((this.#ats[position] = this.#ats[last]), position)
    if (at < 0) this.#removeHeap(at)
    else this.arena.free(at)
    this.slots.giveRoom(last)
    if (isSparse(this.#ats, last)) this.#ats = this.#ats.slice(0, 2 * last)
  }

  // Compaction (compaction.ts).

  /** Chunks of records that are used to less than a share are left, some at a time. Returns how many. */
  startLeaving(share: number): number {
    return this.arena.startLeaving(share)
  }

  endLeaving(): void {
    this.arena.endLeaving()
  }

  /** Moves the record at a position out of a chunk that is being left. False if it may stay. */
  moveRecord(position: number): boolean {
    const at = this.#ats[position]
    if (at < 0 || !this.arena.isLeaving(at)) return false
    const bytes = this.arena.sizeOf(at)
    const to = this.arena.allocate(bytes)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    copyBytes(chunk.view, (at & CHUNK_MASK) << 3, bytes, this.chunks[to >>> CHUNK_SHIFT], (to & CHUNK_MASK) << 3)
    this.move(at, to, this.hashOf(at))
    this.arena.free(at)
    return true
  }

  // Expiry.

  /** Unix ms; -1 for none. */
  timeOf(at: At): number {
    const index = this.timeIndex(at)
    return index === NOT_TIMED ? -1 : this.#timed.timeAt(index)
  }

  /** By an index from 0 to `timedSize` - 1: the time, and the key's address. */
  timeAt(index: number): number {
    return this.#timed.timeAt(index)
  }

  timedRecord(index: number): At {
    return this.#timed.recordAt(index)
  }

  setTime(at: At, time: number): At {
    const index = this.timeIndex(at)
    if (index !== NOT_TIMED) {
      this.#timed.setTime(index, time)
      return at
    }
    const to = at < 0 ? at : this.#withTime(at)
    this.setTimeIndex(to, this.#timed.add(to, time))
    return to
  }

  /** True if it had an expiry. */
  clearTime(at: At): boolean {
    const index = this.timeIndex(at)
    if (index === NOT_TIMED) return false
    const moved = this.#timed.remove(index)
    if (moved !== 0) this.setTimeIndex(moved, index)
    this.setTimeIndex(at, NOT_TIMED)
    return true
  }

  /** For tests. @throws Error where something does not fit together */
  check(): void {
    this.arena.check()
    let objects = 0
    let recordsBytes = 0
    for (let position = 0; position < this.#size; position++) {
      const at = this.#ats[position]
      const key = this.keyOf(at)
      if (this.positionOf(at) !== position) throw new Error(`${key}: another position`)
      if (this.find(key) !== at) throw new Error(`${key} is not found`)
      const index = this.timeIndex(at)
      if (index !== NOT_TIMED && this.#timed.recordAt(index) !== at) throw new Error(`${key}: the time of another`)
      if (at < 0) objects++
      recordsBytes += this.recordBytes(at)
    }
    if (recordsBytes !== this.recordsBytes) throw new Error(`records of ${recordsBytes} bytes in ${this.recordsBytes}`)
    if (objects !== this.heap.size) throw new Error('values without keys')
    for (let i = 0; i < this.#timed.size; i++) {
      if (this.timeIndex(this.#timed.recordAt(i)) !== i) throw new Error('a time without a key')
    }
  }

  #findOld(old: Int32Array, key: Bytes, hash: number): At {
    const mask = old.length / 2 - 1
    let at = 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      at = old[2 * slot + 1]
      if (at === 0 || (at !== MOVED && old[2 * slot] === hash && this.isNamed(at, key))) break
    }
    this.slots.carry()
    return at
  }

  #findOldPlace(old: Int32Array, p: Places, index: number): At {
    const hash = p.hash(index)
    const mask = old.length / 2 - 1
    let at = 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      at = old[2 * slot + 1]
      if (at === 0) break
      if (at === MOVED || old[2 * slot] !== hash) continue
      if (this.isPlaced(at, p.bytes, p.view, p.start(index), p.end(index))) break
    }
    this.slots.carry()
    return at
  }

  /** The record of a key with room for a value of so many bytes: as it is, or another in its place. */
  #fit(at: At, form: number, valueBytes: number): At {
    if (at < 0) return this.fromHeap(at, form, valueBytes)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const before = chunk.words[word + SHAPE]
    const keyLength = before & KEY_LENGTH_MASK
    const shape = shapeOf(form, keyLength, (before & HAS_TIME) !== 0)
    if (this.arena.suits(at, headBytes(shape) + keyLength + valueBytes)) {
      chunk.words[word + SHAPE] = shape
      return at
    }
    const to = this.allocate(shape, keyLength + valueBytes)
    const start = headBytes(shape)
    copyBytes(
      chunk.view,
      4 * word + start,
      keyLength,
      this.chunks[to >>> CHUNK_SHIFT],
      ((to & CHUNK_MASK) << 3) + start,
    )
    this.move(at, to, this.hashOf(at))
    this.arena.free(at)
    return to
  }

  /** A record in the place of what a key has on V8's heap. */
  protected override fromHeap(at: At, form: number, valueBytes: number): At {
    const key = this.heap.nameOf(at)
    const to = this.named(key, form, valueBytes, this.timeIndex(at) !== NOT_TIMED)
    this.move(at, to, hashOfText(key))
    this.#removeHeap(at)
    return to
  }

  /** The record with words for an expiry. */
  #withTime(at: At): At {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    if ((shape & HAS_TIME) !== 0) return at
    const contentBytes = (shape & KEY_LENGTH_MASK) + chunk.words[word + LENGTH]
    const timedShape = shape | HAS_TIME
    const to = this.allocate(timedShape, contentBytes)
    const toChunk = this.chunks[to >>> CHUNK_SHIFT]
    const toWord = (to & CHUNK_MASK) << 1
    toChunk.words[toWord + LENGTH] = chunk.words[word + LENGTH]
    copyBytes(chunk.view, 4 * word + headBytes(shape), contentBytes, toChunk, 4 * toWord + headBytes(timedShape))
    this.move(at, to, this.hashOf(at))
    this.arena.free(at)
    return to
  }

  /** Another record stands for a key from now on: it gets what all records have. */
  protected override move(from: At, to: At, hash: number): void {
    this.moves++
    const position = this.positionOf(from)
    this.place(to, position)
    this.#ats[position] = to
    this.setAccess(to, this.accessOf(from))
    this.slots.replace(hash, from, to)
    const index = this.timeIndex(from)
    if (index === NOT_TIMED) return
    this.setTimeIndex(to, index)
    this.#timed.setRecord(index, to)
  }

  /** Makes a record that of a new key. */
  #enter(at: At, access: number, hash: number): void {
    this.slots.makeRoom(this.#size)
    const position = this.#size++
    if (position === this.#ats.length) this.#ats = grown(this.#ats)
    this.#ats[position] = at
    this.place(at, position)
    this.setAccess(at, access)
    this.slots.occupy(hash, at)
  }

  /** Takes away what a key has on V8's heap, where the last one gets its address. */
  #removeHeap(at: At): void {
    const last = this.heap.remove(at)
    if (last === at) return
    this.slots.replace(hashOfText(this.heap.nameOf(at)), last, at)
    this.#ats[this.heap.positionOf(at)] = at
    const index = this.heap.timeOf(at)
    if (index !== NOT_TIMED) this.#timed.setRecord(index, at)
  }
}

/** Where a value is kept, one of Form. */
function formFor(value: Value): number {
  if (typeof value === 'number') return Form.Number
  return typeof value === 'string' && value.length <= PLACED_TEXT_MAX ? Form.Text : Form.Object
}
