/**
 * Bytes that are read from the front, by readers that trust none of them: whatever is read past the end or does not make
 * sense throws `Malformed`, and nothing is set aside for a length before so many bytes are seen to be there. They stand in
 * an array, or come from a source a window at a time.
 */
import { type Bytes, MAX_BYTES, sliceOf } from '../base/bytes.ts'
import { type U64, u64 } from '../keyspace/values/stream-id.ts'
import { Crc64 } from './crc64.ts'
import { decompress } from './lzf.ts'

/** What was read is not what the format allows. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** Where bytes come from that are not all here. */
export interface Source {
  /** How many have not been read yet. */
  readonly left: number
  /** Reads the next ones into an array from an offset up to its end, as many of them as there are. @throws the system's error */
  read(array: Uint8Array, offset: number): void
}

/** As much as is read of a source at a time. */
const WINDOW_BYTES = 2 ** 20

/** What stands in one piece is never longer: a string, a packed collection. */
const PIECE_MAX = 2 ** 31 - 1

const NOTHING = new Uint8Array(0)

export class Input {
  /** What is here of the input; `at` is the offset in it of what is read next. */
  array: Uint8Array
  end: number
  at: number
  #view: DataView<ArrayBufferLike>
  readonly #source: Source | undefined
  /** Offset in the input of the array's first byte. */
  #base = 0
  #crc: Crc64 | undefined
  /** Offset in the array of what the checksum has not seen. */
  #summedTo: number

  constructor(from: Uint8Array | Source, at = 0, end = from instanceof Uint8Array ? from.length : 0) {
    this.#source = from instanceof Uint8Array ? undefined : from
    this.array = from instanceof Uint8Array ? from : NOTHING
    this.at = at
    this.end = end
    this.#summedTo = at
    this.#view = viewOf(this.array)
  }

  get left(): number {
    return this.end - this.at + (this.#source?.left ?? 0)
  }

  /** Offset in the input of what is read next. */
  get offset(): number {
    return this.#base + this.at
  }

  /** The checksum of all that was read so far. */
  checksum(): Uint8Array {
    this.#crc ??= new Crc64()
    this.#crc.add(this.array, this.#summedTo, this.at)
    this.#summedTo = this.at
    return this.#crc.sum
  }

  /** Throws unless a claim holds. */
  check(claim: boolean, message: string): asserts claim {
    if (!claim) throw new Malformed(`${message} at offset ${this.offset}`)
  }

  byte(): number {
    const at = this.#take(1)
    return this.array[at]
  }

  /** The byte that comes next, which stays. */
  peek(): number {
    const byte = this.byte()
    this.at--
    return byte
  }

  bytes(length: number): Bytes {
    this.check(length <= MAX_BYTES, 'a string that is too long')
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
    const at = this.#take(2)
    return this.#view.getUint16(at, true)
  }

  int16(): number {
    const at = this.#take(2)
    return this.#view.getInt16(at, true)
  }

  int24(): number {
    const at = this.#take(3)
    return this.#view.getUint16(at, true) | (this.#view.getInt8(at + 2) << 16)
  }

  uint32(): number {
    const at = this.#take(4)
    return this.#view.getUint32(at, true)
  }

  int32(): number {
    const at = this.#take(4)
    return this.#view.getInt32(at, true)
  }

  int64(): bigint {
    const at = this.#take(8)
    return this.#view.getBigInt64(at, true)
  }

  uint32BigEndian(): number {
    const at = this.#take(4)
    return this.#view.getUint32(at)
  }

  uint64BigEndian(): U64 {
    const at = this.#take(8)
    return u64(this.#view.getBigUint64(at))
  }

  float(): number {
    const at = this.#take(4)
    return this.#view.getFloat32(at, true)
  }

  double(): number {
    const at = this.#take(8)
    return this.#view.getFloat64(at, true)
  }

  /** Passes over so many bytes, which are in the array from then on; another array than before, perhaps. */
  #take(length: number): number {
    if (length > this.end - this.at) this.fetch(length)
    const { at } = this
    this.at += length
    return at
  }

  /** Has at least so many bytes in the array. What was read before stays as it is, for whoever has parts of it. */
  protected fetch(length: number): void {
    this.check(length <= this.left, 'unexpected end')
    this.check(length <= PIECE_MAX, 'a piece that is too long')
    this.checksum()
    const kept = this.end - this.at
    const array = new Uint8Array(Math.max(length, Math.min(WINDOW_BYTES, this.left)))
    array.set(this.array.subarray(this.at, this.end))
    this.#source!.read(array, kept)
    this.#base += this.at
    this.array = array
    this.#view = viewOf(array)
    this.at = 0
    this.#summedTo = 0
    this.end = array.length
  }
}

function viewOf(array: Uint8Array): DataView<ArrayBufferLike> {
  return new DataView(array.buffer, array.byteOffset, array.byteLength)
}

/** Kinds of strings that are not written as they are. */
const INT8 = 0
const INT16 = 1
const INT32 = 2
const LZF = 3

export class RdbInput extends Input {
  /** More than a JSON document may weigh there would be no room for. */
  documentBytesMax = 2 ** 29

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
