/**
 * Every error text that more than one room gives, or that is no room's own: once, byte-equal to Redis. The texts of one
 * group of commands stand in its room (commands/hash/errors.ts), so that they load with it. Constants are made once because a fresh object per error costs more than
 * the command it refuses; a text that names its cause is a function. A ReplyError is the client's fault and is
 * returned as a value; only a lookup deep inside `Db` throws one (WRONGTYPE), which the engine turns back into a value.
 */
import type { Bytes } from './bytes.ts'
import { error, type ReplyError } from './reply.ts'

export const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')
export const SYNTAX = error('ERR syntax error')
export const NOT_INTEGER = error('ERR value is not an integer or out of range')
export const NOT_FLOAT = error('ERR value is not a valid float')
export const OUT_OF_RANGE = error('ERR value is out of range')
export const MUST_BE_POSITIVE = error('ERR value is out of range, must be positive')
export const SAME_OBJECT = error('ERR source and destination objects are the same')
export const NO_SUCH_KEY = error('ERR no such key')

export const OVERFLOW = error('ERR increment or decrement would overflow')
export const NAN_OR_INFINITY = error('ERR increment would produce NaN or Infinity')
export const STRING_TOO_LONG = error('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
export const DB_OUT_OF_RANGE = error('ERR DB index is out of range')
export const INVALID_DB = error('ERR invalid DB index')
export const INVALID_CURSOR = error('ERR invalid cursor')
export const NOVALUES_OUTSIDE_HSCAN = error('ERR NOVALUES option can only be used in HSCAN')
export const NO_AUTH = error('NOAUTH Authentication required.')
export const WRONG_PASS = error('WRONGPASS invalid username-password pair or user is disabled.')
export const NOT_ALLOWED_IN_MULTI = error('ERR Command not allowed inside a transaction')
export const NO_REPLICAS = error('NOREPLICAS Not enough good replicas to write.')
export const UNSAVED = error(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may " +
    'modify the data set are disabled, because this instance is configured to report errors during writes if RDB ' +
    'snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.',
)
export const LOADING = error('LOADING Redis is loading the dataset in memory')
export const READ_ONLY_REPLICA = error("READONLY You can't write against a read only replica.")
export const SCRIPT_READ_ONLY_REPLICA = error('READONLY Can not run script with write flag on readonly replica.')
export const MASTER_DOWN = error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")
export const OOM = error("OOM command not allowed when used memory > 'maxmemory'.")
export const TIMEOUT_NOT_FLOAT = error('ERR timeout is not a float or out of range')
export const TIMEOUT_NEGATIVE = error('ERR timeout is negative')
export const TIMEOUT_OUT_OF_RANGE = error('ERR timeout is out of range')
export const UNBLOCKED = error('UNBLOCKED client unblocked via CLIENT UNBLOCK')
export const NUMKEYS_NOT_POSITIVE = error('ERR numkeys should be greater than 0')
export const TOO_MANY_KEYS = error("ERR Number of keys can't be greater than number of args")
export const COUNT_NOT_POSITIVE = error('ERR count should be greater than 0')
export const LIMIT_NEGATIVE = error("ERR LIMIT can't be negative")
export const COUNT_OUT_OF_LONG = error(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
)
export const INTERNAL = error('ERR internal error')
export const MAX_CLIENTS = error('ERR max number of clients reached')
export const EMPTY_COMMAND = error('ERR empty command')

/** At most 128 bytes of the name and of the arguments are repeated, as in Redis. */
export function unknownCommand(argv: readonly Bytes[]): ReplyError {
  let args = ''
  for (let i = 1; i < argv.length && args.length < 128; i++) args += `'${argv[i].slice(0, 128 - args.length)}' `
  return error(oneLine(`ERR unknown command '${argv[0].slice(0, 128)}', with args beginning with: ${args}`))
}

export function unknownSubcommand(command: Bytes, subcommand: Bytes): ReplyError {
  return error(`ERR unknown subcommand '${oneLine(subcommand.slice(0, 128))}'. Try ${command.toUpperCase()} HELP.`)
}

/** `name` in lower case, a subcommand as `config|get`. */
export function wrongArity(name: Bytes): ReplyError {
  return error(`ERR wrong number of arguments for '${name}' command`)
}

export function invalidExpire(name: Bytes): ReplyError {
  return error(`ERR invalid expire time in '${name}' command`)
}

/** CR and LF would break a one-line error; Redis puts a space in their place. */
export function oneLine(text: Bytes): Bytes {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text
}

// Connection and clients.
export const NOT_INT32 = error('ERR value is out of range, value must between -2147483648 and 2147483647')
export const TIMEOUT_NOT_INTEGER = error('ERR timeout is not an integer or out of range')

// COMMAND.
/** A subcommand whose arguments make no sense in number or kind. */
export function subcommandSyntax(command: Bytes, subcommand: Bytes): ReplyError {
  return error(
    `ERR unknown subcommand or wrong number of arguments for '${oneLine(subcommand.slice(0, 128))}'. Try ${command.toUpperCase()} HELP.`,
  )
}

/** CONFIG SET of a name that is not in the table. */
export function unknownOption(name: Bytes): ReplyError {
  return error(`ERR Unknown option or number of arguments for CONFIG SET - '${oneLine(name)}'`)
}

export function configSetFailed(name: Bytes, reason: string): ReplyError {
  return error(`ERR CONFIG SET failed (possibly related to argument '${oneLine(name)}') - ${reason}`)
}

// ACL.
/** What a user lacks, without a code; `command` as in `config|get`. */
export function noCommandPermission(user: Bytes, command: Bytes): Bytes {
  return `User ${user} has no permissions to run the '${command}' command`
}

/** The same as Upstash says it to the bearer of its read-only token. */
export function readOnlyToken(command: Bytes): Bytes {
  return `this user has no permissions to run the '${command}' command`
}

export const NO_KEY_PERMISSION = 'No permissions to access a key'
export const NO_CHANNEL_PERMISSION = 'No permissions to access a channel'

export function noPermission(what: Bytes): ReplyError {
  return error(`NOPERM ${what}`)
}

/** For a command that a script calls. */
export function noPermissionInScript(what: Bytes): ReplyError {
  return error(`ERR ACL failure in script: ${what}`)
}

export const SORT_BY_DENIED = error('ERR BY option of SORT denied due to insufficient ACL permissions.')
export const SORT_GET_DENIED = error('ERR GET option of SORT denied due to insufficient ACL permissions.')

/** For a command of a transaction that was permitted when it was queued. */
export function permissionLost(reason: string): ReplyError {
  return error(
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${reason}`,
  )
}

// REST. The texts are Upstash's where it has one.
export const REST_UNAUTHORIZED = error('WRONGPASS invalid or missing auth token')
export const NO_PROM_CLIENT = error('ERR metrics need the package prom-client: npm i prom-client')
export const REST_NO_METRICS = error('NOPERM this token may not read the metrics: the full one may, and metrics-token')
export const REST_NO_TOKEN = error(
  'ERR no REST token is configured on this server: set KV_REST_API_TOKEN or rest-token',
)
export const REST_METHOD = error('ERR unsupported HTTP method: only GET, POST, PUT and HEAD are allowed')
/** The answers to commands that have no sense without a connection of one's own, by what they would need it for. */
export const REST_NEEDS_CONNECTION = {
  transaction: (command: Bytes) =>
    needsConnection(command, 'a REST request', 'the commands of a transaction are sent together, to /multi-exec'),
  messages: (command: Bytes) =>
    needsConnection(
      command,
      'a REST request',
      'messages come by a stream: /subscribe, /psubscribe, /monitor or a WebSocket',
    ),
  state: (command: Bytes) => needsConnection(command, 'a REST request', 'a WebSocket is one, and so is RESP'),
  scope: (command: Bytes) =>
    needsConnection(command, 'a REST request', 'in a /pipeline it holds for the commands behind it, and for no others'),
}

/** The same for a call of `execute`. */
export const CALL_NEEDS_CONNECTION = {
  transaction: (command: Bytes) => needsConnection(command, 'a call of execute', OWN_CONNECTION),
  messages: (command: Bytes) =>
    needsConnection(command, 'a call of execute', 'messages come by subscribe() and psubscribe()'),
  state: (command: Bytes) => needsConnection(command, 'a call of execute', OWN_CONNECTION),
  scope: (command: Bytes) => needsConnection(command, 'a call of execute', OWN_CONNECTION),
}
const OWN_CONNECTION = 'getServer().inProcess() gives one'

/** A value that is no argument of a command; `position` 0 is the command itself. Of a TypeError. */
export function notSendable(position: number, what: string): string {
  return `argument ${position} is ${what}: text, numbers, bigints, booleans, null and bytes can be sent`
}

function needsConnection(command: Bytes, caller: string, way: string): ReplyError {
  return error(`ERR '${command}' needs a connection that stays, which ${caller} is not: ${way}`)
}

/** What a server with an upstream has no way for. */
export function upstreamRefused(command: Bytes): ReplyError {
  return error(`ERR '${command}' is not available through an upstream`)
}
export const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot")
export const UNKNOWN_TO_UPSTREAM = error(
  'NOPERM commands that zerodis does not know are for users who may run all of them',
)
export const CONFIG_OF_TWO = error('ERR CONFIG SET sets either directives of this process or those of the upstream')
export const UNCHECKED_AT_UPSTREAM = error(
  'NOPERM scripts and functions run by the rights of the upstream: they are for users who may run all commands on all keys',
)

export const REST_COMMAND = error('ERR failed to parse command')
export const REST_PIPELINE = error('ERR failed to parse pipeline request')
export const REST_EMPTY_PIPELINE = error('ERR empty pipeline request')
export const REST_EMPTY_PIPELINE_COMMAND = error('ERR empty pipeline command')
export const REST_REQUEST_SIZE = error('ERR max request size exceeded')
export const REST_PIPELINE_LENGTH = error('ERR max pipeline length exceeded')
export const REST_STREAMS = error('ERR max number of streams per token reached')
export const REST_RESPONSE_FORMAT = error(
  'ERR unsupported response format: Upstash-Response-Format must be json or resp2',
)
export const REST_RESP2_BASE64 = error('ERR resp2 responses cannot be base64 encoded')
export const REST_RESP2_TRANSACTION = error('ERR resp2 responses are not available for transactions')
export const WEBSOCKET_ORIGIN = error('NOPERM pages of this origin may not connect')
export const WEBSOCKET_UNAVAILABLE = error('ERR this host cannot upgrade a request to a WebSocket')
export const REST_STREAM = error('ERR server-sent events are not available on this server')

// Keys of any type.
export const NOT_0_OR_1 = error('ERR value is out of range, value must between 0 and 1')

export const REWRITE_RUNS = error('ERR Background append only file rewriting already in progress')
export const REWRITE_FAILED = error(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
)
export const AOF_LOAD_FAILED = error('ERR Error trying to load the append only file, check server logs.')

/** A write while the append-only file cannot be written. */
export function unappended(reason: Bytes): ReplyError {
  return error(`MISCONF Errors writing to the AOF file: ${oneLine(reason)}`)
}

// Transactions.
/** For an EXEC that is refused itself. */
export function execAbort(cause: ReplyError): ReplyError {
  return error(`EXECABORT Transaction discarded because of: ${cause.text.replace(/^ERR /, '')}`)
}

export const NO_CONFIG_FILE = error('ERR The server is running without a config file')
export const SHUTDOWN_FAILED = error('ERR Errors trying to SHUTDOWN. Check logs.')
/** Ours: to a write that waited for the end of a shutdown, over HTTP; other connections are gone by then. */
export const SHUTTING_DOWN = error('ERR The server is shutting down')
export const NO_SHUTDOWN = error('ERR No shutdown in progress.')

/** CONFIG REWRITE where the file cannot be written; the reason is the system's. */
export function rewriteFailed(reason: string): ReplyError {
  return error(`ERR Rewriting config file: ${reason}`)
}

// HyperLogLogs.
export const CORRUPTED_HYPERLOGLOG = error('INVALIDOBJ Corrupted HLL object detected')

export const MONITOR_DENIED = error("ERR Replica can't interact with the keyspace")
export const SSUBSCRIBE_DENIED = error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")

// BACKUP
export const BACKUP_RUNS_ALREADY = error('ERR A backup is already in progress, ABORT it first')
export const BACKUP_EXISTS = error('ERR A sealed backup exists, CLEANUP it first')
export const NO_BACKUP_TO_SEAL = error('ERR No backup ready to seal (must be in the incrementing state)')
export const NO_BACKUP = error('ERR No backup in progress')
export const BACKUP_RUNS = error('ERR Backup is in progress')

export const BACKUP_SYNC_FAILED = error("ERR Can't fsync the INCR file for the backup")
export const BACKUP_MANIFEST_FAILED = error("ERR Can't write the backup manifest")

export function cannotMakeBackupFolder(name: Bytes, reason: Bytes): ReplyError {
  return error(oneLine(`ERR Can't create backup directory ${name}: ${reason}`))
}

export function backupFolderFull(name: Bytes): ReplyError {
  return error(oneLine(`ERR Backup directory ${name} is not empty, CLEANUP it first`))
}

// DUMP, RESTORE, snapshots
export const DUMP_MISMATCH = error('ERR DUMP payload version or checksum are wrong')
export const RELOAD_FAILED = error('ERR Error trying to load the RDB dump, check server logs.')
export const SAVE_FAILED = error('ERR')
export const FILE_NOT_LOADED = error(
  'ERR the file of the snapshot is there, and this process has not loaded it: it is not overwritten. Move it away, or start with it loaded',
)
export const CHILD_ACTIVE = error(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
)
export const SAVING_ALREADY = error('ERR Background save already in progress')
export const SYNC_NEEDS_RESP = error('ERR a replica is synchronised over RESP only')
export const PAYLOAD_TOO_LARGE = error('ERR the serialized value is too large for one reply')

export const NO_SLOT_MIGRATION = error('ERR slots are moved by CLUSTER SETSLOT and MIGRATE here')
export const CLUSTER_DISABLED = error('ERR This instance has cluster support disabled')
export const CLUSTER_DOWN = error('CLUSTERDOWN The cluster is down')
export const CLUSTER_READS_ONLY = error('CLUSTERDOWN The cluster is down and only accepts read commands')
export const SLOT_UNSERVED = error('CLUSTERDOWN Hash slot not served')
export const TRY_AGAIN = error('TRYAGAIN Multiple keys request during rehashing of slot')
export function slotElsewhere(code: 'MOVED' | 'ASK', slot: number, address: Bytes): ReplyError {
  return error(`${code} ${slot} ${address}`)
}
export const SCRIPT_CLUSTER_DOWN = error('ERR Script attempted to execute a command while the cluster is down')
export const SCRIPT_CLUSTER_READS_ONLY = error(
  'ERR Script attempted to execute a write command while the cluster is down and readonly',
)
export const SCRIPT_NOT_LOCAL = error('ERR Script attempted to access a non local key in a cluster node')
export const SCRIPT_CROSS_SLOT = error('ERR Script attempted to access keys that do not hash to the same slot')
export const NO_MASTER_LINK = error("NOMASTERLINK Can't SYNC while not connected with my master")
export const ROLE_CHANGED = error(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
)
export const FAILOVER_BY_MASTER = error("ERR PSYNC FAILOVER can't be sent to a master.")
export const FAILOVER_OTHER_HISTORY = error('ERR PSYNC FAILOVER replid must match my replid.')
export const FAILING_OVER_SYNC = error("NOMASTERLINK Can't SYNC while failing over")
export const FILTER_NEEDS_MARK = error('ERR Filtered replica requires EOF capability')
export const SYNC_WITH_PENDING_OUTPUT = error('ERR SYNC and PSYNC are invalid with pending output')
export const MIGRATE_UNREACHABLE = error('IOERR error or timeout connecting to the client')
export const MIGRATE_WRITING = error('IOERR error or timeout writing to target instance')
export const MIGRATE_READING = error('IOERR error or timeout reading from target instance')

/** `text` is the error that the server to which keys go has answered. */
export function targetError(text: Bytes): ReplyError {
  return error(oneLine(`ERR Target instance replied with error: ${text}`))
}

// Scripts. Most of these are raised inside of a script, and come to the client with its name and line.
export const NO_SCRIPT = error('NOSCRIPT No matching script. Please use EVAL.')
export const SCRIPT_UNSAVED = error(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable scripts are " +
    "blocked. Use 'no-writes' flag for read only scripts.",
)

// Functions.
export const FUNCTION_NOT_FOUND = error('ERR Function not found')
export const NOT_A_FUNCTION = error('ERR given type is not a function')
export const FUNCTIONS_PAYLOAD = error('ERR failed loading the given functions payload')

// JSON: the texts of RedisJSON as of Redis 7.4, of which some have no code in front.
export const NOT_UTF8 = error("Couldn't parse as UTF-8 string")
export const JSON_TOO_LARGE = error('ERR document exceeds maximum allowed size (json-max-document-size)')
/** What a parser of JSON found, and where; lines and columns count from 1. */
export function jsonSyntax(what: Bytes, line: number, column: number): ReplyError {
  return error(`${what} at line ${line} column ${column}`)
}

// A store that is shared with other processes.
export const NOT_WITH_SHARED_STORE = error('ERR this is not possible where keys are shared with other processes')
export const SHARED_BUSY = error(
  'TRYAGAIN another process holds the shared store for longer than store-timeout; nothing was changed',
)
export const SHARED_READ_ONLY = error("READONLY the shared store's database can only be read")
export function sharedUnreadable(reason: Bytes): ReplyError {
  return error(oneLine(`ERR the shared store cannot be read: ${reason}`))
}
export const CALL_CUT = error('ERR this pipeline was cut off: some of it may not have been kept')
/** Nothing was begun. */
export function sharedAway(reason: Bytes): ReplyError {
  return error(oneLine(`TRYAGAIN the shared store's database cannot be written to now; nothing was changed: ${reason}`))
}
/** A commit left, and nobody knows whether it has come to its end. */
export function sharedUnknown(reason: Bytes): ReplyError {
  return error(oneLine(`ERR the shared store's database has not said whether this was kept: ${reason}`))
}
/** The batch was not committed, and is known not to be. */
export function sharedLost(reason: Bytes): ReplyError {
  return error(oneLine(`ERR the shared store could not keep this; nothing was changed: ${reason}`))
}
