/** Documentation of the cluster commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  asking: {
    summary: 'Sent by cluster clients after an -ASK redirect',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  cluster: {
    summary: 'A container for cluster commands',
    since: '3.0.0',
    complexity: 'Depends on subcommand.',
  },
  'cluster|addslots': {
    summary: 'Assign new hash slots to receiving node',
    since: '3.0.0',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arguments: '*slot:integer',
  },
  'cluster|addslotsrange': {
    summary: 'Assign new hash slots to receiving node',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arguments: '*start-slot_end-slot:block(start-slot:integer end-slot:integer)',
  },
  'cluster|bumpepoch': {
    summary: 'Advance the cluster config epoch',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  'cluster|count-failure-reports': {
    summary: 'Return the number of failure reports active for a given node',
    since: '3.0.0',
    complexity: 'O(N) where N is the number of failure reports',
    arguments: 'node-id:string',
  },
  'cluster|countkeysinslot': {
    summary: 'Return the number of local keys in the specified hash slot',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments: 'slot:integer',
  },
  'cluster|delslots': {
    summary: 'Set hash slots as unbound in receiving node',
    since: '3.0.0',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arguments: '*slot:integer',
  },
  'cluster|delslotsrange': {
    summary: 'Set hash slots as unbound in receiving node',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arguments: '*start-slot_end-slot:block(start-slot:integer end-slot:integer)',
  },
  'cluster|failover': {
    summary: 'Forces a replica to perform a manual failover of its master.',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments: '?options:oneof(force:pure-token=FORCE takeover:pure-token=TAKEOVER)',
  },
  'cluster|flushslots': {
    summary: "Delete a node's own slots information",
    since: '3.0.0',
    complexity: 'O(1)',
  },
  'cluster|forget': {
    summary: 'Remove a node from the nodes table',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments: 'node-id:string',
  },
  'cluster|getkeysinslot': {
    summary: 'Return local key names in the specified hash slot',
    since: '3.0.0',
    complexity: 'O(log(N)) where N is the number of requested keys',
    arguments: 'slot:integer count:integer',
  },
  'cluster|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'cluster|info': {
    summary: 'Provides info about Redis Cluster node state',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  'cluster|keyslot': {
    summary: 'Returns the hash slot of the specified key',
    since: '3.0.0',
    complexity: 'O(N) where N is the number of bytes in the key',
    arguments: 'key:string',
  },
  'cluster|links': {
    summary: 'Returns a list of all TCP links to and from peer nodes in cluster',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of Cluster nodes',
  },
  'cluster|meet': {
    summary: 'Force a node cluster to handshake with another node',
    since: '3.0.0',
    complexity: 'O(1)',
    history: [['4.0.0', 'Added the optional `cluster_bus_port` argument.']],
    arguments: 'ip:string port:integer ?cluster_bus_port:integer^4.0.0',
  },
  'cluster|migration': {
    summary: 'Start, monitor and cancel slot migration.',
    since: '8.4.0',
    complexity: 'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arguments:
      'subcommand:oneof(*import:block=IMPORT(start-slot:integer end-slot:integer) cancel:oneof=CANCEL(task-id:string=ID all:pure-token=ALL) status:oneof=STATUS(?task-id:string=ID ?all:pure-token=ALL))',
  },
  'cluster|myid': {
    summary: 'Return the node id',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  'cluster|myshardid': {
    summary: 'Returns the shard ID of a node.',
    since: '7.2.0',
    complexity: 'O(1)',
  },
  'cluster|nodes': {
    summary: 'Get Cluster config for the node',
    since: '3.0.0',
    complexity: 'O(N) where N is the total number of Cluster nodes',
  },
  'cluster|replicas': {
    summary: 'List replica nodes of the specified master node',
    since: '5.0.0',
    complexity: 'O(1)',
    arguments: 'node-id:string',
  },
  'cluster|replicate': {
    summary: 'Reconfigure a node as a replica of the specified master node',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments: 'node-id:string',
  },
  'cluster|reset': {
    summary: 'Reset a Redis Cluster node',
    since: '3.0.0',
    complexity: 'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    arguments: '?hard_soft:oneof(hard:pure-token=HARD soft:pure-token=SOFT)',
  },
  'cluster|saveconfig': {
    summary: 'Forces the node to save cluster state on disk',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  'cluster|set-config-epoch': {
    summary: 'Set the configuration epoch in a new node',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments: 'config-epoch:integer',
  },
  'cluster|setslot': {
    summary: 'Bind a hash slot to a specific node',
    since: '3.0.0',
    complexity: 'O(1)',
    arguments:
      'slot:integer subcommand:oneof(node-id:string=IMPORTING node-id:string=MIGRATING node-id:string=NODE stable:pure-token=STABLE)',
  },
  'cluster|shards': {
    summary: 'Get array of cluster slots to node mappings',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of cluster nodes',
  },
  'cluster|slaves': {
    summary: 'List replica nodes of the specified master node',
    since: '3.0.0',
    complexity: 'O(1)',
    deprecatedSince: '5.0.0',
    replacedBy: '`CLUSTER REPLICAS`',
    arguments: 'node-id:string',
  },
  'cluster|slot-stats': {
    summary: 'Return an array of slot usage statistics for slots assigned to the current node.',
    since: '8.2.0',
    complexity: 'O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY subcommand.',
    arguments:
      'filter:oneof(slotsrange:block=SLOTSRANGE(start-slot:integer end-slot:integer) orderby:block=ORDERBY(metric:string ?limit:integer=LIMIT ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC)))',
  },
  'cluster|slots': {
    summary: 'Get array of Cluster slot to node mappings',
    since: '3.0.0',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    deprecatedSince: '7.0.0',
    replacedBy: '`CLUSTER SHARDS`',
    history: [
      ['4.0.0', 'Added node IDs.'],
      ['7.0.0', 'Added additional networking metadata field.'],
    ],
  },
  readonly: {
    summary: 'Enables read queries for a connection to a cluster replica node',
    since: '3.0.0',
    complexity: 'O(1)',
  },
  readwrite: {
    summary: 'Disables read queries for a connection to a cluster replica node',
    since: '3.0.0',
    complexity: 'O(1)',
  },
}
