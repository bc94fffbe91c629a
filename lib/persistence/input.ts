/**
 * Bytes that are read from the front, by readers that trust none of them: whatever is read past the end or does not make
 * sense throws `Malformed`, and nothing is set aside for a length before so many bytes are seen to be there.
 */
import { type Bytes, sliceOf } from '../base/bytes.ts'
import { type U64, u64 } from '../keyspace/values/stream-id.ts'
import { decompress } from './lzf.ts'

/** What was read is not what the format allows. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

export class Input {
  readonly array: Uint8Array
  readonly end: number
  readonly #view: DataView<ArrayBufferLike>
  /** Offset of what is read next. */
  at: number

  constructor(array: Uint8Array, at = 0, end = array.length) {
    this.array = array
    this.at = at
    this.end = end
    this.#view = new DataView(array.buffer, array.byteOffset, array.byteLength)
  }

  get left(): number {
    return this.end - this.at
  }

  /** Throws unless a claim holds. */
  check(claim: boolean, message: string): asserts claim {
    if (!claim) throw new Malformed(`${message} at offset ${this.at}`)
  }

  byte(): number {
    return this.array[this.#take(1)]
  }

  /** The byte that comes next, which stays. */
  peek(): number {
    this.check(this.at < this.end, 'unexpected end')
    return this.array[this.at]
  }

  bytes(length: number): Bytes {
    const at = this.#take(length)
    return sliceOf(this.array, at, at + length)
  }

  /** A part of the array, not copied. */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return this.array.subarray(at, at + length)
  }

  /** Integers with the lowest byte first, unless the name says otherwise. */
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2), true)
  }

  int24(): number {
    const at = this.#take(3)
    return this.#view.getUint16(at, true) | (this.#view.getInt8(at + 2) << 16)
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true)
  }

  uint32BigEndian(): number {
    return this.#view.getUint32(this.#take(4))
  }

  uint64BigEndian(): U64 {
    return u64(this.#view.getBigUint64(this.#take(8)))
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  #take(length: number): number {
    const { at } = this
    this.check(length <= this.end - at, 'unexpected end')
    this.at += length
    return at
  }
}

/** Kinds of strings that are not written as they are. */
const INT8 = 0
const INT16 = 1
const INT32 = 2
const LZF = 3

export class RdbInput extends Input {
  /** An unsigned integer of up to 64 bits. */
  integer(): U64 {
    const lead = this.byte()
    if (lead < 0x40) return lead
    if (lead < 0x80) return ((lead & 63) << 8) | this.byte()
    if (lead === 0x80) return this.uint32BigEndian()
    this.check(lead === 0x81, 'bad length')
    return this.uint64BigEndian()
  }

  /** How many things follow, each of which takes `least` bytes or more. */
  count(least = 1): number {
    const count = this.integer()
    this.check(typeof count === 'number' && count * least <= this.left, 'impossible count')
    return count
  }

  /** Unix ms in eight bytes; -1 for none. */
  time(): number {
    return Number(this.int64())
  }

  string(): Bytes {
    const lead = this.peek()
    if (lead < 0xc0) return this.bytes(this.count())
    this.at++
    switch (lead & 63) {
      case INT8:
        return '' + ((this.byte() << 24) >> 24)
      case INT16:
        return '' + this.int16()
      case INT32:
        return '' + this.int32()
    }
    const array = this.#compressed(lead)
    return sliceOf(array, 0, array.length)
  }

  /** A string as an array of bytes, which may be a part of the input. */
  blob(): Uint8Array {
    const lead = this.peek()
    if (lead < 0xc0) return this.raw(this.count())
    this.at++
    return this.#compressed(lead)
  }

  #compressed(lead: number): Uint8Array {
    this.check((lead & 63) === LZF, 'unknown encoding of a string')
    const compressed = this.integer()
    const length = this.integer()
    this.check(typeof compressed === 'number' && typeof length === 'number', 'impossible length')
    const array = decompress(this.raw(compressed), length)
    this.check(array !== undefined, 'bad compressed string')
    return array
  }
}
