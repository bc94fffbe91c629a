/**
 * Who waits in this process for the lock of writers: commands in a line, and what else is to be done when it is there. A timer tries for
 * all of them, so that the event loop goes on; processes have the lock in turns (turns.ts).
 */
import { SHARED_BUSY } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { soon } from '../../base/runtime.ts'
import { Line } from '../copy/line.ts'
import type { Turns } from './turns.ts'

export interface LockWaitParts {
  readonly turns: Turns
  readonly timeoutMs: () => number
  /** Tries for the lock; true if those who wait have gone on. @throws Error that ends their waiting */
  readonly attempt: () => boolean
  readonly answerOf: (error: unknown) => ReplyError
  /** False while it is something else that is waited for. */
  readonly wantsLock: () => boolean
}

export class LockWait {
  readonly #parts: LockWaitParts
  readonly #line: Line
  readonly #others = new Set<() => void>()
  #isPolling = false
  #isClosed = false

  constructor(parts: LockWaitParts) {
    this.#parts = parts
    this.#line = new Line(parts.timeoutMs, () => SHARED_BUSY)
  }

  /** Commands that wait. */
  get size(): number {
    return this.#line.size
  }

  /** A command waits: the promise gives what is answered instead of going on. */
  wait(): Promise<ReplyError | undefined> {
    return this.#line.wait(() => this.#pollSoon(1))
  }

  /** Calls back when the lock is there. */
  add(then: () => void): void {
    this.#others.add(then)
    this.#pollSoon(0)
  }

  /** Commands go on. */
  grantCommands(): void {
    this.#line.grant()
  }

  /** All else that was to be done is done. */
  grantOthers(): void {
    for (const then of this.#others) {
      this.#others.delete(then)
      then()
    }
  }

  /** Nobody waits any more. */
  close(): void {
    this.#isClosed = true
    this.#line.end(SHARED_BUSY)
  }

  #pollSoon(ms: number): void {
    if (this.#isPolling || this.#isClosed) return
    this.#isPolling = true
    soon(ms, this.#poll)
  }

  /** One try for all that waits. */
  readonly #poll = (): void => {
    this.#isPolling = false
    if (this.#isClosed) return
    const { turns, attempt, answerOf, wantsLock } = this.#parts
    try {
      if (attempt()) return
    } catch (error) {
      this.#line.end(answerOf(error))
    }
    this.#line.sweep()
    const isWaiting = this.#line.size > 0 || this.#others.size > 0
    if (isWaiting && wantsLock()) turns.wait()
    else turns.leave()
    // At different times for different processes, of which one is next.
    if (isWaiting) this.#pollSoon(turns.isNext ? 1 : 1 + Math.random() * 2)
  }
}
