/**
 * Every error text once, byte-equal to Redis. Constants are made once because a fresh object per error costs more than
 * the command it refuses; a text that names its cause is a function. A ReplyError is the client's fault and is
 * returned as a value; only a lookup deep inside `Db` throws one (WRONGTYPE), which the engine turns back into a value.
 */
import type { Bytes } from './bytes.ts'
import { ReplyError } from './reply.ts'

const error = (text: Bytes): ReplyError => new ReplyError(text)

export const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')
export const SYNTAX = error('ERR syntax error')
export const NOT_INTEGER = error('ERR value is not an integer or out of range')
export const NOT_FLOAT = error('ERR value is not a valid float')
export const OUT_OF_RANGE = error('ERR value is out of range')
export const MUST_BE_POSITIVE = error('ERR value is out of range, must be positive')
export const SAME_OBJECT = error('ERR source and destination objects are the same')
export const NO_SUCH_KEY = error('ERR no such key')
export const INVALID_ARRAY_INDEX = error('ERR invalid array index')
export const INSERT_INDEX_OVERFLOW = error('ERR insert index overflow')
export const ARRAY_RANGE_TOO_LONG = error('ERR range exceeds maximum of 1000000 items')
export const LIMIT_NOT_POSITIVE = error('ERR LIMIT must be positive')
export const ARRAY_INDEX_OVERFLOW = error('ERR array index overflow')
export const INVALID_RING_SIZE = error('ERR invalid size')
export const RING_SIZE_NOT_POSITIVE = error('ERR size must be positive')
export const INVALID_LAST_COUNT = error('ERR invalid COUNT')
export const UNKNOWN_AGGREGATE = error('ERR unknown operation')
export const MATCH_VALUE_MISSING = error('ERR MATCH requires a value argument')
export const TOO_MANY_PREDICATES = error('ERR too many predicates, maximum is 250')
export const LONG_EXPRESSION = error('ERR regular expression is too long, maximum is 2048 bytes')
export const EMPTY_EXPRESSION = error('ERR regular expression is empty')
export const BACK_REFERENCE = error('ERR regular expression backreferences are not supported')

export function invalidExpression(reason: string): ReplyError {
  return error(`ERR invalid regular expression: ${reason}`)
}

