/** What HyperLogLog refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const NOT_HYPERLOGLOG = error('WRONGTYPE Key is not a valid HyperLogLog string value.')
export const NO_SPECIFIED_KEY = error('ERR The specified key does not exist')
export const HYPERLOGLOG_NOT_SPARSE = error('ERR HLL encoding is not sparse')

export function unknownPfdebug(subcommand: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown PFDEBUG subcommand '${subcommand}'`))
}
