/**
 * How many members an intersection, a union or a difference of sets has, without making it (SUNIONCARD and SDIFFCARD: Redis
 * 8.10). With LIMIT counting ends where there are so many. SUNIONCARD APPROX estimates by a HyperLogLog, within 0.81 %.
 */
import type { Bytes } from '../../base/bytes.ts'
import { LIMIT_NEGATIVE, NUMKEYS_NOT_POSITIVE, SYNTAX, TOO_MANY_KEYS } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { addElements, createHyperLogLog, recount } from '../../keyspace/values/hyperloglog.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { difference, intersection, readSets, readSmallestFirst, type Sets } from './algebra.ts'

interface Request {
  readonly keys: readonly Bytes[]
  /** Infinity for none. */
  limit: number
  approximate: boolean
}

/** Takes `numkeys key [key …] [APPROX] [LIMIT limit]`. */
function takeRequest(a: Args, mayApproximate: boolean): Request {
  const count = a.integerBetween(1, Infinity, NUMKEYS_NOT_POSITIVE)
  if (a.error === undefined && count > a.left) a.fail(TOO_MANY_KEYS)
  const request: Request = { keys: a.error === undefined ? a.take(count) : [], limit: Infinity, approximate: false }
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('LIMIT')) request.limit = a.integerBetween(0, Infinity, LIMIT_NEGATIVE) || Infinity
    else if (mayApproximate && a.match('APPROX')) request.approximate = true
    else a.fail(SYNTAX)
  }
  return request
}

/** SINTERCARD numkeys key [key …] [LIMIT limit] */
export function sintercard(c: Context, a: Args): Reply {
  const { keys, limit } = takeRequest(a, false)
  return a.error ?? intersection(readSmallestFirst(c, keys), limit).length
}

/** SUNIONCARD numkeys key [key …] [APPROX] [LIMIT limit] */
export function sunioncard(c: Context, a: Args): Reply {
  const { keys, limit, approximate } = takeRequest(a, true)
  if (a.error !== undefined) return a.error
  const sets = readSets(c, keys)
  return approximate ? estimateUnion(c, sets, limit) : countUnion(c, sets, limit)
}

function countUnion(c: Context, sets: Sets, limit: number): number {
  const union = SetValue.gathering(c.config)
  for (const set of sets) {
    if (set === undefined) continue
    for (const member of set.members()) if (union.add(member) && union.length >= limit) return limit
  }
  return union.length
}

function estimateUnion(c: Context, sets: Sets, limit: number): number {
  const union = createHyperLogLog()
  const sparseMaxBytes = c.config['hll-sparse-max-bytes']
  for (const set of sets) {
    if (set !== undefined) addElements(union, set.members(), sparseMaxBytes)
  }
  return Math.min(recount(union), limit)
}

/** SDIFFCARD numkeys key [key …] [LIMIT limit] */
export function sdiffcard(c: Context, a: Args): Reply {
  const { keys, limit } = takeRequest(a, false)
  return a.error ?? Math.min(difference(c, readSets(c, keys), limit).length, limit)
}
