/** What arrays refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import { error, type ReplyError } from '../../base/reply.ts'

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
export const SEARCH_COST = error('ERR the search visits too much')
export const EMPTY_EXPRESSION = error('ERR regular expression is empty')
export const BACK_REFERENCE = error('ERR regular expression backreferences are not supported')

export function invalidExpression(reason: string): ReplyError {
  return error(`ERR invalid regular expression: ${reason}`)
}
