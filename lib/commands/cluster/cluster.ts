/**
 * CLUSTER and its kin as the table has them. Where a server is no node of a cluster, as in a Redis with `cluster-enabled no`, all of
 * them are known, and all answer that cluster support is disabled. The handlers are loaded with the first call.
 */
import type { Bytes } from '../../base/bytes.ts'
import { CLUSTER_DISABLED, NO_SLOT_MIGRATION } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import type { Member } from '../../cluster/member.ts'
import type { Args } from '../args.ts'
import { type Command, type CommandOptions, type Context, command, type Handler } from '../command.ts'
import { helpOf } from '../container.ts'
import { clusterHelp } from './help.ts'
import {
  bumpepoch,
  countFailureReports,
  failover,
  forget,
  meet,
  replicas,
  replicate,
  reset,
  setConfigEpoch,
} from './nodes.ts'
import {
  addslots,
  addslotsrange,
  countkeysinslot,
  delslots,
  delslotsrange,
  flushslots,
  getkeysinslot,
  keyslot,
  setslot,
} from './slots.ts'
import { slotStats } from './slotstats.ts'
import { info, links, myid, myshardid, nodes, shards, slots } from './topology.ts'

/** A handler of a node. */
export type ClusterHandler = (c: Context, a: Args, cluster: Member) => Reply

const READS = 'stale'
const ADMIN = 'admin stale'
const CHANGES = 'admin stale no_async_loading'

/** CLUSTER SAVECONFIG. What a node knows is gone with its process, as there is no other that would want it. */
function saveconfig(): Reply {
  return OK
}

/** CLUSTER MIGRATION IMPORT|CANCEL|STATUS … */
function migration(): Reply {
  return NO_SLOT_MIGRATION
}

/** ASKING */
function asking({ session }: Context): Reply {
  session.asking = 2
  return OK
}

/** READONLY */
function readonly({ session }: Context): Reply {
  session.readsReplicas = true
  return OK
}

/** READWRITE */
function readwrite({ session }: Context): Reply {
  session.readsReplicas = false
  return OK
}

/** A line for a command that only a node of a cluster runs. */
function ofNode(
  name: Bytes,
  arity: number,
  words: string,
  load: () => ClusterHandler,
  options: CommandOptions = {},
): Command {
  const run: Handler = (c, a) => {
    const { cluster } = c.ports
    return cluster === undefined ? CLUSTER_DISABLED : load()(c, a, cluster)
  }
  return command(name, 'cluster', arity, words, [], run, options)
}

const ofConnection = { ownConnection: 'scope' } as const

const subcommands = [
  ofNode('addslots', -3, CHANGES, () => addslots),
  ofNode('addslotsrange', -4, CHANGES, () => addslotsrange),
  ofNode('bumpepoch', 2, CHANGES, () => bumpepoch),
  ofNode('count-failure-reports', 3, ADMIN, () => countFailureReports),
  ofNode('countkeysinslot', 3, READS, () => countkeysinslot),
  ofNode('delslots', -3, CHANGES, () => delslots),
  ofNode('delslotsrange', -4, CHANGES, () => delslotsrange),
  ofNode('failover', -2, CHANGES, () => failover),
  ofNode('flushslots', 2, CHANGES, () => flushslots),
  ofNode('forget', 3, CHANGES, () => forget),
  ofNode('getkeysinslot', 4, READS, () => getkeysinslot),
  ofNode('help', 2, 'loading stale', () => () => helpOf('cluster', clusterHelp)),
  ofNode('info', 2, READS, () => info),
  ofNode('keyslot', 3, READS, () => keyslot),
  ofNode('links', 2, READS, () => links),
  ofNode('meet', -4, CHANGES, () => meet),
  ofNode('migration', -4, CHANGES, () => migration),
  ofNode('myid', 2, READS, () => myid),
  ofNode('myshardid', 2, READS, () => myshardid),
  ofNode('nodes', 2, READS, () => nodes),
  ofNode('replicas', 3, ADMIN, () => replicas),
  ofNode('replicate', 3, CHANGES, () => replicate),
  ofNode('reset', -2, 'admin stale noscript', () => reset),
  ofNode('saveconfig', 2, CHANGES, () => saveconfig),
  ofNode('set-config-epoch', 3, CHANGES, () => setConfigEpoch),
  ofNode('setslot', -4, CHANGES, () => setslot),
  ofNode('shards', 2, READS, () => shards),
  ofNode('slaves', 3, ADMIN, () => replicas),
  ofNode('slot-stats', -4, 'loading stale', () => slotStats),
  ofNode('slots', 2, READS, () => slots),
]

/** The engine resolves CLUSTER to its subcommand and refuses the bare name for its arity. */
function bare(): never {
  throw new Error('CLUSTER was run without a subcommand')
}

export const clusterCommands: readonly Command[] = [
  command('cluster', 'cluster', -2, '', [], bare, { subcommands }),
  ofNode('asking', 1, 'fast @connection', () => asking, ofConnection),
  ofNode('readonly', 1, 'loading stale fast @connection', () => readonly, ofConnection),
  ofNode('readwrite', 1, 'loading stale fast @connection', () => readwrite, ofConnection),
]
