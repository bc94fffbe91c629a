/**
 * The answer of a command that ran by places, in JavaScript's own values: text, or Buffers where bytes were asked for. Text that is ASCII,
 * which is told four bytes at a time, takes the shortest way out of the memory in which it stands.
 */
import { copyOf, textOf, toArray, toText } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Answer } from '../protocol/answer.ts'
import { type Plain, toPlain } from './values.ts'

/** An array that lacks items. */
interface Open {
  readonly items: Plain<string | Buffer>[]
  left: number
  /** The one of which it is an item. */
  readonly outer: Open | undefined
}

export class PlainAnswer implements Answer {
  #asText = true
  #value: Plain<string | Buffer> = null
  #open: Open | undefined

  /** What is answered from here on is one reply. */
  begin(asText: boolean): void {
    this.#asText = asText
    this.#open = undefined
  }

  /** What was answered; a CommandError where the command has failed. */
  end(): Plain<string | Buffer> {
    const value = this.#value
    this.#value = null
    return value
  }

  reply(reply: Reply): void {
    this.#value = this.#plain(reply)
  }

  add(reply: Reply): void {
    this.#put(this.#plain(reply))
  }

  bulk(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.#put(this.#asText ? textOf(bytes, view, start, end) : copyOf(bytes, start, end))
  }

  bulkInteger(integer: number): void {
    this.#put(this.#asText ? '' + integer : toArray('' + integer))
  }

  array(count: number): void {
    const items: Plain<string | Buffer>[] = []
    this.#put(items)
    if (count !== 0) this.#open = { items, left: count, outer: this.#open }
  }

  set(count: number): void {
    this.array(count)
  }

  map(pairs: number): void {
    this.array(2 * pairs)
  }

  #put(value: Plain<string | Buffer>): void {
    const open = this.#open
    if (open === undefined) this.#value = value
    else {
      open.items.push(value)
      if (--open.left === 0) this.#open = open.outer
    }
  }

  #plain(reply: Reply): Plain<string | Buffer> {
    return this.#asText ? toPlain(reply, toText) : toPlain(reply, toArray)
  }
}
