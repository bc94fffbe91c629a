/** Clients that wait until what was changed before is on disk: WAITAOF. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'

export interface SyncWaitersParts {
  readonly engine: Engine
  /** Offsets of the file: its end, and up to where it is on disk; undefined unless it holds all that the store does. */
  readonly offset: () => number
  readonly synced: () => number | undefined
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
}

interface Waiting {
  readonly offset: number
  /** The command that waits: its session may have gone on to another. */
  readonly argv: readonly Bytes[]
}

export class SyncWaiters {
  readonly #parts: SyncWaitersParts
  readonly #waiting = new Map<Session, Waiting>()

  constructor(parts: SyncWaitersParts) {
    this.#parts = parts
  }

  hasSynced(session: Session): boolean {
    const synced = this.#parts.synced()
    // A command that runs again asks about the offset at which its wait began.
    const target = session.parked === undefined ? this.#parts.offset() : (this.#waiting.get(session)?.offset ?? 0)
    return synced !== undefined && synced >= target
  }

  add(session: Session, argv: readonly Bytes[]): void {
    if (session.parked === undefined) this.#waiting.set(session, { offset: this.#parts.offset(), argv })
  }

  /** The connection of a session is gone. */
  forget(session: Session): void {
    this.#waiting.delete(session)
  }

  /** More of the file is on disk. */
  tell(): void {
    if (this.#waiting.size === 0) return
    const { engine, retry } = this.#parts
    const { replication } = engine.ports.persistence
    for (const [session, { argv }] of [...this.#waiting]) {
      if (session.parked?.argv === argv) {
        retry(session, [this.hasSynced(session) ? 1 : 0, replication.countFsynced(session)])
      }
      if (session.parked?.argv !== argv) this.#waiting.delete(session)
    }
  }
}
