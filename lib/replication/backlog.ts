/**
 * The stream of effects, as far as somebody may want it: its latest bytes (`repl-backlog-size`) for replicas that come back, and
 * before those what a replica has not been sent yet. All replicas read the same blocks, as since Redis 7.0: one that is slow, or
 * waits for its snapshot, costs what it is behind, and ten of them cost no more. Who comes back gets what is kept for others, too.
 *
 * Bytes are numbered by the offsets of the stream, from 1. They are gathered as text before they go into a block, since a copy for
 * each command costs more than the command; who has come to where that text begins is sent it as it is. Very long text is a
 * block of its own, uncopied: it may be the very string that the store holds.
 */
import type { Bytes } from '../base/bytes.ts'

/** As in Redis, less is none. */
const LEAST_BYTES = 16 * 1024
const BLOCK_BYTES = 16 * 1024
const GATHERED_BYTES = 64 * 1024
/** Text that is kept as it is. */
const LONG_BYTES = 2 ** 20
/** What is read of that at a time. */
const PIECE_BYTES = 128 * 1024

/** Whoever needs all that comes from an offset on. */
export interface BacklogReader {
  readonly at: number
}

interface Block {
  /** Offset of its first byte. */
  readonly start: number
  readonly content: Buffer | Bytes
  /** Bytes that are in it. */
  length: number
}

/** Stands where one was dropped. */
const DROPPED: Block = { start: 0, content: '', length: 0 }

export class Backlog {
  size: number
  readonly #readers = new Set<BacklogReader>()
  #blocks: Block[] = []
  /** Index of the first that is kept. */
  #head = 0
  #blockBytes = 0
  /** Of a block that was dropped, for the next one. */
  #spare: Buffer | undefined
  /** What is in no block yet, and the offset of the last byte that is. */
  #latest = ''
  #settled: number

  /** `offset` is that of the stream now. */
  constructor(size: number, offset: number) {
    this.size = Math.max(size, LEAST_BYTES)
    this.#settled = offset
  }

  /** Offset of the first byte that it holds; of the next one to come, while it holds none. */
  get first(): number {
    return this.#head < this.#blocks.length ? this.#blocks[this.#head].start : this.#settled + 1
  }

  /** Offset of the last byte of the stream. */
  get end(): number {
    return this.#settled + this.#latest.length
  }

  get length(): number {
    return this.end - this.first + 1
  }

  /** What it takes. */
  get bytes(): number {
    return this.#blockBytes + this.#latest.length
  }

  /** True if it holds all that comes from an offset on, which may be nothing. */
  reaches(offset: number): boolean {
    return offset >= this.first && offset <= this.end + 1
  }

  /** Nothing is dropped that somebody needs, from here on. */
  hold(reader: BacklogReader): void {
    this.#readers.add(reader)
  }

  release(reader: BacklogReader): void {
    this.#readers.delete(reader)
    this.trim()
  }

  resize(size: number): void {
    this.size = Math.max(size, LEAST_BYTES)
    this.trim()
  }

  add(part: Bytes): void {
    if (this.isFullFor(part)) this.settle()
    this.#latest += part
  }

  /** True if what was gathered goes into blocks when this part is added. */
  isFullFor(part: Bytes): boolean {
    return this.#latest !== '' && this.#latest.length + part.length > GATHERED_BYTES
  }

  /** The bytes from an offset on, as many as are read at a time; '' where the stream ends. */
  piece(at: number): Bytes {
    if (at === this.#settled + 1 && this.#latest.length < LONG_BYTES) return this.#latest
    if (at > this.#settled) this.settle()
    const { start, content, length } = this.#blockOf(at)
    const from = at - start
    if (typeof content === 'string') return content.slice(from, from + PIECE_BYTES)
    return content.toString('latin1', from, Math.min(length, from + PIECE_BYTES))
  }

  /** Puts what was gathered into blocks. */
  settle(): void {
    const text = this.#latest
    if (text === '') return
    this.#latest = ''
    const isLong = text.length >= LONG_BYTES
    if (this.#readers.size === 0 && text.length > this.size) {
      this.#settled += text.length
      this.trim()
      this.#settled -= this.size
      this.#copy(text.slice(text.length - this.size))
    } else if (isLong) this.#push(text, text.length)
    else this.#copy(text)
  }

  /** Drops what nobody needs any more. */
  trim(): void {
    const needed = this.#needed()
    const blocks = this.#blocks
    for (; this.#head < blocks.length; this.#head++) {
      const { start, content, length } = blocks[this.#head]
      if (start + length > needed) break
      this.#blockBytes -= content.length
      if (typeof content !== 'string' && content.length === BLOCK_BYTES) this.#spare = content
      blocks[this.#head] = DROPPED
    }
    if (this.#head * 2 > blocks.length) {
      this.#blocks = blocks.slice(this.#head)
      this.#head = 0
    }
    this.#shorten(needed)
  }

  /** Long text is let go when what is needed of it is no more than the rest of the backlog may be. */
  #shorten(needed: number): void {
    const block = this.#blocks[this.#head]
    if (block === undefined || typeof block.content !== 'string' || needed <= block.start) return
    const kept = block.start + block.length - needed
    if (kept > this.size) return
    const content = Buffer.from(block.content.slice(block.length - kept), 'latin1')
    this.#blockBytes += kept - block.length
    this.#blocks[this.#head] = { start: needed, content, length: kept }
  }

  /** The least offset of which the byte is needed. */
  #needed(): number {
    let needed = this.end - this.size + 1
    for (const { at } of this.#readers) if (at < needed) needed = at
    return needed
  }

  #copy(text: Bytes): void {
    for (let from = 0; from < text.length; ) {
      const block = this.#openBlock()
      const room = block.content as Buffer
      const length = Math.min(text.length - from, BLOCK_BYTES - block.length)
      room.write(length === text.length ? text : text.slice(from, from + length), block.length, 'latin1')
      block.length += length
      this.#settled += length
      from += length
    }
  }

  /** The last block, if there is room in it, or a new one. */
  #openBlock(): Block {
    const last = this.#blocks[this.#blocks.length - 1]
    const hasRoom = this.#head < this.#blocks.length && last.content.length === BLOCK_BYTES && last.length < BLOCK_BYTES
    if (hasRoom) return last
    this.trim()
    const room = this.#spare ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.#spare = undefined
    return this.#push(room, 0)
  }

  #push(content: Buffer | Bytes, length: number): Block {
    const block = { start: this.#settled + 1, content, length }
    this.#blocks.push(block)
    this.#blockBytes += content.length
    this.#settled += length
    return block
  }

  #blockOf(at: number): Block {
    let [low, high] = [this.#head, this.#blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#blocks[middle].start <= at) low = middle
      else high = middle - 1
    }
    return this.#blocks[low]
  }
}
