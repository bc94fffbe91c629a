/**
 * List commands that do not wait. The blocking ones are in blocking.ts and use the cores here: `popOne`, `popSome` and
 * `moveGeneric`. Moves of several elements are in movem.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import {
  COUNT_NOT_POSITIVE,
  COUNT_OUT_OF_LONG,
  MUST_BE_POSITIVE,
  NO_SUCH_KEY,
  NUMKEYS_NOT_POSITIVE,
  SYNTAX,
  wrongArity,
} from '../../base/errors.ts'
import { NULL_ARRAY, OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { COUNT_NEGATIVE, INDEX_OUT_OF_RANGE, LPOS_MAXLEN_NEGATIVE, RANK_ZERO } from './errors.ts'

/** Larger than any length. */
const UNLIMITED = Infinity
const INT64_MIN = '-9223372036854775808'

// The ends of a list.

/** LPUSH key element [element …] */
export const lpush = (c: Context, a: Args): Reply => pushGeneric(c, a, true, false)

/** RPUSH key element [element …] */
export const rpush = (c: Context, a: Args): Reply => pushGeneric(c, a, false, false)

/** LPUSHX key element [element …] */
export const lpushx = (c: Context, a: Args): Reply => pushGeneric(c, a, true, true)

/** RPUSHX key element [element …] */
export const rpushx = (c: Context, a: Args): Reply => pushGeneric(c, a, false, true)

function pushGeneric(c: Context, a: Args, atHead: boolean, mustExist: boolean): Reply {
  const key = a.next()
  const list = c.db.findTyped(key, ListValue)
  return list === undefined && mustExist ? 0 : pushAll(c, key, list, a.argv, atHead)
}

/** Adds all arguments behind the key to what was found there. */
export function pushAll(
  c: Context,
  key: Bytes,
  found: ListValue | undefined,
  argv: readonly Bytes[],
  atHead: boolean,
): number {
  const list = found ?? new ListValue(c.config)
  if (found === undefined) c.db.set(key, list, NO_EXPIRY)
  list.grow(argv, 2, argv.length)
  for (let i = 2; i < argv.length; i++) list.push(argv[i], atHead)
  c.signal(key, Notify.List, atHead ? 'lpush' : 'rpush')
  c.count(argv.length - 2)
  return list.length
}

/** LPOP key [count] */
export const lpop = (c: Context, a: Args): Reply => popGeneric(c, a, true)

/** RPOP key [count] */
export const rpop = (c: Context, a: Args): Reply => popGeneric(c, a, false)

function popGeneric(c: Context, a: Args, atHead: boolean): Reply {
  if (a.left > 2) return wrongArity(c.command.fullName)
  const key = a.next()
  const hasCount = !a.done
  const count = hasCount ? a.integerBetween(0, UNLIMITED, MUST_BE_POSITIVE) : 1
  if (a.error !== undefined) return a.error
  const list = c.db.findTyped(key, ListValue)
  if (list === undefined) return hasCount ? NULL_ARRAY : null
  if (!hasCount) return popOne(c, key, list, atHead)
  return count === 0 ? [] : popSome(c, key, list, atHead, count)
}

/** Pops one element of a list that is not empty. */
export function popOne(c: Context, key: Bytes, list: ListValue, atHead: boolean): Bytes {
  const element = list.pop(atHead)
  removed(c, key, list, atHead ? 'lpop' : 'rpop', 1)
  return element
}

/** Pops up to `count` elements of a list that is not empty, in the order in which they come off that end. */
export function popSome(c: Context, key: Bytes, list: ListValue, atHead: boolean, count: number): Bytes[] {
  const { length } = list
  const taken = Math.min(count, length)
  const from = atHead ? 0 : length - taken
  const elements = list.slice(from, from + taken)
  list.removeRange(from, taken)
  removed(c, key, list, atHead ? 'lpop' : 'rpop', taken)
  return atHead ? elements : elements.reverse()
}

/** What follows the removal of `count` elements: the change of encoding or the end of the key, and the events. */
export function removed(c: Context, key: Bytes, list: ListValue, event: Bytes, count: number): void {
  const isEmpty = list.length === 0
  if (isEmpty) c.db.delete(key)
  else list.shrink()
  c.signal(key, Notify.List, event)
  c.count(count)
  if (isEmpty) c.notify(Notify.Generic, 'del', key)
}

