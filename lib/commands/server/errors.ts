/** What commands about the server refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const SLOWLOG_COUNT = error('ERR count should be greater than or equal to -1')
export const SHUTDOWN_MAY_NOT_WAIT = error("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client")

export function noLatencySamples(event: Bytes): ReplyError {
  return error(`ERR No samples available for event '${oneLine(event)}'`)
}

export const DEBUG_NOT_ALLOWED = error(
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
)
export const MODULE_NOT_ALLOWED = error(
  'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
)
export const MODULE_NOT_LOADED = error('ERR Error loading the extension. Please check the server logs.')
export const NO_SUCH_MODULE = error('ERR Error unloading module: no such module with that name')
export const STRING_ONLY = error('ERR Not an sds encoded string.')
export const LISTPACK_ONLY = error('ERR Not a listpack encoded object.')
export const QUICKLIST_ONLY = error('ERR Not a quicklist encoded object.')
export const HASH_TABLE_ONLY = error('ERR The value stored at the specified key is not represented using an hash table')
export const OUT_OF_RANGE_DB = error('ERR Out of range database')
export const PACKED_THRESHOLD = error('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
export const RESP2_UNSUPPORTED = error('ERR RESP2 is not supported by this command')
export const PROTOCOL_TYPE = error(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
)

/** DEBUG ERROR answers what it is told, without a code of its own. */
export function debugError(text: Bytes): ReplyError {
  return error(oneLine(text))
}

export const INVALID_COMMAND = error('ERR Invalid command specified')
export const NO_KEY_ARGUMENTS = error('ERR The command has no key arguments')
export const INVALID_KEY_ARITY = error('ERR Invalid number of arguments specified for command')
export const INVALID_KEY_ARGUMENTS = error('ERR Invalid arguments specified for command')
export const BLANK_IN_USERNAME = error("ERR Usernames can't contain spaces or null characters")
export const DEFAULT_USER_STAYS = error("ERR The 'default' user cannot be removed")
export const NO_ACL_FILE = error(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
)
export const ACL_SAVE_FAILED = error(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
)
export const GENPASS_BITS = error(
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
)

/** What ACL DRYRUN answers: no error, without a code, and with the name of what is not permitted. */
export function noAccess(user: Bytes, object: Bytes, kind: 'key' | 'channel'): Bytes {
  return `User ${user} has no permissions to access the '${object}' ${kind}`
}

export function refusedRule(rule: Bytes, fault: string): ReplyError {
  return error(oneLine(`ERR Error in ACL SETUSER modifier '${rule}': ${fault}`))
}

export function unclosedSelector(word: Bytes): ReplyError {
  return error(oneLine(`ERR Unmatched parenthesis in acl selector starting at '${word}'.`))
}

export function unknownCategory(name: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown category '${name.slice(0, 128)}'`))
}

export function userNotFound(name: Bytes): ReplyError {
  return error(oneLine(`ERR User '${name}' not found`))
}

export function commandNotFound(name: Bytes): ReplyError {
  return error(oneLine(`ERR Command '${name}' not found`))
}

/** The users of a file could not be read; `faults` are all that is wrong with it. */
export function aclLoadFailed(faults: Bytes): ReplyError {
  return error(oneLine(`ERR ${faults}`))
}

export const FIRST_DB_INDEX = error('ERR invalid first DB index')
export const SECOND_DB_INDEX = error('ERR invalid second DB index')
export const MONITOR_MAY_NOT_WAIT = error("ERR MONITOR isn't allowed for DENY BLOCKING client")
export const HOTKEYS_ACTIVE = error('ERR hotkey tracking session already in progress')
export const HOTKEYS_STOP_FIRST = error('ERR hotkey tracking session in progress, stop tracking first')
export const HOTKEYS_METRICS = error('ERR METRICS parameter is required')
export const HOTKEYS_METRIC_COUNT = error('ERR METRICS count must be > 0 and <= 2')
export const HOTKEYS_CPU_TWICE = error('ERR METRICS CPU defined more than once!')
export const HOTKEYS_NET_TWICE = error('ERR METRICS NET defined more than once!')
export const HOTKEYS_METRIC_MISMATCH = error('ERR METRICS count does not match number of metric types provided')
export const HOTKEYS_NO_METRIC = error('ERR METRICS no valid metrics passed. Supported: CPU|NET')
export const HOTKEYS_COUNT = error('ERR COUNT must be between 1 and 64')
export const HOTKEYS_DURATION = error('ERR DURATION must be between 1 and 1000000')
export const HOTKEYS_SAMPLE = error('ERR SAMPLE ratio must be positive')
export const HOTKEYS_SLOTS = error('ERR SLOTS parameter cannot be used in non-cluster mode')
export const POPULATE_OOM = error('ERR OOM in dictTryExpand')
export const RELOAD_OPTIONS = error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
export const BAD_MASTER_PORT = error('ERR Invalid master port')
export const REPLICAOF_BY_REPLICA = error('ERR Command is not valid when client is a replica.')
export const REPLICAOF_IN_FAILOVER = error('ERR REPLICAOF not allowed while failing over.')
export const NO_FAILOVER_RUNS = error('ERR No failover in progress.')
export const FAILOVER_TIMEOUT = error('ERR FAILOVER timeout must be greater than 0')
export const FAILOVER_WITHOUT_REPLICAS = error('ERR FAILOVER requires connected replicas.')
export const FAILOVER_FORCE = error('ERR FAILOVER with force option requires both a timeout and target HOST and IP.')
export const FAILOVER_TARGET = error('ERR FAILOVER target HOST and PORT is not a replica.')
export const FAILOVER_TARGET_OFFLINE = error('ERR FAILOVER target replica is not online.')
export const FAILOVER_RUNS = error('ERR FAILOVER already in progress.')
export const FAILOVER_ON_REPLICA = error('ERR FAILOVER is not valid when server is a replica.')
export const NO_SNAPSHOT_FILTER = error('ERR Missing rdb-filter-only values')

export function unknownSnapshotFilter(part: Bytes): ReplyError {
  return error(oneLine(`ERR Unsupported rdb-filter-only option: ${part}`))
}

export function longReplicaAddress(length: number): ReplyError {
  return error(`ERR REPLCONF ip-address provided by replica instance is too long: ${length} bytes`)
}

export function unknownReplconf(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unrecognized REPLCONF option: ${option}`))
}

export const SWAPDB_IN_CLUSTER = error('ERR SWAPDB is not allowed in cluster mode')
export const REPLICAOF_IN_CLUSTER = error('ERR REPLICAOF not allowed in cluster mode.')
export const FAILOVER_IN_CLUSTER = error(
  'ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.',
)
