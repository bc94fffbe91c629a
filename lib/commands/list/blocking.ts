/**
 * List commands that wait for an element. Each first tries what its plain sister does; where there is nothing it parks on
 * its keys, and its handler runs again when one of them holds a list. In the stream of effects stands the plain command.
 * A wait that ends without an element answers with the null array, even where the command's reply is a single element;
 * only where waiting is not allowed does BLMOVE answer with a plain null, as in Redis.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NULL_ARRAY, type Reply } from '../../base/reply.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { Args } from '../args.ts'
import type { Context, PARKED } from '../command.ts'
import { takeTimeoutSeconds } from '../timeout.ts'
import { moveGeneric, popFirstOf, popOne, takeEnd, takePopRequest } from './list.ts'

type Outcome = Reply | typeof PARKED

/** BLPOP key [key …] timeout */
export const blpop = (c: Context, a: Args): Outcome => blockingPop(c, a, true)

/** BRPOP key [key …] timeout */
export const brpop = (c: Context, a: Args): Outcome => blockingPop(c, a, false)

function blockingPop(c: Context, a: Args, atHead: boolean): Outcome {
  const keys = a.take(a.left - 1)
  const timeoutMs = takeTimeoutSeconds(c, a)
  if (a.error !== undefined) return a.error
  for (const key of keys) {
    const list = c.db.findTyped(key, ListValue)
    if (list === undefined) continue
    if (c.propagates) c.propagate([atHead ? 'LPOP' : 'RPOP', key])
    return [key, popOne(c, key, list, atHead)]
  }
  return c.park(keys, 'list', timeoutMs, NULL_ARRAY)
}

/** BLMPOP timeout numkeys key [key …] LEFT|RIGHT [COUNT count] */
export function blmpop(c: Context, a: Args): Outcome {
  a.move(1)
  const request = takePopRequest(a)
  a.move(1 - a.position) // the timeout stands first but is checked last
  const timeoutMs = takeTimeoutSeconds(c, a)
  return a.error ?? popFirstOf(c, request) ?? c.park(request.keys, 'list', timeoutMs, NULL_ARRAY)
}

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout */
export function blmove(c: Context, a: Args): Outcome {
  const source = a.next()
  const destination = a.next()
  const fromHead = takeEnd(a)
  const toHead = takeEnd(a)
  const timeoutMs = takeTimeoutSeconds(c, a)
  if (a.error !== undefined) return a.error
  const moved = blockingMove(c, source, destination, fromHead, toHead, timeoutMs)
  if (typeof moved === 'string' && c.propagates) c.propagate(['LMOVE', source, destination, a.argv[3], a.argv[4]])
  return moved
}

/** BRPOPLPUSH source destination timeout */
export function brpoplpush(c: Context, a: Args): Outcome {
  const source = a.next()
  const destination = a.next()
  const timeoutMs = takeTimeoutSeconds(c, a)
  if (a.error !== undefined) return a.error
  const moved = blockingMove(c, source, destination, false, true, timeoutMs)
  if (typeof moved === 'string' && c.propagates) c.propagate(['RPOPLPUSH', source, destination])
  return moved
}

function blockingMove(
  c: Context,
  source: Bytes,
  destination: Bytes,
  fromHead: boolean,
  toHead: boolean,
  timeoutMs: number,
): Outcome {
  const element = moveGeneric(c, source, destination, fromHead, toHead)
  return element === null && c.mayBlock ? c.park([source], 'list', timeoutMs, NULL_ARRAY) : element
}
