/** Commands on ranges of indexes, both ends included, which may be given in either order. */

import { SYNTAX, wrongArity } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { distance } from '../../keyspace/values/array-index.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { indexReply, takeIndex, takeIndexes, takeLimit } from './arguments.ts'
import { signalDeletion } from './array.ts'
import { ARRAY_RANGE_TOO_LONG } from './errors.ts'

/** As many places ARGETRANGE answers at most. */
const RANGE_MAX = 1_000_000

/** A range from its lower end up, or from its upper end down where that was given first. */
export interface IndexRange {
  readonly low: U64
  readonly high: U64
  readonly down: boolean
}

export function rangeBetween(start: U64, end: U64): IndexRange {
  return start > end ? { low: end, high: start, down: true } : { low: start, high: end, down: false }
}

export function takeRange(a: Args): IndexRange {
  const start = takeIndex(a)
  return rangeBetween(start, takeIndex(a))
}

/** ARGETRANGE key start end */
export function argetrange(c: Context, a: Args): Reply {
  const key = a.next()
  const { low, high, down } = takeRange(a)
  if (a.error !== undefined) return a.error
  const array = c.db.readTyped(key, ArrayValue)
  const places = distance(low, high) + 1
  if (places > RANGE_MAX) return ARRAY_RANGE_TOO_LONG
  const replies = new Array<Reply>(places).fill(null)
  array?.walk(low, high, false, (index, value) => {
    replies[down ? distance(index, high) : distance(low, index)] = value
  })
  return replies
}

/** ARSCAN key start end [LIMIT limit] */
export function arscan(c: Context, a: Args): Reply {
  const key = a.next()
  const { low, high, down } = takeRange(a)
  if (a.left !== 0 && a.left !== 2) a.fail(wrongArity(c.command.fullName))
  const limit = a.match('LIMIT') ? takeLimit(a) : Infinity
  if (!a.done) a.fail(SYNTAX)
  if (a.error !== undefined) return a.error
  const found: Reply[] = []
  c.db
    .readTyped(key, ArrayValue)
    ?.walk(low, high, down, (index, value) => found.push([indexReply(index), value]) < limit)
  return found
}

/** ARDELRANGE key start end [start end …] */
export function ardelrange(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.left % 2 !== 0) return wrongArity(c.command.fullName)
  const ends = takeIndexes(a)
  if (a.error !== undefined) return a.error
  const array = c.db.findTyped(key, ArrayValue)
  if (array === undefined) return 0
  let deleted = 0
  for (let i = 0; i < ends.length; i += 2) {
    const { low, high } = rangeBetween(ends[i], ends[i + 1])
    deleted += array.deleteBetween(low, high)
  }
  signalDeletion(c, key, array, deleted, 'ardelrange')
  return deleted
}