export const JSON_PATH_COST = error('ERR the path visits too many nodes')
export const JSON_PATH_LONG = error('ERR the path is too long')
export const INDEX_OUT_OF_RANGE = error('ERR index out of range')
export const OVERFLOW = error('ERR increment or decrement would overflow')
export const NAN_OR_INFINITY = error('ERR increment would produce NaN or Infinity')
export const INCREMENT_NOT_INTEGER = error('ERR Increment is not an integer or out of range')
export const INCREMENT_NOT_FLOAT = error('ERR Increment is not a valid float')
export const INCREMENT_INFINITE = error('ERR BYFLOAT increment cannot be Infinity')
export const LBOUND_NOT_INTEGER = error('ERR LBOUND is not an integer or out of range')
export const LBOUND_NOT_FLOAT = error('ERR LBOUND is not a valid float')
export const UBOUND_NOT_INTEGER = error('ERR UBOUND is not an integer or out of range')
export const UBOUND_NOT_FLOAT = error('ERR UBOUND is not a valid float')
export const BOUNDS_CROSSED = error("ERR LBOUND can't be greater than UBOUND")
export const ENX_WITHOUT_EXPIRY = error('ERR ENX flag requires an expiration')
export const VALUE_INFINITE = error('ERR value cannot be Infinity')
export const APPLIED_OVERFLOW = error('ERR applied increment would overflow')
export const APPLIED_INFINITE = error('ERR applied increment would be Infinity')
export const STRING_TOO_LONG = error('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
export const OFFSET_OUT_OF_RANGE = error('ERR offset is out of range')
export const DB_OUT_OF_RANGE = error('ERR DB index is out of range')
export const INVALID_DB = error('ERR invalid DB index')
export const INVALID_CURSOR = error('ERR invalid cursor')
export const NOVALUES_OUTSIDE_HSCAN = error('ERR NOVALUES option can only be used in HSCAN')
export const NO_AUTH = error('NOAUTH Authentication required.')
export const WRONG_PASS = error('WRONGPASS invalid username-password pair or user is disabled.')
export const NO_PROTO = error('NOPROTO unsupported protocol version')
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
export const SCRIPT_STALE = error('ERR Can not execute the command on a stale replica')
export const OOM = error("OOM command not allowed when used memory > 'maxmemory'.")
export const TIMEOUT_NOT_FLOAT = error('ERR timeout is not a float or out of range')
export const TIMEOUT_NEGATIVE = error('ERR timeout is negative')
export const TIMEOUT_OUT_OF_RANGE = error('ERR timeout is out of range')
export const UNBLOCKED = error('UNBLOCKED client unblocked via CLIENT UNBLOCK')
export const NUMKEYS_NOT_POSITIVE = error('ERR numkeys should be greater than 0')
export const TOO_MANY_KEYS = error("ERR Number of keys can't be greater than number of args")
export const COUNT_NOT_POSITIVE = error('ERR count should be greater than 0')
export const RANK_ZERO = error(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
)
export const COUNT_NEGATIVE = error("ERR COUNT can't be negative")
export const LPOS_MAXLEN_NEGATIVE = error("ERR MAXLEN can't be negative")
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
export const NO_PASSWORD_CONFIGURED = error(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
)
export const PROTOCOL_NOT_INTEGER = error('ERR Protocol version is not an integer or out of range')
export const HELLO_UNAUTHENTICATED = error(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
)
export const NOT_INT32 = error('ERR value is out of range, value must between -2147483648 and 2147483647')
export const INVALID_CLIENT_NAME = error('ERR Client names cannot contain spaces, newlines or special characters.')
export const INVALID_CLIENT_ID = error('ERR Invalid client ID')
export const CLIENT_ID_NOT_POSITIVE = error('ERR client-id should be greater than 0')
export const MAXAGE_NOT_INTEGER = error('ERR maxage is not an integer or out of range')
export const MAXAGE_NOT_POSITIVE = error('ERR maxage should be greater than 0')
export const NO_SUCH_CLIENT = error('ERR No such client')
export const UNBLOCK_REASON = error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
export const PAUSE_MODE = error('ERR CLIENT PAUSE mode must be WRITE or ALL')
export const TIMEOUT_NOT_INTEGER = error('ERR timeout is not an integer or out of range')

export function helloSyntax(option: Bytes): ReplyError {
  return error(`ERR Syntax error in HELLO option '${oneLine(option)}'`)
}

export function invalidClientAttribute(attribute: Bytes): ReplyError {
  return error(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
}

export function unrecognizedOption(option: Bytes): ReplyError {
  return error(`ERR Unrecognized option '${oneLine(option)}'`)
}

export function unknownClientType(type: Bytes): ReplyError {
  return error(`ERR Unknown client type '${oneLine(type)}'`)
}

export function noSuchUser(user: Bytes): ReplyError {
  return error(`ERR No such user '${oneLine(user)}'`)
}

// Server.
export const SLOWLOG_COUNT = error('ERR count should be greater than or equal to -1')
export const SHUTDOWN_MAY_NOT_WAIT = error("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client")

export function noLatencySamples(event: Bytes): ReplyError {
  return error(`ERR No samples available for event '${oneLine(event)}'`)
}

// DEBUG.
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

// COMMAND.
export const INVALID_COMMAND = error('ERR Invalid command specified')
export const NO_KEY_ARGUMENTS = error('ERR The command has no key arguments')
export const INVALID_KEY_ARITY = error('ERR Invalid number of arguments specified for command')
export const INVALID_KEY_ARGUMENTS = error('ERR Invalid arguments specified for command')

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
export const SORT_BY_DENIED = error('ERR BY option of SORT denied due to insufficient ACL permissions.')
export const SORT_GET_DENIED = error('ERR GET option of SORT denied due to insufficient ACL permissions.')

/** For a command of a transaction that was permitted when it was queued. */
export function permissionLost(reason: string): ReplyError {
  return error(
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${reason}`,
  )
}

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

// Strings.
export const DECREMENT_OVERFLOW = error('ERR decrement would overflow')
export const INVALID_DIGEST = error('ERR must be exactly 16 hexadecimal characters')
export const INVALID_CONDITION = error('ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE')
export const CONDITION_NEEDS_STRING = error('ERR Key should be of string type if conditions are specified')
export const INVALID_NUMKEYS = error('ERR invalid numkeys value')
export const WRONG_PAIRS = error('ERR wrong number of key-value pairs')
export const LCS_NOT_STRINGS = error('ERR The specified keys must contain string values')
export const LCS_LEN_AND_IDX = error('ERR If you want both the length and indexes, please just use IDX.')
export const LCS_TOO_LARGE = error('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')

// Keys of any type.
export const NX_AND_OTHERS = error('ERR NX and XX, GT or LT options at the same time are not compatible')
export const GT_AND_LT = error('ERR GT and LT options at the same time are not compatible')
export const FIRST_DB_INDEX = error('ERR invalid first DB index')
export const SECOND_DB_INDEX = error('ERR invalid second DB index')
export const LFU_SELECTED = error(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
export const LFU_NOT_SELECTED = error(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
export const NOT_0_OR_1 = error('ERR value is out of range, value must between 0 and 1')
export const APPENDONLY_DISABLED = error('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.')

export const REWRITE_RUNS = error('ERR Background append only file rewriting already in progress')
export const REWRITE_FAILED = error(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
)
export const AOF_LOAD_FAILED = error('ERR Error trying to load the append only file, check server logs.')

/** A write while the append-only file cannot be written. */
export function unappended(reason: Bytes): ReplyError {
  return error(`MISCONF Errors writing to the AOF file: ${oneLine(reason)}`)
}

export function unsupportedOption(option: Bytes): ReplyError {
  return error(`ERR Unsupported option ${oneLine(option)}`)
}

export const NOT_SORTABLE = error("ERR One or more scores can't be converted into double")

// Transactions.
export const NESTED_MULTI = error('ERR MULTI calls can not be nested')
export const WATCH_IN_MULTI = error('ERR WATCH inside MULTI is not allowed')
export const EXEC_WITHOUT_MULTI = error('ERR EXEC without MULTI')
export const DISCARD_WITHOUT_MULTI = error('ERR DISCARD without MULTI')
export const EXEC_ABORT = error('EXECABORT Transaction discarded because of previous errors.')

/** For an EXEC that is refused itself. */
export function execAbort(cause: ReplyError): ReplyError {
  return error(`EXECABORT Transaction discarded because of: ${cause.text.replace(/^ERR /, '')}`)
}

export const NO_CONFIG_FILE = error('ERR The server is running without a config file')
export const SHUTDOWN_FAILED = error('ERR Errors trying to SHUTDOWN. Check logs.')
export const NO_SHUTDOWN = error('ERR No shutdown in progress.')

/** CONFIG REWRITE where the file cannot be written; the reason is the system's. */
export function rewriteFailed(reason: string): ReplyError {
  return error(`ERR Rewriting config file: ${reason}`)
}

// Sorted sets.
export const XX_AND_NX = error('ERR XX and NX options at the same time are not compatible')
export const GT_LT_NX = error('ERR GT, LT, and/or NX options at the same time are not compatible')
export const INCR_TAKES_ONE_PAIR = error('ERR INCR option supports a single increment-element pair')
export const SCORE_NAN = error('ERR resulting score is not a number (NaN)')
export const NOT_FLOAT_RANGE = error('ERR min or max is not a float')
export const NOT_LEX_RANGE = error('ERR min or max not valid string range item')
export const LIMIT_WITHOUT_BY = error(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
)
export const LEX_WITH_SCORES = error('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
export const WEIGHT_NOT_FLOAT = error('ERR weight value is not a float')

/** `command` is the full name. */
export function atLeastOneKey(command: Bytes): ReplyError {
  return error(`ERR at least 1 input key is needed for '${command}' command`)
}

// Bitmaps.
export const BIT_OFFSET = error('ERR bit offset is not an integer or out of range')
export const BIT_VALUE = error('ERR bit is not an integer or out of range')
export const BIT_ARGUMENT = error('ERR The bit argument must be 1 or 0.')
export const BITFIELD_TYPE = error(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
)
export const BITFIELD_OVERFLOW = error('ERR Invalid OVERFLOW type specified')
export const BITFIELD_RO_ONLY_GET = error('ERR BITFIELD_RO only supports the GET subcommand')
export const BITOP_NOT_ONE_KEY = error('ERR BITOP NOT must be called with a single source key.')

/** `operation` in upper case. */
export function bitopNeedsTwoKeys(operation: Bytes): ReplyError {
  return error(`ERR BITOP ${operation} must be called with at least two source keys.`)
}

// HyperLogLogs.
export const NOT_HYPERLOGLOG = error('WRONGTYPE Key is not a valid HyperLogLog string value.')
export const CORRUPTED_HYPERLOGLOG = error('INVALIDOBJ Corrupted HLL object detected')
export const NO_SPECIFIED_KEY = error('ERR The specified key does not exist')
export const HYPERLOGLOG_NOT_SPARSE = error('ERR HLL encoding is not sparse')

export const CACHING_NEEDS_MODE = error(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
)
export const CACHING_YES_NEEDS_OPTIN = error(
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
)
export const CACHING_NO_NEEDS_OPTOUT = error(
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
)
export const NO_REDIRECT_TARGET = error('ERR The client ID you want redirect to does not exist')
export const ONE_REDIRECT = error('ERR A client can only redirect to a single other client')
export const OPT_AND_BCAST = error('ERR OPTIN and OPTOUT are not compatible with BCAST')
export const OPTIN_AND_OPTOUT = error("ERR You can't specify both OPTIN mode and OPTOUT mode")
export const PREFIX_NEEDS_BCAST = error('ERR PREFIX option requires BCAST mode to be enabled')
export const SWITCHES_BCAST = error(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
)
export const SWITCHES_OPT = error(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
)

export function prefixesOverlap(prefix: Bytes, which: 'an existing' | 'another provided', other: Bytes): ReplyError {
  return error(
    oneLine(
      `ERR Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`,
    ),
  )
}

export const MONITOR_DENIED = error("ERR Replica can't interact with the keyspace")
export const MONITOR_MAY_NOT_WAIT = error("ERR MONITOR isn't allowed for DENY BLOCKING client")
export const SSUBSCRIBE_DENIED = error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")

export function unknownPfdebug(subcommand: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown PFDEBUG subcommand '${subcommand}'`))
}

// Hashes.

export const DUPLICATE_FIELD = error('ERR duplicate field name in fieldset')
export const NO_SUCH_FIELDSET = error('ERR no such fieldset')
export const VALUE_COUNT = error('ERR value count does not match fieldset field count')
export const HASH_NOT_INTEGER = error('ERR hash value is not an integer')
export const HASH_NOT_FLOAT = error('ERR hash value is not a float')
export const VALUE_NAN_OR_INFINITY = error('ERR value is NaN or Infinity')
export const FIELDS_MISSING = error('ERR Mandatory argument FIELDS is missing or not at the right position')
export const NUM_FIELDS_ZERO = error('ERR Parameter `numFields` should be greater than 0')
export const NUM_FIELDS_NOT_POSITIVE = error('ERR Number of fields must be a positive integer')
export const NUM_FIELDS_MISMATCH = error('ERR The `numfields` parameter must match the number of arguments')
export const INVALID_FIELD_COUNT = error('ERR invalid number of fields')
export const FIELDS_ARGUMENT_MISSING = error('ERR missing FIELDS argument')
export const MULTIPLE_CONDITIONS = error('ERR Multiple condition flags specified')
export const FIELDS_TWICE = error('ERR FIELDS keyword specified multiple times')
export const FIELD_COUNT_MISMATCH = error('ERR wrong number of arguments')
export const EXPIRE_TIME_MISSING = error('ERR missing expire time')
export const EXPIRE_NEGATIVE = error('ERR invalid expire time, must be >= 0')
export const ONE_OF_EXPIRY_OR_PERSIST = error(
  'ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
)
export const ONE_OF_EXPIRY_OR_KEEPTTL = error(
  'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
)
export const ONE_OF_FXX_FNX = error('ERR Only one of FXX or FNX arguments can be specified')

export function unknownArgument(argument: Bytes): ReplyError {
  return error(`ERR unknown argument: ${oneLine(argument)}`)
}

// Geo.
export const UNSUPPORTED_UNIT = error('ERR unsupported unit provided. please use M, KM, FT, MI')
export const NOT_RADIUS = error('ERR need numeric radius')
export const NOT_WIDTH = error('ERR need numeric width')
export const NOT_HEIGHT = error('ERR need numeric height')
export const RADIUS_NEGATIVE = error('ERR radius cannot be negative')
export const BOX_NEGATIVE = error('ERR height or width cannot be negative')
export const NO_SUCH_PLACE = error('ERR could not decode requested zset member')
export const COUNT_MUST_BE_POSITIVE = error('ERR COUNT must be > 0')
export const ANY_WITHOUT_COUNT = error('ERR the ANY argument requires COUNT argument')

/** The coordinates as C prints them. */
export function invalidPlace(lon: Bytes, lat: Bytes): ReplyError {
  return error(`ERR invalid longitude,latitude pair ${lon},${lat}`)
}

export function storeWithDetails(what: Bytes): ReplyError {
  return error(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
}

/** `command` as the client wrote it. */
export function searchNeedsCentre(command: Bytes): ReplyError {
  return error(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${command}`)
}

export function searchNeedsShape(command: Bytes): ReplyError {
  return error(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${command}`)
}

// Streams.
export const INVALID_STREAM_ID = error('ERR Invalid stream ID specified as stream command argument')
export const INVALID_START_ID = error('ERR invalid start ID for the interval')
export const INVALID_END_ID = error('ERR invalid end ID for the interval')
export const MAXLEN_AND_MINID = error('ERR syntax error, MAXLEN and MINID options at the same time are not compatible')
export const TRIM_MAXLEN_NEGATIVE = error('ERR The MAXLEN argument must be >= 0.')
export const TRIM_LIMIT_NEGATIVE = error('ERR The LIMIT argument must be >= 0.')
export const LIMIT_WITHOUT_TRIM = error('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy')
export const XTRIM_WITHOUT_STRATEGY = error('ERR syntax error, XTRIM must be called with a trimming strategy')
export const LIMIT_WITHOUT_APPROXIMATION = error('ERR syntax error, LIMIT cannot be used without the special ~ option')
export const IDMP_TWICE = error('ERR syntax error, IDMP/IDMPAUTO specified multiple times')
export const IDMPAUTO_NO_PRODUCER = error('ERR syntax error, IDMPAUTO requires a non-empty producer ID')
export const IDMP_NO_PRODUCER = error('ERR syntax error, IDMP requires a non-empty producer ID')
export const IDMP_NO_MARK = error('ERR syntax error, IDMP requires a non-empty idempotent ID')
export const AUTO_ID_ONLY = error('ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs')
export const IDMP_DURATION = error('ERR IDMP-DURATION must be between 1 and 86400 seconds')
export const IDMP_MAXSIZE = error('ERR IDMP-MAXSIZE must be between 1 and 10000 entries')
export const IDMP_DURATION_TWICE = error('ERR IDMP-DURATION specified multiple times')
export const IDMP_MAXSIZE_TWICE = error('ERR IDMP-MAXSIZE specified multiple times')
export const NO_PARAMETER = error('ERR At least one parameter must be specified')
export const NO_PRODUCER = error('ERR producer ID must be non-empty')
export const NO_MARK = error('ERR idempotent ID must be non-empty')
export const NO_SUCH_MESSAGE = error('ERR No such message in stream')
export const MARK_TAKEN = error('ERR IID already exists for this producer with a different stream ID')
export const XADD_ID_ZERO = error('ERR The ID specified in XADD must be greater than 0-0')
export const XADD_ID_SMALL = error('ERR The ID specified in XADD is equal or smaller than the target stream top item')
export const XADD_EXHAUSTED = error('ERR The stream has exhausted the last possible ID, unable to add more items')
export const XADD_TOO_LARGE = error('ERR Elements are too large to be stored')
export const ENTRIES_ADDED_NEGATIVE = error('ERR entries_added must be positive')
export const XSETID_BELOW_GIVEN_DELETED = error(
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
)
export const XSETID_BELOW_DELETED = error('ERR The ID specified in XSETID is smaller than current max_deleted_entry_id')
export const XSETID_BELOW_TOP = error('ERR The ID specified in XSETID is smaller than the target stream top item')
export const XSETID_ENTRIES_ADDED = error(
  'ERR The entries_added specified in XSETID is smaller than the target stream length',
)
export const XREAD_WITH_GROUP = error('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.')
export const XREAD_WITH_NOACK = error('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.')
export const XREAD_WITH_CLAIM = error('ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.')
export const MIN_IDLE_NOT_INTEGER = error('ERR min-idle-time is not an integer or out of range')
export const MIN_IDLE_NEGATIVE = error('ERR min-idle-time must be a positive integer')
export const MAXCOUNT_NOT_POSITIVE = error('ERR MAXCOUNT must be a positive integer')
export const MAXSIZE_NOT_POSITIVE = error('ERR MAXSIZE must be a positive integer')
export const COUNT_ABOVE_MAXCOUNT = error('ERR MAXCOUNT must be greater than or equal to COUNT')
export const XREAD_NEW_ID = error(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
)
export const XREADGROUP_WITHOUT_GROUP = error('ERR Missing GROUP option for XREADGROUP')
export const GROUP_KEY_MISSING = error(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
)
export const GROUP_EXISTS = error('BUSYGROUP Consumer Group name already exists')
export const ENTRIES_READ_NEGATIVE = error('ERR value for ENTRIESREAD must be positive or -1')
export const XCLAIM_MIN_IDLE = error('ERR Invalid min-idle-time argument for XCLAIM')
export const XCLAIM_IDLE = error('ERR Invalid IDLE option argument for XCLAIM')
export const XCLAIM_TIME = error('ERR Invalid TIME option argument for XCLAIM')
export const XCLAIM_RETRYCOUNT = error('ERR Invalid RETRYCOUNT option argument for XCLAIM')
export const XAUTOCLAIM_MIN_IDLE = error('ERR Invalid min-idle-time argument for XAUTOCLAIM')
export const XAUTOCLAIM_COUNT = error('ERR COUNT must be > 0')
export const NUMIDS_NOT_POSITIVE = error('ERR Number of IDs must be a positive integer')
export const IDS_MISSING = error('ERR IDS option is required')
export const NUMIDS_MISMATCH = error('ERR The `numids` parameter must match the number of arguments')

export const XNACK_MODE = error('ERR mode must be SILENT, FAIL, or FATAL')
export const XNACK_IDS = error('ERR syntax error, expected IDS keyword')
export const XNACK_NUMIDS = error('ERR numids must be a positive integer')
export const XNACK_NUMIDS_MISMATCH = error("ERR number of IDs doesn't match numids")
export const XNACK_RETRYCOUNT = error('ERR Invalid RETRYCOUNT value, must be >= 0')

/** XREAD $ and + have no sense for a group. */
export function meaninglessId(symbol: Bytes): ReplyError {
  return error(
    `ERR The ${symbol} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${symbol} ID would just return an empty result set.`,
  )
}

/** `ids`: what may stand for a stream. */
export function unbalancedStreams(name: Bytes, ids: string): ReplyError {
  return error(`ERR Unbalanced '${name}' list of streams: for each stream key an ${ids} must be specified.`)
}

export function noGroup(group: Bytes, key: Bytes): ReplyError {
  return error(oneLine(`NOGROUP No such consumer group '${group}' for key name '${key}'`))
}

export function noKeyOrGroup(key: Bytes, group: Bytes): ReplyError {
  return error(oneLine(`NOGROUP No such key '${key}' or consumer group '${group}'`))
}

export function noKeyOrGroupToRead(key: Bytes, group: Bytes): ReplyError {
  return error(oneLine(`NOGROUP No such key '${key}' or consumer group '${group}' in XREADGROUP with GROUP option`))
}

export function unrecognizedXclaimOption(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unrecognized XCLAIM option '${option}'`))
}

export function unrecognizedXnackOption(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unrecognized XNACK option '${option}'`))
}

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

