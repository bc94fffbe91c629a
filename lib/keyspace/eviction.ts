/**
 * `maxmemory`: while the store holds more, keys go that `maxmemory-policy` chooses. The engine asks before each command
 * (one comparison with `watermark`, as long as there is room); what does not fit into the time share that
 * `maxmemory-eviction-tenacity` allows is done in the background.
 *
 * Which key was used least is not known exactly, as in Redis: of each database some keys are drawn (`maxmemory-samples`),
 * and the best candidates ever drawn stay in a pool of sixteen, from which the very best is taken. The pool is not told when
 * a key changes or goes: a candidate that is gone is passed over. Source: Redis's documentation of key eviction.
 *
 * What counts is the account of the data (weight.ts) and what others hold (`otherBytes`), of which eviction frees nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { monotonic } from '../base/runtime.ts'
import type { Directives } from '../config/config.ts'
import type { Db } from './db.ts'
import type { Keyspace } from './keyspace.ts'
import { decayedFrequency } from './lfu.ts'

/** ok: there is room. running: not yet, but keys are going. failed: there is no room, and nothing that may go. */
export type Outcome = 'ok' | 'running' | 'failed'

export interface EvictionParts {
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly config: Directives
  /** False while nothing may be changed: clients are paused. */
  readonly mayEvict: () => boolean
  /** Uniform in [0, 1). */
  readonly random?: () => number
  /** Ms of a clock that only goes forward. */
  readonly stopwatch?: () => number
}

/** Who is told of what eviction does. */
export interface EvictionListener {
  /** Keys went in the background. */
  onBackground(): void
  /** A round, or one removal, took so many ms; the events are named as in Redis's latency monitor. */
  onDelay(event: 'eviction-cycle' | 'eviction-del', delay: number): void
}

interface Candidate {
  readonly db: Db
  readonly key: Bytes
  /** The higher, the sooner it should go. */
  readonly score: number
}

const POOL_SIZE = 16
/** Keys that are looked at together: where they stand, and when they were used or go. */
const DRAWN_MAX = 16
const drawn = new Int32Array(DRAWN_MAX)
const facts = new Float64Array(DRAWN_MAX)
/** So many keys go between two looks at the time. */
const KEYS_PER_LOOK = 16
const LFU_MAX = 255

export class Eviction {
  readonly #parts: EvictionParts
  readonly #random: () => number
  readonly #stopwatch: () => number
  #otherBytes = 0
  /** Candidates by rising score. */
  #pool: Candidate[] = []
  /** The database from which the last key was drawn at random. */
  #lastDb = 0
  /** A background round is due. */
  #isScheduled = false
  /** Since when there is no room, by the stopwatch; -1 while there is. */
  #exceededSince = -1
  #exceededMs = 0
  #isFull = false
  /** The bytes of the keyspace above which a command must ask first; below 0 while there was no room the last time. */
  watermark = Infinity
  /** There was no room when the command that is running began, and none could be made. */
  outOfMemory = false
  listener: EvictionListener = { onBackground() {}, onDelay() {} }

  constructor(parts: EvictionParts) {
    this.#parts = parts
    this.#random = parts.random ?? Math.random
    this.#stopwatch = parts.stopwatch ?? monotonic
  }

  /** What is held besides the data and counts against `maxmemory`: the empty store, clients. */
  set otherBytes(bytes: number) {
    this.#otherBytes = bytes
    if (!this.outOfMemory) this.watermark = this.#room
  }

  /** There is no room however little is held, and nothing may go: a store under test plays it. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull
    this.outOfMemory &&= isFull
    this.watermark = this.#room
  }

  get usedBytes(): number {
    return this.#parts.keyspace.bytes + this.#otherBytes
  }

  /** Ms since the present lack of room began; 0 if there is room. */
  get currentExceededMs(): number {
    return this.#exceededSince === -1 ? 0 : this.#stopwatch() - this.#exceededSince
  }

