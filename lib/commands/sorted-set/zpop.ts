/**
 * Taking the lowest or highest entries: ZPOPMIN, ZPOPMAX, ZMPOP, and the blocking forms, which wait until one of their keys
 * holds a sorted set. In the stream of effects all of them are ZPOPMIN or ZPOPMAX on the key that they took from.
 */
import type { Bytes } from '../../base/bytes.ts'
import { COUNT_NOT_POSITIVE, MUST_BE_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX } from '../../base/errors.ts'
import { Double, NULL_ARRAY, type Reply } from '../../base/reply.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Args } from '../args.ts'
import { type Context, Notify, type PARKED } from '../command.ts'
import { takeTimeoutSeconds } from '../timeout.ts'
import { deleteIfEmpty } from './zadd.ts'

export type End = 'min' | 'max'
type Pair = readonly [Bytes, Double]

/** Takes up to `count` entries off one end of a sorted set that is not empty. */
export function pop(c: Context, key: Bytes, zset: ZSetValue, end: End, count: number): Pair[] {
  const { length } = zset
  const taken = Math.min(count, length)
  const pairs: Pair[] = []
  zset.walk(end === 'min' ? 0 : length - 1, taken, end === 'max', (member, score) => {
    pairs.push([member, new Double(score)])
  })
  zset.deleteRange(end === 'min' ? 0 : length - taken, taken)
  c.signal(key, Notify.SortedSet, end === 'min' ? 'zpopmin' : 'zpopmax')
  c.count(taken)
  deleteIfEmpty(c, key, zset)
  return pairs
}

/** The first of some keys that exists, with its sorted set. @throws WRONG_TYPE */
function firstOf(c: Context, keys: readonly Bytes[]): { key: Bytes; zset: ZSetValue } | undefined {
  for (const key of keys) {
    const zset = c.db.findTyped(key, ZSetValue)
    if (zset !== undefined) return { key, zset }
  }
  return undefined
}

/** ZPOPMIN key [count] */
export function zpopmin(c: Context, a: Args): Reply {
  return zpop(c, a, 'min')
}

/** ZPOPMAX key [count] */
export function zpopmax(c: Context, a: Args): Reply {
  return zpop(c, a, 'max')
}

function zpop(c: Context, a: Args, end: End): Reply {
  const key = a.next()
  if (a.left > 1) return a.fail(SYNTAX)
  const single = a.done
  const count = single ? 1 : a.integerBetween(0, Infinity, MUST_BE_POSITIVE)
  if (a.error !== undefined) return a.error
  const zset = c.db.findTyped(key, ZSetValue)
  if (zset === undefined || count === 0) return []
  const pairs = pop(c, key, zset, end, count)
  return c.session.replyProto === 3 && !single ? pairs : pairs.flat()
}

/** BZPOPMIN key [key …] timeout */
export function bzpopmin(c: Context, a: Args): Reply | typeof PARKED {
  return bzpop(c, a, 'min')
}

/** BZPOPMAX key [key …] timeout */
export function bzpopmax(c: Context, a: Args): Reply | typeof PARKED {
  return bzpop(c, a, 'max')
}

function bzpop(c: Context, a: Args, end: End): Reply | typeof PARKED {
  const keys = a.take(a.left - 1)
  const timeoutMs = takeTimeoutSeconds(c, a)
  if (a.error !== undefined) return a.error
  const found = firstOf(c, keys)
  if (found === undefined) return c.park(keys, 'zset', timeoutMs, NULL_ARRAY)
  const { key, zset } = found
  const [[member, score]] = pop(c, key, zset, end, 1)
  if (c.propagates) c.propagate([end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key])
  return [key, member, score]
}

interface Request {
  readonly keys: readonly Bytes[]
  readonly end: End
  readonly count: number
}

/** Takes `numkeys key [key …] MIN|MAX [COUNT count]`. */
function takeRequest(a: Args): Request {
  const numkeys = a.integerBetween(1, Infinity, NUMKEYS_NOT_POSITIVE)
  if (a.error === undefined && numkeys >= a.left) a.fail(SYNTAX)
  const keys = a.error === undefined ? a.take(numkeys) : []
  const end = a.match('MIN') ? 'min' : 'max'
  if (end === 'max' && !a.match('MAX')) a.fail(SYNTAX)
  let count = 1
  if (a.left >= 2 && a.match('COUNT')) count = a.integerBetween(1, Infinity, COUNT_NOT_POSITIVE)
  if (!a.done) a.fail(SYNTAX)
  return { keys, end, count }
}

function popRequested(c: Context, { keys, end, count }: Request): Reply | undefined {
  const found = firstOf(c, keys)
  if (found === undefined) return undefined
  const { key, zset } = found
  const pairs = pop(c, key, zset, end, count)
  if (c.propagates) c.propagate([end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key, '' + pairs.length])
  return [key, pairs]
}

/** ZMPOP numkeys key [key …] MIN|MAX [COUNT count] */
export function zmpop(c: Context, a: Args): Reply {
  const request = takeRequest(a)
  if (a.error !== undefined) return a.error
  return popRequested(c, request) ?? NULL_ARRAY
}

/** BZMPOP timeout numkeys key [key …] MIN|MAX [COUNT count] */
export function bzmpop(c: Context, a: Args): Reply | typeof PARKED {
  // The timeout stands first, but is checked last.
  const timeoutAt = a.position
  a.move(1)
  const request = takeRequest(a)
  a.move(timeoutAt - a.position)
  const timeoutMs = takeTimeoutSeconds(c, a)
  if (a.error !== undefined) return a.error
  return popRequested(c, request) ?? c.park(request.keys, 'zset', timeoutMs, NULL_ARRAY)
}
