/** What streams refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

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