  /** Ms without room since the start. */
  get totalExceededMs(): number {
    return this.#exceededMs + this.currentExceededMs
  }

  resetStats(): void {
    this.#exceededMs = 0
    this.#exceededSince = -1
  }

  /** A directive has changed. If there is no room now, keys go after the command that is running. */
  follow(): void {
    const { keyspace, config } = this.#parts
    this.#pool = []
    if (config.maxmemory > 0) keyspace.count()
    this.outOfMemory &&= config.maxmemory > 0
    this.watermark = this.#room
    if (keyspace.bytes > this.watermark) this.#schedule()
  }

  /** Whether there is room, or could be made now: else the next command has to ask what to do without. */
  hasRoom(): boolean {
    const { keyspace } = this.#parts
    return keyspace.bytes <= this.watermark || (this.perform() === 'ok' && keyspace.bytes <= this.watermark)
  }

  /** Makes room as far as that goes now. Called before a command, never inside one. */
  perform(): Outcome {
    const { keyspace, clock, mayEvict } = this.#parts
    this.outOfMemory = false
    if (!mayEvict()) return 'ok'
    // Where keys are shared, the next command that may write makes room.
    if (keyspace.isBetweenBatches && this.#parts.config['maxmemory-policy'] !== 'noeviction') return 'ok'
    keyspace.setNow(clock.now())
    const outcome = this.#makeRoom()
    this.outOfMemory = outcome === 'failed'
    this.watermark = this.outOfMemory ? -1 : this.#room
    this.#noteExceeding(outcome !== 'ok')
    return outcome
  }

  /** What `maxmemory` leaves for the data; below 0 where others hold more. */
  get #room(): number {
    if (this.#isFull) return -1
    const { maxmemory } = this.#parts.config
    return maxmemory === 0 ? Infinity : maxmemory - this.#otherBytes
  }

  #makeRoom(): Outcome {
    if (this.#isFull) return 'failed'
    const { keyspace, config } = this.#parts
    const room = this.#room
    if (keyspace.bytes <= room) return 'ok'
    if (config['maxmemory-policy'] === 'noeviction') return 'failed'
    const startedAt = this.#stopwatch()
    const outcome = this.#evictDownTo(room, startedAt + timeShareMs(config['maxmemory-eviction-tenacity']))
    this.listener.onDelay('eviction-cycle', this.#stopwatch() - startedAt)
    if (outcome === 'running') this.#schedule()
    return outcome
  }

  #evictDownTo(room: number, until: number): Outcome {
    const { keyspace } = this.#parts
    for (let evicted = 0; keyspace.bytes > room; evicted++) {
      if (evicted > 0 && evicted % KEYS_PER_LOOK === 0 && this.#stopwatch() > until) return 'running'
      if (!this.#evictOne()) return 'failed'
    }
    return 'ok'
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    const { clock } = this.#parts
    clock.after(
      0,
      () => {
        this.#isScheduled = false
        this.perform() // schedules the next round itself
        this.listener.onBackground()
      },
      true,
    )
  }

  #noteExceeding(exceeds: boolean): void {
    if (exceeds && this.#exceededSince === -1) this.#exceededSince = this.#stopwatch()
    else if (!exceeds && this.#exceededSince !== -1) {
      this.#exceededMs += this.currentExceededMs
      this.#exceededSince = -1
    }
  }

  /** False if there is no key that may go. */
  #evictOne(): boolean {
    const { config } = this.#parts
    const victim = config['maxmemory-policy'].endsWith('-random') ? this.#drawVictim() : this.#chooseVictim()
    if (victim === undefined) return false
    const isTimed = config['latency-monitor-threshold'] > 0
    const startedAt = isTimed ? this.#stopwatch() : 0
    victim.db.evict(victim.key)
    if (isTimed) this.listener.onDelay('eviction-del', this.#stopwatch() - startedAt)
    return true
  }

  get #isVolatileOnly(): boolean {
    return this.#parts.config['maxmemory-policy'].startsWith('volatile-')
  }

  /** A key at random, of each database in turn. */
  #drawVictim(): Pick<Candidate, 'db' | 'key'> | undefined {
    const { dbs } = this.#parts.keyspace
    const isVolatileOnly = this.#isVolatileOnly
    for (let i = 0; i < dbs.length; i++) {
      this.#lastDb = (this.#lastDb + 1) % dbs.length
      const db = dbs[this.#lastDb]
      const size = isVolatileOnly ? db.volatileSize : db.size
      if (size === 0) continue
      const position = this.#draw(size)
      return { db, key: isVolatileOnly ? db.volatileKeyAt(position) : db.keyAt(position) }
    }
    return undefined
  }

  /** The best candidate that is still there, with fresh ones drawn from every database. */
  #chooseVictim(): Candidate | undefined {
    const { dbs } = this.#parts.keyspace
    const isVolatileOnly = this.#isVolatileOnly
    for (;;) {
      let size = 0
      for (const db of dbs) {
        const keys = isVolatileOnly ? db.volatileSize : db.size
        if (keys !== 0) this.#sample(db, keys, isVolatileOnly)
        size += keys
      }
      if (size === 0) return undefined
      for (let best = this.#pool.pop(); best !== undefined; best = this.#pool.pop()) {
        const { db, key } = best
        if (isVolatileOnly ? db.expireAt(key) >= 0 : db.holds(key)) return best
      }
    }
  }

  /** Draws keys of a database, and puts those into the pool that are better than what is there. */
  #sample(db: Db, size: number, isVolatileOnly: boolean): void {
    const { config } = this.#parts
    const isByTime = config['maxmemory-policy'] === 'volatile-ttl'
    const samples = Math.min(size, config['maxmemory-samples'])
    const pool = this.#pool
    for (let from = 0; from < samples; from += DRAWN_MAX) {
      const count = Math.min(DRAWN_MAX, samples - from)
      // What all of them need is read first, so that the processor waits for the memory once.
      for (let i = 0; i < count; i++) drawn[i] = samples === size ? from + i : this.#draw(size)
      if (isByTime) for (let i = 0; i < count; i++) facts[i] = db.volatileExpireAt(drawn[i])
      else if (isVolatileOnly) for (let i = 0; i < count; i++) facts[i] = db.volatileAccessAt(drawn[i])
      else for (let i = 0; i < count; i++) facts[i] = db.accessAt(drawn[i])
      for (let i = 0; i < count; i++) {
        const score = isByTime ? -facts[i] : this.#scoreOf(facts[i])
        if (pool.length === POOL_SIZE && pool[0].score >= score) continue
        this.#offer(db, isVolatileOnly ? db.volatileKeyAt(drawn[i]) : db.keyAt(drawn[i]), score)
      }
    }
  }

  /** How long a key was not used, or how seldom it is. */
  #scoreOf(access: number): number {
    const { keyspace } = this.#parts
    return keyspace.countsFrequency ? LFU_MAX - decayedFrequency(access, keyspace) : keyspace.now / 1000 - access
  }

  /** Puts a candidate into its place; of a full pool the worst goes. */
  #offer(db: Db, key: Bytes, score: number): void {
    const pool = this.#pool
    if (pool.length === POOL_SIZE) pool.shift()
    let at = pool.length
    const candidate = { db, key, score }
    for (pool.push(candidate); at > 0 && pool[at - 1].score >= score; at--) pool[at] = pool[at - 1]
    pool[at] = candidate
  }

  #draw(size: number): number {
    return Math.floor(this.#random() * size)
  }
}

/** Redis's scale: up to 0.5 ms at 10, from there 15 percent more per step, no bound at 100. */
function timeShareMs(tenacity: number): number {
  if (tenacity === 100) return Infinity
  return tenacity <= 10 ? tenacity * 0.05 : 0.5 * 1.15 ** (tenacity - 10)
}
