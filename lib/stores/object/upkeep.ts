/**
 * What is to be done for the keys of a Durable Object at times: those whose time has come are removed, and a log that has grown
 * long is put together. Both are done when the alarm comes; the object may sleep until then.
 *
 * Invariant: no key and no field goes before `#dueAt`. Times come only with changes, each of which is looked at; a round looks at all that
 * have a time, and so finds out when the next one is due.
 */
import { ReplyError } from '../../base/reply.ts'
import { immediately, monotonic } from '../../base/runtime.ts'
import { keysOf } from '../../commands/keyspecs.ts'
import type { Effect, Engine } from '../../engine/engine.ts'
import type { Db } from '../../keyspace/db.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import type { Compaction } from '../log/compaction.ts'
import type { AlarmClock } from './alarmclock.ts'

/** Between two rounds, at least, and how many times as long as the last one took. Unit: ms. */
const REST_MS = 100
const REST_SHARE = 20
/** Keys between two looks at the clock, and how long a round goes on at once. */
const KEYS_PER_LOOK = 64
const SLICE_MS = 5
/** Fields that go at once. */
const FIELDS = 100

export interface UpkeepParts {
  readonly engine: Engine
  readonly clock: AlarmClock
  readonly compaction: Compaction
  /** Ends the batch that is under way. */
  readonly commit: () => void
}

export class Upkeep {
  readonly #parts: UpkeepParts
  #dueAt = Infinity
  #cancel: (() => void) | undefined
  /** When the next round may be. */
  #restsUntil = 0
  #isDue = false

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  /** Finds out what is due, in a store that was just read. O(keys that have a time). */
  begin(): void {
    let dueAt = Infinity
    for (const db of this.#parts.engine.keyspace.dbs) {
      dueAt = Math.min(dueAt, db.fieldsExpireAt)
      for (let i = 0; i < db.volatileSize; i++) dueAt = Math.min(dueAt, db.expireAt(db.volatileKeyAt(i)))
    }
    this.#due(dueAt)
  }

  /** Something was changed: a key may have got a time. */
  note(effects: readonly Effect[]): void {
    const { table, keyspace } = this.#parts.engine
    for (const { db: index, argv, cause } of effects) {
      const db = keyspace.dbs[index]
      if (cause !== undefined || (db.volatileSize === 0 && db.fieldExpirySize === 0)) continue
      const command = table.resolve(argv)
      const keys = command instanceof ReplyError ? undefined : keysOf(command, argv)
      if (keys !== undefined) for (const key of keys) this.#noteKey(db, key)
    }
  }

  #noteKey(db: Db, key: string): void {
    const expireAt = db.expireAt(key)
    if (expireAt > 0) this.#due(expireAt)
    const value = db.fieldExpirySize === 0 ? undefined : db.storedValue(key)
    if (value instanceof HashValue && value.expiry !== undefined) this.#due(value.expiry.next())
  }

  /** The log has grown. */
  considerLog(): void {
    if (this.#parts.compaction.isWanted) this.#due(0)
  }

  #due(at: number): void {
    if (at >= this.#dueAt) return
    this.#dueAt = at
    this.#cancel?.()
    const { clock } = this.#parts
    this.#cancel = clock.at(Math.max(at, this.#restsUntil, clock.now()), () => {
      this.#isDue = true
    })
  }

  /** The alarm has come: removes what is due, and has the log put together. */
  async run(): Promise<void> {
    if (!this.#isDue) return
    this.#isDue = false
    this.#dueAt = Infinity
    const { engine, clock, compaction, commit } = this.#parts
    const startedAt = monotonic()
    let next = Infinity
    for (const db of engine.keyspace.dbs) next = Math.min(next, await this.#expire(db))
    engine.blocking.serve()
    this.#restsUntil = clock.now() + Math.max(REST_MS, (monotonic() - startedAt) * REST_SHARE)
    this.#due(next)
    commit()
    compaction.consider() // goes on by itself, so that the alarm may come again
  }

  /** Removes what is due; returns when the next is. Commands may run in between. */
  async #expire(db: Db): Promise<number> {
    const { keyspace, clock } = this.#parts.engine
    let next = Infinity
    let endsAt = monotonic() + SLICE_MS
    keyspace.setNow(clock.now())
    while (db.expireFields(FIELDS) === FIELDS) endsAt = await this.#pause(endsAt)
    // From the end, since what goes has its place taken by the last one.
    for (let i = db.volatileSize - 1; i >= 0; i--) {
      if (i % KEYS_PER_LOOK === 0) {
        endsAt = await this.#pause(endsAt)
        keyspace.setNow(clock.now())
      }
      if (i >= db.volatileSize) continue
      const key = db.volatileKeyAt(i)
      const expireAt = db.expireAt(key)
      if (expireAt > keyspace.now) next = Math.min(next, expireAt)
      else db.has(key) // it is not, from here on
    }
    return Math.min(next, db.fieldsExpireAt)
  }

  /** Lets others have their turn where a slice is over; returns the end of the next. */
  async #pause(endsAt: number): Promise<number> {
    if (monotonic() < endsAt) return endsAt
    await new Promise<void>(immediately)
    return monotonic() + SLICE_MS
  }
}
