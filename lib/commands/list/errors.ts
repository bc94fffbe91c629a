/** What lists refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import { error } from '../../base/reply.ts'

export const INDEX_OUT_OF_RANGE = error('ERR index out of range')
export const RANK_ZERO = error(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
)
export const COUNT_NEGATIVE = error("ERR COUNT can't be negative")
export const LPOS_MAXLEN_NEGATIVE = error("ERR MAXLEN can't be negative")
