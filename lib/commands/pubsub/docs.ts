/** Documentation of the pubsub commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  psubscribe: {
    summary: 'Listen for messages published to channels matching the given patterns',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of patterns the client is already subscribed to.',
    arguments: '*pattern:block(pattern:pattern)',
  },
  publish: {
    summary: 'Post a message to a channel',
    since: '2.0.0',
    complexity:
      'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
    arguments: 'channel:string message:string',
  },
  pubsub: {
    summary: 'A container for Pub/Sub commands',
    since: '2.8.0',
    complexity: 'Depends on subcommand.',
  },
  'pubsub|channels': {
    summary: 'List active channels',
    since: '2.8.0',
    complexity:
      'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
    arguments: '?pattern:pattern',
  },
  'pubsub|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '6.2.0',
    complexity: 'O(1)',
  },
  'pubsub|numpat': {
    summary: 'Get the count of unique patterns pattern subscriptions',
    since: '2.8.0',
    complexity: 'O(1)',
  },
  'pubsub|numsub': {
    summary: 'Get the count of subscribers for channels',
    since: '2.8.0',
    complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
    arguments: '?*channel:string',
  },
  'pubsub|shardchannels': {
    summary: 'List active shard channels',
    since: '7.0.0',
    complexity:
      'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
    arguments: '?pattern:pattern',
  },
  'pubsub|shardnumsub': {
    summary: 'Get the count of subscribers for shard channels',
    since: '7.0.0',
    complexity: 'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
    arguments: '?*shardchannel:string',
  },
  punsubscribe: {
    summary: 'Stop listening for messages posted to channels matching the given patterns',
    since: '2.0.0',
    complexity:
      'O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).',
    arguments: '?*pattern:pattern',
  },
  spublish: {
    summary: 'Post a message to a shard channel',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
    arguments: 'shardchannel:string message:string',
  },
  ssubscribe: {
    summary: 'Listen for messages published to the given shard channels',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of shard channels to subscribe to.',
    arguments: '*shardchannel:string',
  },
  subscribe: {
    summary: 'Listen for messages published to the given channels',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of channels to subscribe to.',
    arguments: '*channel:string',
  },
  sunsubscribe: {
    summary: 'Stop listening for messages posted to the given shard channels',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of clients already subscribed to a shard channel.',
    arguments: '?*shardchannel:string',
  },
  unsubscribe: {
    summary: 'Stop listening for messages posted to the given channels',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of clients already subscribed to a channel.',
    arguments: '?*channel:string',
  },
}
