/** What commands that run by places answer in a pipeline of REST: outcomes, as bytes. Items of arrays are gathered first. */
import { type Bytes, sliceOf } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Answer } from './answer.ts'
import { isLong } from './long.ts'
import { Outcomes } from './outcomes.ts'

/** An array that lacks items. */
interface Open {
  readonly items: Reply[]
  left: number
  /** The one of which it is an item. */
  readonly outer: Open | undefined
}

export class JsonAnswer implements Answer {
  /** The reply that was answered last, where it is long: it is not written, and nothing is to be answered behind it. */
  long: Reply | undefined
  readonly #outcomes = new Outcomes()
  #open: Open | undefined

  /** A pipeline begins. */
  begin(): void {
    this.long = undefined
    this.#outcomes.begin('')
  }

  /** What comes from here on answers another command. */
  next(): void {
    this.#open = undefined
  }

  /** The outcomes of all commands, without the closing bracket; '' if there are none. */
  end(): Bytes {
    return this.#outcomes.end()
  }

  /** What comes behind is to be answered in another way: by parts. */
  get isFull(): boolean {
    return this.long !== undefined || this.#outcomes.isLong
  }

  reply(reply: Reply): void {
    if (isLong(reply)) this.long = reply
    else this.#outcomes.reply(reply)
  }

  add(reply: Reply): void {
    const open = this.#open
    if (open === undefined) {
      this.reply(reply)
      return
    }
    open.items.push(reply)
    this.#filled(open)
  }

  bulk(bytes: Uint8Array, _view: DataView, start: number, end: number): void {
    if (this.#open === undefined && this.#outcomes.string(bytes, start, end)) return
    this.add(sliceOf(bytes, start, end))
  }

  bulkInteger(integer: number): void {
    this.add('' + integer)
  }

  array(count: number): void {
    const items: Reply[] = []
    if (count === 0) {
      this.add(items)
      return
    }
    this.#open?.items.push(items)
    this.#open = { items, left: count, outer: this.#open }
  }

  set(count: number): void {
    this.array(count)
  }

  map(pairs: number): void {
    this.array(2 * pairs)
  }

  /** An array has one item more, with all that is in it. */
  #filled(open: Open): void {
    if (--open.left !== 0) return
    this.#open = open.outer
    if (open.outer === undefined) this.reply(open.items)
    else this.#filled(open.outer)
  }
}
