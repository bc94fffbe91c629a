/**
 * Active expiry: ten times a second (the engine's cron) the databases that hold keys with an expiry are sampled in turn.
 * As in Redis, a database whose sample was more than a tenth dead is sampled again at once, until the share of dead
 * keys is low or the time slice is used up; the next cycle goes on with the next database. Keys that nobody asks for
 * are so removed soon after their time, at a bounded cost. Fields of hashes whose time has come are known exactly, and
 * removed in the same rounds.
 */
import { type Clock, monotonic } from '../base/clock.ts'
import type { Keyspace } from './keyspace.ts'

const SAMPLES = 20
const ACCEPTABLE_DEAD_SHARE = 0.1

export class ExpiryCycle {
  readonly #keyspace: Keyspace
  readonly #clock: Clock
  #nextDb = 0
  /** DEBUG SET-ACTIVE-EXPIRE 0 switches the cycle off. */
  enabled = true
  /** How often a cycle ended because its slice was used up; INFO's expired_time_cap_reached_count. */
  timeCapReached = 0

  constructor(keyspace: Keyspace, clock: Clock) {
    this.#keyspace = keyspace
    this.#clock = clock
  }

  /** Runs one cycle of at most about `sliceMs` by the wall clock. Returns the number of keys removed. */
  run(sliceMs: number): number {
    if (!this.enabled || this.#keyspace.keepsExpired) return 0
    const { dbs } = this.#keyspace
    const startedAt = monotonic()
    let removed = 0
    for (let i = 0; i < dbs.length; i++) {
      const db = dbs[(this.#nextDb + i) % dbs.length]
      if (db.volatileSize === 0 && db.fieldExpirySize === 0) continue
      const now = this.#clock.now()
      this.#keyspace.setNow(now)
      let dead: number
      let fields: number
      do {
        dead = db.expireSample(SAMPLES, now)
        fields = db.expireFields(SAMPLES)
        removed += dead
        if (monotonic() - startedAt > sliceMs) {
          this.timeCapReached++
          this.#nextDb = (this.#nextDb + i + 1) % dbs.length
          return removed
        }
      } while (dead > SAMPLES * ACCEPTABLE_DEAD_SHARE || fields === SAMPLES)
    }
    this.#nextDb = (this.#nextDb + 1) % dbs.length
    return removed
  }
}
