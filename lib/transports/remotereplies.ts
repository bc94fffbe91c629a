/** The replies of a pipeline that another server runs: they come one by one, each to its place, and are waited for together. */
import { INTERNAL } from '../base/errors.ts'
import type { Reply } from '../base/reply.ts'
import type { Answers } from '../engine/backend.ts'

export class RemoteReplies implements Answers {
  /** What has not come yet is null. */
  readonly replies: Reply[] = []
  #missing = 0
  #settled: (() => void) | undefined

  /** Makes a place for one more reply. */
  begin(): number {
    this.#missing++
    return this.replies.push(null) - 1
  }

  answer(place: number, reply: Reply): void {
    this.replies[place] = reply
    if (--this.#missing !== 0 || this.#settled === undefined) return
    this.#settled()
    this.#settled = undefined
  }

  /** Takes a reply that may still be on its way. */
  take(place: number, reply: Reply | Promise<Reply>): void {
    if (reply instanceof Promise) {
      // None rejects; if one does, its caller must not wait for ever.
      reply.then(
        (late) => this.answer(place, late),
        () => this.answer(place, INTERNAL),
      )
    } else this.answer(place, reply)
  }

  /** Settles when there is a reply at every place. */
  whole(): Promise<void> {
    if (this.#missing === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#settled = resolve
    })
  }
}
