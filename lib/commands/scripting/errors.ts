/** What commands of scripts and functions refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const NUMKEYS_NEGATIVE = error("ERR Number of keys can't be negative")
export const NOT_BUSY = error('NOTBUSY No scripts in execution right now.')
export const SCRIPT_FLUSH_MODE = error('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
export const SCRIPT_DEBUG_MODE = error('ERR Use SCRIPT DEBUG YES/SYNC/NO')
export const SCRIPT_DEBUG_UNAVAILABLE = error('ERR scripts can be debugged over RESP only')
export const SCRIPT_DEBUG_BY_SHA = error('ERR Please use EVAL instead of EVALSHA for debugging')
export const BAD_KEY_COUNT = error('ERR Bad number of keys provided')
export const LIBRARY_NOT_FOUND = error('ERR Library not found')
export const FUNCTION_FLUSH_MODE = error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
export const FUNCTION_RESTORE_POLICY = error(
  'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
)
export const LIBRARY_PATTERN_MISSING = error('ERR library name argument was not given')

export function unknownFunctionOption(option: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown option given: ${option}`))
}

export function unknownFunctionArgument(argument: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown argument ${argument}`))
}
