/**
 * What clients hold: what they have sent and we have not run, what we have answered and they have not taken, transactions,
 * watches and subscriptions. While a directive limits memory, each client is looked at again where it may have grown: when
 * its input was read and run, when output begins to wait, and once a second. The sum counts against `maxmemory`; where it
 * passes `maxmemory-clients`, the largest clients are cut, those excepted that said CLIENT NO-EVICT.
 *
 * `client-memory-guard` is there for the process, and is on where nobody has set a limit: clients that hold more than a little are counted, requests
 * over HTTP too, and the largest are cut where all of them hold more than its share of V8's heap. What many readers wait
 * for is often one value, which the store holds anyway: before the guard cuts, it looks at what is shared (longtexts.ts).
 *
 * Clients stand in classes by size, each twice as large as the one below, so that the largest are found without a look at
 * the others; as in Redis, "largest" is true to a factor of two.
 */
import { MAX_BYTES } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'
import type { Clients } from './clients.ts'
import { type HoldsTexts, sharedBytes } from './longtexts.ts'
import type { PubSubPort } from './ports.ts'
import type { Link, Session } from './session.ts'
import type { Watches } from './watches.ts'

export interface ClientMemoryParts {
  readonly clients: Clients
  readonly watches: Watches
  readonly pubsub: PubSubPort
  readonly config: Directives
  /** Hears of a new sum. */
  readonly onTotal: (bytes: number) => void
  /** Called before a client is cut. */
  readonly onEvict: (client: Holder) => void
  /** V8's bound, of which the guard takes its share; asked for once there are clients that hold something. Unit: bytes. */
  readonly heapLimit: () => number
}

/** Whoever holds memory for a client: a session, or a request that is under way. */
export interface Holder {
  /** What is counted of what it holds. */
  countedBytes: number
  /** It was cut for what it held; nothing of it counts any more. */
  cut: boolean
  readonly link: { close(): void } & HoldsTexts
}

/** Who holds no more than this is of no concern to the guard. */
export const LITTLE_BYTES = 16 * 1024

/** What a session, its decoder and its socket weigh by themselves. */
const SESSION_BYTES = 2048
/** What is remembered per watched key, and per channel or pattern, beside the name, which others may hold too. */
const WATCH_BYTES = 160
const SUBSCRIPTION_BYTES = 120
/** A limit below would leave no client the room to say anything. */
const LEAST_LIMIT = 128 * 1024
/** Number of powers of two. */
const CLASSES = 54

export class ClientMemory {
  readonly #parts: ClientMemoryParts
  readonly #classes: readonly Set<Holder>[] = Array.from({ length: CLASSES }, () => new Set())
  /** `maxmemory` or `maxmemory-clients` limits memory: call `note` wherever a client may have grown. */
  counts = false
  #total = 0
  #limit = Infinity
  #guardBytes: number | undefined = Infinity
  /** What was counted more than once, or is the store's, when that was looked at last. */
  #shared = 0
  #isEvicting = false
  /** Clients that were cut for what they held: for `maxmemory-clients`, and for the guard. */
  evicted = 0
  guarded = 0

  constructor(parts: ClientMemoryParts) {
    this.#parts = parts
  }

  /** What a client holds. O(1). */
  of(session: Session): number {
    const { watches, pubsub } = this.#parts
    const { link, transaction, tracking, fieldsets } = session
    const subscriptions =
      pubsub.channels.countOf(session) + pubsub.patterns.countOf(session) + pubsub.shards.countOf(session)
    return (
      SESSION_BYTES +
      link.inputBytes +
      link.outputBytes +
      (link.retainedBytes ?? 0) +
      (transaction?.bytes ?? 0) +
      (fieldsets?.bytes ?? 0) +
      watches.count(session) * WATCH_BYTES +
      (subscriptions + (tracking?.prefixes.length ?? 0)) * SUBSCRIPTION_BYTES
    )
  }

  /** What all clients hold now, and apart from them replicas, without the stream that all of those share. O(clients). */
  sums(): { readonly normal: number; readonly replicas: number } {
    let normal = 0
    let replicas = 0
    for (const session of this.#parts.clients) {
      if (session.replica) replicas += this.of(session) - (session.link.behind?.bytes ?? 0)
      else normal += this.of(session)
    }
    return { normal, replicas }
  }

  /** What all clients may hold. Unit: bytes. */
  get #guard(): number {
    return (this.#guardBytes ??= this.#reckonGuard())
  }

