/** What bitmaps refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { error, type ReplyError } from '../../base/reply.ts'

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
