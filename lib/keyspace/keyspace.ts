/**
 * All databases, with what they share: the frozen time of the running command, the counters that INFO reads, and the
 * listener that hears of keys removed by time or for want of room. Owns no policy: the engine sets the time, the expiry cycle and eviction
 * call in from outside.
 */
import type { Bytes } from '../base/bytes.ts'
import { Db } from './db.ts'
import { initialFrequency, type LfuClock } from './lfu.ts'
import type { OwnExpiry } from './ownexpiry.ts'
import { SlotKeys } from './slotkeys.ts'

export interface KeyspaceListener {
  /** A key was removed because its time had come. */
  expired(db: Db, key: Bytes): void
  /** A key was removed to make room. */
  evicted(db: Db, key: Bytes): void
  /** Fields of a hash were removed because their time had come; the last ones if the key is gone. */
  fieldsExpired(db: Db, key: Bytes, fields: readonly Bytes[], isGone: boolean): void
}

export interface KeyspaceStats {
  hits: number
  misses: number
  expired: number
  evicted: number
  /** Hash fields removed because their time had come. */
  expiredFields: number
  /** Values that Redis would have left to a background thread to free: see lazyfree.ts. */
  lazyFreed: number
}

/** Memory for records, in bytes: of those that are there, what of it takes memory, and what was asked for. */
export interface ArenaBytes {
  readonly used: number
  readonly touched: number
  readonly held: number
}

/** Why keys whose time has come are not removed: what is so now. What is not named stays as it is. */
export interface KeepingReason {
  readonly isPaused?: boolean
  readonly isLoading?: boolean
  readonly followsMaster?: boolean
  readonly isBetweenBatches?: boolean
}

export class Keyspace implements LfuClock {
  readonly dbs: readonly Db[]
  readonly stats: KeyspaceStats = { hits: 0, misses: 0, expired: 0, evicted: 0, expiredFields: 0, lazyFreed: 0 }
  /** Hear of a key that is new, and of one that a read did not find, while somebody wants to know. */
  onNew: ((db: Db, key: Bytes) => void) | undefined
  onMiss: ((db: Db, key: Bytes) => void) | undefined
  listener: KeyspaceListener = { expired() {}, evicted() {}, fieldsExpired() {} }
  /** Unix ms; the time that the running command sees. */
  now = 0
  /** The access word that a touched key gets: see Db. */
  newAccess = 0
  /** Keys whose time has come are gone for whoever looks, but not removed. See `keepExpired`. */
  keepsExpired = false
  /** Set while a command of the master runs: what the master has not removed is there, whatever time it is here. */
  seesExpired = false
  /** A master decides what expires. */
  followsMaster = false
  /** What clients of a writable replica have given times. */
  ownExpiry: OwnExpiry | undefined
  #isPaused = false
  #isLoading = false
  /** Keys are shared with other processes, and no batch is under way: what goes by its time, a batch decides. */
  isBetweenBatches = false
  /** Set while a client that asked for NO-TOUCH runs a command. */
  leavesNoTrace = false
  /** True under an LFU `maxmemory-policy`. */
  countsFrequency = false
  /** True under a policy that goes by when a key was changed (`-lrm`): reading is no access then. */
  countsWritesOnly = false
  lfuLogFactor = 10
  lfuDecayTime = 1
  /** Which removals count as freed later: `lazyfree-lazy-server-del`, `-expire` and `-eviction`. See lazyfree.ts. */
  freesReplacedLater = false
  freesExpiredLater = false
  freesEvictedLater = false
  /** True if somebody is to hear of keys whose whole value is replaced: see commands/overwriting.ts. */
  tellsOverwritten = false
  /** What all keys of all databases weigh (see weight.ts), while `counts`; 0 before. */
  bytes = 0
  /** True once the weight of all keys is kept account of; `count` sets it. */
  counts = false

  /** The keys are those of a node of a cluster, all of which stand in the first database: their slots are kept account of. */
  readonly knowsSlots: boolean

  constructor(databases: number, knowsSlots = false) {
    this.dbs = Array.from({ length: databases }, (_, index) => new Db(index, this))
    this.knowsSlots = knowsSlots
    if (knowsSlots) this.dbs[0].slotKeys = new SlotKeys()
  }

  get nowMinutes(): number {
    return Math.floor(this.now / 60_000)
  }

  /**
   * Clients are paused, others decide what expires, or what is loaded says so itself: until none of it is so any more, nothing
   * is removed by its time.
   */
  keepExpired(reason: KeepingReason): void {
    this.#isPaused = reason.isPaused ?? this.#isPaused
    this.#isLoading = reason.isLoading ?? this.#isLoading
    this.followsMaster = reason.followsMaster ?? this.followsMaster
    this.isBetweenBatches = reason.isBetweenBatches ?? this.isBetweenBatches
    this.keepsExpired = this.#isPaused || this.#isLoading || this.followsMaster || this.isBetweenBatches
  }

  /** Removes what clients of a writable replica have given times that are past. Returns how many keys. */
  expireOwn(): number {
    if (this.#isPaused || this.#isLoading || this.ownExpiry === undefined) return 0
    this.keepsExpired = false
    const removed = this.ownExpiry.run(this.now)
    this.keepsExpired = true
    return removed
  }

  /** A key of a writable replica was given a time: by one of its clients, unless a command of the master runs. */
  noteOwn(db: Db, key: Bytes): void {
    if (!this.seesExpired) this.ownExpiry?.note(db, key)
  }

  /** True if what is given this time goes at once. Where others decide, it stays until they remove it. */
  isPast(expireAt: number): boolean {
    return expireAt <= this.now && !this.followsMaster && !this.isBetweenBatches
  }

  /** Freezes time for the next command. */
  setNow(now: number): void {
    if (now === this.now) return
    this.now = now
    this.renewAccess()
  }

  /** Keys that are touched from here on get the word of the time, or of the counter, in force now. */
  renewAccess(): void {
    this.newAccess = this.countsFrequency ? initialFrequency(this) : Math.floor(this.now / 1000)
  }

  /** The access word of so many seconds without access, or of an LFU counter, whichever the policy goes by; -1 where that is -1. */
  accessOfAge(idleSeconds: number, counter: number): number {
    if (this.countsFrequency) return counter < 0 ? -1 : ((this.nowMinutes & 0xffff) << 8) | counter
    return idleSeconds < 0 ? -1 : Math.max(0, Math.floor(this.now / 1000) - idleSeconds)
  }

  /** Counts what all keys weigh, and every change from now on. O(n) the first time. */
  count(): void {
    if (this.counts) return
    this.counts = true
    for (const db of this.dbs) db.count()
  }

  resetStats(): void {
    Object.assign(this.stats, { hits: 0, misses: 0, expired: 0, evicted: 0, expiredFields: 0, lazyFreed: 0 })
  }

  /** Memory for records. O(databases) */
  get arenas(): ArenaBytes {
    let [used, touched, held] = [0, 0, 0]
    for (const { table } of this.dbs) {
      used += table.recordsBytes
      touched += table.recordsBytes + table.holesBytes
      held += table.heldBytes
    }
    return { used, touched, held }
  }

  /** Number of keys in all databases. */
  get size(): number {
    let size = 0
    for (const db of this.dbs) size += db.size
    return size
  }
}
