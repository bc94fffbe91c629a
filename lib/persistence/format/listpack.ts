/**
 * Listpacks, Redis's compact lists of strings and integers. A header of six bytes (bytes in all, number of elements), the
 * elements, and 255. An element is its kind and length, its bytes, and the length of both once more for readers that come
 * from behind: seven bits a byte, the highest first.
 */
import type { Bytes } from '../../base/bytes.ts'
import { isInteger } from '../../keyspace/packed/integer.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'
import { MANY } from './plainelement.ts'

const HEADER_BYTES = 6
const END = 255
/** The longest element whose length takes one byte. */
const BACK_1 = 127
const WRONG_LENGTH = 'wrong length of an element'

export class ListpackOutput extends Output {
  #count = 0

  constructor() {
    super()
    for (let i = 0; i < HEADER_BYTES; i++) this.byte(0)
  }

  /** Adds an element; one that is an integer is written as an integer. */
  element(element: Bytes): void {
    if (isInteger(element)) this.integer(element.length < 16 ? +element : BigInt(element))
    else this.#string(element)
  }

  integer(value: number | bigint): void {
    const start = this.length
    if (typeof value === 'bigint' || value < -(2 ** 31) || value >= 2 ** 31) {
      this.byte(0xf4)
      this.int64(value)
    } else if (value >= 0 && value < 128) this.byte(value)
    else if (value >= -4096 && value < 4096) {
      this.byte(0xc0 | ((value >> 8) & 31))
      this.byte(value & 255)
    } else {
      const width = value >= -32768 && value < 32768 ? 2 : value >= -(2 ** 23) && value < 2 ** 23 ? 3 : 4
      this.byte(0xef + width)
      this.littleEndian(value, width)
    }
    this.#backLength(this.length - start)
  }

  /** Adds `count` elements that are written already. */
  elements(array: Uint8Array, count: number): void {
    this.raw(array)
    this.#count += count
  }

  /** Ends the listpack and returns it. */
  finish(): Uint8Array {
    this.byte(END)
    this.patch(0, this.length, 4)
    this.patch(4, Math.min(this.#count, MANY), 2)
    return this.array
  }

  #string(bytes: Bytes): void {
    const start = this.length
    const { length } = bytes
    if (length < 64) this.byte(0x80 | length)
    else if (length < 4096) {
      this.byte(0xe0 | (length >> 8))
      this.byte(length & 255)
    } else {
      this.byte(0xf0)
      this.littleEndian(length, 4)
    }
    this.bytes(bytes)
    this.#backLength(this.length - start)
  }

  #backLength(length: number): void {
    for (let i = backLengthBytes(length) - 1; i >= 0; i--) this.byte(backLengthByte(length, i))
    this.#count++
  }
}

/** Elements of a listpack one by one. `at` is the offset of the next one. @throws Malformed */
export class ListpackInput extends Input {
  readonly #claimed: number
  /** Of the last string. */
  stringStart = 0
  stringEnd = 0
  #seen = 0

  constructor(array: Uint8Array) {
    super(array, 0, array.length - 1)
    this.check(array.length > HEADER_BYTES && array[this.end] === END, 'a listpack without end')
    this.check(this.uint32() === array.length, 'a listpack of another length')
    this.#claimed = this.uint16()
  }

  get done(): boolean {
    if (this.at < this.end) return false
    this.check(this.#claimed === MANY || this.#claimed === this.#seen, 'wrong number of elements')
    return true
  }

  element(): Bytes {
    const start = this.at
    const lead = this.byte()
    const length = this.#stringLength(lead)
    const element = length === -1 ? '' + this.#integer(lead) : this.bytes(length)
    this.#end(start)
    return element
  }

  /** If the next element is a string, reads it, and notes where it stands. False, and nothing is read, if it is an integer. */
  string(): boolean {
    const start = this.at
    const length = this.#stringLength(this.byte())
    if (length === -1) {
      this.at = start
      return false
    }
    this.stringStart = this.pass(length)
    this.stringEnd = this.at
    this.#end(start)
    return true
  }

  /** Passes over an element. */
  skip(): void {
    const start = this.at
    const lead = this.byte()
    const length = this.#stringLength(lead)
    if (length === -1) this.#integer(lead)
    else this.pass(length)
    this.#end(start)
  }

  /** An element that is written as an integer. */
  integer(): number | bigint {
    const start = this.at
    const lead = this.byte()
    this.check(lead < 0x80 || (lead >= 0xc0 && lead < 0xe0) || lead > 0xf0, 'not an integer')
    const integer = this.#integer(lead)
    this.#end(start)
    return integer
  }

  /** The length of the string that begins with a byte; -1 where that begins an integer. */
  #stringLength(lead: number): number {
    if (lead < 0x80) return -1
    if (lead < 0xc0) return lead & 63
    if (lead < 0xe0) return -1
    if (lead < 0xf0) return ((lead & 15) << 8) | this.byte()
    return lead === 0xf0 ? this.uint32() : -1
  }

  #integer(lead: number): number | bigint {
    if (lead < 0x80) return lead
    if (lead < 0xe0) return ((((lead & 31) << 8) | this.byte()) << 19) >> 19
    if (lead === 0xf1) return this.int16()
    if (lead === 0xf2) return this.int24()
    if (lead === 0xf3) return this.int32()
    this.check(lead === 0xf4, 'unknown element')
    const integer = this.int64()
    const number = Number(integer)
    return Number.isSafeInteger(number) ? number : integer
  }

  /** Behind an element that began at an offset stands its length once more. */
  #end(start: number): void {
    this.#seen++
    const length = this.at - start
    if (length <= BACK_1) {
      this.check(this.byte() === length, WRONG_LENGTH)
      return
    }
    for (let i = backLengthBytes(length) - 1; i >= 0; i--) {
      this.check(this.byte() === backLengthByte(length, i), WRONG_LENGTH)
    }
  }
}

/** All elements of a listpack. @throws Malformed */
export function listpackElements(array: Uint8Array): Bytes[] {
  const input: ListpackInput = new ListpackInput(array)
  const elements: Bytes[] = []
  while (!input.done) elements.push(input.element())
  return elements
}

/** A listpack of these elements. */
export function listpackOf(elements: readonly Bytes[]): Uint8Array {
  const output = new ListpackOutput()
  for (const element of elements) output.element(element)
  return output.finish()
}

function backLengthBytes(length: number): number {
  if (length <= BACK_1) return 1
  return length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5
}

/** Byte `i` from the end. All but the highest are flagged. */
function backLengthByte(length: number, i: number): number {
  const bits = (length >>> (7 * i)) & 127
  return i === backLengthBytes(length) - 1 ? bits : bits | 128
}
