/**
 * Commands that wait for a database, first come first served. Each is told to go on, or is answered an error when it has waited for
 * too long; nobody waits for ever.
 */
import type { ReplyError } from '../../base/reply.ts'
import { inBackground, monotonic } from '../../base/runtime.ts'
import type { Session } from '../../session/session.ts'

interface Waiter {
  /** Higher than those of all who came before. */
  readonly number: number
  readonly until: number
  readonly session: Session | undefined
  readonly settle: (error: ReplyError | undefined) => void
}

export class Line {
  readonly #patienceMs: () => number
  readonly #lateAnswer: () => ReplyError
  #waiters: Waiter[] = []
  #numbers = 0
  #isSweeping = false
  readonly #sweep = (): void => {
    this.#isSweeping = false
    this.sweep()
  }

  constructor(patienceMs: () => number, lateAnswer: () => ReplyError) {
    this.#patienceMs = patienceMs
    this.#lateAnswer = lateAnswer
  }

  get size(): number {
    return this.#waiters.length
  }

  /** Stands in the line, then calls `begin`. The promise gives what is answered instead of going on. */
  wait(begin: () => void, session?: Session): Promise<ReplyError | undefined> {
    return new Promise((resolve) => {
      const until = monotonic() + this.#patienceMs()
      this.#waiters.push({ number: ++this.#numbers, until, session, settle: resolve })
      this.#sweepLater()
      begin()
    })
  }

  /** Whose commands stand here, as far as that was said. */
  get sessions(): readonly Session[] {
    return this.#waiters.flatMap(({ session }) => session ?? [])
  }

  /** Tells those who stand here now from those who will come. */
  mark(): number {
    return this.#numbers
  }

  /** Those up to a mark go on, or all. */
  grant(mark = Infinity): void {
    const all = this.#waiters
    if (all.length === 0) return
    let count = 0
    while (count < all.length && all[count].number <= mark) count++
    this.#waiters = all.slice(count)
    for (let i = 0; i < count; i++) all[i].settle(undefined)
  }

  /** All are answered an error. */
  end(error: ReplyError): void {
    for (const { settle } of this.#waiters.splice(0)) settle(error)
  }

  /** Those who have waited for too long are answered so. */
  sweep(): void {
    const now = monotonic()
    while (this.#waiters.length !== 0 && this.#waiters[0].until <= now)
      this.#waiters.shift()!.settle(this.#lateAnswer())
    this.#sweepLater()
  }

  #sweepLater(): void {
    if (this.#isSweeping || this.#waiters.length === 0) return
    this.#isSweeping = true
    inBackground(Math.max(1, this.#waiters[0].until - monotonic()), this.#sweep)
  }
}
