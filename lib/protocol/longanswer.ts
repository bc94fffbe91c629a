/** The body of a long answer over REST: made part by part, each when the reader has taken the one before. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { JsonEncoder } from './json.ts'
import { isLong, PART_BYTES, Resp2Writer } from './long.ts'

/** How results are written: JSON, JSON with base64 strings, or raw RESP2. */
export type Format = 'json' | 'base64' | 'resp2'

export class LongAnswer implements Iterable<Bytes> {
  readonly #replies: Reply[]
  readonly #format: Format
  readonly #isList: boolean
  readonly #begun: Bytes
  #writer: JsonEncoder | Resp2Writer | undefined

  /** `isList`: the outcomes of a pipeline, otherwise the result of one command. `begun` is JSON of outcomes that come before. */
  constructor(replies: Reply[], format: Format, isList: boolean, begun: Bytes = '') {
    this.#begun = begun
    this.#replies = replies
    this.#format = format
    this.#isList = isList
  }

  /** Number of bytes, where it can be told without making them. */
  get length(): number | undefined {
    const [reply] = this.#replies
    if (this.#isList || typeof reply !== 'string' || this.#format === 'json') return undefined
    if (this.#format === 'resp2') return `$${reply.length}\r\n\r\n`.length + reply.length
    return '{"result":""}'.length + Math.ceil(reply.length / 3) * 4
  }

  [Symbol.iterator](): Generator<Bytes, void> {
    if (this.#format === 'resp2') return this.#resp2(new Resp2Writer())
    const encoder = new JsonEncoder(this.#format === 'base64')
    return this.#isList ? this.#list(encoder) : this.#one(encoder)
  }

  *#resp2(writer: Resp2Writer): Generator<Bytes, void> {
    this.#writer = writer
    yield* writer.long(this.#replies)
    const rest = writer.take()
    if (rest !== '') yield rest
  }

  *#one(encoder: JsonEncoder): Generator<Bytes, void> {
    this.#writer = encoder
    yield* encoder.long(this.#replies[0])
    yield encoder.take()
  }

  *#list(encoder: JsonEncoder): Generator<Bytes, void> {
    this.#writer = encoder
    const replies = this.#replies
    encoder.raw(this.#begun)
    for (let i = 0; i < replies.length; i++) {
      encoder.raw(i === 0 && this.#begun === '' ? '[' : ',')
      if (isLong(replies[i])) yield* encoder.long(replies[i])
      else encoder.outcome(replies[i])
      replies[i] = null // nobody needs it any more
      if (encoder.full) yield encoder.take()
    }
    encoder.raw(']')
    yield encoder.take()
  }

  /** Shows each long text, and keeps what `visit` returns in its place. */
  visitTexts(visit: (text: Bytes, bytes: number, stored: Bytes | undefined) => Bytes, stored: Bytes | undefined): void {
    const replies = this.#replies
    for (let i = 0; i < replies.length; i++) {
      const reply = replies[i]
      if (typeof reply === 'string' && reply.length > PART_BYTES) replies[i] = visit(reply, reply.length, stored)
    }
    const writer = this.#writer
    if (writer !== undefined && writer.longText !== '') writer.longText = visit(writer.longText, 0, stored)
  }
}