/** LMPOP numkeys key [key …] LEFT|RIGHT [COUNT count] */
export function lmpop(c: Context, a: Args): Reply {
  const request = takePopRequest(a)
  return a.error ?? popFirstOf(c, request) ?? NULL_ARRAY
}

interface PopRequest {
  readonly keys: readonly Bytes[]
  readonly atHead: boolean
  readonly count: number
}

/** Takes `numkeys key [key …] LEFT|RIGHT [COUNT count]`. */
export function takePopRequest(a: Args): PopRequest {
  const count = a.integerBetween(1, UNLIMITED, NUMKEYS_NOT_POSITIVE)
  const request = { keys: a.take(count), atHead: takeEnd(a), count: 1 }
  if (a.error !== undefined || a.done) return request
  if (a.left === 2 && a.match('COUNT')) request.count = a.integerBetween(1, UNLIMITED, COUNT_NOT_POSITIVE)
  else a.fail(SYNTAX)
  return request
}

/** Pops from the first of the keys that holds a list: [key, elements], or undefined if none does. */
export function popFirstOf(c: Context, { keys, atHead, count }: PopRequest): Reply | undefined {
  for (const key of keys) {
    const list = c.db.findTyped(key, ListValue)
    if (list === undefined) continue
    const elements = popSome(c, key, list, atHead, count)
    if (c.propagates) c.propagate([atHead ? 'LPOP' : 'RPOP', key, '' + elements.length])
    return [key, elements]
  }
  return undefined
}

/** Takes LEFT or RIGHT; true for LEFT. */
export function takeEnd(a: Args): boolean {
  if (a.match('LEFT')) return true
  if (!a.match('RIGHT')) a.fail(SYNTAX)
  return false
}

/** LMOVE source destination LEFT|RIGHT LEFT|RIGHT */
export function lmove(c: Context, a: Args): Reply {
  const source = a.next()
  const destination = a.next()
  const fromHead = takeEnd(a)
  const toHead = takeEnd(a)
  return a.error ?? moveGeneric(c, source, destination, fromHead, toHead)
}

/** RPOPLPUSH source destination */
export function rpoplpush(c: Context, a: Args): Reply {
  return moveGeneric(c, a.next(), a.next(), false, true)
}

/** Moves one element from an end of a list to an end of another, or of the same. */
export function moveGeneric(c: Context, source: Bytes, destination: Bytes, fromHead: boolean, toHead: boolean): Reply {
  const from = c.db.findTyped(source, ListValue)
  if (from === undefined) return null
  let to = c.db.findTyped(destination, ListValue)
  if (to === undefined) {
    to = new ListValue(c.config)
    c.db.set(destination, to, NO_EXPIRY)
  }
  const element = from.pop(fromHead)
  to.grow([element], 0, 1)
  to.push(element, toHead)
  c.signal(destination, Notify.List, toHead ? 'lpush' : 'rpush')
  removed(c, source, from, fromHead ? 'lpop' : 'rpop', 1)
  return element
}

// Positions and ranges.

/** LLEN key */
export function llen(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), ListValue)?.length ?? 0
}

/** LINDEX key index */
export function lindex(c: Context, a: Args): Reply {
  const list = c.db.readTyped(a.next(), ListValue)
  if (list === undefined) return null
  const index = a.integer()
  if (a.error !== undefined) return a.error
  const position = index < 0 ? index + list.length : index
  return position >= 0 && position < list.length ? list.at(position) : null
}

/** LSET key index element */
export function lset(c: Context, a: Args): Reply {
  const key = a.next()
  const list = c.db.findTyped(key, ListValue)
  if (list === undefined) return NO_SUCH_KEY
  const index = a.integer()
  if (a.error !== undefined) return a.error
  list.grow(a.argv, 3, 4)
  const position = index < 0 ? index + list.length : index
  if (position < 0 || position >= list.length) return INDEX_OUT_OF_RANGE
  list.set(position, a.next())
  list.shrink()
  c.signal(key, Notify.List, 'lset')
  return OK
}

