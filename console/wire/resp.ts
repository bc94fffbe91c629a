/** Replies as they come from the store: RESP2, which keeps every byte and tells statuses, strings and errors apart. */
import { type Bytes, fromArray } from './bytes.ts'

/** A status, as `+OK`. */
export class Status {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An error among the replies of a pipeline, or in a reply. */
export class Failure {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Integers past 2^53 are bigints. */
export type Reply = Bytes | number | bigint | null | Status | Failure | readonly Reply[]

const CR = 13

/** All replies in a body, one behind the other. @throws Error where the body is broken off, or is something else */
export function parseReplies(body: Uint8Array): Reply[] {
  const reader = new Reader(body)
  const replies: Reply[] = []
  while (!reader.isAtEnd) replies.push(reader.reply())
  return replies
}

class Reader {
  readonly #body: Uint8Array
  #at = 0

  constructor(body: Uint8Array) {
    this.#body = body
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#body.length
  }

  reply(): Reply {
    const kind = String.fromCharCode(this.#body[this.#at++])
    const line = this.#line()
    switch (kind) {
      case '+':
        return new Status(line)
      case '-':
        return new Failure(line)
      case ':':
        return integer(line)
      case '$':
        return line === '-1' ? null : this.#bulk(Number(line))
      case '*':
        return line === '-1' ? null : Array.from({ length: Number(line) }, () => this.reply())
    }
    throw new Error('the answer is no reply of Redis')
  }

  #line(): Bytes {
    const end = this.#body.indexOf(CR, this.#at)
    if (end === -1) throw new Error('the answer is broken off')
    const line = fromArray(this.#body.subarray(this.#at, end))
    this.#at = end + 2
    return line
  }

  #bulk(length: number): Bytes {
    const end = this.#at + length
    if (end > this.#body.length) throw new Error('the answer is broken off')
    const bytes = fromArray(this.#body.subarray(this.#at, end))
    this.#at = end + 2
    return bytes
  }
}

function integer(digits: string): number | bigint {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits)
}
