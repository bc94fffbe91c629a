/**
 * Client-side caching: which clients may hold a copy of which keys, and how they hear that a key changed.
 *
 * In the default mode the table remembers what each client read, and forgets it with the first change, of which the client
 * is told. It holds ids, not sessions: a client that goes costs nothing, and what is left of it goes with the keys. In
 * broadcast mode nothing is remembered: who registered a prefix hears of all keys under it, once per pipeline. Keys are
 * names alone, whatever their database, as in Redis.
 *
 * The message goes to the client itself where it speaks RESP3, or to the client it redirects to, which in RESP2 must be a
 * subscriber. A store that nobody tracks pays one test per change.
 */
import type { Bytes } from '../base/bytes.ts'
import { Push } from '../base/reply.ts'
import type { Clients } from './clients.ts'
import { Gate, type Session } from './session.ts'

/** What CLIENT TRACKING ON asks for. */
export interface TrackingOptions {
  /** Id of the client that is told instead; 0: the client itself. */
  readonly redirect: number
  readonly bcast: boolean
  readonly optin: boolean
  readonly optout: boolean
  readonly noloop: boolean
  /** Broadcast mode only. */
  readonly prefixes: readonly Bytes[]
}

/** The tracking of one client, while it is on. */
export interface Tracked extends TrackingOptions {
  /** The client that it redirects to was gone when there was something to tell. */
  isRedirectBroken: boolean
  /** CLIENT CACHING was said: 2 while it runs itself, 1 for the command after it. */
  caching: number
}

/** A prefix, with who registered it and the keys under it that changed, each with the client that did it last. */
interface Broadcast {
  readonly sessions: Set<Session>
  readonly changed: Map<Bytes, Session | undefined>
}

/** One message for all who are told the same. */
interface News {
  readonly two: Push
  readonly three: Push
}

const CHANNEL = '__redis__:invalidate'

export class Tracking {
  readonly #clients: Clients
  /** Key to the ids of those who read it, in the order in which keys were first read. */
  readonly #readers = new Map<Bytes, Set<number>>()
  readonly #broadcasts = new Map<Bytes, Broadcast>()
  /** Number of clients that track. */
  size = 0
  /** Sum of the readers of all keys. */
  items = 0
  #maxKeys = 0
  /** Keys under prefixes changed: to be told at the end of the pipeline. */
  pending = false
  /** All keys went: to be told at the end of the command. */
  flushed = false

  constructor(clients: Clients) {
    this.#clients = clients
  }

  get keys(): number {
    return this.#readers.size
  }

  get prefixes(): number {
    return this.#broadcasts.size
  }

  /** `tracking-table-max-keys`; 0: no limit. Past it, the keys that were first read long ago count as changed. */
  limitTo(maxKeys: number): void {
    this.#maxKeys = maxKeys
    this.#enforceLimit()
  }

  /** Begins, or goes on with other options; prefixes add up. */
  enable(session: Session, options: TrackingOptions): void {
    const before = session.tracking
    if (before === undefined) this.size++
    const prefixes = options.bcast ? new Set(before?.prefixes) : new Set<Bytes>()
    if (options.bcast)
      for (const prefix of options.prefixes.length === 0 ? [''] : options.prefixes) prefixes.add(prefix)
    for (const prefix of prefixes) {
      const broadcast = this.#broadcasts.get(prefix)
      if (broadcast === undefined) this.#broadcasts.set(prefix, { sessions: new Set([session]), changed: new Map() })
      else broadcast.sessions.add(session)
    }
    session.tracking = { ...options, prefixes: [...prefixes], isRedirectBroken: false, caching: before?.caching ?? 0 }
  }

  disable(session: Session): void {
    const { tracking } = session
    if (tracking === undefined) return
    session.tracking = undefined
    this.size--
    for (const prefix of tracking.prefixes) {
      const { sessions } = this.#broadcasts.get(prefix)!
      sessions.delete(session)
      if (sessions.size === 0) this.#broadcasts.delete(prefix)
    }
    if (this.size === 0) this.#forgetReaders()
  }

  /** A client that tracks has read keys. */
  remember(session: Session, tracked: Tracked, keys: readonly Bytes[]): void {
    const isCaching = tracked.caching !== 0
    if (tracked.bcast || (tracked.optin && !isCaching) || (tracked.optout && isCaching)) return
    for (const key of keys) {
      const readers = this.#readers.get(key)
      if (readers?.has(session.id)) continue
      if (readers === undefined) this.#readers.set(key, new Set([session.id]))
      else readers.add(session.id)
      this.items++
    }
    this.#enforceLimit()
  }

  /** A key was changed: by a client, or by time. */
  invalidate(key: Bytes, by: Session | undefined): void {
    for (const [prefix, { changed }] of this.#broadcasts) {
      if (!key.startsWith(prefix)) continue
      changed.set(key, by)
      this.pending = true
    }
    this.#tellReaders(key, by)
  }

  /** All keys went at once. */
  flush(): void {
    this.flushed = true
  }

  /** Tells all who track that all keys went. */
  settleFlush(): void {
    this.flushed = false
    this.#forgetReaders()
    const news = newsOf(null)
    for (const session of this.#clients) if (session.tracking !== undefined) this.#tell(session, news)
  }

  /** Tells of what changed under the prefixes. */
  settle(): void {
    this.pending = false
    for (const prefix of [...this.#broadcasts.keys()].sort()) {
      const { sessions, changed } = this.#broadcasts.get(prefix)!
      if (changed.size === 0) continue
      const all = [...changed.keys()].sort()
      const news = newsOf(all)
      for (const session of sessions) {
        const own = session.tracking!.noloop ? all.filter((key) => changed.get(key) !== session) : all
        if (own.length === all.length) this.#tell(session, news)
        else if (own.length !== 0) this.#tell(session, newsOf(own))
      }
      changed.clear()
    }
  }

  #enforceLimit(): void {
    if (this.#maxKeys === 0) return
    for (const key of this.#readers.keys()) {
      if (this.#readers.size <= this.#maxKeys) return
      this.#tellReaders(key, undefined)
    }
  }

  #forgetReaders(): void {
    this.#readers.clear()
    this.items = 0
  }

  #tellReaders(key: Bytes, by: Session | undefined): void {
    const readers = this.#readers.get(key)
    if (readers === undefined) return
    this.#readers.delete(key)
    this.items -= readers.size
    const news = newsOf([key])
    for (const id of readers) {
      const session = this.#clients.get(id)
      const tracking = session?.tracking
      if (session === undefined || tracking === undefined || tracking.bcast) continue
      if (!tracking.noloop || session !== by) this.#tell(session, news)
    }
  }

  /** Tells a client that keys are no longer what it read. */
  #tell(session: Session, news: News): void {
    const tracking = session.tracking!
    let target: Session | undefined = session
    if (tracking.redirect !== 0) {
      target = this.#clients.get(tracking.redirect)
      if (target === undefined) {
        tracking.isRedirectBroken = true
        if (session.proto === 3) session.link.push(new Push(['tracking-redir-broken', tracking.redirect]))
        return
      }
    }
    if (target.proto === 3) target.link.push(news.three)
    else if (target !== session && target.gate & Gate.Subscriber) target.link.push(news.two)
  }
}

/** What clients are told of keys, in each version of the protocol; null: of all keys. */
function newsOf(keys: readonly Bytes[] | null): News {
  return { two: new Push(['message', CHANNEL, keys]), three: new Push(['invalidate', keys]) }
}
