/**
 * Publish and subscribe. A message reaches the subscribers of its channel, then those of the patterns that match it, in
 * the order in which they subscribed; whoever has several of them gets it several times. Publishing costs what its
 * receivers cost, and one match for each pattern that anybody has. Shard channels are a world of their own: patterns do
 * not see them.
 *
 * A subscriber is anything that can take a Push. What it does with it must not publish or subscribe at once.
 */
import type { Bytes } from '../base/bytes.ts'
import { Push } from '../base/reply.ts'
import { globMatches } from '../keyspace/glob.ts'
import { type Subscriber, Subscriptions } from './subscriptions.ts'

export type { Subscriber } from './subscriptions.ts'

export class PubSub {
  readonly channels = new Subscriptions()
  readonly patterns = new Subscriptions()
  readonly shards = new Subscriptions()

  /** True while a message to any channel would reach nobody. */
  get isIdle(): boolean {
    return this.channels.size === 0 && this.patterns.size === 0
  }

  /** False if it was subscribed already; so are the next two. */
  subscribe(subscriber: Subscriber, channel: Bytes): boolean {
    return this.channels.add(subscriber, channel)
  }

  psubscribe(subscriber: Subscriber, pattern: Bytes): boolean {
    return this.patterns.add(subscriber, pattern)
  }

  ssubscribe(subscriber: Subscriber, channel: Bytes): boolean {
    return this.shards.add(subscriber, channel)
  }

  /** False if it was not subscribed; so are the next two. */
  unsubscribe(subscriber: Subscriber, channel: Bytes): boolean {
    return this.channels.remove(subscriber, channel)
  }

  punsubscribe(subscriber: Subscriber, pattern: Bytes): boolean {
    return this.patterns.remove(subscriber, pattern)
  }

  sunsubscribe(subscriber: Subscriber, channel: Bytes): boolean {
    return this.shards.remove(subscriber, channel)
  }

  /** Ends all subscriptions of a subscriber that goes. */
  forget(subscriber: Subscriber): void {
    this.channels.forget(subscriber)
    this.patterns.forget(subscriber)
    this.shards.forget(subscriber)
  }

  /** Sends a message to a channel. Returns how often it was delivered. */
  publish(channel: Bytes, message: Bytes): number {
    let receivers = deliver(this.channels.subscribersOf(channel), 'message', channel, message)
    if (this.patterns.size === 0) return receivers
    for (const [pattern, subscribers] of this.patterns.entries()) {
      if (!globMatches(pattern, channel)) continue
      const push = new Push(['pmessage', pattern, channel, message])
      for (const subscriber of subscribers) subscriber.deliver(push)
      receivers += subscribers.size
    }
    return receivers
  }

  /** Sends a message to a shard channel. Returns how often it was delivered. */
  spublish(channel: Bytes, message: Bytes): number {
    return deliver(this.shards.subscribersOf(channel), 'smessage', channel, message)
  }
}

function deliver(
  subscribers: ReadonlySet<Subscriber> | undefined,
  kind: 'message' | 'smessage',
  channel: Bytes,
  message: Bytes,
): number {
  if (subscribers === undefined) return 0
  const receivers = subscribers.size
  const push = new Push([kind, channel, message])
  for (const subscriber of subscribers) subscriber.deliver(push)
  return receivers
}
