/**
 * The commands of a cluster. There is none here, as in a Redis with `cluster-enabled no`: all of them are known, and all
 * answer that cluster support is disabled. A cluster stands behind zerodis, not inside.
 */
import type { Bytes } from '../../base/bytes.ts'
import { CLUSTER_DISABLED } from '../../base/errors.ts'
import { type Command, command } from '../command.ts'

const READS = 'stale'
const ADMIN = 'admin stale'
const CHANGES = 'admin stale no_async_loading'

const SUBCOMMANDS: readonly (readonly [name: Bytes, arity: number, words: string])[] = [
  ['addslots', -3, CHANGES],
  ['addslotsrange', -4, CHANGES],
  ['bumpepoch', 2, CHANGES],
  ['count-failure-reports', 3, ADMIN],
  ['countkeysinslot', 3, READS],
  ['delslots', -3, CHANGES],
  ['delslotsrange', -4, CHANGES],
  ['failover', -2, CHANGES],
  ['flushslots', 2, CHANGES],
  ['forget', 3, CHANGES],
  ['getkeysinslot', 4, READS],
  ['help', 2, 'loading stale'],
  ['info', 2, READS],
  ['keyslot', 3, READS],
  ['links', 2, READS],
  ['meet', -4, CHANGES],
  ['migration', -4, CHANGES],
  ['myid', 2, READS],
  ['myshardid', 2, READS],
  ['nodes', 2, READS],
  ['replicas', 3, ADMIN],
  ['replicate', 3, CHANGES],
  ['reset', -2, 'admin stale noscript'],
  ['saveconfig', 2, CHANGES],
  ['set-config-epoch', 3, CHANGES],
  ['setslot', -4, CHANGES],
  ['shards', 2, READS],
  ['slaves', 3, ADMIN],
  ['slot-stats', -4, 'loading stale'],
  ['slots', 2, READS],
]

const disabled = () => CLUSTER_DISABLED

const subcommands = SUBCOMMANDS.map(([name, arity, words]) => command(name, 'cluster', arity, words, [], disabled))

export const clusterCommands: readonly Command[] = [
  command('cluster', 'cluster', -2, '', [], disabled, { subcommands }),
  command('asking', 'cluster', 1, 'fast @connection', [], disabled),
  command('readonly', 'cluster', 1, 'loading stale fast @connection', [], disabled),
  command('readwrite', 'cluster', 1, 'loading stale fast @connection', [], disabled),
]
