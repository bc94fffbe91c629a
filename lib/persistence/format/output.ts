/**
 * Bytes that grow at their end: what the writers of this folder write into. Without a sink all of them stand in one array,
 * up to `limit`. With a sink they leave in pieces of one size, each of which is the sink's from then on, so a snapshot may
 * be of any length. `RdbOutput` adds the two ways in which Redis's snapshots write a length and a string.
 */
import { type Bytes, copyInto } from '../../base/bytes.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import { COMPRESSED_MIN, compress } from './lzf.ts'

/** Strings of up to so many bytes are looked at for an integer of 32 bits. */
const INTEGER_LENGTH_MAX = 11

const TWO_TO_32 = 2 ** 32
const [MINUS, ZERO, NINE] = [45, 48, 57]

/** As much as one array holds: no packed form of Redis's is longer than 1 GB. */
const ARRAY_MAX = 2 ** 31 - 1

/** Room that is made beyond what is needed. */
const SLACK_BYTES = 64

/** More was written than may stand in one array. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

/** Takes the next piece of what is written. It may give an array of the same size to write into next, whatever is in it. */
export type Sink = (piece: Uint8Array) => Uint8Array | undefined

export class Output {
  #array: Uint8Array
  #view: DataView<ArrayBufferLike>
  #length = 0
  #flushed = 0
  readonly #sink: Sink | undefined
  readonly #limit: number

  /** `capacity` is the size of the pieces where there is a sink. */
  constructor(capacity = 64, sink?: Sink, limit = ARRAY_MAX) {
    this.#array = new Uint8Array(capacity)
    this.#view = new DataView(this.#array.buffer)
    this.#sink = sink
    this.#limit = limit
  }

  /** What was written so far, and no piece took. Not a copy: take it when all is written. */
  get array(): Uint8Array {
    return this.#array.subarray(0, this.#length)
  }

  get length(): number {
    return this.#length
  }

  /** All bytes that were written, those that left in pieces included. */
  get total(): number {
    return this.#flushed + this.#length
  }

  byte(value: number): void {
    this.room(1)
    this.#array[this.#length++] = value
  }

