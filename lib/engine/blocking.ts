/**
 * Clients that wait for a key. A command that finds nothing parks itself on its keys; a change to one of them marks the
 * key ready; after the command that changed it (or the whole transaction or script), each ready key's waiters are served
 * first come first served by running their command again, for as long as the key holds the type they wait for. A command
 * that finds nothing again keeps its place. Serving may make other keys ready (BLMOVE), so it goes on until none is.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { UNBLOCKED } from '../base/errors.ts'
import type { Reply } from '../base/reply.ts'
import { type Command, PARKED } from '../commands/command.ts'
import type { Db } from '../keyspace/db.ts'
import type { TypeName } from '../keyspace/value.ts'
import type { BlockedPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { Backend } from './backend.ts'

/** What a handler asked for when it parked. */
export interface ParkRequest {
  readonly keys: readonly Bytes[]
  readonly type: TypeName
  /** 0: for ever. */
  readonly timeoutMs: number
  readonly onTimeout: Reply
  /** Also wake when a key is gone, or holds another type (XREADGROUP answers with an error then). */
  readonly wakesOnDeletion: boolean
  /** The command to run again. */
  readonly argv: readonly Bytes[]
  /** After how many ms to run it again although no key was changed; absent for never. */
  readonly retryMs: ((now: number) => number) | undefined
}

interface Waiter extends Omit<ParkRequest, 'onTimeout'> {
  readonly session: Session
  readonly db: Db
  readonly command: Command
  readonly resolve: (reply: Reply) => void
  /** Unix ms; Infinity for never. */
  until: number
  onTimeout: Reply
  cancelTimeout: (() => void) | undefined
  cancelRetry: (() => void) | undefined
}

/** Who waits for one key, first come first. */
interface Queue {
  readonly waiters: Set<Waiter>
  /** The key was changed and is listed to be served. */
  ready: boolean
}

/** Runs a parked command again; PARKED if it still finds nothing. */
export type Rerun = (session: Session, command: Command, argv: readonly Bytes[]) => Reply | typeof PARKED

/** Hears of a command that ends its wait without having run again. */
export type EndedWaiting = (command: Command, reply: Reply) => void

export class Blocking implements BlockedPort {
  readonly #clock: Clock
  readonly #rerun: Rerun
  readonly #endedWaiting: EndedWaiting
  readonly #waiters = new Map<Session, Waiter>()
  /** Where clients may wait besides. */
  backend: Pick<Backend, 'unblock' | 'forget'> | undefined
  readonly #queues = new Map<Db, Map<Bytes, Queue>>()
  /** Keys to be served, in the order in which they were first changed, across databases. */
  #ready: { readonly db: Db; readonly key: Bytes }[] = []
  #serving = false
  /** Where keys are shared: true if they may be changed now; else `then` is called when they may. */
  lock: ((then: () => void) => boolean) | undefined
  readonly #serveLocked = (): void => this.serve()

  constructor(clock: Clock, rerun: Rerun, endedWaiting: EndedWaiting) {
    this.#clock = clock
    this.#rerun = rerun
    this.#endedWaiting = endedWaiting
  }

  /** Number of waiting clients. */
  get size(): number {
    return this.#waiters.size
  }

