/**
 * Sorted set commands: here what looks at single entries, draws them or scans them; changes in zadd.ts, ranges in
 * zrange.ts, pops in zpop.ts, set algebra in zalgebra.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX, wrongArity } from '../../base/errors.ts'
import { Double, NULL_ARRAY, type Reply } from '../../base/reply.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { checkDrawCount, drawnReply, takeDrawCount } from '../random-draw.ts'
import { EMPTY_SCAN, ScanKind, scanGeneric, takeCursor } from '../scan.ts'
import { ScoredReply } from './scored-reply.ts'

/** ZCARD key */
export function zcard(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), ZSetValue)?.length ?? 0
}

/** ZSCORE key member */
export function zscore(c: Context, a: Args): Reply {
  const score = c.db.readTyped(a.next(), ZSetValue)?.score(a.next())
  return score === undefined ? null : new Double(score)
}

/** ZMSCORE key member [member …] */
export function zmscore(c: Context, a: Args): Reply {
  const zset = c.db.readTyped(a.next(), ZSetValue)
  return a.rest().map((member) => {
    const score = zset?.score(member)
    return score === undefined ? null : new Double(score)
  })
}

/** ZRANK key member [WITHSCORE] */
export function zrank(c: Context, a: Args): Reply {
  return rankGeneric(c, a, false)
}

/** ZREVRANK key member [WITHSCORE] */
export function zrevrank(c: Context, a: Args): Reply {
  return rankGeneric(c, a, true)
}

function rankGeneric(c: Context, a: Args, down: boolean): Reply {
  const key = a.next()
  const member = a.next()
  if (a.left > 1) return wrongArity(c.command.fullName)
  const withScore = a.match('WITHSCORE')
  if (!a.done) return a.fail(SYNTAX)
  const zset = c.db.readTyped(key, ZSetValue)
  const score = zset?.score(member)
  if (zset === undefined || score === undefined) return withScore ? NULL_ARRAY : null
  const rank = rankFrom(zset, member, score, down)
  return withScore ? [rank, new Double(score)] : rank
}

/** The rank of a member, or null. */
export function rankOf(zset: ZSetValue, member: Bytes, down: boolean): number | null {
  const score = zset.score(member)
  return score === undefined ? null : rankFrom(zset, member, score, down)
}

function rankFrom(zset: ZSetValue, member: Bytes, score: number, down: boolean): number {
  const rank = zset.rank(member, score)
  return down ? zset.length - 1 - rank : rank
}

/** ZRANDMEMBER key [count [WITHSCORES]] */
export function zrandmember(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.done) return randomMember(c.db.readTyped(key, ZSetValue))
  const count = takeDrawCount(a)
  const withScores = a.match('WITHSCORES')
  if (!a.done) a.fail(SYNTAX)
  checkDrawCount(a, count, withScores)
  if (a.error !== undefined) return a.error
  const zset = c.db.readTyped(key, ZSetValue)
  if (zset === undefined) return []
  const { length } = zset
  const reply = new ScoredReply(c, withScores)
  if (count < length) return drawnReply(length, count, (items, position) => reply.addDrawn(items, zset, position))
  zset.walk(length - 1, length, true, reply.add)
  return reply.items
}

function randomMember(zset: ZSetValue | undefined): Reply {
  return zset === undefined ? null : zset.memberAt(Math.floor(Math.random() * zset.length))
}

/** ZSCAN key cursor [MATCH pattern] [COUNT count] */
export function zscan(c: Context, a: Args): Reply {
  const key = a.next()
  const cursor = takeCursor(a)
  if (a.error !== undefined) return a.error
  const zset = c.db.readTyped(key, ZSetValue)
  return zset === undefined ? EMPTY_SCAN : scanGeneric(a, cursor, zset, ScanKind.Other)
}
