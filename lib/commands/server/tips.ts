/**
 * Command tips: what a client that spreads commands over several servers must know of a command (where to send it, how to
 * join the replies) and whether its output may differ from run to run. As in COMMAND INFO of Redis 7.4. Written by tip, as
 * few combinations serve many commands.
 */
import type { Bytes } from '../../base/bytes.ts'

const COMMANDS_BY_TIPS: Readonly<Record<string, string>> = {
  nondeterministic_output:
    'client|info client|list cluster|bumpepoch cluster|count-failure-reports cluster|getkeysinslot ' +
    'cluster|info cluster|links cluster|nodes cluster|replicas cluster|shards cluster|slaves ' +
    'cluster|slots dump hrandfield hscan lastsave migrate object|encoding object|freq object|idletime ' +
    'object|refcount pttl spop srandmember sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending ' +
    'xtrim zrandmember zscan',
  'nondeterministic_output request_policy:all_nodes': 'slowlog|get',
  'nondeterministic_output request_policy:all_nodes response_policy:agg_sum': 'slowlog|len',
  'nondeterministic_output request_policy:all_nodes response_policy:special':
    'latency|doctor latency|graph latency|histogram latency|history latency|latest',
  'nondeterministic_output request_policy:all_shards response_policy:special':
    'function|stats info memory|doctor memory|malloc-stats memory|stats randomkey',
  'nondeterministic_output request_policy:all_shards': 'cluster|slot-stats',
  'nondeterministic_output request_policy:special response_policy:special': 'scan',
  nondeterministic_output_order:
    'command command|docs command|info command|list function|list hgetall hkeys hvals module|list sdiff ' +
    'sinter smembers sunion',
  'nondeterministic_output_order request_policy:all_shards': 'keys',
  'request_policy:all_nodes response_policy:all_succeeded':
    'config|set latency|reset script|flush script|load slowlog|reset',
  'request_policy:all_shards response_policy:agg_logical_and': 'script|exists',
  'request_policy:all_shards response_policy:agg_min': 'wait waitaof',
  'request_policy:all_shards response_policy:agg_sum': 'dbsize',
  'request_policy:all_shards response_policy:all_succeeded':
    'flushall flushdb function|delete function|flush function|load function|restore memory|purge ping',
  'request_policy:all_shards response_policy:one_succeeded': 'function|kill script|kill',
  'request_policy:multi_shard': 'mget',
  'request_policy:multi_shard response_policy:agg_sum': 'del exists touch unlink',
  'request_policy:multi_shard response_policy:all_succeeded': 'mset',
}

/** Full name of a command to its tips; most have none. */
export const TIPS: ReadonlyMap<Bytes, readonly Bytes[]> = tipsByCommand()

function tipsByCommand(): Map<Bytes, readonly Bytes[]> {
  const byCommand = new Map<Bytes, readonly Bytes[]>()
  for (const [tips, names] of Object.entries(COMMANDS_BY_TIPS)) {
    for (const name of names.split(' ')) byCommand.set(name, tips.split(' '))
  }
  return byCommand
}
