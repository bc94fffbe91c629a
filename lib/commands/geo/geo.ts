/**
 * Geo commands that add and look at single places: a place is a member of a sorted set whose score is its geohash. The
 * searches are in geosearch.ts, the geometry in geohash.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { NULL_ARRAY, type Reply } from '../../base/reply.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { decode, distance } from '../../memory/twin/geo.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { addEntries, type ZaddOptions } from '../sorted-set/zadd.ts'
import { encode, standardGeohash } from './geohash.ts'
import { distanceReply, placeReply, takePlace, takeUnit } from './place.ts'

/** GEOADD key [NX|XX] [CH] longitude latitude member [longitude latitude member …] */
export function geoadd(c: Context, a: Args): Reply {
  const key = a.next()
  const options: ZaddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false }
  for (;;) {
    if (a.match('NX')) options.nx = true
    else if (a.match('XX')) options.xx = true
    else if (a.match('CH')) options.ch = true
    else break
  }
  if (a.done || a.left % 3 !== 0 || (options.nx && options.xx)) a.fail(SYNTAX)
  const members: Bytes[] = []
  const scores: number[] = []
  while (!a.done && a.error === undefined) {
    scores.push(encode(takePlace(a)))
    members.push(a.next())
  }
  if (a.error !== undefined) return a.error
  const reply = addEntries(c, key, members, scores, options)
  if (c.propagates && c.changed) {
    // What it is in a sorted set; replicas need not reckon.
    const pairs = members.flatMap((member, i) => ['' + scores[i], member])
    c.propagate(['zadd', key, ...a.argv.slice(2, a.argv.length - 3 * members.length), ...pairs])
  }
  return reply
}

/** GEODIST key member1 member2 [M|KM|FT|MI] */
export function geodist(c: Context, a: Args): Reply {
  const key = a.next()
  const first = a.next()
  const second = a.next()
  if (a.left > 1) return a.fail(SYNTAX)
  const unit = a.done ? 1 : takeUnit(a)
  if (a.error !== undefined) return a.error
  const zset = c.db.readTyped(key, ZSetValue)
  const from = zset?.score(first)
  const to = zset?.score(second)
  if (from === undefined || to === undefined) return null
  return distanceReply(distance(decode(from), decode(to)) / unit)
}

/** GEOHASH key [member …] */
export function geohash(c: Context, a: Args): Reply {
  const zset = c.db.readTyped(a.next(), ZSetValue)
  return a.rest().map((member) => {
    const score = zset?.score(member)
    return score === undefined ? null : standardGeohash(decode(score))
  })
}

/** GEOPOS key [member …] */
export function geopos(c: Context, a: Args): Reply {
  const zset = c.db.readTyped(a.next(), ZSetValue)
  return a.rest().map((member) => {
    const score = zset?.score(member)
    return score === undefined ? NULL_ARRAY : placeReply(decode(score))
  })
}
