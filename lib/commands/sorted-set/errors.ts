/** What sorted sets refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { error, type ReplyError } from '../../base/reply.ts'

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
