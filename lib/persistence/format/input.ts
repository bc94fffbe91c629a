/**
 * Bytes that are read from the front, by readers that trust none of them: whatever is read past the end or does not make
 * sense throws `Malformed`, and nothing is set aside for a length before so many bytes are seen to be there.
 */
import { type Bytes, MAX_BYTES, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { type U64, u64 } from '../../keyspace/values/stream-id.ts'
import { decompress, decompressText, decompressWithin } from './lzf.ts'

/** What was read is not what the format allows. */
export class Malformed extends Error {
  override readonly name: string = 'Malformed'
}

/**
 * A collection that is whole and has no elements, as servers before Redis 7 have written some. All of it was read: a snapshot
 * leaves its key out, RESTORE refuses it.
 */
export class EmptyCollection extends Malformed {
  override readonly name = 'EmptyCollection'
}

/** What is wrong within a packed form, told in Redis's words; whatever else was thrown is returned as it is. */
export function integrityFault(form: string, error: unknown): unknown {
  if (!(error instanceof Malformed) || error instanceof EmptyCollection) return error
  return new Malformed(`${form} integrity check failed: ${error.message}`)
}

export class Input {
  readonly array: Uint8Array
  readonly end: number
  /** Offset of what is read next. */
  at: number
  readonly #view: DataView<ArrayBufferLike>

  constructor(array: Uint8Array, at = 0, end = array.length) {
    this.array = array
    this.at = at
    this.end = end
    this.#view = new DataView(array.buffer, array.byteOffset, array.byteLength)
  }

  /** Bytes that have not been read, as far as anybody knows. */
  get left(): number {
    return this.end - this.at
  }

  /** Offset, in all that is read, of what is read next. */
  get offset(): number {
    return this.at
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

  /** Passes over so many bytes, and returns where they begin. */
  pass(length: number): number {
    return this.#take(length)
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

  /** Passes over so many bytes, and returns where they begin. */
  #take(length: number): number {
    if (length > this.end - this.at) this.lack(length)
    const { at } = this
    this.at += length
    return at
  }

  /** So many bytes are not here. */
  protected lack(length: number): never {
    throw new Malformed(`unexpected end at offset ${this.offset}, where ${length} bytes should follow`)
  }
}

/** Kinds of strings that are not written as they are. */
const INT8 = 0
const INT16 = 1
const INT32 = 2
const LZF = 3

const [MINUS, ZERO] = [45, 48]

export class RdbInput extends Input {
  /** More than a JSON document may weigh there would be no room for. */
  documentBytesMax = 2 ** 29
  /** Where reading would go on that is cut off: see partialinput.ts. */
  mark = 0

  /** What was read up to here is kept by whoever reads, and need not be read again. */
  settle(): void {
    this.mark = this.at
  }

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
    const lead = this.byte()
    if (lead < 0x40) return this.bytes(lead)
    if (lead < 0xc0) {
      this.at--
      return this.bytes(this.count())
    }
    switch (lead & 63) {
      case INT8:
        return '' + ((this.byte() << 24) >> 24)
      case INT16:
        return '' + this.int16()
      case INT32:
        return '' + this.int32()
    }
    this.check((lead & 63) === LZF, 'unknown encoding of a string')
    const compressed = this.integer()
    const length = this.integer()
    this.check(typeof compressed === 'number' && typeof length === 'number', 'impossible length')
    const at = this.pass(compressed)
    const text = decompressText(this.array, at, this.at, length)
    this.check(text !== undefined, 'bad compressed string')
    return text
  }

  /**
   * Reads a string of up to `most` bytes, and notes where it stands: as it is here, or spelled out from `spare` on, where the array has room
   * for it behind the input. False, and nothing is read, if it is longer.
   */
  place(p: Places, index: number, spare: number, most: number): boolean {
    const before = this.at
    const lead = this.byte()
    if (lead >= 0xc0) return this.#spellOut(before, lead & 63, p, index, spare, most)
    const length = lead < 0x40 ? lead : ((lead & 63) << 8) | this.byte()
    if (lead >= 0x80 || length > most) {
      this.at = before
      return false
    }
    p.starts[index] = this.pass(length)
    p.ends[index] = this.at
    return true
  }

  #spellOut(before: number, kind: number, p: Places, index: number, spare: number, most: number): boolean {
    p.starts[index] = spare
    if (kind === LZF) {
      const compressed = this.integer()
      const length = this.integer()
      this.check(typeof compressed === 'number' && typeof length === 'number', 'impossible length')
      if (length > most) {
        this.at = before
        return false
      }
      const at = this.pass(compressed)
      this.check(decompressWithin(this.array, at, this.at, spare, length), 'bad compressed string')
      p.ends[index] = spare + length
      return true
    }
    this.check(kind <= INT32, 'unknown encoding of a string')
    const integer = kind === INT8 ? (this.byte() << 24) >> 24 : kind === INT16 ? this.int16() : this.int32()
    p.ends[index] = spell(this.array, spare, integer)
    return true
  }

  /** A string as an array of bytes, which may be a part of the input; unless it `isKept`, see `decompress`. */
  blob(isKept = true): Uint8Array {
    const lead = this.peek()
    if (lead < 0xc0) return this.raw(this.count())
    this.at++
    this.check((lead & 63) === LZF, 'unknown encoding of a string')
    const compressed = this.integer()
    const length = this.integer()
    this.check(typeof compressed === 'number' && typeof length === 'number', 'impossible length')
    const array = decompress(this.raw(compressed), length, isKept)
    this.check(array !== undefined, 'bad compressed string')
    return array
  }
}

/** Spells out an integer of 32 bits. Returns where it ends. */
function spell(array: Uint8Array, start: number, integer: number): number {
  let at = start
  if (integer < 0) array[at++] = MINUS
  let rest = Math.abs(integer)
  let end = at + 1
  for (let power = 10; rest >= power; power *= 10) end++
  for (let i = end - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0
    array[i] = ZERO + rest - 10 * tenth
    rest = tenth
  }
  return end
}
