/**
 * The walk of a snapshot over one database, as far as the database must know of it. Keys are written from the back of the
 * table to its front, as a scan goes: entries only ever move towards the front, and what is new comes in behind the walk. A key
 * that is about to change, or to go, before the walk has come to it is written first (copy on write), and marked, lest it be
 * written again.
 *
 * The marks are bits by position. They move as the entries do: where a key is removed, the last entry takes its place. The
 * walk keeps the table with which it began: once a database is emptied or exchanged for another, it is the walk's alone or
 * changes hands together with it.
 *
 * Invariant: a position is still to be written if it is before the cursor and has no mark.
 */
import type { Bytes } from '../base/bytes.ts'
import type { At } from '../memory/arena.ts'
import type { Table } from './table/table.ts'
import type { Value } from './value.ts'

/** Whoever writes the keys. */
export interface KeyWriter {
  /** Writes a key before it changes. Nothing may be thrown here: a command is under way. */
  writeEarly(walk: DbWalk, position: number): void
  /** The value that is being written in parts is about to change. */
  detachOpen(): void
}

export class DbWalk {
  /** The number of the database when the walk began. */
  readonly index: number
  /** Keys then, and those with an expiry. */
  readonly size: number
  readonly volatileSize: number
  readonly writer: KeyWriter
  readonly table: Table
  /** Positions from here on are written, or were added since. */
  #cursor: number
  /** A bit for each position before the cursor at the start: 1 if it is written. */
  readonly #marks: Int32Array
  /** The position of the value that is being written in parts; -1 for none. */
  #openAt = -1

  constructor(index: number, table: Table, writer: KeyWriter) {
    this.index = index
    this.size = table.size
    this.volatileSize = table.timedSize
    this.table = table
    this.writer = writer
    this.#cursor = this.size
    this.#marks = new Int32Array((this.size + 31) >>> 5)
  }

  /** The next position that is still to be written, which counts as written from then on; -1 if there is none. */
  next(): number {
    const marks = this.#marks
    while (this.#cursor > 0) {
      const position = --this.#cursor
      if ((marks[position >>> 5] & (1 << (position & 31))) === 0) return position
    }
    return -1
  }

  /** The address in the table, above 0 for a key with a record. */
  addressAt(position: number): At {
    return this.table.atPosition(position)
  }

  keyAt(position: number): Bytes {
    return this.table.keyOf(this.table.atPosition(position))
  }

  valueAt(position: number): Value {
    return this.table.valueOf(this.table.atPosition(position))
  }

  /** Unix ms; -1 for none. */
  expireAt(position: number): number {
    return this.table.timeOf(this.table.atPosition(position))
  }

  accessAt(position: number): number {
    return this.table.accessOf(this.table.atPosition(position))
  }

  /** The value at a position, which was given by `next`, is written in parts from now on. */
  open(position: number): void {
    this.#openAt = position
  }

  /** It is written, or a copy of it is. */
  closeOpen(): void {
    this.#openAt = -1
  }

  // For the database.

  /** What stands at a position is about to change. */
  before(position: number): void {
    if (position === this.#openAt) {
      this.#openAt = -1
      this.writer.detachOpen()
      return
    }
    if (position >= this.#cursor || this.#isMarked(position)) return
    this.#mark(position)
    this.writer.writeEarly(this, position)
  }

  /** What stood at a position was removed, and what stood at `last`, the end, has come there. */
  removed(position: number, last: number): void {
    if (position !== last) {
      if (last === this.#openAt) this.#openAt = position
      if (position < this.#cursor && last < this.#cursor && !this.#isMarked(last)) this.#unmark(position)
    }
    if (last < this.#cursor) this.#cursor = last
  }

  #isMarked(position: number): boolean {
    return (this.#marks[position >>> 5] & (1 << (position & 31))) !== 0
  }

  #mark(position: number): void {
    this.#marks[position >>> 5] |= 1 << (position & 31)
  }

  #unmark(position: number): void {
    this.#marks[position >>> 5] &= ~(1 << (position & 31))
  }
}