// HOTKEYS

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

// DUMP, RESTORE, snapshots
export const BUSY_KEY = error('BUSYKEY Target key name already exists.')
export const DUMP_MISMATCH = error('ERR DUMP payload version or checksum are wrong')
export const MALFORMED_DUMP = error('ERR Bad data format')
export const INVALID_TTL = error('ERR Invalid TTL value, must be >= 0')
export const INVALID_IDLETIME = error('ERR Invalid IDLETIME value, must be >= 0')
export const INVALID_FREQ = error('ERR Invalid FREQ value, must be >= 0 and <= 255')
export const POPULATE_OOM = error('ERR OOM in dictTryExpand')
export const RELOAD_OPTIONS = error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
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

export const CLUSTER_DISABLED = error('ERR This instance has cluster support disabled')
export const BAD_MASTER_PORT = error('ERR Invalid master port')
export const REPLICAOF_BY_REPLICA = error('ERR Command is not valid when client is a replica.')
export const REPLICAOF_IN_FAILOVER = error('ERR REPLICAOF not allowed while failing over.')
export const NO_MASTER_LINK = error("NOMASTERLINK Can't SYNC while not connected with my master")
export const WAIT_ON_REPLICA = error(
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to ' +
    'be writable (which is not the default) writes to replicas are just local and are not propagated.',
)
export const WAITAOF_ON_REPLICA = error(
  'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are ' +
    'not propagated.',
)
export const ROLE_CHANGED = error(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
)
export const NO_FAILOVER_RUNS = error('ERR No failover in progress.')
export const FAILOVER_TIMEOUT = error('ERR FAILOVER timeout must be greater than 0')
export const FAILOVER_WITHOUT_REPLICAS = error('ERR FAILOVER requires connected replicas.')
export const FAILOVER_FORCE = error('ERR FAILOVER with force option requires both a timeout and target HOST and IP.')
export const FAILOVER_TARGET = error('ERR FAILOVER target HOST and PORT is not a replica.')
export const FAILOVER_TARGET_OFFLINE = error('ERR FAILOVER target replica is not online.')
export const FAILOVER_RUNS = error('ERR FAILOVER already in progress.')
export const FAILOVER_ON_REPLICA = error('ERR FAILOVER is not valid when server is a replica.')
export const FAILOVER_BY_MASTER = error("ERR PSYNC FAILOVER can't be sent to a master.")
export const FAILOVER_OTHER_HISTORY = error('ERR PSYNC FAILOVER replid must match my replid.')
export const FAILING_OVER_SYNC = error("NOMASTERLINK Can't SYNC while failing over")
export const FILTER_NEEDS_MARK = error('ERR Filtered replica requires EOF capability')
export const SYNC_WITH_PENDING_OUTPUT = error('ERR SYNC and PSYNC are invalid with pending output')
export const MIGRATE_KEY_NOT_EMPTY = error(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
)
export const MIGRATE_CANNOT_WAIT = error('ERR MIGRATE waits for the other server, which it cannot do here')
export const MIGRATE_CHANGED = error('ERR a key was changed while it was migrated, it is at both ends')
export const MIGRATE_UNREACHABLE = error('IOERR error or timeout connecting to the client')
export const MIGRATE_WRITING = error('IOERR error or timeout writing to target instance')
export const MIGRATE_READING = error('IOERR error or timeout reading from target instance')

