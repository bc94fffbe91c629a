/**
 * Commands as the bytes that a Redis is sent, gathered to leave in one write. Short ones are written into a buffer at once; of one that
 * is long the text is kept as it is, so that nothing of its size is copied twice.
 */
import { type Bytes, copyInto } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import { requestBytes } from './request.ts'

/** The buffer; what does not fit into an empty one is long. */
const BUFFER_BYTES = 32 * 1024
/** What a word takes beyond its bytes, at most, and a command beyond its words. */
const HEADER_BYTES = 16

/** Up to so many bytes are copied by hand. */
const SHORT_MAX = 64

const [CR, LF, DOLLAR, ASTERISK, ZERO] = Buffer.from('\r\n$*0')

export class RequestBuffer {
  #buffer: Buffer | undefined
  #length = 0
  /** What stands before the bytes of the buffer. */
  #pieces: (Buffer | Bytes)[] = []

  get isEmpty(): boolean {
    return this.#length === 0 && this.#pieces.length === 0
  }

  add(argv: readonly Bytes[]): void {
    let room = HEADER_BYTES
    for (let i = 0; i < argv.length; i++) room += argv[i].length + HEADER_BYTES
    if (this.#length + room > BUFFER_BYTES) {
      this.#seal()
      if (room > BUFFER_BYTES) {
        this.#pieces.push(requestBytes(argv))
        return
      }
    }
    const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES))
    let at = writeHeader(buffer, this.#length, ASTERISK, argv.length)
    for (let i = 0; i < argv.length; i++) {
      const word = argv[i]
      at = writeHeader(buffer, at, DOLLAR, word.length)
      copyInto(buffer, at, word)
      at += word.length
      buffer[at++] = CR
      buffer[at++] = LF
    }
    this.#length = at
  }

  /** The same for a command that stands in a buffer. */
  addPlaces(p: Places): void {
    const { bytes, starts, ends, first, count } = p
    const end = first + count
    let room = HEADER_BYTES
    for (let i = first; i < end; i++) room += ends[i] - starts[i] + HEADER_BYTES
    if (this.#length + room > BUFFER_BYTES) {
      this.#seal()
      if (room > BUFFER_BYTES) {
        this.#pieces.push(requestBytes(p.argv()))
        return
      }
    }
    const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES))
    let at = writeHeader(buffer, this.#length, ASTERISK, count)
    for (let i = first; i < end; i++) {
      const stop = ends[i]
      let from = starts[i]
      at = writeHeader(buffer, at, DOLLAR, stop - from)
      if (stop - from > SHORT_MAX) {
        buffer.set(bytes.subarray(from, stop), at)
        at += stop - from
      } else while (from < stop) buffer[at++] = bytes[from++]
      buffer[at++] = CR
      buffer[at++] = LF
    }
    this.#length = at
  }

  /** All that was gathered, in order, which is the caller's from here on. */
  take(): readonly (Buffer | Bytes)[] {
    this.#seal()
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  #seal(): void {
    if (this.#length === 0) return
    this.#pieces.push(Buffer.from(this.#buffer!.subarray(0, this.#length)))
    this.#length = 0
  }
}

/** `$12\r\n`. Returns where it ends. */
function writeHeader(buffer: Buffer, at: number, lead: number, count: number): number {
  buffer[at++] = lead
  if (count < 10) buffer[at++] = ZERO + count
  else {
    let scale = 10
    while (scale * 10 <= count) scale *= 10
    for (; scale >= 1; scale = (scale / 10) | 0) buffer[at++] = ZERO + (((count / scale) | 0) % 10)
  }
  buffer[at++] = CR
  buffer[at++] = LF
  return at
}
