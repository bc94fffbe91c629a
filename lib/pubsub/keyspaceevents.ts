/**
 * Keyspace notifications: what happens to keys, as messages. `notify-keyspace-events` says which classes of event are
 * published, and in which of two forms: `K` sends the event to the channel of the key, `E` the key to the channel of the
 * event. Nothing is built while nobody subscribes to anything.
 */
import type { Bytes } from '../base/bytes.ts'
import type { PubSub } from './pubsub.ts'

export class KeyspaceEvents {
  readonly #pubsub: PubSub
  #flags = ''
  #toKeys = false
  #toEvents = false

  /** `flags` are the letters of all classes and of `K` and `E`. */
  constructor(pubsub: PubSub, flags: string) {
    this.#pubsub = pubsub
    this.follow(flags)
  }

  /** Takes another value of the directive. */
  follow(flags: string): void {
    this.#flags = flags
    this.#toKeys = flags.includes('K')
    this.#toEvents = flags.includes('E')
  }

  /** True if events of a class are published. */
  wants(kind: string): boolean {
    return (this.#toKeys || this.#toEvents) && this.#flags.includes(kind)
  }

  publish(kind: string, event: Bytes, key: Bytes, db: number): void {
    const pubsub = this.#pubsub
    if (pubsub.isIdle || !this.wants(kind)) return
    if (this.#toKeys) pubsub.publish(`__keyspace@${db}__:${key}`, event)
    if (this.#toEvents) pubsub.publish(`__keyevent@${db}__:${event}`, key)
  }
}
