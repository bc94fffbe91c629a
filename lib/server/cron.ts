/**
 * The background work, `hz` times a second: keys past their time are removed within a bounded share of the time, what is
 * left is moved together where it has holes, idle clients are cut. Its timer does not keep the process alive, and `run` may
 * be called by hand where a test holds the
 * clock.
 */
import type { Clock } from '../base/clock.ts'
import { monotonic } from '../base/runtime.ts'
import type { Directives } from '../config/config.ts'
import type { Compaction } from '../keyspace/compaction.ts'
import type { ExpiryCycle } from '../keyspace/expiry.ts'
import type { Clients } from '../session/clients.ts'
import { Gate, type Session } from '../session/session.ts'

export interface CronParts {
  readonly clock: Clock
  readonly config: Directives
  readonly clients: Clients
  readonly expiryCycle: ExpiryCycle
  readonly compaction: Compaction
  /** Takes a sample of the figures that INFO prints per second. */
  readonly sample: () => void
  /** Writes what was put off. */
  readonly flush: () => void
  /** Hears how many ms something took. */
  readonly onDelay: (event: string, delay: number) => void
  /** What is to be done once a second. */
  readonly everySecond: readonly (() => void)[]
  /** Hears of a step that failed, which is a fault of ours. The others are done all the same. */
  readonly onFault: (error: unknown) => void
  /** Called before a client is cut because it was idle. */
  readonly onIdle: (session: Session) => void
}

export class Cron {
  readonly #parts: CronParts
  #cancel: (() => void) | undefined
  #idleCheckedAt = 0
  /** DEBUG PAUSE-CRON. */
  paused = false

  constructor(parts: CronParts) {
    this.#parts = parts
  }

  start(): void {
    const { clock, config } = this.#parts
    this.#cancel = clock.after(
      1000 / config.hz,
      () => {
        this.start()
        if (!this.paused) this.run()
      },
      true,
    )
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** One round. */
  run(): void {
    const { clock, config, compaction, sample, flush, everySecond } = this.#parts
    this.#attempt(sample)
    this.#attempt(flush)
    this.#attempt(() => this.#expire())
    this.#attempt(() => compaction.run(1000 / config.hz))
    const since = clock.now() - this.#idleCheckedAt
    if (since >= 0 && since < 1000) return // the time of day may have been set back
    this.#idleCheckedAt = clock.now()
    for (const step of everySecond) this.#attempt(step)
    this.#attempt(() => this.#cutAll())
  }

  /** Nothing that is thrown in a timer may end the process. */
  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#parts.onFault(error)
    }
  }

  #expire(): void {
    const { config, expiryCycle, onDelay } = this.#parts
    const startedAt = monotonic()
    expiryCycle.run(expirySliceMs(config))
    onDelay('expire-cycle', monotonic() - startedAt)
  }

  #cutAll(): void {
    const { clock, config } = this.#parts
    const { timeout, 'unauthenticated-timeout': strangerTimeout } = config
    if (timeout > 0) this.#cutIdle(clock.now() - timeout * 1000)
    if (strangerTimeout > 0) this.#cutStrangers(clock.now() - strangerTimeout * 1000)
  }

  /** Who comes in has something to say: a password, before anything else. What is refused for want of it is no activity. */
  #cutStrangers(since: number): void {
    for (const session of this.#parts.clients) {
      if (!(session.gate & Gate.Unauthenticated) || session.lastActiveAt >= since) continue
      this.#parts.onIdle(session)
      session.link.close()
    }
  }

  /** As in Redis, those that wait or listen, and replicas, are not idle. */
  #cutIdle(since: number): void {
    for (const session of this.#parts.clients) {
      if (
        session.lastActiveAt >= since ||
        session.parked !== undefined ||
        session.replica ||
        session.isMaster ||
        session.gate & (Gate.Subscriber | Gate.Monitor)
      )
        continue
      this.#parts.onIdle(session)
      session.link.close()
    }
  }
}

/** The share of each round that goes to expiry: a quarter of the time at effort 1, two percent more per level. */
export function expirySliceMs(config: Directives): number {
  const share = 0.25 + 0.02 * (config['active-expire-effort'] - 1)
  return (share * 1000) / config.hz
}
