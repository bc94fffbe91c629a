/** What changes the entries of a sorted set one by one: ZADD, ZINCRBY, ZREM. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { Double, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { GT_LT_NX, INCR_TAKES_ONE_PAIR, SCORE_NAN, XX_AND_NX } from './errors.ts'

const UPPER_A = 65

export interface ZaddOptions {
  nx: boolean
  xx: boolean
  gt: boolean
  lt: boolean
  ch: boolean
  incr: boolean
}

/** ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member …] */
export function zadd(c: Context, a: Args): Reply {
  return zaddGeneric(c, a, false)
}

/** ZINCRBY key increment member */
export function zincrby(c: Context, a: Args): Reply {
  return zaddGeneric(c, a, true)
}

function zaddGeneric(c: Context, a: Args, incr: boolean): Reply {
  const key = a.next()
  const options = takeOptions(a, incr)
  const pairs = a.left >> 1
  const scores = new Array<number>(pairs)
  const members = new Array<Bytes>(pairs)
  for (let i = 0; i < pairs && a.error === undefined; i++) {
    scores[i] = a.float()
    members[i] = a.next()
  }
  if (a.error !== undefined) return a.error
  return addEntries(c, key, members, scores, options)
}

/** `addEntriesTo` the sorted set of a key. */
export function addEntries(
  c: Context,
  key: Bytes,
  members: readonly Bytes[],
  scores: readonly number[],
  options: ZaddOptions,
): Reply {
  return addEntriesTo(c, key, c.db.findTyped(key, ZSetValue), members, scores, options)
}

/**
 * Adds or updates entries of a sorted set that was found under its key; where there is none, it is made if need be. Beforehand only their number counts for its form, and
 * the first member's length for a new one, as in Redis 7.4: what is not added in the end must not enlarge the set.
 */
export function addEntriesTo(
  c: Context,
  key: Bytes,
  found: ZSetValue | undefined,
  members: readonly Bytes[],
  scores: readonly number[],
  options: ZaddOptions,
): Reply {
  let zset = found
  if (zset === undefined) {
    if (options.xx) return options.incr ? null : 0
    zset = new ZSetValue(c.config, members.length, members[0].length)
    c.db.set(key, zset, NO_EXPIRY)
  } else {
    zset.expect(members.length, 0)
  }
  if (options.incr) return addOne(c, key, zset, members[0], scores[0], options)
  return addAll(c, key, zset, members, scores, options)
}

function takeOptions(a: Args, incr: boolean): ZaddOptions {
  const options: ZaddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr }
  // A score seldom begins with a letter, so this costs one comparison.
  while (!a.done && a.peek().charCodeAt(0) >= UPPER_A) {
    if (a.match('NX')) options.nx = true
    else if (a.match('XX')) options.xx = true
    else if (a.match('CH')) options.ch = true
    else if (a.match('INCR')) options.incr = true
    else if (a.match('GT')) options.gt = true
    else if (a.match('LT')) options.lt = true
    else break
  }
  const { nx, xx, gt, lt } = options
  if (a.left % 2 === 1 || a.done) a.fail(SYNTAX)
  else if (nx && xx) a.fail(XX_AND_NX)
  else if ((nx && (gt || lt)) || (gt && lt)) a.fail(GT_LT_NX)
  else if (options.incr && a.left > 2) a.fail(INCR_TAKES_ONE_PAIR)
  return options
}

function addAll(
  c: Context,
  key: Bytes,
  zset: ZSetValue,
  members: readonly Bytes[],
  scores: readonly number[],
  { nx, xx, gt, lt, ch }: ZaddOptions,
): Reply {
  let added = 0
  let updated = 0
  for (let i = 0; i < members.length; i++) {
    const member = members[i]
    const score = scores[i]
    const current = zset.score(member)
    if (current === undefined) {
      if (xx) continue
      zset.add(member, score)
      added++
    } else if (!nx && score !== current && !(lt && score > current) && !(gt && score < current)) {
      zset.update(member, current, score)
      updated++
    }
  }
  if (added + updated > 0) {
    c.signal(key, Notify.SortedSet, 'zadd')
    c.count(added + updated)
  }
  return ch ? added + updated : added
}

function addOne(
  c: Context,
  key: Bytes,
  zset: ZSetValue,
  member: Bytes,
  increment: number,
  options: ZaddOptions,
): Reply {
  const current = zset.score(member)
  if (current === undefined) {
    if (options.xx) return null
    zset.add(member, increment)
    c.signal(key, Notify.SortedSet, 'zincr')
    return new Double(increment)
  }
  if (options.nx) return null
  const score = current + increment
  if (Number.isNaN(score)) return SCORE_NAN
  if ((options.lt && score >= current) || (options.gt && score <= current)) return null
  if (score !== current) {
    zset.update(member, current, score)
    c.signal(key, Notify.SortedSet, 'zincr')
  }
  return new Double(score)
}

/** ZREM key member [member …] */
export function zrem(c: Context, a: Args): Reply {
  const key = a.next()
  const zset = c.db.findTyped(key, ZSetValue)
  return zset === undefined ? 0 : removeMembers(c, key, zset, a.rest())
}

export function removeMembers(c: Context, key: Bytes, zset: ZSetValue, members: readonly Bytes[]): number {
  let removed = 0
  for (let i = 0; i < members.length && zset.length > 0; i++) if (zset.delete(members[i])) removed++
  if (removed > 0) {
    c.signal(key, Notify.SortedSet, 'zrem')
    c.count(removed)
    deleteIfEmpty(c, key, zset)
  }
  return removed
}

/** Deletes a key whose last entry was taken. */
export function deleteIfEmpty(c: Context, key: Bytes, zset: ZSetValue): void {
  if (zset.length > 0) return
  c.db.delete(key)
  c.notify(Notify.Generic, 'del', key)
}
