/**
 * Searches for places around a centre: GEOSEARCH and GEOSEARCHSTORE, and the older GEORADIUS family, which differ in how
 * they say where and what to search, and in where they may store. The search itself is in search.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { decode, type Place } from '../../memory/twin/geo.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { storeResult } from '../store-result.ts'
import {
  ANY_WITHOUT_COUNT,
  BOX_NEGATIVE,
  COUNT_MUST_BE_POSITIVE,
  NO_SUCH_PLACE,
  NOT_HEIGHT,
  NOT_RADIUS,
  NOT_WIDTH,
  RADIUS_NEGATIVE,
  searchNeedsCentre,
  searchNeedsShape,
  storeWithDetails,
} from './errors.ts'
import type { Shape } from './geohash.ts'
import { distanceReply, placeReply, takePlace, takeUnit } from './place.ts'
import { type Found, search } from './search.ts'

/** The forms of a search. */
const Form = { Coordinates: 0, Member: 1, Search: 2, SearchStore: 3 } as const
type Form = (typeof Form)[keyof typeof Form]

/** What is asked for. */
class Request {
  centre: Place = { lon: 0, lat: 0 }
  centreBy: 'place' | 'member' | undefined
  shape: Shape | undefined
  /** Metres of the unit in which distances are answered. */
  unit = 1
  withDist = false
  withHash = false
  withCoord = false
  sort: 'asc' | 'desc' | undefined
  /** 0: all. */
  count = 0
  /** Enough is found once `count` are. */
  any = false
  storeKey: Bytes | undefined
  storesDistances = false
}

function searchGeneric(c: Context, a: Args, form: Form, mayStore: boolean): Reply {
  const request = new Request()
  if (form === Form.SearchStore) request.storeKey = a.next()
  const zset = c.db.readTyped(a.next(), ZSetValue)
  if (form === Form.Coordinates) {
    request.centre = takePlace(a)
    takeRadius(a, request)
  } else if (form === Form.Member) {
    takeMember(a, request, zset)
    // Without a key neither the radius nor its unit is looked at.
    if (zset === undefined) a.move(2)
    else takeRadius(a, request)
  }
  while (!a.done && a.error === undefined) takeOption(a, request, zset, form, mayStore)
  checkRequest(a, request, form)
  if (a.error !== undefined) return a.error
  const found = zset === undefined ? { members: [], scores: [], distances: [] } : find(zset, request)
  return request.storeKey === undefined ? foundReply(found, request) : store(c, request.storeKey, found, request, form)
}

function takeOption(a: Args, request: Request, zset: ZSetValue | undefined, form: Form, mayStore: boolean): void {
  const isSearch = form >= Form.Search
  if (a.match('WITHDIST')) request.withDist = true
  else if (a.match('WITHHASH')) request.withHash = true
  else if (a.match('WITHCOORD')) request.withCoord = true
  else if (a.match('ANY')) request.any = true
  else if (a.match('ASC')) request.sort = 'asc'
  else if (a.match('DESC')) request.sort = 'desc'
  else if (a.left >= 2 && a.match('COUNT')) takeCount(a, request)
  else if (form === Form.SearchStore && a.match('STOREDIST')) request.storesDistances = true
  else if (isSearch) takeSearchOption(a, request, zset)
  else if (mayStore && a.left >= 2 && a.match('STORE')) {
    request.storeKey = a.next()
    request.storesDistances = false
  } else if (mayStore && a.left >= 2 && a.match('STOREDIST')) {
    request.storeKey = a.next()
    request.storesDistances = true
  } else a.fail(SYNTAX)
}

/** The options that say where and what GEOSEARCH searches; each may be given again, but not in the other way. */
function takeSearchOption(a: Args, request: Request, zset: ZSetValue | undefined): void {
  const { shape, centreBy } = request
  if (a.left >= 2 && centreBy !== 'place' && a.match('FROMMEMBER')) {
    takeMember(a, request, zset)
  } else if (a.left >= 3 && centreBy !== 'member' && a.match('FROMLONLAT')) {
    request.centre = takePlace(a)
    request.centreBy = 'place'
  } else if (a.left >= 3 && !(shape !== undefined && 'width' in shape) && a.match('BYRADIUS')) {
    takeRadius(a, request)
  } else if (a.left >= 4 && !(shape !== undefined && 'radius' in shape) && a.match('BYBOX')) {
    takeBox(a, request)
  } else {
    a.fail(SYNTAX)
  }
}

function takeMember(a: Args, request: Request, zset: ZSetValue | undefined): void {
  const member = a.next()
  request.centreBy = 'member'
  if (zset === undefined) return
  const score = zset.score(member)
  if (score === undefined) a.fail(NO_SUCH_PLACE)
  else request.centre = decode(score)
}