/** LRANGE key start stop */
export function lrange(c: Context, a: Args): Reply {
  const key = a.next()
  const start = a.integer()
  const stop = a.integer()
  if (a.error !== undefined) return a.error
  const list = c.db.readTyped(key, ListValue)
  if (list === undefined) return []
  const { length } = list
  return list.slice(firstOf(start, length), endOf(stop, length))
}

/** LTRIM key start stop */
export function ltrim(c: Context, a: Args): Reply {
  const key = a.next()
  const start = a.integer()
  const stop = a.integer()
  if (a.error !== undefined) return a.error
  const list = c.db.findTyped(key, ListValue)
  if (list === undefined) return OK
  const { length } = list
  const first = firstOf(start, length)
  const end = endOf(stop, length)
  if (first === 0 && end === length) {
    c.notify(Notify.List, 'ltrim', key)
    return OK
  }
  if (first >= end) list.removeRange(0, length)
  else {
    list.removeRange(end, length - end)
    list.removeRange(0, first)
  }
  removed(c, key, list, 'ltrim', length - Math.max(0, end - first))
  return OK
}

/** The first index of a range whose start may count from the end. */
export function firstOf(start: number, length: number): number {
  return start < 0 ? Math.max(0, start + length) : start
}

/** The index after a range whose stop, included, may count from the end. */
export function endOf(stop: number, length: number): number {
  return Math.min(length, (stop < 0 ? stop + length : stop) + 1)
}

// Elements by value.

/** LINSERT key BEFORE|AFTER pivot element */
export function linsert(c: Context, a: Args): Reply {
  const key = a.next()
  const after = a.match('AFTER')
  if (!after && !a.match('BEFORE')) return a.fail(SYNTAX)
  const list = c.db.findTyped(key, ListValue)
  if (list === undefined) return 0
  list.grow(a.argv, 4, 5) // as Redis, before it is known whether the pivot is there
  if (!list.insert(a.next(), a.next(), after)) return -1
  c.signal(key, Notify.List, 'linsert')
  return list.length
}

/** LREM key count element */
export function lrem(c: Context, a: Args): Reply {
  const key = a.next()
  const count = takeSigned(a)
  if (a.error !== undefined) return a.error
  const list = c.db.findTyped(key, ListValue)
  if (list === undefined) return 0
  const gone = list.remove(a.next(), Math.abs(count) || UNLIMITED, count < 0)
  if (gone > 0) removed(c, key, list, 'lrem', gone)
  return gone
}

/** LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len] */
export function lpos(c: Context, a: Args): Reply {
  const key = a.next()
  const element = a.next()
  let rank = 1
  let count = -1
  let maxLength = 0
  while (!a.done && a.error === undefined) {
    if (a.left === 1) return SYNTAX
    if (a.match('RANK')) {
      rank = takeSigned(a)
      if (a.error === undefined && rank === 0) return RANK_ZERO
    } else if (a.match('COUNT')) count = a.integerBetween(0, UNLIMITED, COUNT_NEGATIVE)
    else if (a.match('MAXLEN')) maxLength = a.integerBetween(0, UNLIMITED, LPOS_MAXLEN_NEGATIVE)
    else return SYNTAX
  }
  if (a.error !== undefined) return a.error
  const list = c.db.readTyped(key, ListValue)
  const found = list === undefined ? [] : positions(list, element, rank, Math.abs(count) || UNLIMITED, maxLength)
  return count === -1 ? (found[0] ?? null) : found
}

/** Indexes of the elements equal to one, from the rank-th on: at most `count`, among the first `maxLength` (0: all). */
function positions(list: ListValue, element: Bytes, rank: number, count: number, maxLength: number): number[] {
  const backward = rank < 0
  const { length } = list
  const found: number[] = []
  let skip = Math.abs(rank) - 1
  list.search(element, backward, (index) => {
    if (maxLength !== 0 && (backward ? length - 1 - index : index) >= maxLength) return true
    if (skip-- > 0) return false
    return found.push(index) === count
  })
  return found
}

/** Takes a 64-bit integer whose sign says from which end; the smallest one has no opposite and is refused. */
function takeSigned(a: Args): number {
  if (a.peek() === INT64_MIN) a.fail(COUNT_OUT_OF_LONG)
  return a.integer()
}
