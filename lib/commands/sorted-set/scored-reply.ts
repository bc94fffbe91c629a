/** Entries of a sorted set as a reply: members, or with WITHSCORES members and scores, flat in RESP2, in pairs in RESP3. */
import type { Bytes } from '../../base/bytes.ts'
import { Double, type Reply } from '../../base/reply.ts'
import type { Context } from '../command.ts'

export class ScoredReply {
  readonly items: Reply[] = []
  readonly #withScores: boolean
  readonly #pairs: boolean

  constructor(c: Context, withScores: boolean) {
    this.#withScores = withScores
    this.#pairs = c.session.replyProto === 3
  }

  /** Appends an entry; bound, to be passed to `walk`. */
  readonly add = (member: Bytes, score: number): void => {
    if (!this.#withScores) this.items.push(member)
    else if (this.#pairs) this.items.push([member, new Double(score)])
    else this.items.push(member, new Double(score))
  }
}
