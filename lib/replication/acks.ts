/**
 * Who waits until replicas have acknowledged what was written (WAIT, WAITAOF). Replicas are asked once a turn, behind all that it has
 * written; each acknowledgement that counts has the waiting commands run again.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'
import type { Replica } from './replica.ts'

export interface AcksParts {
  readonly engine: Engine
  readonly replicas: readonly Replica[]
  /** Behind the last effect. */
  readonly offset: () => number
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
}

interface Waiting {
  /** From which acknowledgements count, and whether it is those of disks. */
  readonly offset: number
  readonly wantsFsync: boolean
  /** The command that waits: its session may have gone on to another. */
  readonly argv: readonly Bytes[]
}

export class Acks {
  readonly #parts: AcksParts
  readonly #waiting = new Map<Session, Waiting>()

  constructor(parts: AcksParts) {
    this.#parts = parts
  }

  /** A client waits. False if it did already. */
  wait(session: Session, argv: readonly Bytes[], wantsFsync: boolean): boolean {
    if (session.parked !== undefined) return false
    this.#waiting.set(session, { offset: this.#parts.offset(), argv, wantsFsync })
    return true
  }

  forget(session: Session): void {
    this.#waiting.delete(session)
  }

  countAcked(session: Session): number {
    const target = this.#targetOf(session)
    let count = 0
    for (const { state, ackedOffset } of this.#parts.replicas) if (state === 'online' && ackedOffset >= target) count++
    return count
  }

  countFsynced(session: Session): number {
    const target = this.#targetOf(session)
    let count = 0
    for (const { state, fsyncedOffset } of this.#parts.replicas) {
      if (state === 'online' && fsyncedOffset >= target) count++
    }
    return count
  }

  /** A command that runs again asks about the offset at which its wait began. */
  #targetOf(session: Session): number {
    return session.parked === undefined ? this.#parts.offset() : (this.#waiting.get(session)?.offset ?? 0)
  }

  /** Notes how far a replica has come. False if it says the same again, as each does once a second: nobody is looked at for that. */
  take(replica: Replica, offset: number, fsynced: number, most: number): boolean {
    const from = replica.startsOnAck ? -1 : replica.ackedOffset
    const fsyncedFrom = replica.startsOnAck ? -1 : replica.fsyncedOffset
    if (offset > replica.ackedOffset && offset <= most) replica.ackedOffset = offset
    if (fsynced > replica.fsyncedOffset && fsynced <= most) replica.fsyncedOffset = fsynced
    if (replica.startsOnAck) replica.sync?.finish(replica)
    if (replica.ackedOffset === from && replica.fsyncedOffset === fsyncedFrom) return false
    for (const [session, waiting] of this.#waiting) {
      const { wantsFsync } = waiting
      const before = wantsFsync ? fsyncedFrom : from
      const now = wantsFsync ? replica.fsyncedOffset : replica.ackedOffset
      const isOneMore = waiting.offset > before && waiting.offset <= now
      if (isOneMore && session.parked?.argv === waiting.argv) this.#answer(session, wantsFsync)
      if (session.parked?.argv !== waiting.argv && this.#waiting.get(session) === waiting) this.#waiting.delete(session)
    }
    return true
  }

  #answer(session: Session, wantsFsync: boolean): void {
    const { engine, retry } = this.#parts
    if (!wantsFsync) {
      retry(session, this.countAcked(session))
      return
    }
    const { appending } = engine.ports.persistence
    retry(session, [appending.hasSynced(session) ? 1 : 0, this.countFsynced(session)])
  }
}
