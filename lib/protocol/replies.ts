/**
 * What a Redis answers, read as values: RESP2, as it comes, in pieces of any size. Long strings are put together once, when
 * they are whole; an array that is not whole yet waits on a stack, so nothing is read twice however it is cut. What answers may be
 * no Redis, or a broken one: what a line, a string, a reply and its depth may be is bounded.
 *
 * Short lines are read byte by byte: there are several in each reply, and a call into Node for each of them costs more.
 */
import type { Bytes } from '../base/bytes.ts'
import { NULL_ARRAY, OK, PONG, QUEUED, type Reply, ReplyError, Status } from '../base/reply.ts'
import type { Outcomes } from './outcomes.ts'

/** What came is no RESP2. */
export class ReplyBreach extends Error {}

interface OpenArray {
  readonly items: Reply[]
  readonly length: number
}

const [CR, LF, MINUS, ZERO, ONE, NINE, O, K] = Buffer.from('\r\n-019OK')
const KNOWN: readonly Status[] = [OK, QUEUED, PONG]

/** The longest line, of an error for one. Unit: bytes. */
const LINE_MAX = 1024 * 1024
/** The longest string: V8 makes none that is longer. */
const STRING_MAX = 2 ** 29 - 24
const REPLY_MAX = 2 ** 30
/** What keeps a value, about. */
const VALUE_BYTES = 32
/** Arrays within arrays. */
const DEPTH_MAX = 1000
/** So far a line's end is looked for byte by byte. */
const NEAR_BYTES = 32
/** Digits of a number that is read byte by byte, which is exact. */
const DIGITS_EXACT = 15
/** Digits of the length of a string that is written down from where it stands. */
const SHORT_DIGITS = 4
const NOTHING = Buffer.alloc(0)

export class ReplyDecoder {
  #buffer: Buffer = NOTHING
  #at = 0
  /** Pieces that wait until there are enough bytes to go on with. */
  #pieces: Buffer[] = []
  #pieceBytes = 0
  /** Bytes from `#at` on without which there is nothing to be read. */
  #wanted = 0
  /** Where to look on for the end of a line. */
  #lookFrom = 0
  /** What was read of the array that is not whole. */
  #weight = 0
  readonly #open: OpenArray[] = []
  readonly #max: number

  /** `max`: what one reply may take, its bytes and what keeps each of its values. */
  constructor(max = REPLY_MAX) {
    this.#max = max
  }

  /** The next piece; it is the decoder's from here on. */
  feed(piece: Buffer): void {
    const left = this.#buffer.length - this.#at
    if (left === 0 && this.#pieceBytes === 0) {
      this.#buffer = piece
      this.#at = this.#lookFrom = 0
      return
    }
    this.#pieces.push(piece)
    this.#pieceBytes += piece.length
  }

