/**
 * The making of a copy of a shared store where its database answers at once: a slice at a time, between which the event loop goes on, or
 * all that is left for somebody who cannot wait. The connection to the database is in a transaction until it is over.
 */
import type { ReplyError } from '../../base/reply.ts'
import { immediately } from '../../base/runtime.ts'
import { madeInSlice, type Steps } from '../copy/copy.ts'

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Building {
  readonly #begin: () => Steps
  readonly #goOn: () => void
  #steps: Steps | undefined
  #isScheduled = false
  #waiting: Waiting[] = []

  /** `goOn` is called for each slice of a later turn, and is to call `run`. */
  constructor(begin: () => Steps, goOn: () => void) {
    this.#begin = begin
    this.#goOn = goOn
  }

  get isUnderWay(): boolean {
    return this.#steps !== undefined
  }

  /** Begins it or goes on: all of it, or a slice now and the others in later turns. False if it is not over. @throws Error */
  run(atOnce: boolean): boolean {
    const steps = this.#steps ?? this.#begin()
    this.#steps = undefined
    let isOver = madeInSlice(steps)
    while (atOnce && !isOver) isOver = madeInSlice(steps)
    if (isOver) this.end(undefined)
    else {
      this.#steps = steps
      this.#schedule()
    }
    return isOver
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    immediately(() => {
      this.#isScheduled = false
      if (this.isUnderWay) this.#goOn()
    })
  }

  /** Settles when what is under way is over. @throws Error that says what it has failed with */
  ready(): Promise<void> {
    if (!this.isUnderWay) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Nothing goes on any more; whoever has waited hears of it. */
  end(fault: ReplyError | undefined): void {
    this.#steps = undefined
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (fault === undefined) resolve()
      else reject(new Error(fault.text))
    }
  }
}
