/** The sessions that are connected now, in order of arrival. CLIENT LIST, KILL and INFO read it. */
import type { Session } from './session.ts'

export class Clients {
  /** All but the newest. */
  readonly #sessions = new Map<number, Session>()
  /** Who came last waits outside of the map: most requests of REST are gone before anybody looks or another comes. */
  #newest: Session | undefined
  #nextId = 1

  get size(): number {
    return this.#sessions.size + (this.#newest === undefined ? 0 : 1)
  }

  /** A fresh id, greater than all before it. */
  nextId(): number {
    return this.#nextId++
  }

  add(session: Session): void {
    this.#settle()
    this.#newest = session
  }

  remove(session: Session): void {
    if (session === this.#newest) this.#newest = undefined
    else this.#sessions.delete(session.id)
  }

  get(id: number): Session | undefined {
    return this.#newest?.id === id ? this.#newest : this.#sessions.get(id)
  }

  [Symbol.iterator](): IterableIterator<Session> {
    this.#settle()
    return this.#sessions.values()
  }

  #settle(): void {
    if (this.#newest === undefined) return
    this.#sessions.set(this.#newest.id, this.#newest)
    this.#newest = undefined
  }
}
