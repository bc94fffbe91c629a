/**
 * Keyspace notifications: what happens to keys, as messages. `notify-keyspace-events` says which classes of event are
 * published, and in which of two forms: `K` sends the event to the channel of the key, `E` the key to the channel of the
 * event. Which fields of a hash are concerned goes to channels of their own (Redis 8.8), to any of four: `S` of the key, `T`
 * of the event, `I` of key and field, `V` of event and key. Nothing is built while nobody subscribes to anything.
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

  /** True if it is published which fields of hashes are concerned. */
  get wantsFields(): boolean {
    return this.#flags.includes('h') && [...'STIV'].some((letter) => this.#flags.includes(letter))
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

  /** Tells which fields of a hash an event concerns. A key with the letter that stands behind it in a channel goes without. */
  publishFields(event: Bytes, key: Bytes, fields: readonly Bytes[], db: number): void {
    const pubsub = this.#pubsub
    if (pubsub.isIdle || fields.length === 0) return
    const flags = this.#flags
    const list = fields.map(withLength).join(',')
    if (flags.includes('S')) pubsub.publish(`__subkeyspace@${db}__:${key}`, `${event}|${list}`)
    if (flags.includes('T')) pubsub.publish(`__subkeyevent@${db}__:${event}`, `${withLength(key)}|${list}`)
    if (flags.includes('I') && !key.includes('\n')) {
      for (const field of fields) pubsub.publish(`__subkeyspaceitem@${db}__:${key}\n${field}`, event)
    }
    if (flags.includes('V')) pubsub.publish(`__subkeyspaceevent@${db}__:${event}|${key}`, list)
  }
}

function withLength(bytes: Bytes): Bytes {
  return `${bytes.length}:${bytes}`
}
