/** How the commands on arrays read an index, and how they answer one. */

import { BigNumber, type Reply } from '../../base/reply.ts'
import { parseIndex } from '../../keyspace/values/array-index.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { INVALID_ARRAY_INDEX, LIMIT_NOT_POSITIVE } from './errors.ts'

const INT64_MAX = 2n ** 63n - 1n

export function takeIndex(a: Args): U64 {
  const index = parseIndex(a.next())
  if (index !== undefined) return index
  a.fail(INVALID_ARRAY_INDEX)
  return 0
}

/** All arguments that are left, as indexes. */
export function takeIndexes(a: Args): U64[] {
  const indexes: U64[] = []
  while (!a.done && a.error === undefined) indexes.push(takeIndex(a))
  return indexes
}

/** Behind the word LIMIT. */
export function takeLimit(a: Args): number {
  const limit = a.integer()
  if (a.error === undefined && limit <= 0) a.fail(LIMIT_NOT_POSITIVE)
  return limit
}

/** An integer; past those of 64 bits with a sign, which the protocol has no word for, a big number (in RESP2 a string). */
export function indexReply(index: U64): Reply {
  return typeof index === 'bigint' && index > INT64_MAX ? new BigNumber(`${index}`) : index
}
