/** Commands on the cursor of an array: appending, as it is or as a ring, moving the cursor, and what came last. */

import { SYNTAX, wrongArity } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { indexAfter, indexBefore, parseIndex } from '../../keyspace/values/array-index.ts'
import { type U64, U64_MAX, u64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { parseInt64 } from '../number.ts'
import { indexReply } from './arguments.ts'
import { arrayOf } from './array.ts'
import {
  INSERT_INDEX_OVERFLOW,
  INVALID_ARRAY_INDEX,
  INVALID_LAST_COUNT,
  INVALID_RING_SIZE,
  RING_SIZE_NOT_POSITIVE,
} from './errors.ts'

/** ARINSERT key value [value …] */
export function arinsert(c: Context, a: Args): Reply {
  const key = a.next()
  const count = a.left
  const before = c.db.findTyped(key, ArrayValue)
  const next = before === undefined ? 0 : before.next
  if (next === undefined || indexAfter(next, count - 1) === undefined) return INSERT_INDEX_OVERFLOW
  const array = before ?? arrayOf(c, key)
  let last: U64 = 0
  for (let i = 0; i < count; i++) last = array.append(a.next())
  c.signal(key, Notify.Array, 'arinsert')
  c.count(count)
  return indexReply(last)
}

/** ARRING key size value [value …] */
export function arring(c: Context, a: Args): Reply {
  const key = a.next()
  const places = parseInt64(a.next())
  if (places === undefined) return INVALID_RING_SIZE
  if (places <= 0n) return RING_SIZE_NOT_POSITIVE
  const size = u64(places)
  const count = a.left
  const array = arrayOf(c, key)
  array.resizeRing(size)
  let last: U64 = 0
  for (let i = 0; i < count; i++) last = array.appendToRing(a.next(), size)
  c.signal(key, Notify.Array, 'arring')
  c.count(count)
  return indexReply(last)
}

/** ARNEXT key */
export function arnext(c: Context, a: Args): Reply {
  const array = c.db.readTyped(a.next(), ArrayValue)
  if (array === undefined) return 0
  const { next } = array
  return next === undefined ? null : indexReply(next)
}

/** ARSEEK key index. One index more than an element may have says that nothing can be appended any more. */
export function arseek(c: Context, a: Args): Reply {
  const key = a.next()
  const index = parseIndex(a.next(), U64_MAX)
  if (index === undefined) return INVALID_ARRAY_INDEX
  const array = c.db.findTyped(key, ArrayValue)
  if (array === undefined) return 0
  array.cursor = index === 0 ? undefined : indexBefore(index)
  c.signal(key, Notify.Array, 'arseek')
  return 1
}

/** ARLASTITEMS key count [REV] */
export function arlastitems(c: Context, a: Args): Reply {
  const key = a.next()
  const count = a.integer(INVALID_LAST_COUNT)
  if (a.error !== undefined) return a.error
  if (count <= 0) return []
  if (a.left > 1) return wrongArity(c.command.fullName)
  const isReversed = a.match('REV')
  if (!a.done) return SYNTAX
  const places = c.db.readTyped(key, ArrayValue)?.lastPlaces(count) ?? []
  return isReversed ? places : places.reverse()
}
