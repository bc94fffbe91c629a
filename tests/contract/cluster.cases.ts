/** Commands of clusters, masters and other servers, as a Redis answers them that has none of these. */
import { contract, error, ok, type Step, status } from './dsl.ts'

const DISABLED = error('ERR This instance has cluster support disabled')
const SYNTAX = error('ERR syntax error')
const NOT_INTEGER = error('ERR value is not an integer or out of range')
const BAD_PORT = error('ERR Invalid master port')
const NO_REPLICAS = error('ERR FAILOVER requires connected replicas.')
const NO_KEY = status('NOKEY')

const CLUSTER = [
  ...['ADDSLOTS 1', 'ADDSLOTSRANGE 1 2', 'BUMPEPOCH', 'COUNT-FAILURE-REPORTS x', 'COUNTKEYSINSLOT 1', 'DELSLOTS 1'],
  ...[
    'DELSLOTSRANGE 1 2',
    'FAILOVER',
    'FLUSHSLOTS',
    'FORGET x',
    'GETKEYSINSLOT 1 1',
    'HELP',
    'INFO',
    'KEYSLOT x',
    'LINKS',
  ],
  ...['MEET h 1', 'MYID', 'NODES', 'REPLICAS x', 'REPLICATE x', 'RESET', 'SAVECONFIG', 'SET-CONFIG-EPOCH 1'],
  ...['SETSLOT 1 STABLE', 'SHARDS', 'SLAVES x', 'SLOTS'],
]

export const cases = contract('cluster', {
  'CLUSTER and its kin say that there is none': [
    ...CLUSTER.map((line): Step => [`CLUSTER ${line}`, DISABLED]),
    ['CLUSTER', error("ERR wrong number of arguments for 'cluster' command")],
    ['CLUSTER MYID x', error("ERR wrong number of arguments for 'cluster|myid' command")],
    ['CLUSTER colour', error("ERR unknown subcommand 'colour'. Try CLUSTER HELP.")],
  ],
  'READONLY, READWRITE and ASKING, too': [
    ['READONLY', DISABLED],
    ['READWRITE', DISABLED],
    ['ASKING', DISABLED],
    ['ASKING x', error("ERR wrong number of arguments for 'asking' command")],
  ],
  'CLUSTER MYSHARDID, too': { since: '7.2', steps: [['CLUSTER MYSHARDID', DISABLED]] },
  'CLUSTER SLOT-STATS and MIGRATION, too': {
    since: '8.4',
    steps: [
      ['CLUSTER SLOT-STATS SLOTSRANGE 0 1', DISABLED],
      ['CLUSTER SLOT-STATS ORDERBY KEY-COUNT LIMIT 1', DISABLED],
      ['CLUSTER SLOT-STATS ORDERBY', error("ERR wrong number of arguments for 'cluster|slot-stats' command")],
      ['CLUSTER MIGRATION STATUS ALL', DISABLED],
      ['CLUSTER MIGRATION STATUS', error("ERR wrong number of arguments for 'cluster|migration' command")],
    ],
  },
  'REPLICAOF NO ONE and SLAVEOF NO ONE leave a master as it is': [
    ['SET k v', ok],
    ['REPLICAOF NO ONE', ok],
    ['SLAVEOF no one', ok],
    ['GET k', 'v'],
    ['REPLICAOF x y', BAD_PORT],
    ['REPLICAOF x 65536', BAD_PORT],
    ['SLAVEOF x -1', BAD_PORT],
    ['REPLICAOF NO', error("ERR wrong number of arguments for 'replicaof' command")],
  ],
  'FAILOVER needs a replica': [
    ['FAILOVER', NO_REPLICAS],
    ['FAILOVER TO h 1', NO_REPLICAS],
    ['FAILOVER TO h 1 TIMEOUT 5 FORCE', NO_REPLICAS],
    ['FAILOVER FORCE', NO_REPLICAS],
    ['FAILOVER ABORT', error('ERR No failover in progress.')],
    ['FAILOVER TIMEOUT 0', error('ERR FAILOVER timeout must be greater than 0')],
    ['FAILOVER TIMEOUT x', NOT_INTEGER],
    ['FAILOVER TO h x', NOT_INTEGER],
    ['FAILOVER TO h', SYNTAX],
    ['FAILOVER ABORT NOW', SYNTAX],
    ['FAILOVER FORCE FORCE', SYNTAX],
  ],
  'BGREWRITEAOF is started': [['BGREWRITEAOF', status('Background append only file rewriting started')]],
  'RESTORE-ASKING is RESTORE': [
    ['RESTORE-ASKING k 0 x', error('ERR DUMP payload version or checksum are wrong')],
    [['RESTORE-ASKING', 'k', '0', '\x00\xc0\x01\n\x00&x\xe7\xb6\xd1\x01\x11\xfc'], ok],
    ['GET k', '1'],
    ['RESTORE-ASKING k 0 x', error('BUSYKEY Target key name already exists.')],
  ],
  'MIGRATE without a key has nothing to do': [
    ['MIGRATE 127.0.0.1 1 k 0 100', NO_KEY],
    ['MIGRATE 127.0.0.1 1 "" 0 100 COPY REPLACE AUTH2 u p KEYS a b', NO_KEY],
    ['MIGRATE 127.0.0.1 x k 0 100', NO_KEY],
  ],
  'MIGRATE checks its arguments': [
    ['SET k v', ok],
    ['MIGRATE a 1 k 0', error("ERR wrong number of arguments for 'migrate' command")],
    ['MIGRATE a 1 k 0 100 COLOUR', SYNTAX],
    ['MIGRATE a 1 k 0 100 AUTH', SYNTAX],
    ['MIGRATE a 1 k 0 100 AUTH2 u', SYNTAX],
    [
      'MIGRATE a 1 k 0 100 KEYS a',
      error('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string'),
    ],
    ['MIGRATE a 1 k x 100', NOT_INTEGER],
    ['MIGRATE a 1 k 0 x', NOT_INTEGER],
    ['MIGRATE 127.0.0.1 1 k 0 100', error('IOERR error or timeout writing to target instance')],
    ['GET k', 'v'],
    ['COMMAND GETKEYS MIGRATE h 1 k 0 100 COPY', ['k']],
    ['COMMAND GETKEYS MIGRATE h 1 "" 0 100 COPY AUTH keys KEYS a b', ['a', 'b']],
  ],
})