  /** The next reply; undefined where more of it is still to come. @throws ReplyBreach */
  next(): Reply | undefined {
    for (;;) {
      const value = this.#value()
      if (value === undefined) return undefined
      let whole: Reply = value
      while (this.#open.length !== 0) {
        const { items, length } = this.#open[this.#open.length - 1]
        items.push(whole)
        if (items.length < length) break
        whole = items
        this.#open.pop()
      }
      if (this.#open.length === 0) return whole
    }
  }

  /** Writes down replies, up to so many, as long as they are whole and plain. Returns how many there were. @throws ReplyBreach */
  write(outcomes: Outcomes, most: number): number {
    if (this.#open.length !== 0 || !this.#hasEnough()) return 0
    let written = 0
    while (written < most && !outcomes.isLong) {
      const end = writePlain(this.#buffer, this.#at, outcomes)
      if (end === -1) break
      this.#at = this.#lookFrom = end
      written++
    }
    if (written !== 0) this.#weight = 0
    return written
  }

  /** The next value that is no array with items; such an array is put on the stack. */
  #value(): Reply | undefined {
    for (;;) {
      if (!this.#hasEnough()) return undefined
      const start = this.#at
      const buffer = this.#buffer
      const end = this.#lineEnd(start)
      if (end === -1) return undefined
      const type = buffer[start]
      switch (type) {
        case 0x2b: // +
          this.#skip(end)
          if (end === start + 3 && buffer[start + 1] === O && buffer[start + 2] === K) return OK
          return statusOf(buffer.latin1Slice(start + 1, end))
        case 0x2d: // -
          this.#skip(end)
          return new ReplyError(buffer.latin1Slice(start + 1, end))
        case 0x3a: // :
          this.#skip(end)
          return this.#integer(start + 1, end)
        case 0x24: {
          // $
          const length = this.#length(start + 1, end)
          if (length === -1) {
            this.#skip(end)
            return null
          }
          if (length > STRING_MAX) throw new ReplyBreach(`a string of ${length} bytes is longer than any can be here`)
          const body = end + 2
          if (buffer.length < body + length + 2) {
            this.#want(body + length + 2 - start)
            return undefined
          }
          if (buffer[body + length] !== CR) throw new ReplyBreach('a string does not end where it should')
          this.#skip(body + length)
          return buffer.latin1Slice(body, body + length)
        }
        case 0x2a: {
          // *
          const length = this.#length(start + 1, end)
          this.#skip(end)
          if (length === -1) return NULL_ARRAY
          if (length === 0) return []
          if (this.#open.length === DEPTH_MAX) throw new ReplyBreach(`a reply is deeper than ${DEPTH_MAX} arrays`)
          this.#open.push({ items: [], length })
          break
        }
        default:
          throw new ReplyBreach(`a reply begins with byte ${type}`)
      }
    }
  }

  /** Puts the pieces together where they are enough. */
  #hasEnough(): boolean {
    const left = this.#buffer.length - this.#at
    if (left + this.#pieceBytes < Math.max(this.#wanted, 1)) return false
    if (this.#pieceBytes !== 0) {
      const looked = this.#lookFrom - this.#at
      this.#buffer = Buffer.concat([this.#buffer.subarray(this.#at), ...this.#pieces])
      this.#pieces = []
      this.#pieceBytes = 0
      this.#at = 0
      this.#lookFrom = Math.max(looked, 0)
    }
    this.#wanted = 0
    return true
  }

  /** Where the line that begins at `start` ends; -1 if its end has not come. */
  #lineEnd(start: number): number {
    const buffer = this.#buffer
    const { length } = buffer
    const from = Math.max(this.#lookFrom, start)
    const near = Math.min(from + NEAR_BYTES, length)
    let end = from
    while (end < near && buffer[end] !== CR) end++
    if (end === near && near < length) {
      end = buffer.indexOf(CR, near)
      if (end === -1) end = length
    }
    if (end + 1 < length) {
      if (buffer[end + 1] !== LF) throw new ReplyBreach('a line ends with no CR LF')
      return end
    }
    if (end - start > LINE_MAX) throw new ReplyBreach(`a line is longer than ${LINE_MAX} bytes`)
    this.#lookFrom = end
    this.#want(length - start + 1)
    return -1
  }

  #want(bytes: number): void {
    this.#wanted = bytes
    this.#bound(bytes)
  }

  /** A reply of which so much is there or announced, besides what was read of it. */
  #bound(bytes: number): void {
    if (this.#weight + bytes > this.#max) throw new ReplyBreach(`a reply is longer than ${this.#max} bytes`)
  }

  #length(start: number, end: number): number {
    const length = this.#integer(start, end)
    if (typeof length !== 'number' || length < -1) throw new ReplyBreach('a length is no number')
    return length
  }

  #integer(start: number, end: number): number | bigint {
    const buffer = this.#buffer
    const isNegative = buffer[start] === MINUS
    const first = isNegative ? start + 1 : start
    if (end === first || end - first > DIGITS_EXACT) return longInteger(buffer.latin1Slice(start, end))
    let value = 0
    for (let i = first; i < end; i++) {
      const digit = buffer[i] - ZERO
      if (digit < 0 || digit > 9) return longInteger(buffer.latin1Slice(start, end))
      value = value * 10 + digit
    }
    return isNegative && value !== 0 ? -value : value
  }

  /** What ends before a CRLF at `end` is read. */
  #skip(end: number): void {
    const next = end + 2
    if (this.#open.length !== 0) {
      this.#weight += next - this.#at + VALUE_BYTES
      this.#bound(0)
    } else this.#weight = 0
    this.#at = this.#lookFrom = next
  }
}

/** Writes down a reply that is OK, a short integer, nil or a string. Returns where it ends; -1 for another, and for one that is not whole. */
function writePlain(buffer: Buffer, start: number, outcomes: Outcomes): number {
  switch (buffer[start]) {
    case 0x2b: // +
      if (buffer[start + 1] !== O || buffer[start + 2] !== K || !endsLine(buffer, start + 3)) return -1
      outcomes.ok()
      return start + 5
    case 0x3a: {
      // :
      const end = digitsEnd(buffer, start + 1)
      if (end === -1) return -1
      outcomes.digits(buffer, start + 1, end)
      return end + 2
    }
    case 0x24: {
      // $
      if (buffer[start + 1] === MINUS) {
        if (buffer[start + 2] !== ONE || !endsLine(buffer, start + 3)) return -1
        outcomes.nil()
        return start + 5
      }
      const head = digitsEnd(buffer, start + 1)
      if (head === -1 || head - start > 1 + SHORT_DIGITS) return -1
      let length = 0
      for (let i = start + 1; i < head; i++) length = length * 10 + buffer[i] - ZERO
      const body = head + 2
      if (!endsLine(buffer, body + length) || !outcomes.string(buffer, body, body + length)) return -1
      return body + length + 2
    }
    default:
      return -1
  }
}

function endsLine(buffer: Buffer, at: number): boolean {
  return buffer[at] === CR && buffer[at + 1] === LF
}

/** Where the digits of an integer end, as Redis writes it and a number holds it; -1 for another, and where its line does not end. */
function digitsEnd(buffer: Buffer, start: number): number {
  const first = buffer[start] === MINUS ? start + 1 : start
  let i = first
  while (buffer[i] >= ZERO && buffer[i] <= NINE) i++
  if (i === first || i - first > DIGITS_EXACT || (buffer[first] === ZERO && i - start !== 1)) return -1
  return endsLine(buffer, i) ? i : -1
}

function statusOf(text: Bytes): Status {
  for (const known of KNOWN) if (known.text === text) return known
  return new Status(text)
}

/** @throws ReplyBreach for what is none */
function longInteger(digits: Bytes): number | bigint {
  if (!/^[+-]?\d{1,20}$/.test(digits)) throw new ReplyBreach('an integer is no number')
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits)
}
