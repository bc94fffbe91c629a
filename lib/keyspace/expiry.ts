/**
 * Active expiry: ten times a second (the engine's cron) the databases that hold keys with an expiry are sampled in turn.
 * As in Redis, a database whose sample was more than a tenth dead is sampled again at once, until the share of dead
 * keys is low or the time slice is used up; the next cycle goes on with the next database. Keys that nobody asks for
 * are so removed soon after their time, at a bounded cost. Fields of hashes whose time has come are known exactly, and
 * removed in the same rounds.
 */
import type { Clock } from '../base/clock.ts'
import { monotonic } from '../base/runtime.ts'
import type { Db } from './db.ts'
import type { Keyspace } from './keyspace.ts'

const SAMPLES = 20
const ACCEPTABLE_DEAD_SHARE = 0.1
/** What the share of dead keys in one cycle weighs in their estimate. */
const NEWEST_WEIGHT = 0.05

export class ExpiryCycle {
  readonly #keyspace: Keyspace
  readonly #clock: Clock
  #nextDb = 0
  /** Keys that the running cycle has looked at, and how many of them it removed. */
  #sampled = 0
  #dead = 0
  /** DEBUG SET-ACTIVE-EXPIRE 0 switches the cycle off. */
  enabled = true
  /** How often a cycle ended because its slice was used up; INFO's expired_time_cap_reached_count. */
  timeCapReached = 0
  /** Time that cycles took. */
  usedMs = 0
  /** Share of keys with an expiry whose time is past, as far as can be told from the samples of the last cycles. */
  staleShare = 0

  constructor(keyspace: Keyspace, clock: Clock) {
    this.#keyspace = keyspace
    this.#clock = clock
  }

  /** Runs one cycle of at most about `sliceMs` by the wall clock. Returns the number of keys removed. */
  run(sliceMs: number): number {
    if (!this.enabled) return 0
    if (this.#keyspace.keepsExpired) {
      this.#keyspace.setNow(this.#clock.now())
      return this.#keyspace.expireOwn()
    }
    this.#sampled = 0
    this.#dead = 0
    const startedAt = monotonic()
    this.#removeDead(startedAt + sliceMs)
    this.usedMs += monotonic() - startedAt
    const share = this.#sampled === 0 ? 0 : this.#dead / this.#sampled
    this.staleShare = share * NEWEST_WEIGHT + this.staleShare * (1 - NEWEST_WEIGHT)
    return this.#dead
  }

  resetStats(): void {
    this.timeCapReached = 0
    this.usedMs = 0
    this.staleShare = 0
  }

  #removeDead(endsAt: number): void {
    const { dbs } = this.#keyspace
    for (let i = 0; i < dbs.length; i++) {
      const db = dbs[(this.#nextDb + i) % dbs.length]
      if (db.volatileSize === 0 && db.fieldExpirySize === 0) continue
      const now = this.#clock.now()
      this.#keyspace.setNow(now)
      let dead: number
      let fields: number
      do {
        this.#sampled += Math.min(SAMPLES, db.volatileSize)
        dead = db.expireSample(SAMPLES, now)
        fields = db.expireFields(SAMPLES)
        this.#dead += dead
        if (monotonic() > endsAt) {
          this.timeCapReached++
          this.#nextDb = (this.#nextDb + i + 1) % dbs.length
          return
        }
      } while (dead > SAMPLES * ACCEPTABLE_DEAD_SHARE || fields === SAMPLES)
    }
    this.#nextDb = (this.#nextDb + 1) % dbs.length
  }
}

/** Mean ms to live over up to `samples` keys of a database that have an expiry; 0 for none. INFO prints it. */
export function averageTtl(db: Db, samples: number, now: number): number {
  let sum = 0
  const drawn = Math.min(samples, db.volatileSize)
  for (let i = 0; i < drawn; i++) {
    const key = db.volatileKeyAt(Math.floor(Math.random() * db.volatileSize))
    sum += Math.max(0, db.expireAt(key) - now)
  }
  return drawn === 0 ? 0 : Math.round(sum / drawn)
}
