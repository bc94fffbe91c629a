/**
 * A small collection that lies in the record of its key, as the bytes of a listpack or an intset: where it is, and what is done to these
 * bytes whatever they mean. Values of each type read and change it through here (values/), and by nothing else.
 *
 * A record moves: when its value grows, when it is given an expiry, when memory is compacted. So `open` comes before each look, and
 * what it has found holds until the next change. It costs one comparison while no record of the table has moved.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { At } from '../../memory/arena.ts'
import type { ObjectValue } from '../value.ts'
import { EMPTY_BYTES, END, HEADER_BYTES, readElement, scratch, skip, writeElement, writePlaced } from './element.ts'

/** Largest pack in a record. A larger one is on V8's heap. Unit: bytes. */
export const PACK_MAX = 1024
/** Longest element that may be looked for or added. */
export const ELEMENT_MAX = 4095
/** A move of more bytes is left to the array's own method. */
const FEW_BYTES = 48

/** What a pack asks of the table that has its record. */
export interface PackStore {
  /** Counts the records that got another address, or went. */
  readonly moves: number
  /** The address of a key; 0 for none. */
  find(key: Bytes): At
  /** Puts where a record's value stands into `pack`. @throws Error where it has none that is packed */
  openPack(at: At, pack: Pack): void
  /** Puts a value on V8's heap in the place of a record. */
  unpack(at: At, key: Bytes, value: ObjectValue): void
  /** Gives a record room for a value of so many bytes, of which those stay that there were. Returns its address. */
  resize(at: At, bytes: number): At
}

const NOTHING = new Uint8Array(0)
const NO_VIEW = new DataView(NOTHING.buffer)
const NO_WORDS = new Int32Array(0)

export class Pack {
  readonly store: PackStore
  readonly key: Bytes
  at: At
  /** The table's count for which all below holds. */
  moves = -1
  /** The memory in which the value stands, from `start` on. */
  bytes: Uint8Array = NOTHING
  view: DataView = NO_VIEW
  start = 0
  /** Where the record has its length. */
  words: Int32Array = NO_WORDS
  lengthWord = 0
  /** Bytes of the element that is sought, with which the scratch array begins. */
  sought = 0

  constructor(store: PackStore, key: Bytes, at: At) {
    this.store = store
    this.key = key
    this.at = at
    this.lookAt(at)
  }

  /** Bytes of the value. */
  get length(): number {
    return this.words[this.lengthWord]
  }

  /** Looks at the record at an address from now on. */
  lookAt(at: At): void {
    this.at = at
    this.store.openPack(at, this)
    this.moves = this.store.moves
  }

  /** Finds the record again, if one has moved. */
  open(): void {
    const { store } = this
    if (this.moves !== store.moves) this.lookAt(store.find(this.key))
  }

  /** True if nothing has moved since it was opened. */
  get isCurrent(): boolean {
    return this.moves === this.store.moves
  }

  /** The record goes, and its key has a value on V8's heap instead. */
  leave(value: ObjectValue): void {
    this.open()
    this.store.unpack(this.at, this.key, value)
  }

  /** Replaces `removed` bytes from an offset on by those of the scratch array from `from` to before `to`. False, and nothing is changed, if that is too much. */
  splice(offset: number, removed: number, from: number, to: number): boolean {
    const added = to - from
    const before = this.length
    const after = before + added - removed
    if (after > PACK_MAX) return false
    const tail = offset + removed - this.start
    if (added < removed) this.#shift(tail, before, added - removed)
    if (after !== before) this.#resize(after)
    if (added > removed) this.#shift(tail, before, added - removed)
    const { bytes } = this
    const at = this.start + tail - removed
    if (added > FEW_BYTES) bytes.set(scratch.subarray(from, to), at)
    else for (let i = 0; i < added; i++) bytes[at + i] = scratch[from + i]
    return true
  }

