/**
 * CLIENT PAUSE: commands (all, or those that write) are held back until a time or UNPAUSE, then run in the order in
 * which they came. A paused client waits as a blocked one does: its door reads no further command of it. Meanwhile nothing
 * changes by itself either: what expires stays until the pause is over.
 */
import type { Clock } from '../base/clock.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { PausePort } from '../session/ports.ts'
import { Concern, type Concerns } from './concerns.ts'

export class Pause implements PausePort {
  readonly #clock: Clock
  readonly #keyspace: Keyspace
  readonly #concerns: Concerns
  #mode: 'none' | 'all' | 'write' = 'none'
  #until = 0
  #cancel: (() => void) | undefined
  #held: (() => void)[] = []

  constructor(clock: Clock, keyspace: Keyspace, concerns: Concerns) {
    this.#clock = clock
    this.#keyspace = keyspace
    this.#concerns = concerns
  }

  get mode(): 'none' | 'all' | 'write' {
    return this.#mode
  }

  /** Number of commands held back. */
  get held(): number {
    return this.#held.length
  }

  /** A second pause can only widen the first: the later end and the stricter mode hold, as in Redis. */
  pause(mode: 'all' | 'write', until: number): void {
    if (this.#mode !== 'all') this.#mode = mode
    this.#keyspace.keepExpired({ isPaused: true })
    this.#concerns.set(Concern.Paused, true)
    this.#until = Math.max(this.#until, until)
    this.#cancel?.()
    this.#cancel = this.#clock.after(this.#until - this.#clock.now(), () => this.unpause())
  }

  unpause(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#mode = 'none'
    this.#keyspace.keepExpired({ isPaused: false })
    this.#concerns.set(Concern.Paused, false)
    this.#until = 0
    const held = this.#held
    this.#held = []
    for (const run of held) run()
  }

  /** Settles when the pause ends. */
  hold(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve))
  }
}
