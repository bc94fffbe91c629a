/** What hashes refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

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
