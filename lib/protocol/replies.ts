/**
 * What a Redis answers, read as values: RESP2, as it comes, in pieces of any size. Long strings are put together once, when
 * they are whole; an array that is not whole yet waits on a stack, so nothing is read twice however it is cut.
 */
import type { Bytes } from '../base/bytes.ts'
import { NULL_ARRAY, OK, PONG, QUEUED, type Reply, ReplyError, Status } from '../base/reply.ts'

/** What came is no RESP2. */
export class ReplyBreach extends Error {}

interface OpenArray {
  readonly items: Reply[]
  readonly length: number
}

const CR = 13
const KNOWN: readonly Status[] = [OK, QUEUED, PONG]
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
  readonly #open: OpenArray[] = []

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

  /** The next value that is no array with items; such an array is put on the stack. */
  #value(): Reply | undefined {
    for (;;) {
      if (!this.#hasEnough()) return undefined
      const start = this.#at
      const end = this.#lineEnd()
      if (end === -1) return undefined
      const type = this.#buffer[start]
      switch (type) {
        case 0x2b: // +
          this.#skip(end)
          return statusOf(this.#buffer.latin1Slice(start + 1, end))
        case 0x2d: // -
          this.#skip(end)
          return new ReplyError(this.#buffer.latin1Slice(start + 1, end))
        case 0x3a: // :
          this.#skip(end)
          return integerOf(this.#buffer.latin1Slice(start + 1, end))
        case 0x24: {
          // $
          const length = this.#length(start, end)
          if (length === -1) {
            this.#skip(end)
            return null
          }
          const body = end + 2
          if (this.#buffer.length < body + length + 2) {
            this.#wanted = body + length + 2 - start
            return undefined
          }
          this.#skip(body + length)
          return this.#buffer.latin1Slice(body, body + length)
        }
        case 0x2a: {
          // *
          const length = this.#length(start, end)
          this.#skip(end)
          if (length === -1) return NULL_ARRAY
          if (length === 0) return []
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

  /** Where the line at hand ends; -1 if its end has not come. */
  #lineEnd(): number {
    const end = this.#buffer.indexOf(CR, Math.max(this.#lookFrom, this.#at))
    if (end !== -1 && end + 1 < this.#buffer.length) return end
    this.#lookFrom = end === -1 ? this.#buffer.length : end
    this.#wanted = this.#buffer.length - this.#at + 1
    return -1
  }

  #length(start: number, end: number): number {
    const length = Number(this.#buffer.latin1Slice(start + 1, end))
    if (!Number.isInteger(length) || length < -1) throw new ReplyBreach('a length is no number')
    return length
  }

  /** What ends before a CRLF at `end` is read. */
  #skip(end: number): void {
    this.#at = this.#lookFrom = end + 2
  }
}

function statusOf(text: Bytes): Status {
  for (const known of KNOWN) if (known.text === text) return known
  return new Status(text)
}

function integerOf(digits: Bytes): number | bigint {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits)
}
