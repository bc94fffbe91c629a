/**
 * Ranges of a sorted set: read, stored, counted and removed. Each is brought to a rank and a number of entries in
 * O(log n), by rank directly, by score and by member as what lies between two cuts; then it is one walk.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_INTEGER, SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { parseInteger } from '../number.ts'
import { storeResult } from '../store-result.ts'
import { LEX_WITH_SCORES, LIMIT_WITHOUT_BY } from './errors.ts'
import { type CutRange, lexRange, scoreRange } from './score-range.ts'
import { ScoredReply } from './scored-reply.ts'
import { deleteIfEmpty } from './zadd.ts'

export const By = { Rank: 0, Score: 1, Lex: 2 } as const
export type By = (typeof By)[keyof typeof By]

export interface Range {
  readonly down: boolean
  readonly withScores: boolean
  /** By rank: the ends, both included, negative from the end. */
  readonly start: number
  readonly stop: number
  /** By score or member. */
  readonly cuts: CutRange | undefined
  readonly offset: number
  /** Negative: all. */
  readonly limit: number
}

/** Where a range lies: the rank of the entry that comes first in its direction, and how many they are. */
export interface Span {
  readonly rank: number
  readonly count: number
}

const NOTHING: Span = { rank: 0, count: 0 }

/**
 * Takes min, max and options. What `fixedBy` and `fixedDown` leave open is chosen by BYSCORE, BYLEX and REV; a range by score or
 * member that goes down has its max first.
 */
export function takeRange(a: Args, stores: boolean, fixedBy?: By, fixedDown?: boolean): Range {
  const first = a.next()
  const second = a.next()
  let by = fixedBy
  let down = fixedDown
  let withScores = false
  let offset = 0
  let limit = -1
  while (!a.done && a.error === undefined) {
    if (!stores && a.match('WITHSCORES')) withScores = true
    else if (a.left >= 3 && a.match('LIMIT')) {
      offset = a.integer()
      limit = a.integer()
    } else if (down === undefined && a.match('REV')) down = true
    else if (by === undefined && a.match('BYLEX')) by = By.Lex
    else if (by === undefined && a.match('BYSCORE')) by = By.Score
    else a.fail(SYNTAX)
  }
  by ??= By.Rank
  down ??= false
  if (limit !== -1 && by === By.Rank) a.fail(LIMIT_WITHOUT_BY)
  if (withScores && by === By.Lex) a.fail(LEX_WITH_SCORES)
  if (a.error !== undefined || by === By.Rank) {
    return { down, withScores, start: rankOf(a, first), stop: rankOf(a, second), cuts: undefined, offset, limit }
  }
  const min = down ? second : first
  const max = down ? first : second
  const cuts = by === By.Score ? scoreRange(a, min, max) : lexRange(a, min, max)
  return { down, withScores, start: 0, stop: 0, cuts, offset, limit }
}

function rankOf(a: Args, bytes: Bytes): number {
  const rank = parseInteger(bytes)
  if (rank === undefined) a.fail(NOT_INTEGER)
  return rank ?? 0
}

export function locate(zset: ZSetValue, { down, start, stop, cuts, offset, limit }: Range): Span {
  if (cuts === undefined) return spanOfRanks(zset.length, start, stop, down)
  const from = zset.rankOfCut(cuts.min)
  const to = zset.rankOfCut(cuts.max)
  if (offset < 0) return NOTHING
  const left = to - from - offset
  return { rank: down ? to - 1 - offset : from + offset, count: limit < 0 ? left : Math.min(limit, left) }
}

/** Where the entries lie from one rank to another, both included, that may count from the end. */
export function spanOfRanks(length: number, start: number, stop: number, down: boolean): Span {
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length - 1, stop < 0 ? length + stop : stop)
  return { rank: down ? length - 1 - from : from, count: to - from + 1 }
}

function readRange(c: Context, a: Args, by?: By, down?: boolean): Reply {
  const key = a.next()
  const range = takeRange(a, false, by, down)
  if (a.error !== undefined) return a.error
  const zset = c.db.readTyped(key, ZSetValue)
  if (zset === undefined) return []
  return readSpan(c, zset, locate(zset, range), range.down, range.withScores)
}

