/**
 * What is asked of a key by its address, and done to what lies there: a record outside V8's heap (record.ts), or for an address
 * below 0 a name and a value on it (heapvalues.ts). Nothing here moves a key; where keys are is the table's (table.ts).
 */
import { type Bytes, copyInto, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { Arena, type At, CHUNK_MASK, CHUNK_SHIFT, type Chunk } from '../../memory/arena.ts'
import { scratchView } from '../packed/element.ts'
import type { Pack } from '../packed/pack.ts'
import type { Value } from '../value.ts'
import { HeapValues, heapAt } from './heapvalues.ts'
import { hashOfBytes, hashOfText } from './keyhash.ts'
import {
  ACCESS,
  copyBytes,
  Form,
  formOf,
  HAS_TIME,
  headBytes,
  KEY_LENGTH_MASK,
  LENGTH,
  POSITION,
  SHAPE,
  sameBytes,
  shapeOf,
  stands,
  TIMED,
} from './record.ts'

export const NUMBER_BYTES = 8
export const NOT_TIMED = -1
const NO_BYTES = new Uint8Array(0)
const NOTHING = new DataView(NO_BYTES.buffer)

export abstract class Records {
  protected readonly arena = new Arena()
  protected readonly chunks: readonly Chunk[] = this.arena.chunks
  protected readonly heap = new HeapValues()
  /** What `openText` has found. */
  textBytes: Uint8Array = NO_BYTES
  textView: DataView = NOTHING
  textStart = 0
  textEnd = 0

  /** Keys whose values are on V8's heap, and their addresses by an index from 0 on. */
  get objects(): number {
    return this.heap.size
  }

  objectAt(index: number): At {
    return heapAt(index)
  }

  /** Bytes of all records. */
  get recordsBytes(): number {
    return this.arena.usedBytes
  }

  /** Bytes between them that take memory. */
  get holesBytes(): number {
    return this.arena.touchedBytes - this.arena.usedBytes
  }

  /** Bytes that are held for them. */
  get heldBytes(): number {
    return this.arena.heldBytes
  }

  positionOf(at: At): number {
    if (at < 0) return this.heap.positionOf(at)
    return this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + POSITION]
  }

  accessOf(at: At): number {
    if (at < 0) return this.heap.accessOf(at)
    return this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + ACCESS] >>> 0
  }

  setAccess(at: At, word: number): void {
    if (at < 0) this.heap.setAccess(at, word)
    else this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + ACCESS] = word
  }

  /** One of Form. */
  formOf(at: At): number {
    return at < 0 ? Form.Object : formOf(this.shapeOf(at))
  }

  keyOf(at: At): Bytes {
    if (at < 0) return this.heap.nameOf(at)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const start = 4 * word + headBytes(shape)
    return sliceOf(chunk.bytes, start, start + (shape & KEY_LENGTH_MASK))
  }

  /** `key` is that of the record, where it is known. */
  valueOf(at: At, key?: Bytes): Value {
    if (at < 0) return this.heap.valueOf(at)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const start = 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK)
    const form = formOf(shape)
    if (form === Form.Number) return chunk.view.getFloat64(start, true)
    if (form !== Form.Text) return this.viewOf(at, form, key)
    return sliceOf(chunk.bytes, start, start + chunk.words[word + LENGTH])
  }

  /** The view of a collection that is packed. */
  protected abstract viewOf(at: At, form: number, key: Bytes | undefined): Value

  /** The value if it is on V8's heap; undefined for what is in a record. */
  objectOf(at: At): Value | undefined {
    return at < 0 ? this.heap.valueOf(at) : undefined
  }

  /** Of the form Text: puts where the text stands into `textBytes`, `textView`, `textStart`, `textEnd`, to be read at once. */
  openText(at: At): void {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const start = 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK)
    this.textBytes = chunk.bytes
    this.textView = chunk.view
    this.textStart = start
    this.textEnd = start + chunk.words[word + LENGTH]
  }

  /** Of the form Number. */
  numberOf(at: At): number {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    return chunk.view.getFloat64(4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK), true)
  }

  /** The same, to be another from now on. */
  replaceNumber(at: At, number: number): void {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    chunk.view.setFloat64(4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK), number, true)
  }

  /** Where the value of a record stands, into `pack`. @throws Error where none is packed there */
  openPack(at: At, pack: Pack): void {
    const form = at === 0 ? Form.Object : this.formOf(at)
    if (form <= Form.Object) throw new Error(`${pack.key} is no longer packed`)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    pack.bytes = chunk.bytes
    pack.view = chunk.view
    pack.start = 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK)
    pack.words = chunk.words
    pack.lengthWord = word + LENGTH
  }

  /** The length of a name on V8's heap; -1 for none. */
  objectKeyLength(at: At): number {
    return at < 0 ? this.heap.nameOf(at).length : -1
  }

  /** Of a record: the length of its value. */
  lengthOf(at: At): number {
    return this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + LENGTH]
  }

  /** Copies a record's key and value to the words of another array, from an index on. Returns the index behind them. */
  copyContent(at: At, into: Int32Array, index: number): number {
    const { words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    const from = word + (headBytes(shape) >>> 2)
    const count = ((shape & KEY_LENGTH_MASK) + words[word + LENGTH] + 3) >>> 2
    for (let i = 0; i < count; i++) into[index + i] = words[from + i]
    return index + count
  }

  /** Bytes of the record. */
  recordBytes(at: At): number {
    return at < 0 ? 0 : this.arena.sizeOf(at)
  }

  /** Reads a few words of a record, so that they are near afterwards. */
  touch(at: At): number {
    return at < 0 ? 0 : this.shapeOf(at)
  }

  /** The same of what it has on V8's heap. */
  touchObject(at: At, readsValue: boolean): number {
    if (at > 0) return 0
    const value = readsValue ? this.heap.valueOf(at) : undefined
    return this.heap.nameOf(at).length ^ (typeof value === 'string' ? value.length : 0)
  }

  /** The name of a key on V8's heap, if it has one there and it is what stands in a buffer. */
  nameOf(at: At, bytes: Uint8Array, start: number, end: number): Bytes | undefined {
    if (at > 0) return undefined
    const name = this.heap.nameOf(at)
    return stands(bytes, start, end - start, name) ? name : undefined
  }

  /** Of a record: its word of that name. */
  shapeOf(at: At): number {
    return this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + SHAPE]
  }

  protected timeIndex(at: At): number {
    if (at < 0) return this.heap.timeOf(at)
    const { words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    return (words[word + SHAPE] & HAS_TIME) === 0 ? NOT_TIMED : words[word + TIMED]
  }

  protected setTimeIndex(at: At, index: number): void {
    if (at < 0) this.heap.setTime(at, index)
    else this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + TIMED] = index
  }

  protected place(at: At, position: number): void {
    if (at < 0) this.heap.setPosition(at, position)
    else this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + POSITION] = position
  }

  protected isNamed(at: At, key: Bytes): boolean {
    if (at < 0) return this.heap.nameOf(at) === key
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    return stands(chunk.bytes, 4 * word + headBytes(shape), shape & KEY_LENGTH_MASK, key)
  }

  protected isPlaced(at: At, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    if (at < 0) return stands(bytes, start, end - start, this.heap.nameOf(at))
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const length = shape & KEY_LENGTH_MASK
    return length === end - start && sameBytes(chunk.view, 4 * word + headBytes(shape), view, start, length)
  }

  protected hashOf(at: At): number {
    if (at < 0) return hashOfText(this.heap.nameOf(at))
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const start = 4 * word + headBytes(shape)
    return hashOfBytes(chunk.view, start, start + (shape & KEY_LENGTH_MASK))
  }

  /** A record with its shape, and without content. */
  protected allocate(shape: number, contentBytes: number): At {
    const at = this.arena.allocate(headBytes(shape) + contentBytes)
    const { words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    words[word + SHAPE] = shape
    if ((shape & HAS_TIME) !== 0) words[word + TIMED] = NOT_TIMED
    return at
  }

  /** A record with the key that stands in a buffer, and room for its value. */
  protected placed(p: Places, key: number, form: number, valueBytes: number, hasTime: boolean): At {
    const keyLength = p.length(key)
    const shape = shapeOf(form, keyLength, hasTime)
    const at = this.allocate(shape, keyLength + valueBytes)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    copyBytes(p.view, p.start(key), keyLength, chunk, ((at & CHUNK_MASK) << 3) + headBytes(shape))
    return at
  }

  /** The same with a key that is text. */
  protected named(key: Bytes, form: number, valueBytes: number, hasTime: boolean): At {
    const shape = shapeOf(form, key.length, hasTime)
    const at = this.allocate(shape, key.length + valueBytes)
    copyInto(this.chunks[at >>> CHUNK_SHIFT].bytes, ((at & CHUNK_MASK) << 3) + headBytes(shape), key)
    return at
  }

  protected writeValue(at: At, value: Bytes | number): void {
    if (typeof value === 'number') {
      this.writeNumber(at, value)
      return
    }
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    chunk.words[word + LENGTH] = value.length
    copyInto(chunk.bytes, 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK), value)
  }

  /** Writes as a value what the scratch array begins with. */
  protected writePacked(at: At, length: number): void {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    chunk.words[word + LENGTH] = length
    copyBytes(scratchView, 0, length, chunk, 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK))
  }

  protected writeText(at: At, p: Places, value: number): void {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const length = p.length(value)
    chunk.words[word + LENGTH] = length
    copyBytes(p.view, p.start(value), length, chunk, 4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK))
  }

  protected writeNumber(at: At, number: number): void {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    chunk.words[word + LENGTH] = NUMBER_BYTES
    chunk.view.setFloat64(4 * word + headBytes(shape) + (shape & KEY_LENGTH_MASK), number, true)
  }
}
