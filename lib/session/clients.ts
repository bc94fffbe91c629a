/**
 * The sessions that are connected now, in order of arrival. CLIENT LIST, KILL and INFO read it.
 *
 * They stand in one array that stays, and no Map: each table that a Map leaves behind when it has been filled refers to its entries and to the
 * next table. Where a session lasts for one request, all of them outlive the collector's quick passes by that, with what they refer to.
 */
import type { Session } from './session.ts'

/** Fewer places that nobody has are let be. */
const HOLES_LEAST = 32

export class Clients {
  /** All but the newest, by id; undefined where one has gone. */
  readonly #sessions: (Session | undefined)[] = []
  /** Their ids. */
  readonly #ids: number[] = []
  #holes = 0
  /** Who came last waits outside: most requests of REST are gone before anybody looks or another comes. */
  #newest: Session | undefined
  #nextId = 1

  get size(): number {
    return this.#sessions.length - this.#holes + (this.#newest === undefined ? 0 : 1)
  }

  /** A fresh id, greater than all before it. */
  nextId(): number {
    return this.#nextId++
  }

  /** Adds a session; those with smaller ids were added before it. */
  add(session: Session): void {
    this.#settle()
    this.#newest = session
  }

  remove(session: Session): void {
    if (session === this.#newest) {
      this.#newest = undefined
      return
    }
    const index = this.#indexOf(session.id)
    if (this.#sessions[index] === undefined) return
    this.#sessions[index] = undefined
    this.#holes++
    if (this.#holes > HOLES_LEAST && this.#holes * 2 > this.#sessions.length) this.#closeHoles()
  }

  /** O(log n) */
  get(id: number): Session | undefined {
    if (this.#newest?.id === id) return this.#newest
    return this.#sessions[this.#indexOf(id)]
  }

  /** Those that are there now, whoever comes or goes meanwhile. */
  [Symbol.iterator](): IterableIterator<Session> {
    this.#settle()
    return this.#sessions.filter((session) => session !== undefined).values()
  }

  #settle(): void {
    if (this.#newest === undefined) return
    this.#sessions.push(this.#newest)
    this.#ids.push(this.#newest.id)
    this.#newest = undefined
  }

  /** -1 if there is none. */
  #indexOf(id: number): number {
    const ids = this.#ids
    let low = 0
    let high = ids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (ids[middle] < id) low = middle + 1
      else high = middle
    }
    return ids[low] === id ? low : -1
  }

  #closeHoles(): void {
    const sessions = this.#sessions
    const ids = this.#ids
    let to = 0
    for (let i = 0; i < sessions.length; i++) {
      if (sessions[i] === undefined) continue
      sessions[to] = sessions[i]
      ids[to++] = ids[i]
    }
    sessions.length = ids.length = to
    this.#holes = 0
  }
}
