/** Entries of a sorted set as a reply: members, or with WITHSCORES members and scores, flat in RESP2, in pairs in RESP3. */
import type { Bytes } from '../../base/bytes.ts'
import { Double, formatDouble, type Reply } from '../../base/reply.ts'
import type { ZSetValue } from '../../keyspace/values/zset.ts'
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

  /** Appends an entry that was drawn to `items`, ready to be sent more than once. */
  addDrawn(items: Reply[], zset: ZSetValue, position: number): void {
    const member = zset.memberAt(position)
    if (!this.#withScores) {
      items.push(member)
      return
    }
    const score = zset.score(member)!
    const double = new Double(score, formatDouble(score))
    if (this.#pairs) items.push([member, double])
    else items.push(member, double)
  }
}