  bytes(bytes: Bytes): void {
    const { length } = bytes
    if (this.#sink !== undefined && length > this.#array.length - this.#length) {
      for (let at = 0; at < length; ) {
        const part = bytes.slice(at, at + this.#part())
        copyInto(this.#array, this.#length, part)
        this.#length += part.length
        at += part.length
      }
      return
    }
    this.room(length)
    copyInto(this.#array, this.#length, bytes)
    this.#length += length
  }

  /** A byte that is its length, and a string; false, and nothing is written, where a piece is not so large. */
  protected short(bytes: Bytes): boolean {
    const { length } = bytes
    if (length >= this.#array.length) return false
    this.room(length + 1)
    const array = this.#array
    let at = this.#length
    array[at++] = length
    for (let i = 0; i < length; i++) array[at++] = bytes.charCodeAt(i)
    this.#length = at
    return true
  }

  raw(array: Uint8Array): void {
    const { length } = array
    if (this.#sink !== undefined && length > this.#array.length - this.#length) {
      for (let at = 0; at < length; ) {
        const part = array.subarray(at, at + this.#part())
        this.#array.set(part, this.#length)
        this.#length += part.length
        at += part.length
      }
      return
    }
    this.room(length)
    this.#array.set(array, this.#length)
    this.#length += length
  }

  /** Gives the sink what it has not got yet. */
  flush(): void {
    if (this.#sink === undefined || this.#length === 0) return
    const piece = this.array
    const capacity = this.#array.length
    this.#flushed += this.#length
    this.#length = 0
    this.#array = this.#sink(piece) ?? new Uint8Array(capacity)
    this.#view = new DataView(this.#array.buffer)
  }

  /** The lowest `width` bytes (1 to 4) of an integer, the lowest first. */
  littleEndian(value: number, width: number): void {
    this.room(width)
    for (let i = 0; i < width; i++) this.#array[this.#length++] = value >>> (8 * i)
  }

  uint32(value: number): void {
    this.room(4)
    this.#view.setUint32(this.#length, value)
    this.#length += 4
  }

  /** Eight bytes, the highest first. */
  uint64(value: U64): void {
    this.room(8)
    if (typeof value === 'bigint') this.#view.setBigUint64(this.#length, value)
    else {
      this.#view.setUint32(this.#length, value / TWO_TO_32)
      this.#view.setUint32(this.#length + 4, value % TWO_TO_32)
    }
    this.#length += 8
  }

  /** Eight bytes, the lowest first. */
  int64(value: number | bigint): void {
    this.room(8)
    if (typeof value === 'bigint') this.#view.setBigInt64(this.#length, value, true)
    else {
      this.#view.setUint32(this.#length, value, true)
      this.#view.setInt32(this.#length + 4, Math.floor(value / TWO_TO_32), true)
    }
    this.#length += 8
  }

  double(value: number): void {
    this.room(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Overwrites bytes that were written before. */
  patch(offset: number, value: number, width: number): void {
    for (let i = 0; i < width; i++) this.#array[offset + i] = value >>> (8 * i)
  }

  /** How much of something long goes into the piece at hand. */
  #part(): number {
    if (this.#length === this.#array.length) this.flush()
    return this.#array.length - this.#length
  }

  /** Has so many bytes go into one piece. */
  protected room(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#array.length) return
    if (this.#sink !== undefined) {
      this.flush()
      return
    }
    if (needed > this.#limit) throw new TooLong(`more than ${this.#limit} bytes in one array`)
    // Behind what is long there mostly comes little.
    const larger = new Uint8Array(Math.min(Math.max(needed + SLACK_BYTES, 2 * this.#array.length), this.#limit))
    larger.set(this.array)
    this.#array = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** A string that is compressed, as Redis's snapshots mark it. */
const LZF = 0xc3

export class RdbOutput extends Output {
  /** As Redis with `rdbcompression yes`. */
  readonly #compresses: boolean

  constructor(capacity?: number, sink?: Sink, limit?: number, compresses = false) {
    super(capacity, sink, limit)
    this.#compresses = compresses
  }

  /** A count or another unsigned integer: 6 or 14 bits, or 32 or 64 behind a byte of their own. */
  count(value: U64): void {
    if (typeof value === 'bigint' || value > 0xffffffff) {
      this.byte(0x81)
      this.uint64(value)
    } else if (value < 64) this.byte(value)
    else if (value < 16_384) {
      this.byte(0x40 | (value >> 8))
      this.byte(value & 255)
    } else {
      this.byte(0x80)
      this.uint32(value)
    }
  }

  /** A string behind its length, or compressed, or as an integer if it is one of 32 bits. */
  string(bytes: Bytes): void {
    const { length } = bytes
    if (length <= INTEGER_LENGTH_MAX && this.#integer(bytes)) return
    if (this.#compresses && length > COMPRESSED_MIN && this.#compressed(bytes)) return
    if (length < 64 && this.short(bytes)) return
    this.count(length)
    this.bytes(bytes)
  }

  /** A string that is an array of bytes. */
  blob(array: Uint8Array): void {
    if (this.#compresses && array.length > COMPRESSED_MIN && this.#compressed(array)) return
    this.count(array.length)
    this.raw(array)
  }

  #compressed(bytes: Bytes | Uint8Array): boolean {
    const compressed = compress(bytes)
    if (compressed === undefined) return false
    this.byte(LZF)
    this.count(compressed.length)
    this.count(bytes.length)
    this.raw(compressed)
    return true
  }

  #integer(bytes: Bytes): boolean {
    // To read anything else as a number takes long.
    if (!isNumeric(bytes.charCodeAt(0))) return false
    const number = +bytes
    if (number !== (number | 0) || '' + number !== bytes) return false
    this.#int32(number)
    return true
  }

  #int32(number: number): void {
    const width = number === (number << 24) >> 24 ? 0 : number === (number << 16) >> 16 ? 1 : 2
    this.byte(0xc0 | width)
    this.littleEndian(number, 1 << width)
  }
}

/** A digit or a minus. */
function isNumeric(byte: number): boolean {
  return byte <= NINE && (byte >= ZERO || byte === MINUS)
}
