/**
 * LMOVEM and BLMOVEM (Redis 8.10): several elements go from an end of a list to an end of another, or of the same. OBO pushes
 * them in the order in which they come off, so that between equal ends they are turned round; BULK keeps them as they
 * stood. Both answer with them as they stand in the destination.
 *
 * Genuine Redis repeats such a move to its replicas as LMOVEM; here a pop and a push are repeated, which every version knows.
 */
import type { Bytes } from '../../base/bytes.ts'
import { COUNT_NOT_POSITIVE, SYNTAX } from '../../base/errors.ts'
import { NULL_ARRAY, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { Args } from '../args.ts'
import { type Context, Notify, type PARKED } from '../command.ts'
import { takeTimeoutSeconds } from '../timeout.ts'
import { removed, takeEnd } from './list.ts'

interface Move {
  readonly source: Bytes
  readonly destination: Bytes
  readonly fromHead: boolean
  readonly toHead: boolean
}

interface HowMany {
  readonly count: number
  /** Nothing is moved unless there are `count` elements. */
  readonly exactly: boolean
  /** Pushed one by one. */
  readonly oneByOne: boolean
}

/** LMOVEM source destination LEFT|RIGHT LEFT|RIGHT [COUNT count|EXACTLY count OBO|BULK] */
export function lmovem(c: Context, a: Args): Reply {
  const move = takeMove(a)
  const howMany = takeHowMany(a)
  if (a.error !== undefined) return a.error
  return moveMany(c, move, howMany) ?? (howMany.exactly ? NULL_ARRAY : [])
}

/** BLMOVEM source destination LEFT|RIGHT LEFT|RIGHT timeout [COUNT count|EXACTLY count OBO|BULK] */
export function blmovem(c: Context, a: Args): Reply | typeof PARKED {
  const move = takeMove(a)
  const timeoutMs = takeTimeoutSeconds(c, a)
  const howMany = takeHowMany(a)
  if (a.error !== undefined) return a.error
  return moveMany(c, move, howMany) ?? c.park([move.source], 'list', timeoutMs, NULL_ARRAY)
}

function takeMove(a: Args): Move {
  return { source: a.next(), destination: a.next(), fromHead: takeEnd(a), toHead: takeEnd(a) }
}

function takeHowMany(a: Args): HowMany {
  if (a.done) return { count: 1, exactly: false, oneByOne: false }
  const exactly = a.match('EXACTLY')
  if (!exactly && !a.match('COUNT')) a.fail(SYNTAX)
  const count = a.integerBetween(1, Infinity, COUNT_NOT_POSITIVE)
  const oneByOne = a.match('OBO')
  if ((!oneByOne && !a.match('BULK')) || !a.done) a.fail(SYNTAX)
  return { count, exactly, oneByOne }
}

/** The elements that were moved, as they stand in the destination; undefined if there are none, or too few. */
function moveMany(c: Context, move: Move, { count, exactly, oneByOne }: HowMany): Bytes[] | undefined {
  const { source, destination, fromHead, toHead } = move
  const from = c.db.findTyped(source, ListValue)
  if (from === undefined || (exactly && from.length < count)) return undefined
  let to = c.db.findTyped(destination, ListValue)
  if (to === undefined) {
    to = new ListValue(c.config)
    c.db.set(destination, to, NO_EXPIRY)
  }
  const taken = Math.min(count, from.length)
  const first = fromHead ? 0 : from.length - taken
  const elements = from.slice(first, first + taken)
  if (oneByOne && fromHead === toHead) elements.reverse()
  if (c.propagates) propagateMove(c, move, elements, taken === from.length)
  from.removeRange(first, taken)
  to.grow(elements, 0, taken)
  for (let i = 0; i < taken; i++) to.push(elements[toHead ? taken - 1 - i : i], toHead)
  c.signal(destination, Notify.List, toHead ? 'lpush' : 'rpush')
  removed(c, source, from, fromHead ? 'lpop' : 'rpop', taken)
  return elements
}

/** A list that moves to itself as a whole is gone in between where that is repeated, and its expiry with it. */
function propagateMove(c: Context, move: Move, elements: readonly Bytes[], all: boolean): void {
  const { source, destination, fromHead, toHead } = move
  c.propagate([fromHead ? 'LPOP' : 'RPOP', source, '' + elements.length])
  c.propagate([toHead ? 'LPUSH' : 'RPUSH', destination, ...(toHead ? elements.toReversed() : elements)])
  const expireAt = c.db.expireAt(source)
  if (all && source === destination && expireAt >= 0) c.propagate(['PEXPIREAT', source, '' + expireAt])
}
