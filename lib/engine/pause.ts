/**
 * CLIENT PAUSE: commands (all, or those that write) are held back until a time or UNPAUSE, then run in the order in
 * which they came. A paused client waits as a blocked one does: its door reads no further command of it. Meanwhile nothing
 * changes by itself either: what expires stays until the pause is over.
 */
import type { Clock } from '../base/clock.ts'
import type { ReplyError } from '../base/reply.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { PausePort } from '../session/ports.ts'
import { Concern, type Concerns } from './concerns.ts'

/** Who holds writes back, whoever sends them, until an end that only they know. */
export const Holder = { Failover: 1, Migration: 2, Shutdown: 4 } as const

export class Pause implements PausePort {
  readonly #clock: Clock
  readonly #keyspace: Keyspace
  readonly #concerns: Concerns
  /** By CLIENT PAUSE. */
  #mode: 'none' | 'all' | 'write' = 'none'
  /** OR of Holder bits. */
  #holders = 0
  #until = 0
  #cancel: (() => void) | undefined
  #held: ((error: ReplyError | undefined) => void)[] = []

  constructor(clock: Clock, keyspace: Keyspace, concerns: Concerns) {
    this.#clock = clock
    this.#keyspace = keyspace
    this.#concerns = concerns
  }

  get mode(): 'none' | 'all' | 'write' {
    return this.#mode === 'none' && this.holdsWrites ? 'write' : this.#mode
  }

  /** True while there is a holder. */
  get holdsWrites(): boolean {
    return this.#holders !== 0
  }

  setHolder(holder: number, holds: boolean): void {
    this.#holders = holds ? this.#holders | holder : this.#holders & ~holder
    if (holds) this.#settle()
    else this.#release()
  }

  /** Number of commands held back. */
  get held(): number {
    return this.#held.length
  }

  /** A second pause can only widen the first: the later end and the stricter mode hold, as in Redis. */
  pause(mode: 'all' | 'write', until: number): void {
    if (this.#mode !== 'all') this.#mode = mode
    this.#settle()
    this.#until = Math.max(this.#until, until)
    this.#cancel?.()
    this.#cancel = this.#clock.after(this.#until - this.#clock.now(), () => this.unpause())
  }

  unpause(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#mode = 'none'
    this.#until = 0
    this.#release()
  }

  /** What was held runs, or is held again. */
  #release(): void {
    this.#settle()
    const held = this.#held
    this.#held = []
    for (const run of held) run(undefined)
  }

  #settle(): void {
    const isPaused = this.mode !== 'none'
    this.#keyspace.keepExpired({ isPaused })
    this.#concerns.set(Concern.Paused, isPaused)
  }

  /** What is held is answered an error: it will not run. */
  refuseHeld(error: ReplyError): void {
    for (const run of this.#held.splice(0)) run(error)
  }

  /** Settles when the pause ends; with an error, if that is the answer. */
  hold(): Promise<ReplyError | undefined> {
    return new Promise((resolve) => this.#held.push(resolve))
  }
}