/** `text` is the error that the server to which keys go has answered. */
export function targetError(text: Bytes): ReplyError {
  return error(oneLine(`ERR Target instance replied with error: ${text}`))
}

export const NO_SNAPSHOT_FILTER = error('ERR Missing rdb-filter-only values')

export function unknownSnapshotFilter(part: Bytes): ReplyError {
  return error(oneLine(`ERR Unsupported rdb-filter-only option: ${part}`))
}

export function unknownReplconf(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unrecognized REPLCONF option: ${option}`))
}

// Scripts. Most of these are raised inside of a script, and come to the client with its name and line.
export const NO_SCRIPT = error('NOSCRIPT No matching script. Please use EVAL.')
export const NUMKEYS_NEGATIVE = error("ERR Number of keys can't be negative")
export const NOT_BUSY = error('NOTBUSY No scripts in execution right now.')
export const SCRIPT_FLUSH_MODE = error('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
export const SCRIPT_DEBUG_MODE = error('ERR Use SCRIPT DEBUG YES/SYNC/NO')
export const SCRIPT_DEBUG_UNAVAILABLE = error('ERR scripts can be debugged over RESP only')
export const SCRIPT_DEBUG_BY_SHA = error('ERR Please use EVAL instead of EVALSHA for debugging')
export const RO_COMMAND_OF_WRITER = error('ERR Can not execute a script with write flag using *_ro command.')
export const SCRIPT_CALLS_UNKNOWN = error('ERR Unknown Redis command called from script')
export const SCRIPT_CALLS_WRONG_ARITY = error('ERR Wrong number of args calling Redis command from script')
export const SCRIPT_CALLS_NOSCRIPT = error('ERR This Redis command is not allowed from script')
export const SCRIPT_CALLS_WRITE = error('ERR Write commands are not allowed from read-only scripts.')
export const SCRIPT_CALLS_NOTHING = error('ERR Please specify at least one argument for this redis lib call')
export const SCRIPT_ARGUMENTS = error('ERR Lua redis lib command arguments must be strings or integers')
export const SCRIPT_ARGUMENT_COUNT = error('ERR wrong number of arguments')
export const SCRIPT_ARGUMENT_TYPES = error('ERR wrong number or type of arguments')
export const SCRIPT_SET_REPL_COUNT = error('ERR redis.set_repl() requires two arguments.')
export const SCRIPT_SET_REPL_FLAGS = error(
  'ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.',
)
export const SCRIPT_SETRESP_COUNT = error('ERR redis.setresp() requires one argument.')
export const SCRIPT_SETRESP_VERSION = error('ERR RESP version must be 2 or 3.')
export const SCRIPT_LOG_COUNT = error('ERR redis.log() requires two arguments or more.')
export const SCRIPT_LOG_NUMBER = error('ERR First argument must be a number (log level).')
export const SCRIPT_LOG_LEVEL = error('ERR Invalid debug level.')
export const SCRIPT_ACL_COMMAND = error('ERR Invalid command passed to redis.acl_check_cmd()')
export const SCRIPT_STACK_LIMIT = error('ERR reached lua stack limit')
export const SCRIPT_OOM = error(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
)
export const SCRIPT_UNSAVED = error(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable scripts are " +
    "blocked. Use 'no-writes' flag for read only scripts.",
)
export const SCRIPT_IN_SCRIPT = error('ERR a script cannot run inside of another')
export const SCRIPT_UNKNOWN_ERROR = error('ERR unknown error')

/** `what` is the function of the `redis` table. */
export function onlyInsideScript(what: Bytes): ReplyError {
  return error(`ERR ${what} can only be called inside a script invocation`)
}

export function scriptCompilation(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error compiling script (new function): ${reason}`))
}