  /** Moves the bytes of the value from one on to before another by a distance. */
  #shift(from: number, to: number, distance: number): void {
    const { bytes, start } = this
    if (to - from > FEW_BYTES) bytes.copyWithin(start + from + distance, start + from, start + to)
    else if (distance < 0) for (let i = start + from; i < start + to; i++) bytes[i + distance] = bytes[i]
    else for (let i = start + to - 1; i >= start + from; i--) bytes[i + distance] = bytes[i]
  }

  #resize(length: number): void {
    const { store } = this
    const to = store.resize(this.at, length)
    if (to !== this.at) this.lookAt(to)
  }

  // As a listpack.

  /** Number of elements. */
  get count(): number {
    this.open()
    return this.view.getUint16(this.start + HEADER_BYTES - 2, true)
  }

  /** The offset of the first element. Nothing must be changed between this and looks by offset. */
  first(): number {
    this.open()
    return this.start + HEADER_BYTES
  }

  /** The offset of END. */
  end(): number {
    this.open()
    return this.start + this.length - 1
  }

  isEnd(offset: number): boolean {
    return this.bytes[offset] === END
  }

  skip(offset: number): number {
    return skip(this.bytes, offset)
  }

  elementAt(offset: number): Bytes {
    return readElement(this.bytes, this.view, offset)
  }

  /** The offset of the element with an index, which may be that behind the last one. */
  seek(index: number): number {
    let at = this.first()
    for (let i = 0; i < index; i++) at = skip(this.bytes, at)
    return at
  }

  /** Writes an element that is sought, of at most ELEMENT_MAX bytes, into the scratch array, so that it can also be added. */
  seeks(element: Bytes): void {
    this.sought = writeElement(element, 0)
  }

  /** Whether the element at an offset is the one that is sought. */
  isSought(offset: number): boolean {
    return this.bytes[offset] === scratch[0] && isScratch(this.bytes, offset, this.sought)
  }

  /** The offset of the first element equal to one, which is sought from then on, among those that stand `stride` apart; -1 for none. */
  find(element: Bytes, stride: number): number {
    if (element.length > ELEMENT_MAX) return -1
    this.seeks(element)
    return this.#find(stride)
  }

  /** The same of an argument, of at most ELEMENT_MAX bytes, that stands in a read buffer. */
  findPlace(p: Places, index: number, stride: number): number {
    this.sought = writePlaced(p, index, 0)
    return this.#find(stride)
  }

  #find(stride: number): number {
    const length = this.sought
    const lead = scratch[0]
    let at = this.first()
    const { bytes } = this
    for (;;) {
      const found = bytes[at]
      if (found === lead && isScratch(bytes, at, length)) return at
      if (found === END) return -1
      at = skip(bytes, at)
      if (stride === 2) at = skip(bytes, at)
    }
  }

  /** Changes elements: as `splice`, and `count` more of them. */
  change(offset: number, removed: number, to: number, count: number): boolean {
    if (!this.splice(offset, removed, 0, to)) return false
    const { view, start } = this
    view.setUint32(start, this.length, true)
    if (count !== 0) view.setUint16(start + 4, view.getUint16(start + 4, true) + count, true)
    return true
  }

  /** All elements, as a fresh array of strings that stand for themselves. */
  elements(): Bytes[] {
    const elements: Bytes[] = []
    for (let at = this.first(); !this.isEnd(at); at = this.skip(at)) elements.push(this.elementAt(at))
    return elements
  }

  /** Visits elements that stand in pairs. `visit` must not change anything. */
  forEachPair(visit: (first: Bytes, second: Bytes) => void): void {
    let at = this.first()
    const { bytes, view } = this
    while (bytes[at] !== END) {
      const next = skip(bytes, at)
      visit(readElement(bytes, view, at), readElement(bytes, view, next))
      at = skip(bytes, next)
    }
  }

  /** All bytes, to be read at once. */
  content(): Uint8Array {
    this.open()
    return this.bytes.subarray(this.start, this.start + this.length)
  }
}

/** Writes the listpack of these elements into the scratch array. Returns its length; 0 if it is too large. */
export function writeListpack(elements: readonly Bytes[]): number {
  let at = HEADER_BYTES
  for (let i = 0; i < elements.length; i++) {
    if (at + elements[i].length > PACK_MAX) return 0
    at = writeElement(elements[i], at)
  }
  return endListpack(at, elements.length)
}

/** Ends a listpack whose elements are in the scratch array up to an offset. As `writeListpack`. */
export function endListpack(at: number, count: number): number {
  const length = at + EMPTY_BYTES - HEADER_BYTES
  if (length > PACK_MAX) return 0
  scratch[0] = length & 255
  scratch[1] = length >> 8
  scratch[2] = scratch[3] = 0
  scratch[4] = count & 255
  scratch[5] = count >> 8
  scratch[at] = END
  return length
}

/** Whether the first bytes of the scratch array stand at an offset, of which the very first is known to. From behind: that is where fields of one kind differ. */
export function isScratch(bytes: Uint8Array, at: number, length: number): boolean {
  let i = length - 1
  while (i > 0 && bytes[at + i] === scratch[i]) i--
  return i <= 0
}
