/** Publish and subscribe. What subscribers and PUBSUB need is loaded with the first of them. */
import { always, type Command, command, keyAt, keysFrom, lazyCommand } from '../command.ts'
import { container } from '../container.ts'
import { pubsubHelp } from './help.ts'
import { publish, spublish } from './publish.ts'
import {
  channels,
  numpat,
  numsub,
  psubscribe,
  punsubscribe,
  shardchannels,
  shardnumsub,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
} from './pubsub.ts'

const words = 'pubsub loading stale'

const pubsubSubcommands = [
  lazyCommand('channels', 'pubsub', -2, words, [], () => channels),
  lazyCommand('numpat', 'pubsub', 2, words, [], () => numpat),
  lazyCommand('numsub', 'pubsub', -2, words, [], () => numsub),
  lazyCommand('shardchannels', 'pubsub', -2, words, [], () => shardchannels),
  lazyCommand('shardnumsub', 'pubsub', -2, words, [], () => shardnumsub),
]

const subscriberWords = 'pubsub noscript loading stale subscriber'
const publishWords = 'pubsub loading stale fast may_replicate'
const shardKeys = [keysFrom(1, 'not_key', -1, 1)]

/** Channels of keyspace events tell of keys, too. */
const ofMessages = { ownConnection: 'messages', tellsKeys: always } as const

export const pubsubGroup: readonly Command[] = [
  lazyCommand('psubscribe', 'pubsub', -2, subscriberWords, [], () => psubscribe, {
    ...ofMessages,
    channels: { count: 'all', arePatterns: true },
  }),
  command('publish', 'pubsub', 3, publishWords, [], publish, { channels: { count: 'one' } }),
  container('pubsub', 'pubsub', '@-pubsub', pubsubSubcommands, () => pubsubHelp, 'loading stale @-pubsub'),
  lazyCommand('punsubscribe', 'pubsub', -1, subscriberWords, [], () => punsubscribe, ofMessages),
  command('spublish', 'pubsub', 3, publishWords, [keyAt(1, 'not_key')], spublish, { channels: { count: 'one' } }),
  lazyCommand('ssubscribe', 'pubsub', -2, subscriberWords, shardKeys, () => ssubscribe, {
    ...ofMessages,
    channels: { count: 'all' },
  }),
  lazyCommand('subscribe', 'pubsub', -2, subscriberWords, [], () => subscribe, {
    ...ofMessages,
    channels: { count: 'all' },
  }),
  lazyCommand('sunsubscribe', 'pubsub', -1, subscriberWords, shardKeys, () => sunsubscribe, ofMessages),
  lazyCommand('unsubscribe', 'pubsub', -1, subscriberWords, [], () => unsubscribe, ofMessages),
]