/** What went wrong is no error object of Redis's making: memory ran out, or the error handler failed. */
export function scriptFailure(name: Bytes, reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error running script ${name}, ${reason.slice(0, 100)}`))
}

/** The script was ended from outside, for a directive. */
export function scriptTimedOut(name: Bytes, limitMs: number, directive: string, wrote: boolean): ReplyError {
  const done = wrote ? 'it had written already, and what it wrote stays' : 'it had written nothing'
  return error(`ERR Script ${name} was ended after ${limitMs} ms (${directive}): ${done}`)
}

/** So was the compilation of one. */
export function compilationTimedOut(limitMs: number, directive: string): ReplyError {
  return error(`ERR The compilation of a script was ended after ${limitMs} ms (${directive})`)
}

export function invalidShebang(reason: Bytes): ReplyError {
  return error(oneLine(`ERR ${reason}`))
}

// Functions.
export const FUNCTION_NOT_FOUND = error('ERR Function not found')
export const BAD_KEY_COUNT = error('ERR Bad number of keys provided')
export const LIBRARY_NOT_FOUND = error('ERR Library not found')
export const MISSING_LIBRARY_METADATA = error('ERR Missing library metadata')
export const INVALID_LIBRARY_METADATA = error('ERR Invalid library metadata')
export const LIBRARY_NAME_GIVEN_TWICE = error('ERR Invalid metadata value, name argument was given multiple times')
export const LIBRARY_NAME_MISSING = error('ERR Library name was not given')
export const INVALID_LIBRARY_NAME = error(
  'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
)
export const NO_FUNCTIONS_REGISTERED = error('ERR No functions registered')
export const FUNCTION_LOAD_TIMEOUT = error('ERR Error registering functions: ERR FUNCTION LOAD timeout')
export const FUNCTION_FLUSH_MODE = error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
export const FUNCTION_RESTORE_POLICY = error(
  'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
)
export const LIBRARY_PATTERN_MISSING = error('ERR library name argument was not given')
export const NOT_A_FUNCTION = error('ERR given type is not a function')
export const FUNCTIONS_PAYLOAD = error('ERR failed loading the given functions payload')
export const FUNCTION_IN_LIBRARY_EXISTS = error('ERR Function already exists in the library')
export const FUNCTION_NAME_MISSING = error('ERR redis.register_function must get a function name argument')
export const REGISTER_ARITY = error('ERR wrong number of arguments to redis.register_function')
export const REGISTER_OUTSIDE_LOAD = error('ERR redis.register_function can only be called on FUNCTION LOAD command')

/** What is wrong with the arguments of redis.register_function. */
export function functionArgument(what: Bytes): ReplyError {
  return error(`ERR ${what}`)
}

export function libraryCompilation(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error compiling function: ${reason}`))
}

