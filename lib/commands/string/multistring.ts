/** Many strings in one command: all are read, or all are written, at once. */

import { SYNTAX, wrongArity } from '../../base/errors.ts'
import { OK, type Reply, ReplyError } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { StringBuffer, storedString, stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { ExpireOption } from '../expireoption.ts'
import { overwrite } from '../overwriting.ts'
import { INVALID_NUMKEYS, WRONG_PAIRS } from './errors.ts'

const INT32_MAX = 2 ** 31 - 1

/** MGET key [key …] */
export function mget(c: Context, a: Args): Reply {
  const replies: Reply[] = []
  while (!a.done) {
    const value = c.db.read(a.next())
    if (value === undefined || (typeof value === 'object' && !(value instanceof StringBuffer))) replies.push(null)
    else replies.push(stringBytes(value))
  }
  return replies
}

/** MSET key value [key value …] */
export function mset(c: Context, a: Args): Reply {
  if (a.left % 2 !== 0) return wrongArity('mset')
  setPairs(c, a, a.left / 2, NO_EXPIRY)
  return OK
}

/** MSETNX key value [key value …] */
export function msetnx(c: Context, a: Args): Reply {
  if (a.left % 2 !== 0) return wrongArity('msetnx')
  const pairs = a.left / 2
  if (!allKeys(c, a, pairs, false)) return 0
  setPairs(c, a, pairs, NO_EXPIRY)
  return 1
}

/**
 * MSETEX numkeys key value [key value …] [NX | XX]
 *   [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
 */
export function msetex(c: Context, a: Args): Reply {
  const pairs = a.integerBetween(1, INT32_MAX, INVALID_NUMKEYS)
  if (a.error !== undefined) return a.error
  if (a.left < 2 * pairs) return WRONG_PAIRS
  const expiry = new ExpireOption()
  let condition = ''
  a.move(2 * pairs)
  while (!a.done) {
    if (expiry.take(a, 'KEEPTTL')) continue
    const word = a.word()
    if ((word !== 'NX' && word !== 'XX') || (condition !== '' && condition !== word)) return SYNTAX
    condition = word
  }
  const expireAt = expiry.expireAt(c)
  if (expireAt instanceof ReplyError) return expireAt
  a.move(2 - a.position)
  if (condition !== '' && !allKeys(c, a, pairs, condition === 'XX')) return 0
  if (expiry.timed && c.propagates) {
    c.propagate([...a.argv.slice(0, 2 + 2 * pairs), 'PXAT', '' + expireAt])
  }
  setPairs(c, a, pairs, expireAt)
  return 1
}

/** True if each of the next keys exists, or each does not; the cursor stays. */
function allKeys(c: Context, a: Args, pairs: number, exist: boolean): boolean {
  const { argv, position } = a
  for (let i = 0; i < pairs; i++) {
    if ((c.db.find(argv[position + 2 * i]) !== undefined) !== exist) return false
  }
  return true
}

function setPairs(c: Context, a: Args, pairs: number, expireAt: number): void {
  for (let i = 0; i < pairs; i++) {
    const key = a.next()
    overwrite(c, key, storedString(a.next()), expireAt)
    c.signal(key, Notify.String, 'set')
    if (expireAt >= 0) c.notify(Notify.Generic, 'expire', key)
  }
}