  #reckonGuard(): number {
    const guard = this.#parts.config['client-memory-guard']
    if (guard === 0) return Infinity
    return guard < 0 ? Math.floor((this.#parts.heapLimit() * -guard) / 100) : guard
  }

  /** A directive has changed. */
  follow(): void {
    const { clients, config } = this.#parts
    this.#limit = limitOf(config)
    this.counts = config.maxmemory > 0 || this.#limit !== Infinity
    this.#guardBytes = undefined
    for (const session of clients) this.#count(session, this.of(session))
    this.#settle()
    if (!this.counts) this.#parts.onTotal(0)
  }

  /** True if what a client has come to hold is to be noted, by what is known of it without a look at all of it. */
  concerns(session: Session, inputBytes: number): boolean {
    if (this.counts || inputBytes > LITTLE_BYTES || session.countedBytes !== 0) return true
    return session.transaction !== undefined && session.transaction.bytes > LITTLE_BYTES
  }

  /** Looks at all clients again. O(clients). */
  refresh(): void {
    if (!this.counts && this.#guard === Infinity) return
    for (const session of this.#parts.clients) this.#count(session, this.of(session))
    this.#shared = 0
    this.#settle()
  }

  /** A client may have come to hold more or less. May cut it, or others. */
  note(session: Session): void {
    if (!this.counts && this.#guard === Infinity) return
    if (this.#parts.clients.get(session.id) !== session) return
    this.#count(session, this.of(session))
    this.#settle()
  }

  /** The same of one that is no session, and holds this much. */
  hold(holder: Holder, bytes: number): void {
    if (!this.counts && this.#guard === Infinity) return
    this.#count(holder, bytes)
    this.#settle()
  }

  /** False if what one client is to be answered would be too much by itself. */
  hasRoomFor(bytes: number): boolean {
    return bytes <= this.#guard
  }

  /** Cuts a client for which there was no room. */
  refuse(session: Session): void {
    this.guarded++
    this.#cut(session)
  }

  /** A client is gone. */
  forget(holder: Holder): void {
    if (holder.countedBytes === 0) return
    this.#count(holder, 0)
    this.#settle()
  }

  /** What waits for a replica is nobody's fault here. */
  #count(holder: Holder, held: number): void {
    const isCounted = !holder.cut && (this.counts || held > LITTLE_BYTES) && (holder as Session).replica !== true
    const bytes = isCounted ? held : 0
    const before = holder.countedBytes
    if (bytes === before) return
    this.#total += bytes - before
    if (bytes < before) this.#shared = Math.max(this.#shared - before + bytes, 0)
    holder.countedBytes = bytes
    const from = classOf(before)
    const to = classOf(bytes)
    if (from === to) return
    this.#classes[from].delete(holder)
    if (bytes > 0) this.#classes[to].add(holder)
  }

  #settle(): void {
    if (!this.#isEvicting) {
      if (this.#total > this.#limit) this.evicted += this.#evict(() => this.#total <= this.#limit)
      if (this.#total !== 0 && this.#total - this.#shared > this.#guard) this.#keepGuard()
    }
    if (this.counts) this.#parts.onTotal(this.#total)
  }

  /** Counts what is shared once, and cuts where that is not enough. */
  #keepGuard(): void {
    const isKept = (): boolean => {
      // Each that is cut takes its part of what is shared with it.
      this.#shared = sharedBytes(this.#large()) + this.#longestInput()
      return this.#total - this.#shared <= this.#guard
    }
    if (isKept()) return
    this.guarded += this.#evict(isKept)
    if (!isKept()) this.guarded += this.#evict(isKept, false)
  }

  /** The one longest query that is on its way does not count: it is a value, most likely, and those may be long. */
  #longestInput(): number {
    let longest = 0
    for (const { link } of this.#large()) longest = Math.max(longest, (link as Partial<Link>).inputBytes ?? 0)
    return Math.min(longest, MAX_BYTES)
  }

  *#large(): Generator<Holder> {
    for (let i = CLASSES - 1; i > classOf(LITTLE_BYTES); i--) yield* this.#classes[i]
  }

  /** Cuts the largest clients until it is enough; also those that are not to be, if there is no other way. Returns how many. */
  #evict(isEnough: () => boolean, spares = true): number {
    let cut = 0
    this.#isEvicting = true
    try {
      for (let i = CLASSES - 1; i >= 0; i--) {
        for (const holder of this.#classes[i]) {
          const { noEvict, door } = holder as Session
          if ((noEvict === true && spares) || door === 'inprocess') continue
          this.#cut(holder)
          cut++
          if (isEnough()) return cut
        }
      }
    } finally {
      this.#isEvicting = false
    }
    return cut
  }

  #cut(holder: Holder): void {
    this.#parts.onEvict(holder)
    holder.cut = true
    this.#count(holder, 0)
    holder.link.close()
  }
}

/** Bytes that all clients together may hold; Infinity for no limit. */
function limitOf(config: Directives): number {
  const given = config['maxmemory-clients']
  const limit = given < 0 ? Math.floor((config.maxmemory * -given) / 100) : given
  return limit === 0 ? Infinity : Math.max(limit, LEAST_LIMIT)
}

/** 0 for nothing, else one more than the binary logarithm. */
function classOf(bytes: number): number {
  return bytes === 0 ? 0 : 1 + Math.floor(Math.log2(bytes))
}