export function libraryRegistration(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error registering functions: ${reason}`))
}

export function invalidLibraryMetadata(word: Bytes): ReplyError {
  return error(oneLine(`ERR Invalid metadata value given: ${word}`))
}

export function engineNotFound(engine: Bytes): ReplyError {
  return error(oneLine(`ERR Engine '${engine}' not found`))
}

/** FUNCTION LOAD. */
export function libraryExists(name: Bytes): ReplyError {
  return error(`ERR Library '${name}' already exists`)
}

/** FUNCTION RESTORE. */
export function libraryExistsAlready(name: Bytes): ReplyError {
  return error(`ERR Library ${name} already exists`)
}

export function functionExists(name: Bytes): ReplyError {
  return error(`ERR Function ${name} already exists`)
}

export function unknownFunctionOption(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown option given: ${option}`))
}

export function unknownFunctionArgument(argument: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown argument ${argument}`))
}

/** A path of JSON that is malformed, in RedisJSON's form; what it expected is told more roughly than there. */
export function malformedPath(path: Bytes, position: number, reason: Bytes): ReplyError {
  const shown =
    position >= path.length ? `${path} <<<<----` : `${path.slice(0, position)} ---->>>> ${path.slice(position)}`
  return error(oneLine(`Error occurred on position ${position}, "${shown}", ${reason}.`))
}

// JSON: the texts of RedisJSON as of Redis 7.4, of which some have no code in front.
export const NOT_UTF8 = error("Couldn't parse as UTF-8 string")
export const NOT_MODULE_INTEGER = error("Couldn't parse as integer")
export const JSON_WRONG_TYPE = error('Existing key has wrong Redis type')
export const JSON_NO_KEY = error("ERR could not perform this operation on a key that doesn't exist")
export const JSON_NOT_AT_ROOT = error('ERR new objects must be created at the root')
export const JSON_NOT_STATIC = error('ERR wrong static path')
export const JSON_NO_SUCH_INDEX = error('ERR array index out of range')
export const JSON_OUT_OF_BOUNDS = error('ERR index out of bounds')
export const JSON_TOO_DEEP = error('ERR recursion limit exceeded')
export const JSON_NOT_NUMBER = error('ERR bad input number')
export const JSON_NUMBER_OVERFLOW = error('ERR numeric overflow')
export const JSON_NOT_FINITE = error('ERR result is not a number')
export const JSON_COMPUTED_PATH = error('ERR a path that computes values cannot be written')
export const JSON_FORMAT_RESP2 = error('ERR FORMAT argument is not supported on RESP2')
export const JSON_WRONG_FORMAT = error('ERR wrong reply format')
export const JSON_LEGACY_FORMAT = error('Legacy paths are supported only with FORMAT STRINGS')
export const JSON_TOO_LARGE = error('ERR document exceeds maximum allowed size (json-max-document-size)')
export const JSON_WORK = error('ERR the path finds more than one command may handle')
export const JSON_SET_FORMAT = error('ERR wrong format')
export const JSON_FPHA_TYPE = error('ERR invalid FPHA type')
/** What a parser of JSON found, and where; lines and columns count from 1. */
export function jsonSyntax(what: Bytes, line: number, column: number): ReplyError {
  return error(`${what} at line ${line} column ${column}`)
}
/** The same, where RedisJSON puts its code in front, if it has none. */
export function withCode({ text }: ReplyError): ReplyError {
  return error(text.startsWith('ERR ') ? text : `ERR ${text}`)
}
export function jsonNoPath(path: Bytes): ReplyError {
  return error(oneLine(`ERR Path '${path}' does not exist`))
}
export function jsonNoPathOr(path: Bytes, or: Bytes): ReplyError {
  return error(oneLine(`ERR Path '${path}' does not exist or ${or}`))
}
export function jsonExpected(expected: Bytes, found: Bytes): ReplyError {
  return error(oneLine(`WRONGTYPE wrong type of path value - expected ${expected} but found ${found}`))
}
/** `type`: F16, BF16 or F32. */
export function jsonOutOfRange(type: Bytes): ReplyError {
  return error(`value out of range for ${type}`)
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
