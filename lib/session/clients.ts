/** The sessions that are connected now, in order of arrival. CLIENT LIST, KILL and INFO read it. */
import type { Session } from './session.ts'

export class Clients {
  readonly #sessions = new Map<number, Session>()
  #nextId = 1

  get size(): number {
    return this.#sessions.size
  }

  /** A fresh id, greater than all before it. */
  nextId(): number {
    return this.#nextId++
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id)
  }

  get(id: number): Session | undefined {
    return this.#sessions.get(id)
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values()
  }
}
