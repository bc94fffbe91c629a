/**
 * Replies to commands of one read, gathered as bytes: what they give may stand outside V8's heap, and no string is made of
 * each, but one of all. There is one for all clients, used from `begin` to `end` and by nobody else meanwhile.
 */
import type { Bytes } from '../base/bytes.ts'
import { Kind, type Reply, type TaggedReply } from '../base/reply.ts'
import type { Answer } from './answer.ts'
import type { Encoder } from './encode.ts'

const ROOM = 64 * 1024
/** Longest string that is copied from where it stands. Unit: bytes. */
export const BULK_MAX = 1024
/** Longest part that is added at once: such a string with its head and end. */
const PART_MAX = BULK_MAX + 16
/** Longest string and status that are copied by hand. */
const SHORT_MAX = 64
/** Numbers below are written digit by digit. */
const HEAD_MAX = 1e9
const NULL_2 = '$-1\r\n'
const NULL_3 = '_\r\n'
const CR_LF = 0x0a0d
const DOLLAR = 36
const COLON = 58
const ASTERISK = 42
const PERCENT = 37
const TILDE = 126
const MINUS = 45
const ZERO = 48

export class ReplyBuffer implements Answer {
  readonly #bytes = Buffer.allocUnsafeSlow(ROOM)
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, ROOM)
  #length = 0
  #encoder!: Encoder
  /** There is one command only: what is no part of a longer reply needs no gathering. */
  #isAlone = false
  /** The longest string that was given as one reply since `begin`. */
  longest = 0

  /** What is added from here on goes behind what the encoder has. */
  begin(encoder: Encoder, isAlone: boolean): void {
    this.#encoder = encoder
    this.#isAlone = isAlone
    this.longest = 0
  }

  /** Hands over what was gathered. */
  end(): void {
    if (this.#length === 0) return
    const text = this.#bytes.latin1Slice(0, this.#length)
    this.#length = 0
    this.#encoder.raw(text)
  }

  reply(reply: Reply): void {
    if (typeof reply === 'string' && reply.length > this.longest) this.longest = reply.length
    if (this.#isAlone && this.#length === 0) this.#encoder.add(reply)
    else this.add(reply)
  }

  add(reply: Reply): void {
    if (typeof reply === 'string' && reply.length <= SHORT_MAX) this.#short(reply)
    else if (typeof reply === 'number') this.#integer(reply)
    else if (reply === null) this.#line(this.#encoder.proto === 3 ? NULL_3 : NULL_2)
    else if (Array.isArray(reply) && reply.length === 0) this.array(0)
    else if (typeof reply === 'object' && (reply as TaggedReply).kind === Kind.Status) {
      this.#line((reply as TaggedReply & { readonly wire: Bytes }).wire)
    } else {
      this.end()
      this.#encoder.add(reply)
    }
  }

  bulk(_: Uint8Array, from: DataView, start: number, end: number): void {
    const length = end - start
    let to = this.#head(DOLLAR, length)
    const view = this.#view
    const whole = length & ~3
    for (let i = 0; i < whole; i += 4) view.setInt32(to + i, from.getInt32(start + i, true), true)
    for (let i = whole; i < length; i++) view.setUint8(to + i, from.getUint8(start + i))
    to += length
    view.setInt16(to, CR_LF, true)
    this.#length = to + 2
  }

  bulkInteger(integer: number): void {
    const magnitude = integer < 0 ? -integer : integer
    if (magnitude >= HEAD_MAX) {
      this.#short('' + integer)
      return
    }
    const digits = digitsOf(magnitude)
    let to = this.#head(DOLLAR, integer < 0 ? digits + 1 : digits)
    if (integer < 0) this.#bytes[to++] = MINUS
    this.#write(magnitude, to, digits)
    this.#length = to + digits
    this.#endLine()
  }

  array(count: number): void {
    this.#length = this.#head(ASTERISK, count)
  }

  set(count: number): void {
    this.#length = this.#head(this.#encoder.proto === 3 ? TILDE : ASTERISK, count)
  }

  map(pairs: number): void {
    this.#length = this.#encoder.proto === 3 ? this.#head(PERCENT, pairs) : this.#head(ASTERISK, 2 * pairs)
  }

  #short(text: Bytes): void {
    const to = this.#head(DOLLAR, text.length)
    this.#length = this.#copy(text, to)
    this.#endLine()
  }

  /** A line, with its end. */
  #line(wire: Bytes): void {
    if (this.#length + SHORT_MAX > ROOM) this.end()
    this.#length = this.#copy(wire, this.#length)
  }

  #integer(number: number): void {
    if (number >= 0 && number < HEAD_MAX) this.#length = this.#head(COLON, number)
    else {
      if (this.#length + PART_MAX > ROOM) this.end()
      this.#bytes[this.#length] = COLON
      this.#length = this.#copy('' + number, this.#length + 1)
      this.#endLine()
    }
  }

  #copy(text: Bytes, to: number): number {
    const bytes = this.#bytes
    const { length } = text
    for (let i = 0; i < length; i++) bytes[to + i] = text.charCodeAt(i)
    return to + length
  }

  #endLine(): void {
    this.#view.setInt16(this.#length, CR_LF, true)
    this.#length += 2
  }

  /** A line of a letter and a number from 0 to HEAD_MAX, excluded. Returns where what follows goes, for which there is room. */
  #head(lead: number, number: number): number {
    if (this.#length + PART_MAX > ROOM) this.end()
    const bytes = this.#bytes
    let to = this.#length
    bytes[to++] = lead
    if (number < 10) bytes[to++] = ZERO + number
    else {
      const digits = digitsOf(number)
      this.#write(number, to, digits)
      to += digits
    }
    this.#view.setInt16(to, CR_LF, true)
    return to + 2
  }

  /** Writes a number of so many digits. */
  #write(number: number, to: number, digits: number): void {
    const bytes = this.#bytes
    for (let rest = number, i = to + digits - 1; i >= to; i--) {
      const tenth = (rest / 10) | 0
      bytes[i] = ZERO + rest - tenth * 10
      rest = tenth
    }
  }
}

/** Of a number from 0 to HEAD_MAX, excluded. */
function digitsOf(number: number): number {
  if (number < 100) return number < 10 ? 1 : 2
  let digits = 3
  for (let power = 1000; digits < 9 && number >= power; power *= 10) digits++
  return digits
}