export function readSpan(
  c: Context,
  zset: ZSetValue,
  { rank, count }: Span,
  down: boolean,
  withScores: boolean,
): Reply {
  const reply = new ScoredReply(c, withScores)
  zset.walk(rank, count, down, reply.add)
  return reply.items
}

/** ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES] */
export function zrange(c: Context, a: Args): Reply {
  return readRange(c, a)
}

/** ZREVRANGE key start stop [WITHSCORES] */
export function zrevrange(c: Context, a: Args): Reply {
  return readRange(c, a, By.Rank, true)
}

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count] */
export function zrangebyscore(c: Context, a: Args): Reply {
  return readRange(c, a, By.Score, false)
}

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count] */
export function zrevrangebyscore(c: Context, a: Args): Reply {
  return readRange(c, a, By.Score, true)
}

/** ZRANGEBYLEX key min max [LIMIT offset count] */
export function zrangebylex(c: Context, a: Args): Reply {
  return readRange(c, a, By.Lex, false)
}

/** ZREVRANGEBYLEX key max min [LIMIT offset count] */
export function zrevrangebylex(c: Context, a: Args): Reply {
  return readRange(c, a, By.Lex, true)
}

/** ZRANGESTORE destination source start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] */
export function zrangestore(c: Context, a: Args): Reply {
  const destination = a.next()
  const key = a.next()
  const range = takeRange(a, true)
  if (a.error !== undefined) return a.error
  let result = new ZSetValue(c.config, 0, 0)
  const zset = c.db.readTyped(key, ZSetValue)
  if (zset !== undefined) {
    const { rank, count } = locate(zset, range)
    // As in Redis, the result of a range by score or member begins small, whatever it grows to: -0 becomes 0 meanwhile.
    if (range.cuts === undefined) result = new ZSetValue(c.config, count, 0)
    zset.walk(rank, count, range.down, (member, score) => result.add(member, score))
  }
  return storeResult(c, destination, result, Notify.SortedSet, 'zrangestore')
}

/** ZCOUNT key min max */
export function zcount(c: Context, a: Args): Reply {
  const key = a.next()
  return countRange(c, a, key, scoreRange(a, a.next(), a.next()))
}

/** ZLEXCOUNT key min max */
export function zlexcount(c: Context, a: Args): Reply {
  const key = a.next()
  return countRange(c, a, key, lexRange(a, a.next(), a.next()))
}

function countRange(c: Context, a: Args, key: Bytes, { min, max }: CutRange): Reply {
  if (a.error !== undefined) return a.error
  const zset = c.db.readTyped(key, ZSetValue)
  return zset === undefined ? 0 : Math.max(0, zset.rankOfCut(max) - zset.rankOfCut(min))
}

function removeRange(c: Context, a: Args, by: By, event: Bytes): Reply {
  const key = a.next()
  const range = takeRange(a, true, by, false)
  if (a.error !== undefined) return a.error
  const zset = c.db.findTyped(key, ZSetValue)
  if (zset === undefined) return 0
  const { rank, count } = locate(zset, range)
  if (count <= 0) return 0
  zset.deleteRange(rank, count)
  c.signal(key, Notify.SortedSet, event)
  c.count(count)
  deleteIfEmpty(c, key, zset)
  return count
}

/** ZREMRANGEBYRANK key start stop */
export function zremrangebyrank(c: Context, a: Args): Reply {
  return removeRange(c, a, By.Rank, 'zremrangebyrank')
}

/** ZREMRANGEBYSCORE key min max */
export function zremrangebyscore(c: Context, a: Args): Reply {
  return removeRange(c, a, By.Score, 'zremrangebyscore')
}

/** ZREMRANGEBYLEX key min max */
export function zremrangebylex(c: Context, a: Args): Reply {
  return removeRange(c, a, By.Lex, 'zremrangebylex')
}
