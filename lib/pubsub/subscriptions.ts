/**
 * Who subscribes to which names: one instance each for channels, patterns and shard channels. Both directions are kept,
 * so that a message finds its receivers, and a subscriber that goes its names, at a cost in proportion to what is found.
 * A name that nobody subscribes to is forgotten.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Push } from '../base/reply.ts'

/** Whoever takes messages: a session, or a reader over HTTP or in this process. */
export interface Subscriber {
  /** Takes one message. One Push may go to many subscribers. */
  deliver(push: Push): void
}

const NOTHING: ReadonlySet<Bytes> = new Set()

export class Subscriptions {
  readonly #subscribers = new Map<Bytes, Set<Subscriber>>()
  readonly #names = new Map<Subscriber, Set<Bytes>>()

  /** Number of names that somebody subscribes to. */
  get size(): number {
    return this.#subscribers.size
  }

  /** The names that somebody subscribes to. */
  names(): IterableIterator<Bytes> {
    return this.#subscribers.keys()
  }

  /** The names that one subscriber has, in the order in which it took them. */
  namesOf(subscriber: Subscriber): ReadonlySet<Bytes> {
    return this.#names.get(subscriber) ?? NOTHING
  }

  /** Number of names that one subscriber has. */
  countOf(subscriber: Subscriber): number {
    return this.#names.get(subscriber)?.size ?? 0
  }

  subscribersOf(name: Bytes): ReadonlySet<Subscriber> | undefined {
    return this.#subscribers.get(name)
  }

  /** All names with their subscribers. */
  entries(): IterableIterator<[Bytes, ReadonlySet<Subscriber>]> {
    return this.#subscribers.entries()
  }

  /** False if it was there already. */
  add(subscriber: Subscriber, name: Bytes): boolean {
    let names = this.#names.get(subscriber)
    if (names === undefined) this.#names.set(subscriber, (names = new Set()))
    if (names.has(name)) return false
    names.add(name)
    const subscribers = this.#subscribers.get(name)
    if (subscribers === undefined) this.#subscribers.set(name, new Set([subscriber]))
    else subscribers.add(subscriber)
    return true
  }

  /** False if it was not there. */
  remove(subscriber: Subscriber, name: Bytes): boolean {
    const names = this.#names.get(subscriber)
    if (!names?.delete(name)) return false
    if (names.size === 0) this.#names.delete(subscriber)
    this.#drop(subscriber, name)
    return true
  }

  /** Removes all names of a subscriber. */
  forget(subscriber: Subscriber): void {
    const names = this.#names.get(subscriber)
    if (names === undefined) return
    this.#names.delete(subscriber)
    for (const name of names) this.#drop(subscriber, name)
  }

  #drop(subscriber: Subscriber, name: Bytes): void {
    const subscribers = this.#subscribers.get(name)!
    subscribers.delete(subscriber)
    if (subscribers.size === 0) this.#subscribers.delete(name)
  }
}
