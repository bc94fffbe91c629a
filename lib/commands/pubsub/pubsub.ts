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
import { always, type Command, type Context, command, keyAt, keysFrom } from '../command.ts'
import { container } from '../container.ts'

/** SUBSCRIBE channel [channel …] */
function subscribe(c: Context, a: Args): Reply {
  return add(c, a, c.ports.pubsub.channels, 'subscribe')
}

/** PSUBSCRIBE pattern [pattern …] */
function psubscribe(c: Context, a: Args): Reply {
  return add(c, a, c.ports.pubsub.patterns, 'psubscribe')
}

/** SSUBSCRIBE shardchannel [shardchannel …]; unlike the other two, not in a transaction. */
function ssubscribe(c: Context, a: Args): Reply {
  if (!c.mayBlock) return SSUBSCRIBE_DENIED
  return add(c, a, c.ports.pubsub.shards, 'ssubscribe')
}

/** UNSUBSCRIBE [channel …] */
function unsubscribe(c: Context, a: Args): Reply {
  return remove(c, a, c.ports.pubsub.channels, 'unsubscribe')
}

/** PUNSUBSCRIBE [pattern …] */
function punsubscribe(c: Context, a: Args): Reply {
  return remove(c, a, c.ports.pubsub.patterns, 'punsubscribe')
}

/** SUNSUBSCRIBE [shardchannel …] */
function sunsubscribe(c: Context, a: Args): Reply {
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

/** PUBLISH channel message */
function publish(c: Context, a: Args): Reply {
  return send(c, a, false)
}

/** SPUBLISH shardchannel message */
function spublish(c: Context, a: Args): Reply {
  return send(c, a, true)
}

/** Replicas hear of a message by the stream of effects; in a cluster its nodes do, by a way of their own. */
function send(c: Context, a: Args, isSharded: boolean): Reply {
  const { pubsub, cluster } = c.ports
  const channel = a.next()
  const message = a.next()
  const receivers = isSharded ? pubsub.spublish(channel, message) : pubsub.publish(channel, message)
  if (cluster === undefined) c.forward()
  else cluster.publish(channel, message, isSharded)
  return receivers
}

/** PUBSUB CHANNELS [pattern] */
function channels(c: Context, a: Args): Reply {
  return names(c.ports.pubsub.channels, a)
}

/** PUBSUB SHARDCHANNELS [pattern] */
function shardchannels(c: Context, a: Args): Reply {
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
function numsub(c: Context, a: Args): Reply {
  return counts(c.ports.pubsub.channels, a)
}

/** PUBSUB SHARDNUMSUB [shardchannel …] */
function shardnumsub(c: Context, a: Args): Reply {
  return counts(c.ports.pubsub.shards, a)
}

function counts(subscriptions: SubscriptionsPort, a: Args): Reply {
  return a.rest().flatMap((name) => [name, subscriptions.subscribersOf(name)?.size ?? 0])
}

/** PUBSUB NUMPAT. Patterns that several clients have count once. */
function numpat(c: Context): Reply {
  return c.ports.pubsub.patterns.size
}

const words = 'pubsub loading stale'

const pubsubSubcommands = [
  command('channels', 'pubsub', -2, words, [], channels),
  command('numpat', 'pubsub', 2, words, [], numpat),
  command('numsub', 'pubsub', -2, words, [], numsub),
  command('shardchannels', 'pubsub', -2, words, [], shardchannels),
  command('shardnumsub', 'pubsub', -2, words, [], shardnumsub),
]

const pubsubHelp = [
  ['CHANNELS [<pattern>]', "Return the currently active channels matching a <pattern> (default: '*')."],
  ['NUMPAT', 'Return number of subscriptions to patterns.'],
  [
    'NUMSUB [<channel> ...]',
    'Return the number of subscribers for the specified channels, excluding',
    'pattern subscriptions(default: no channels).',
  ],
  [
    'SHARDCHANNELS [<pattern>]',
    "Return the currently active shard level channels matching a <pattern> (default: '*').",
  ],
  ['SHARDNUMSUB [<shardchannel> ...]', 'Return the number of subscribers for the specified shard level channel(s)'],
]

const subscriberWords = 'pubsub noscript loading stale subscriber'
const publishWords = 'pubsub loading stale fast may_replicate'
const shardKeys = [keysFrom(1, 'not_key', -1, 1)]

/** Channels of keyspace events tell of keys, too. */
const ofMessages = { ownConnection: 'messages', tellsKeys: always } as const

export const pubsubCommands: readonly Command[] = [
  command('psubscribe', 'pubsub', -2, subscriberWords, [], psubscribe, {
    ...ofMessages,
    channels: { count: 'all', arePatterns: true },
  }),
  command('publish', 'pubsub', 3, publishWords, [], publish, { channels: { count: 'one' } }),
  container('pubsub', 'pubsub', '@-pubsub', pubsubSubcommands, pubsubHelp, 'loading stale @-pubsub'),
  command('punsubscribe', 'pubsub', -1, subscriberWords, [], punsubscribe, ofMessages),
  command('spublish', 'pubsub', 3, publishWords, [keyAt(1, 'not_key')], spublish, { channels: { count: 'one' } }),
  command('ssubscribe', 'pubsub', -2, subscriberWords, shardKeys, ssubscribe, {
    ...ofMessages,
    channels: { count: 'all' },
  }),
  command('subscribe', 'pubsub', -2, subscriberWords, [], subscribe, { ...ofMessages, channels: { count: 'all' } }),
  command('sunsubscribe', 'pubsub', -1, subscriberWords, shardKeys, sunsubscribe, ofMessages),
  command('unsubscribe', 'pubsub', -1, subscriberWords, [], unsubscribe, ofMessages),
]
