/**
 * How new a copy of a shared store must be to answer a read, as `store-consistency` says:
 *
 * - `strong`: the log is asked for what is new before each batch of reads, so that a read sees all that anybody was told.
 * - `session`: nobody reads what is older than what it has seen. Within a process that needs no more than a copy that never goes
 *   back; a request over REST tells by its token how far the log was when it was answered last (`Session.seen`).
 * - `eventual`: what is here is shown.
 *
 * Under the latter two the log is asked all the same when that was last done longer than `store-max-staleness` ago.
 */
import { monotonic } from '../../base/runtime.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Session } from '../../session/session.ts'

/** The levels, the strictest first. */
export type Level = 'strong' | 'session' | 'eventual'

export class Freshness {
  readonly #engine: Engine
  /** What `auto` stands for. */
  readonly #auto: Level
  /** A reading of monotonic(): of before the log was last asked. */
  #askedAt = -Infinity
  /** The batch of the stopwatch in which it was. */
  #askedIn = -1

  constructor(engine: Engine, auto: Level) {
    this.#engine = engine
    this.#auto = auto
  }

  /** All is here that was in the log at a reading of monotonic(). */
  asked(at: number): void {
    const { stopwatch } = this.#engine
    this.#askedAt = at
    if (stopwatch.batching) this.#askedIn = stopwatch.batches
  }

  /** The same of a reading before the batch that may be under way. */
  askedBefore(at: number): void {
    this.#askedAt = at
  }

  /** True if a copy with so many rows of the log may answer a read of a session. */
  suffices(session: Session, position: number): boolean {
    const { stopwatch, config } = this.#engine
    // Within a batch nothing is received: what is asked in it was sent before the log was.
    if (stopwatch.batching && stopwatch.batches === this.#askedIn) return true
    const level = config['store-consistency']
    switch (level === 'auto' ? this.#auto : level) {
      case 'strong':
        return false
      case 'session':
        if (session.seen > position) return false
    }
    return monotonic() - this.#askedAt <= config['store-max-staleness']
  }
}
