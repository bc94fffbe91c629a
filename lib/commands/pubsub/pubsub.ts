/**
 * Publish and subscribe. A subscriber's confirmations are pushes, one for each channel, and count its channels and
 * patterns together; shard channels count by themselves. While a session has any of them, its `Subscriber` gate is set:
 * the guards then hold a RESP2 client to the few commands whose replies cannot be mistaken for messages.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SSUBSCRIBE_DENIED, subcommandSyntax } from '../../base/errors.ts'
import { Push, type Reply, Sequence } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { SubscriptionsPort } from '../../session/ports.ts'
import { Gate } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** SUBSCRIBE channel [channel …] */
export function subscribe(c: Context, a: Args): Reply {
  return add(c, a, c.ports.pubsub.channels, 'subscribe')
}

/** PSUBSCRIBE pattern [pattern …] */
export function psubscribe(c: Context, a: Args): Reply {
  return add(c, a, c.ports.pubsub.patterns, 'psubscribe')
}

/** SSUBSCRIBE shardchannel [shardchannel …]; unlike the other two, not in a transaction. */
export function ssubscribe(c: Context, a: Args): Reply {
  if (!c.mayBlock) return SSUBSCRIBE_DENIED
  return add(c, a, c.ports.pubsub.shards, 'ssubscribe')
}

/** UNSUBSCRIBE [channel …] */
export function unsubscribe(c: Context, a: Args): Reply {
  return remove(c, a, c.ports.pubsub.channels, 'unsubscribe')
}

/** PUNSUBSCRIBE [pattern …] */
export function punsubscribe(c: Context, a: Args): Reply {
  return remove(c, a, c.ports.pubsub.patterns, 'punsubscribe')
}

/** SUNSUBSCRIBE [shardchannel …] */
export function sunsubscribe(c: Context, a: Args): Reply {
  return remove(c, a, c.ports.pubsub.shards, 'sunsubscribe')
}

function add(c: Context, a: Args, subscriptions: SubscriptionsPort, kind: Bytes): Reply {
  const { session } = c
  const confirmations: Push[] = []
  while (!a.done) {
    const name = a.next()
    subscriptions.add(session, name)
    confirmations.push(confirmation(c, subscriptions, kind, name))
  }
  session.gate |= Gate.Subscriber
  return oneOrMore(confirmations)
}

/** Takes away the names given, or all of them; where there is nothing to take, one confirmation speaks of no name. */
function remove(c: Context, a: Args, subscriptions: SubscriptionsPort, kind: Bytes): Reply {
  const { session } = c
  const { channels, patterns, shards } = c.ports.pubsub
  const names = a.done ? [...subscriptions.namesOf(session)] : a.rest()
  const confirmations: Push[] = []
  for (const name of names) {
    subscriptions.remove(session, name)
    confirmations.push(confirmation(c, subscriptions, kind, name))
  }
  if (names.length === 0) confirmations.push(confirmation(c, subscriptions, kind, null))
  if (channels.countOf(session) + patterns.countOf(session) + shards.countOf(session) === 0) {
    session.gate &= ~Gate.Subscriber
  }
  return oneOrMore(confirmations)
}

function oneOrMore(confirmations: readonly Push[]): Reply {
  return confirmations.length === 1 ? confirmations[0] : new Sequence(confirmations)
}

function confirmation(c: Context, subscriptions: SubscriptionsPort, kind: Bytes, name: Bytes | null): Push {
  const { channels, patterns, shards } = c.ports.pubsub
  const { session } = c
  const count =
    subscriptions === shards ? shards.countOf(session) : channels.countOf(session) + patterns.countOf(session)
  return new Push([kind, name, count])
}

/** PUBSUB CHANNELS [pattern] */
export function channels(c: Context, a: Args): Reply {
  return names(c.ports.pubsub.channels, a)
}

/** PUBSUB SHARDCHANNELS [pattern] */
export function shardchannels(c: Context, a: Args): Reply {
  return names(c.ports.pubsub.shards, a)
}

function names(subscriptions: SubscriptionsPort, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('pubsub', a.argv[1])
  const all = [...subscriptions.names()]
  if (a.done) return all
  const pattern = a.next()
  return all.filter((name) => globMatches(pattern, name))
}

/** PUBSUB NUMSUB [channel …] */
export function numsub(c: Context, a: Args): Reply {
  return counts(c.ports.pubsub.channels, a)
}

/** PUBSUB SHARDNUMSUB [shardchannel …] */
export function shardnumsub(c: Context, a: Args): Reply {
  return counts(c.ports.pubsub.shards, a)
}

function counts(subscriptions: SubscriptionsPort, a: Args): Reply {
  return a.rest().flatMap((name) => [name, subscriptions.subscribersOf(name)?.size ?? 0])
}

/** PUBSUB NUMPAT. Patterns that several clients have count once. */
export function numpat(c: Context): Reply {
  return c.ports.pubsub.patterns.size
}
