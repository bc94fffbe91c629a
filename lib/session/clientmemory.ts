/**
 * What clients hold: what they have sent and we have not run, what we have answered and they have not taken, transactions,
 * watches and subscriptions. While a directive limits memory, each client is looked at again where it may have grown: when
 * its input was read and run, when output begins to wait, and once a second. The sum counts against `maxmemory`; where it
 * passes `maxmemory-clients`, the largest clients are cut, those excepted that said CLIENT NO-EVICT.
 *
 * Clients stand in classes by size, each twice as large as the one below, so that the largest are found without a look at
 * the others; as in Redis, "largest" is true to a factor of two.
 */
import type { Directives } from '../config/config.ts'
import type { Clients } from './clients.ts'
import type { PubSubPort } from './ports.ts'
import type { Session } from './session.ts'
import type { Watches } from './watches.ts'

export interface ClientMemoryParts {
  readonly clients: Clients
  readonly watches: Watches
  readonly pubsub: PubSubPort
  readonly config: Directives
  /** Hears of a new sum. */
  readonly onTotal: (bytes: number) => void
  /** Called before a client is cut. */
  readonly onEvict: (session: Session) => void
}

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
  readonly #classes: readonly Set<Session>[] = Array.from({ length: CLASSES }, () => new Set())
  /** A directive limits memory: call `note` where a client may have grown. */
  counts = false
  #total = 0
  #limit = Infinity
  #isEvicting = false
  /** Clients that were cut for what they held. */
  evicted = 0

  constructor(parts: ClientMemoryParts) {
    this.#parts = parts
  }

  /** What a client holds. O(1). */
  of(session: Session): number {
    const { watches, pubsub } = this.#parts
    const { link, transaction, tracking } = session
    const subscriptions =
      pubsub.channels.countOf(session) + pubsub.patterns.countOf(session) + pubsub.shards.countOf(session)
    return (
      SESSION_BYTES +
      link.inputBytes +
      link.outputBytes +
      (transaction?.bytes ?? 0) +
      watches.count(session) * WATCH_BYTES +
      (subscriptions + (tracking?.prefixes.length ?? 0)) * SUBSCRIPTION_BYTES
    )
  }

  /** What all clients hold now, and apart from them what waits for replicas. O(clients). */
  sums(): { readonly normal: number; readonly replicas: number } {
    let normal = 0
    let replicas = 0
    for (const session of this.#parts.clients) {
      if (session.replica) replicas += this.of(session)
      else normal += this.of(session)
    }
    return { normal, replicas }
  }

  /** A directive has changed. */
  follow(): void {
    const { clients, config } = this.#parts
    this.#limit = limitOf(config)
    this.counts = config.maxmemory > 0 || this.#limit !== Infinity
    for (const session of clients) this.#count(session, this.counts)
    this.#settle()
  }

  /** Looks at all clients again. O(clients). */
  refresh(): void {
    if (!this.counts) return
    for (const session of this.#parts.clients) this.#count(session, true)
    this.#settle()
  }

  /** A client may have come to hold more or less. May cut it, or others. */
  note(session: Session): void {
    if (!this.counts || this.#parts.clients.get(session.id) !== session) return
    this.#count(session, true)
    this.#settle()
  }

  /** A client is gone. */
  forget(session: Session): void {
    if (session.countedBytes === 0) return
    this.#count(session, false)
    this.#settle()
  }

  /** Counts a client as it is, or no longer. What waits for a replica is nobody's fault here. */
  #count(session: Session, counts: boolean): void {
    const bytes = counts && !session.replica && !session.cut ? this.of(session) : 0
    const before = session.countedBytes
    if (bytes === before) return
    this.#total += bytes - before
    session.countedBytes = bytes
    const from = classOf(before)
    const to = classOf(bytes)
    if (from === to) return
    this.#classes[from].delete(session)
    if (bytes > 0) this.#classes[to].add(session)
  }

  #settle(): void {
    if (this.#total > this.#limit && !this.#isEvicting) this.#evict()
    this.#parts.onTotal(this.#total)
  }

  /** Cuts the largest clients. */
  #evict(): void {
    this.#isEvicting = true
    try {
      for (let i = CLASSES - 1; i >= 0 && this.#total > this.#limit; i--) {
        for (const session of this.#classes[i]) {
          if (session.noEvict || session.door === 'inprocess') continue
          this.#cut(session)
          if (this.#total <= this.#limit) break
        }
      }
    } finally {
      this.#isEvicting = false
    }
  }

  #cut(session: Session): void {
    this.evicted++
    this.#parts.onEvict(session)
    session.cut = true
    this.#count(session, false)
    session.link.close()
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