function takeRadius(a: Args, request: Request): void {
  const radius = a.float(NOT_RADIUS)
  if (radius < 0) a.fail(RADIUS_NEGATIVE)
  request.unit = takeUnit(a)
  request.shape = { radius: radius * request.unit }
}

function takeBox(a: Args, request: Request): void {
  const width = a.float(NOT_WIDTH)
  const height = a.float(NOT_HEIGHT)
  if (width < 0 || height < 0) a.fail(BOX_NEGATIVE)
  request.unit = takeUnit(a)
  request.shape = { width: width * request.unit, height: height * request.unit }
}

function takeCount(a: Args, request: Request): void {
  request.count = a.integer()
  if (request.count <= 0) a.fail(COUNT_MUST_BE_POSITIVE)
}

/** What can only be said of all options together. */
function checkRequest(a: Args, request: Request, form: Form): void {
  const { storeKey, withDist, withHash, withCoord, centreBy, shape, any, count } = request
  if (storeKey !== undefined && (withDist || withHash || withCoord)) {
    a.fail(storeWithDetails(form === Form.SearchStore ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'))
  }
  if (form >= Form.Search && centreBy === undefined) a.fail(searchNeedsCentre(a.argv[0]))
  if (form >= Form.Search && shape === undefined) a.fail(searchNeedsShape(a.argv[0]))
  if (any && count === 0) a.fail(ANY_WITHOUT_COUNT)
}

/** Reads what a request asks for. */
function find(zset: ZSetValue, request: Request): Found {
  const { centre, shape, count, any, sort, storeKey, storesDistances, withDist, withHash, withCoord } = request
  return search(zset, {
    centre,
    shape: shape!,
    count,
    any,
    // The nearest are meant where only some are wanted.
    order: sort ?? (count !== 0 && !any ? 'asc' : undefined),
    distances: withDist || storesDistances,
    scores: withHash || withCoord || (storeKey !== undefined && !storesDistances),
  })
}

function foundReply({ members, scores, distances }: Found, request: Request): Reply {
  const { withDist, withHash, withCoord, unit } = request
  if (!withDist && !withHash && !withCoord) return members
  const replies: Reply[] = []
  for (let i = 0; i < members.length; i++) {
    // An array that grows takes room for seventeen at once.
    const details: Reply[] = withDist ? [members[i], distanceReply(distances[i] / unit)] : [members[i]]
    if (withHash) details.push(Math.trunc(scores[i]))
    if (withCoord) details.push(placeReply(decode(scores[i])))
    replies.push(details)
  }
  return replies
}

function store(c: Context, key: Bytes, { members, scores, distances }: Found, request: Request, form: Form): Reply {
  const { storesDistances, unit } = request
  const values = storesDistances ? distances.map((distance) => distance / unit) : scores
  const result = ZSetValue.of(c.config, members, values)
  const event = form === Form.SearchStore ? 'geosearchstore' : 'georadiusstore'
  return storeResult(c, key, result, Notify.SortedSet, event, result.length)
}

/**
 * GEORADIUS key longitude latitude radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
 *   [STORE key|STOREDIST key]
 */
export function georadius(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.Coordinates, true)
}

/** GEORADIUS_RO: GEORADIUS without STORE and STOREDIST */
export function georadiusRo(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.Coordinates, false)
}

/**
 * GEORADIUSBYMEMBER key member radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
 *   [STORE key|STOREDIST key]
 */
export function georadiusbymember(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.Member, true)
}

/** GEORADIUSBYMEMBER_RO: GEORADIUSBYMEMBER without STORE and STOREDIST */
export function georadiusbymemberRo(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.Member, false)
}

/**
 * GEOSEARCH key FROMMEMBER member|FROMLONLAT longitude latitude BYRADIUS radius unit|BYBOX width height unit [ASC|DESC]
 *   [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
 */
export function geosearch(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.Search, false)
}

/**
 * GEOSEARCHSTORE destination source FROMMEMBER member|FROMLONLAT longitude latitude BYRADIUS radius unit|BYBOX width height
 *   unit [ASC|DESC] [COUNT count [ANY]] [STOREDIST]
 */
export function geosearchstore(c: Context, a: Args): Reply {
  return searchGeneric(c, a, Form.SearchStore, true)
}

/** The key, and after `from` arguments the last key named by STORE or STOREDIST. */
export function storePositions(argv: readonly Bytes[], from: number): readonly number[] {
  let stored: number | undefined
  for (let i = from; i + 1 < argv.length; i++) {
    const word = argv[i].toUpperCase()
    if (word === 'STORE' || word === 'STOREDIST') stored = ++i
  }
  return stored === undefined ? [1] : [1, stored]
}
