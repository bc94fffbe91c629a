/**
 * The latest bytes of the stream of effects, for replicas that come back: a ring of a fixed size, so that a write costs a
 * copy and nothing else. Bytes are numbered by the offsets of the stream.
 */
import type { Bytes } from '../base/bytes.ts'

/** As in Redis, a smaller one is none. */
const LEAST_BYTES = 16 * 1024
/** No ring is larger: Node's buffers end at 4 GB in some versions. */
const MOST_BYTES = 2 ** 31
/** What was added is gathered before it goes into the ring: a copy for each command costs more than the command. */
const GATHERED_BYTES = 32 * 1024
/** What is read of it at a time. */
const PIECE_BYTES = 64 * 1024

export class Backlog {
  readonly size: number
  readonly #ring: Buffer
  /** Where the next byte goes. */
  #head = 0
  /** What is not in the ring yet. */
  #gathered = ''
  /** Bytes that it holds. */
  length = 0
  /** Offset of the stream behind its last byte. */
  #offset: number

  /** `offset` is that of the stream now. */
  constructor(size: number, offset: number) {
    this.size = Math.min(Math.max(size, LEAST_BYTES), MOST_BYTES)
    this.#ring = Buffer.allocUnsafeSlow(this.size)
    this.#offset = offset
  }

  /** Offset of the first byte that it holds, counted from 1; of the next one to come, while it holds none. */
  get first(): number {
    return this.#offset - this.length + 1
  }

  /** True if it holds all that comes from an offset on, which may be nothing. */
  reaches(offset: number): boolean {
    return offset >= this.first && offset <= this.#offset + 1
  }

  add(part: Bytes): void {
    this.#offset += part.length
    this.length = Math.min(this.size, this.length + part.length)
    if (part.length > GATHERED_BYTES) {
      this.#settle()
      this.#copy(part)
      return
    }
    this.#gathered += part
    if (this.#gathered.length > GATHERED_BYTES) this.#settle()
  }

  #settle(): void {
    const gathered = this.#gathered
    if (gathered === '') return
    this.#gathered = ''
    this.#copy(gathered)
  }

  #copy(part: Bytes): void {
    const { size } = this
    const kept = part.length > size ? part.slice(part.length - size) : part
    const untilEnd = size - this.#head
    if (kept.length < untilEnd) this.#ring.write(kept, this.#head, 'latin1')
    else {
      this.#ring.write(kept.slice(0, untilEnd), this.#head, 'latin1')
      this.#ring.write(kept.slice(untilEnd), 0, 'latin1')
    }
    this.#head = (this.#head + kept.length) % size
  }

  /** All bytes from an offset on that it reaches, in pieces. */
  from(offset: number): Bytes[] {
    this.#settle()
    const pieces: Bytes[] = []
    let left = this.#offset + 1 - offset
    let at = (this.#head - left + this.size) % this.size
    while (left > 0) {
      const length = Math.min(left, this.size - at, PIECE_BYTES)
      pieces.push(this.#ring.toString('latin1', at, at + length))
      left -= length
      at = (at + length) % this.size
    }
    return pieces
  }
}
