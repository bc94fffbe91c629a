/**
 * Messages of the upstream. All subscribers here share one connection there, on which each channel and each pattern is subscribed to
 * once: with its first subscriber, who is told so when the upstream has confirmed it, until a while after its last one has gone.
 * A message is handed to the subscribers of this process, whose doors and limits are those of the local store. Where the connection
 * is lost, it is made anew and everything subscribed to again; what was published in between is lost, as for any client.
 */
import type { Bytes } from '../base/bytes.ts'
import { Push, type Reply, ReplyError } from '../base/reply.ts'
import { inBackground } from '../base/runtime.ts'
import type { UpstreamFault } from '../base/upstreamfault.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { Subscriptions } from '../pubsub/subscriptions.ts'
import type { Connection } from './connection.ts'
import { faultOf } from './node.ts'

/** Between two attempts to connect again, the first time and at most. */
const RETRY_MS = 100
const RETRY_MAX_MS = 5000

/** How often the connection is tried out while nothing is heard of it. */
const PING_MS = 10_000

const PING = ['PING']

interface Kind {
  readonly subscribe: Bytes
  readonly unsubscribe: Bytes
  /** Who subscribes here. */
  readonly here: Subscriptions
  /** What is subscribed to there, or about to be. */
  readonly there: Map<Bytes, Promise<ReplyError | undefined>>
}

export interface FeedParts {
  readonly pubsub: PubSub
  /** @throws UpstreamFault */
  readonly dial: (onClosed: () => void) => Promise<Connection>
  readonly label: string
}

export class Feed {
  readonly #parts: FeedParts
  readonly #kinds: ReadonlyMap<Bytes, Kind>
  /** Receivers of messages, by the first word of a message. */
  readonly #receivers: ReadonlyMap<Reply, Subscriptions>
  #connection: Connection | undefined
  #connecting: Promise<Connection> | undefined
  /** Subscriptions that are being asked for: nothing is given up meanwhile. */
  #pending = 0
  #isClosed = false
  #losses = 0
  #cancelPing: (() => void) | undefined

  constructor(parts: FeedParts) {
    this.#parts = parts
    const { channels, patterns, shards } = parts.pubsub
    this.#kinds = new Map([
      ['subscribe', { subscribe: 'SUBSCRIBE', unsubscribe: 'UNSUBSCRIBE', here: channels, there: new Map() }],
      ['psubscribe', { subscribe: 'PSUBSCRIBE', unsubscribe: 'PUNSUBSCRIBE', here: patterns, there: new Map() }],
      ['ssubscribe', { subscribe: 'SSUBSCRIBE', unsubscribe: 'SUNSUBSCRIBE', here: shards, there: new Map() }],
    ])
    this.#receivers = new Map<Reply, Subscriptions>([
      ['message', channels],
      ['pmessage', patterns],
      ['smessage', shards],
    ])
  }

  /** Subscribes to names; `command` is subscribe, psubscribe or ssubscribe. The error, if there is one. */
  async subscribe(command: Bytes, names: readonly Bytes[]): Promise<ReplyError | undefined> {
    const kind = this.#kinds.get(command)!
    this.#pending++
    try {
      for (const name of names) if (!kind.there.has(name)) kind.there.set(name, this.#ask(kind, name))
      const errors = await Promise.all(names.map((name) => kind.there.get(name)))
      return errors.find((error) => error !== undefined)
    } finally {
      this.#pending--
    }
  }

  /** Gives up what nobody here subscribes to any more. */
  sweep(): void {
    const connection = this.#connection
    if (this.#pending !== 0 || connection === undefined) return
    for (const { here, there, unsubscribe } of this.#kinds.values()) {
      for (const name of there.keys()) {
        if (here.subscribersOf(name) !== undefined) continue
        there.delete(name)
        connection.ask([unsubscribe, name], () => {})
      }
    }
    if (this.#isUnused) connection.close()
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.close()
  }

  get #isUnused(): boolean {
    for (const { there } of this.#kinds.values()) if (there.size !== 0) return false
    return true
  }

  #ask(kind: Kind, name: Bytes): Promise<ReplyError | undefined> {
    return this.#request(kind, name).then((error) => {
      if (error !== undefined) kind.there.delete(name)
      return error
    })
  }

  async #request(kind: Kind, name: Bytes): Promise<ReplyError | undefined> {
    let connection: Connection
    try {
      connection = this.#connection ?? (await this.#connect())
    } catch (error) {
      return faultOf(error, this.#parts.label)
    }
    return new Promise((resolve) => {
      connection.ask([kind.subscribe, name], (reply) => resolve(reply instanceof ReplyError ? reply : undefined))
    })
  }

  #connect(): Promise<Connection> {
    this.#connecting ??= this.#parts
      .dial(() => this.#lost())
      .then((connection) => {
        this.#connection = connection
        connection.onMessage = (reply) => this.#deliver(reply)
        this.#pingLater()
        return connection
      })
      .finally(() => {
        this.#connecting = undefined
      })
    return this.#connecting
  }

  #lost(): void {
    this.#connection = undefined
    this.#cancelPing?.()
    if (!this.#isClosed && !this.#isUnused) this.#again()
  }

  /** Connects once more, and subscribes to all that somebody here still wants. */
  #again(): void {
    const ms = Math.min(RETRY_MS * 2 ** this.#losses++, RETRY_MAX_MS)
    inBackground(ms, () => {
      if (this.#isClosed || this.#connection !== undefined) return
      this.#connect().then(
        () => this.#renew(),
        (_: UpstreamFault) => this.#again(),
      )
    })
  }

  #renew(): void {
    this.#losses = 0
    for (const kind of this.#kinds.values()) {
      const names = [...kind.there.keys()].filter((name) => kind.here.subscribersOf(name) !== undefined)
      kind.there.clear()
      for (const name of names) kind.there.set(name, this.#ask(kind, name))
    }
  }

  #deliver(reply: Reply): void {
    if (!Array.isArray(reply)) return
    const [word, name] = reply
    const subscribers = this.#receivers.get(word)?.subscribersOf(name as Bytes)
    if (subscribers === undefined) return
    const push = new Push(reply)
    for (const subscriber of subscribers) subscriber.deliver(push)
  }

  #pingLater(): void {
    this.#cancelPing = inBackground(PING_MS, () => {
      this.#connection?.ask(PING, () => {})
      this.#pingLater()
    })
  }
}
