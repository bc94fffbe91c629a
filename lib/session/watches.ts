/**
 * WATCH: which sessions watch which keys. A change to a watched key marks its watchers, and their next EXEC answers nil.
 * Cost is proportional to what is watched; an unwatched store pays one size check per change.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Db } from '../keyspace/db.ts'
import type { Session } from './session.ts'

interface Watch {
  readonly db: Db
  readonly key: Bytes
  /** The key was already past its time when it was watched, so its removal is no change. */
  readonly existed: boolean
}

export class Watches {
  readonly #watchers = new Map<Db, Map<Bytes, Set<Session>>>()
  readonly #watched = new Map<Session, Watch[]>()

  /** Number of sessions that watch something. */
  get size(): number {
    return this.#watched.size
  }

  /** Number of keys that are watched, each counted once per database. */
  get keys(): number {
    let keys = 0
    for (const watched of this.#watchers.values()) keys += watched.size
    return keys
  }

  /** Number of keys that a session watches. */
  count(session: Session): number {
    return this.#watched.get(session)?.length ?? 0
  }

  add(session: Session, db: Db, key: Bytes): void {
    let keys = this.#watchers.get(db)
    if (keys === undefined) this.#watchers.set(db, (keys = new Map()))
    let sessions = keys.get(key)
    if (sessions === undefined) keys.set(key, (sessions = new Set()))
    if (sessions.has(session)) return
    sessions.add(session)
    const watch = { db, key, existed: db.isLive(key) }
    const list = this.#watched.get(session)
    if (list === undefined) this.#watched.set(session, [watch])
    else list.push(watch)
  }

  /** Forgets all that a session watches, and that something changed. */
  clear(session: Session): void {
    session.watchBroken = false
    const list = this.#watched.get(session)
    if (list === undefined) return
    this.#watched.delete(session)
    for (const { db, key } of list) {
      const keys = this.#watchers.get(db)!
      const sessions = keys.get(key)!
      sessions.delete(session)
      if (sessions.size === 0) keys.delete(key)
      if (keys.size === 0) this.#watchers.delete(db)
    }
  }

  /** A key was changed. */
  touch(db: Db, key: Bytes): void {
    const sessions = this.#watchers.get(db)?.get(key)
    if (sessions !== undefined) for (const session of sessions) session.watchBroken = true
  }

  /** A database is about to be emptied, or exchanged with another: marks whoever watches a key that is in either. */
  touchAll(db: Db, other?: Db): void {
    const keys = this.#watchers.get(db)
    if (keys === undefined) return
    for (const [key, sessions] of keys) {
      if (!db.isLive(key) && !other?.isLive(key)) continue
      for (const session of sessions) session.watchBroken = true
    }
  }

  /** True if a key that was there when the session watched it has passed its time since. Called at EXEC. */
  expiredSince(session: Session): boolean {
    const list = this.#watched.get(session)
    return list?.some(({ db, key, existed }) => existed && !db.isLive(key)) ?? false
  }
}