  /** Number of keys that somebody waits for. */
  get keys(): number {
    let keys = 0
    for (const queue of this.#queues.values()) keys += queue.size
    return keys
  }

  /** Number of waits that end by themselves. */
  get timeouts(): number {
    let timeouts = 0
    for (const { cancelTimeout } of this.#waiters.values()) if (cancelTimeout !== undefined) timeouts++
    return timeouts
  }

  /** Number of keys whose removal somebody waits for, too. */
  get keysWakingOnDeletion(): number {
    let keys = 0
    for (const queues of this.#queues.values()) {
      for (const queue of queues.values()) if ([...queue.waiters].some(({ wakesOnDeletion }) => wakesOnDeletion)) keys++
    }
    return keys
  }

  /** Puts a session to wait; the promise is its reply. */
  park(session: Session, command: Command, request: ParkRequest): Promise<Reply> {
    return new Promise((resolve) => {
      const { db } = session
      const waiter: Waiter = {
        ...request,
        session,
        db,
        command,
        resolve,
        until: request.timeoutMs > 0 ? this.#clock.now() + request.timeoutMs : Infinity,
        cancelTimeout: undefined,
        cancelRetry: undefined,
      }
      if (request.timeoutMs > 0) {
        waiter.cancelTimeout = this.#clock.after(request.timeoutMs, () => this.#giveUp(waiter, waiter.onTimeout))
      }
      this.#waiters.set(session, waiter)
      session.parked = { kind: 'blocked', argv: request.argv }
      let queues = this.#queues.get(db)
      if (queues === undefined) this.#queues.set(db, (queues = new Map()))
      for (const key of request.keys) {
        const queue = queues.get(key)
        if (queue === undefined) queues.set(key, { waiters: new Set([waiter]), ready: false })
        else queue.waiters.add(waiter)
      }
      this.#scheduleRetry(waiter)
    })
  }

  /** When a client's wait for a key ends by itself, in unix ms; Infinity for never, undefined where it waits for none. */
  untilOf(session: Session): number | undefined {
    const waiter = this.#waiters.get(session)
    return waiter === undefined || waiter.keys.length === 0 ? undefined : waiter.until
  }

  /** Has a client's wait end by itself at another time, in unix ms. */
  endAt(session: Session, until: number): void {
    const waiter = this.#waiters.get(session)
    if (waiter === undefined) return
    waiter.cancelTimeout?.()
    waiter.until = until
    const timeoutMs = Math.max(0, until - this.#clock.now())
    waiter.cancelTimeout = this.#clock.after(timeoutMs, () => this.#giveUp(waiter, waiter.onTimeout))
  }

  /** A key was changed. */
  touch(db: Db, key: Bytes): void {
    const queue = this.#queues.get(db)?.get(key)
    if (queue === undefined || queue.ready) return
    queue.ready = true
    this.#ready.push({ db, key })
  }

  /** Any key of a database may have changed (SWAPDB, FLUSHDB). */
  touchAll(db: Db): void {
    const queues = this.#queues.get(db)
    if (queues !== undefined) for (const key of queues.keys()) this.touch(db, key)
  }

  /** Serves the waiters of all ready keys. The engine calls it after each command at depth 0. */
  serve(): void {
    if (this.#serving || this.#ready.length === 0) return
    if (this.lock !== undefined && !this.lock(this.#serveLocked)) return
    this.#serving = true
    try {
      while (this.#ready.length > 0) {
        const ready = this.#ready
        this.#ready = []
        for (const { db, key } of ready) this.#serveKey(db, key)
      }
    } finally {
      this.#serving = false
    }
  }

  /** Runs the command of a client again that waits for what is no key; `onTimeout` is its reply if time is over now. */
  retry(session: Session, onTimeout: Reply): void {
    const waiter = this.#waiters.get(session)
    if (waiter === undefined) return
    if (this.lock !== undefined && !this.lock(() => this.retry(session, onTimeout))) return
    waiter.onTimeout = onTimeout
    const reply = this.#rerun(session, waiter.command, waiter.argv)
    if (reply !== PARKED) this.#finish(waiter, reply)
  }

  /** Runs a command again by itself that waits for time to pass as well. */
  #scheduleRetry(waiter: Waiter): void {
    waiter.cancelRetry?.()
    waiter.cancelRetry = undefined
    if (waiter.retryMs === undefined) return
    waiter.cancelRetry = this.#clock.after(waiter.retryMs(this.#clock.now()), () => this.#retryNow(waiter))
  }

  #retryNow(waiter: Waiter): void {
    if (this.#waiters.get(waiter.session) !== waiter) return // it has ended while the lock was waited for
    if (this.lock !== undefined && !this.lock(() => this.#retryNow(waiter))) return
    const reply = this.#rerun(waiter.session, waiter.command, waiter.argv)
    if (reply === PARKED) this.#scheduleRetry(waiter)
    else this.#finish(waiter, reply)
  }

  unblock(session: Session, withError: boolean): boolean {
    const waiter = this.#waiters.get(session)
    if (waiter === undefined) return this.backend?.unblock(session, withError) ?? false
    this.#giveUp(waiter, withError ? UNBLOCKED : waiter.onTimeout)
    return true
  }

  /** Ends all waits with one reply; returns who has waited. */
  endAll(reply: Reply): readonly Session[] {
    const sessions = [...this.#waiters.keys()]
    for (const waiter of [...this.#waiters.values()]) this.#giveUp(waiter, reply)
    return sessions
  }

  /** Ends the waits for keys for which there is a reason; they are answered that. */
  endVain(reasonOf: (session: Session, command: Command, key: Bytes) => Reply | undefined): void {
    for (const waiter of [...this.#waiters.values()]) {
      if (waiter.keys.length === 0) continue
      const reason = reasonOf(waiter.session, waiter.command, waiter.keys[0])
      if (reason !== undefined) this.#giveUp(waiter, reason)
    }
  }

  /** The client is gone: its wait ends without a reply to anyone. */
  forget(session: Session): void {
    const waiter = this.#waiters.get(session)
    if (waiter !== undefined) this.#finish(waiter, waiter.onTimeout)
    this.backend?.forget(session)
  }

  #serveKey(db: Db, key: Bytes): void {
    const queue = this.#queues.get(db)?.get(key)
    if (queue === undefined) return
    queue.ready = false
    for (const waiter of [...queue.waiters]) {
      if (!queue.waiters.has(waiter)) continue
      if (!waiter.wakesOnDeletion && db.typeOf(key) !== waiter.type) continue
      const reply = this.#rerun(waiter.session, waiter.command, waiter.argv)
      if (reply !== PARKED) this.#finish(waiter, reply)
    }
  }

  /** Ends a wait that brought nothing. */
  #giveUp(waiter: Waiter, reply: Reply): void {
    this.#endedWaiting(waiter.command, reply)
    this.#finish(waiter, reply)
  }

  #finish(waiter: Waiter, reply: Reply): void {
    if (this.#waiters.get(waiter.session) !== waiter) return
    this.#waiters.delete(waiter.session)
    waiter.session.parked = undefined
    waiter.cancelTimeout?.()
    waiter.cancelRetry?.()
    this.#leaveQueues(waiter)
    waiter.resolve(reply)
  }

  /** Who waits for no key (WAIT) is in no queue, and there may be none. */
  #leaveQueues(waiter: Waiter): void {
    const queues = this.#queues.get(waiter.db)
    if (queues === undefined) return
    for (const key of waiter.keys) {
      const queue = queues.get(key)
      queue?.waiters.delete(waiter)
      if (queue?.waiters.size === 0) queues.delete(key)
    }
    if (queues.size === 0) this.#queues.delete(waiter.db)
  }
}
