/**
 * What the replies of a pipeline or a transaction weigh, which may come to be many; a long text that many of them are is
 * weighed once, and kept once: those that are equal to it are made the same.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { PART_BYTES, weightOf } from './long.ts'

/** Texts that are told apart. */
const RECENT_TEXTS = 4

export class RepliesWeight {
  readonly #replies: Reply[]
  #weighed = 0
  #bytes = 0
  /** The long texts that came last. */
  readonly #texts: Bytes[] = []

  constructor(replies: Reply[]) {
    this.#replies = replies
  }

  bytes(): number {
    for (; this.#weighed < this.#replies.length; this.#weighed++) {
      const reply = this.#replies[this.#weighed]
      if (typeof reply !== 'string' || reply.length <= PART_BYTES) {
        this.#bytes += weightOf(reply)
        continue
      }
      const known = this.#texts.indexOf(reply)
      if (known !== -1) this.#replies[this.#weighed] = this.#texts[known]
      else {
        this.#bytes += reply.length
        this.#texts[this.#weighed % RECENT_TEXTS] = reply
      }
    }
    return this.#bytes
  }
}
