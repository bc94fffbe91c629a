/**
 * How an element of a large collection lies in the collection's own arena: a head of two words, then the bytes of its key (a member, or a
 * field), then those of its value, if it has one.
 *
 * - word 0: its position (see elements.ts)
 * - word 1: the length of the key in the lower 11 bits, that of the value in the 11 above, and which of them is long
 *
 * In the place of what is longer than PART_MAX stands the index of a string on V8's heap (longtexts.ts). The value of a member of a sorted set
 * is its score, a double.
 */
import { type Bytes, copyInto, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { Arena, type At, CHUNK_MASK, CHUNK_SHIFT, type Chunk } from '../../memory/arena.ts'
import { hashOfBytes, hashOfText } from '../table/keyhash.ts'
import { copyBytes, sameBytes, stands } from '../table/record.ts'
import { LongTexts } from './longtexts.ts'

/** Longest key, and longest value, that lie in a record. Unit: bytes. */
export const PART_MAX = 1024
const POSITION = 0
const SHAPE = 1
const VALUE_SHIFT = 11
const LENGTH_MASK = (1 << VALUE_SHIFT) - 1
const LONG_KEY = 1 << 22
const LONG_VALUE = 1 << 23
const HEAD_BYTES = 8
const INDEX_BYTES = 4
const SCORE_BYTES = 8

const NO_BYTES = new Uint8Array(0)
const NOTHING = new DataView(NO_BYTES.buffer)

export abstract class ElementRecords {
  protected arena: Arena
  protected chunks: readonly Chunk[]
  protected texts = new LongTexts()
  /** What `openKey` has found. */
  keyBytes: Uint8Array = NO_BYTES
  keyView: DataView = NOTHING
  keyStart = 0
  keyEnd = 0
  /** What `openValue` has found. */
  valueBytes: Uint8Array = NO_BYTES
  valueView: DataView = NOTHING
  valueStart = 0
  valueEnd = 0

  constructor(arena = new Arena(true)) {
    this.arena = arena
    this.chunks = arena.chunks
  }

  keyOf(at: At): Bytes {
    const { bytes, view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    const start = 4 * word + HEAD_BYTES
    if ((shape & LONG_KEY) !== 0) return this.texts.at(view.getInt32(start, true))
    return sliceOf(bytes, start, start + (shape & LENGTH_MASK))
  }

  /** '' where it has none. */
  valueOf(at: At): Bytes {
    const { bytes, view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    const length = (shape >>> VALUE_SHIFT) & LENGTH_MASK
    if (length === 0) return ''
    const start = 4 * word + HEAD_BYTES + (shape & LENGTH_MASK)
    if ((shape & LONG_VALUE) !== 0) return this.texts.at(view.getInt32(start, true))
    return sliceOf(bytes, start, start + length)
  }

  /** Puts where a key stands into `keyBytes` and what is beside it, to be read at once. False for a long one. */
  openKey(at: At): boolean {
    const { bytes, view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    if ((shape & LONG_KEY) !== 0) return false
    this.keyBytes = bytes
    this.keyView = view
    this.keyStart = 4 * word + HEAD_BYTES
    this.keyEnd = this.keyStart + (shape & LENGTH_MASK)
    return true
  }

  /** Puts where a value stands into `valueBytes` and what is beside it, to be read at once. False for a long one. */
  openValue(at: At): boolean {
    const { bytes, view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    if ((shape & LONG_VALUE) !== 0) return false
    this.valueBytes = bytes
    this.valueView = view
    this.valueStart = 4 * word + HEAD_BYTES + (shape & LENGTH_MASK)
    this.valueEnd = this.valueStart + ((shape >>> VALUE_SHIFT) & LENGTH_MASK)
    return true
  }

  positionOf(at: At): number {
    return this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + POSITION]
  }

  protected place(at: At, position: number): void {
    this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + POSITION] = position
  }

  protected isKey(at: At, key: Bytes): boolean {
    const { bytes, view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    const start = 4 * word + HEAD_BYTES
    if ((shape & LONG_KEY) !== 0) return this.texts.at(view.getInt32(start, true)) === key
    return stands(bytes, start, shape & LENGTH_MASK, key)
  }

  /** The same of an argument, of at most PART_MAX bytes, that stands in a read buffer. */
  protected isKeyPlace(at: At, from: DataView, start: number, length: number): boolean {
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    if ((shape & (LENGTH_MASK | LONG_KEY)) !== length) return false
    return sameBytes(view, 4 * word + HEAD_BYTES, from, start, length)
  }

  protected hashOf(at: At): number {
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    const start = 4 * word + HEAD_BYTES
    if ((shape & LONG_KEY) !== 0) return hashOfText(this.texts.at(view.getInt32(start, true)))
    return hashOfBytes(view, start, start + (shape & LENGTH_MASK))
  }

  /** A new record. */
  protected write(key: Bytes, value: Bytes): At {
    const keyPart = partOf(key.length, LONG_KEY)
    const valuePart = partOf(value.length, LONG_VALUE)
    const keyBytes = keyPart & LENGTH_MASK
    const valueBytes = valuePart & LENGTH_MASK
    const at = this.arena.allocate(HEAD_BYTES + keyBytes + valueBytes)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const start = 4 * word + HEAD_BYTES
    chunk.words[word + SHAPE] = shapeOf(keyPart, valuePart)
    this.#writePart(chunk, start, keyPart, key)
    this.#writePart(chunk, start + keyBytes, valuePart, value)
    return at
  }

  /** The same of arguments of at most PART_MAX bytes; a value of index 0 is none. */
  protected writePlace(p: Places, key: number, value: number): At {
    const keyBytes = p.length(key)
    const valueBytes = value === 0 ? 0 : p.length(value)
    const at = this.arena.allocate(HEAD_BYTES + keyBytes + valueBytes)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const start = 4 * word + HEAD_BYTES
    chunk.words[word + SHAPE] = shapeOf(keyBytes, valueBytes)
    copyBytes(p.view, p.start(key), keyBytes, chunk, start)
    if (valueBytes !== 0) copyBytes(p.view, p.start(value), valueBytes, chunk, start + keyBytes)
    return at
  }

  /** The same of a key of at most PART_MAX bytes that stands somewhere, without a value. */
  protected writeBytes(from: DataView, start: number, length: number): At {
    const at = this.arena.allocate(HEAD_BYTES + length)
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    chunk.words[((at & CHUNK_MASK) << 1) + SHAPE] = shapeOf(length, 0)
    copyBytes(from, start, length, chunk, ((at & CHUNK_MASK) << 3) + HEAD_BYTES)
    return at
  }

  /** A new record of a member with a score. */
  protected writeScored(key: Bytes, score: number): At {
    const keyPart = partOf(key.length, LONG_KEY)
    const at = this.#allocateScored(keyPart, score)
    this.#writePart(this.chunks[at >>> CHUNK_SHIFT], ((at & CHUNK_MASK) << 3) + HEAD_BYTES, keyPart, key)
    return at
  }

  /** The same of a member of at most PART_MAX bytes that stands somewhere. */
  protected writeScoredBytes(from: DataView, start: number, length: number, score: number): At {
    const at = this.#allocateScored(length, score)
    copyBytes(from, start, length, this.chunks[at >>> CHUNK_SHIFT], ((at & CHUNK_MASK) << 3) + HEAD_BYTES)
    return at
  }

  scoreOf(at: At): number {
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    return view.getFloat64(4 * word + HEAD_BYTES + (words[word + SHAPE] & LENGTH_MASK), true)
  }

  setScore(at: At, score: number): void {
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    view.setFloat64(4 * word + HEAD_BYTES + (words[word + SHAPE] & LENGTH_MASK), score, true)
  }

  /** Whether a key is before another by its bytes (below 0), the same (0), or behind it. */
  compareKeys(one: At, other: At): number {
    const a = this.chunks[one >>> CHUNK_SHIFT]
    const b = this.chunks[other >>> CHUNK_SHIFT]
    const wordA = (one & CHUNK_MASK) << 1
    const wordB = (other & CHUNK_MASK) << 1
    const shapeA = a.words[wordA + SHAPE]
    const shapeB = b.words[wordB + SHAPE]
    if (((shapeA | shapeB) & LONG_KEY) !== 0) return compareTexts(this.keyOf(one), this.keyOf(other))
    const lengthA = shapeA & LENGTH_MASK
    const lengthB = shapeB & LENGTH_MASK
    return compareBytes(a.view, 4 * wordA + HEAD_BYTES, lengthA, b.view, 4 * wordB + HEAD_BYTES, lengthB)
  }

  /** The record with another value: as it is, or another one that is to take its place. */
  protected rewrite(at: At, value: Bytes): At {
    const part = partOf(value.length, LONG_VALUE)
    const to = this.#fit(at, part)
    const chunk = this.chunks[to >>> CHUNK_SHIFT]
    const word = (to & CHUNK_MASK) << 1
    this.#writePart(chunk, 4 * word + HEAD_BYTES + (chunk.words[word + SHAPE] & LENGTH_MASK), part, value)
    return to
  }

  /** The same of an argument of at most PART_MAX bytes. */
  protected rewritePlace(at: At, p: Places, value: number): At {
    const length = p.length(value)
    const to = this.#fit(at, length)
    const chunk = this.chunks[to >>> CHUNK_SHIFT]
    const word = (to & CHUNK_MASK) << 1
    const start = 4 * word + HEAD_BYTES + (chunk.words[word + SHAPE] & LENGTH_MASK)
    copyBytes(p.view, p.start(value), length, chunk, start)
    return to
  }

  /** Frees what a record has on V8's heap, before it is freed itself. */
  protected forget(at: At): void {
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = words[word + SHAPE]
    if ((shape & (LONG_KEY | LONG_VALUE)) === 0) return
    const start = 4 * word + HEAD_BYTES
    if ((shape & LONG_KEY) !== 0) this.texts.remove(view.getInt32(start, true))
    if ((shape & LONG_VALUE) !== 0) this.texts.remove(view.getInt32(start + (shape & LENGTH_MASK), true))
  }

  /** A copy of a record that lies elsewhere. */
  protected moved(at: At): At {
    const bytes = this.arena.sizeOf(at)
    const to = this.arena.allocate(bytes)
    const from = this.chunks[at >>> CHUNK_SHIFT]
    copyBytes(from.view, (at & CHUNK_MASK) << 3, bytes, this.chunks[to >>> CHUNK_SHIFT], (to & CHUNK_MASK) << 3)
    return to
  }

  /** Number of parts on V8's heap. */
  protected longParts(at: At): number {
    const shape = this.chunks[at >>> CHUNK_SHIFT].words[((at & CHUNK_MASK) << 1) + SHAPE]
    return ((shape & LONG_KEY) === 0 ? 0 : 1) + ((shape & LONG_VALUE) === 0 ? 0 : 1)
  }

  /** Room for another value: the record itself, or a copy of its key; with its shape, and without the value. */
  #fit(at: At, part: number): At {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const before = chunk.words[word + SHAPE]
    const keyBytes = before & LENGTH_MASK
    const start = 4 * word + HEAD_BYTES
    if ((before & LONG_VALUE) !== 0) this.texts.remove(chunk.view.getInt32(start + keyBytes, true))
    const shape = shapeOf(before & (LENGTH_MASK | LONG_KEY), part)
    const bytes = HEAD_BYTES + keyBytes + (part & LENGTH_MASK)
    if (this.arena.suits(at, bytes)) {
      chunk.words[word + SHAPE] = shape
      return at
    }
    const to = this.arena.allocate(bytes)
    const into = this.chunks[to >>> CHUNK_SHIFT]
    const toWord = (to & CHUNK_MASK) << 1
    into.words[toWord + SHAPE] = shape
    copyBytes(chunk.view, start, keyBytes, into, 4 * toWord + HEAD_BYTES)
    return to
  }

  /** A record without its key. */
  #allocateScored(keyPart: number, score: number): At {
    const keyBytes = keyPart & LENGTH_MASK
    const at = this.arena.allocate(HEAD_BYTES + keyBytes + SCORE_BYTES)
    const { view, words } = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    words[word + SHAPE] = shapeOf(keyPart, SCORE_BYTES)
    view.setFloat64(4 * word + HEAD_BYTES + keyBytes, score, true)
    return at
  }

  #writePart(chunk: Chunk, start: number, part: number, text: Bytes): void {
    if (part <= LENGTH_MASK) copyInto(chunk.bytes, start, text)
    else chunk.view.setInt32(start, this.texts.add(text), true)
  }
}

/** The bytes that a part takes, with its mark if it is long. */
function partOf(length: number, mark: number): number {
  return length <= PART_MAX ? length : INDEX_BYTES | mark
}

function compareTexts(one: Bytes, other: Bytes): number {
  return one < other ? -1 : one === other ? 0 : 1
}

function compareBytes(
  a: DataView,
  startA: number,
  lengthA: number,
  b: DataView,
  startB: number,
  lengthB: number,
): number {
  const length = Math.min(lengthA, lengthB)
  let i = 0
  while (i + 4 <= length && a.getInt32(startA + i, true) === b.getInt32(startB + i, true)) i += 4
  while (i < length) {
    const difference = a.getUint8(startA + i) - b.getUint8(startB + i)
    if (difference !== 0) return difference
    i++
  }
  return lengthA - lengthB
}

function shapeOf(keyPart: number, valuePart: number): number {
  return keyPart | (valuePart & LONG_VALUE) | ((valuePart & LENGTH_MASK) << VALUE_SHIFT)
}
