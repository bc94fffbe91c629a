/**
 * Strings as a whole: GET, SET and their kin. Counting is in counter.ts, parts of a string in substring.ts, many keys at
 * once in multistring.ts, the conditions of SET (with DIGEST and DELEX) in condition.ts.
 *
 * GET and plain SET are the commands that everybody's hot path is made of: they allocate nothing but the value.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { OK, type Reply, ReplyError } from '../../base/reply.ts'
import { KEEP_TTL, NO_EXPIRY } from '../../keyspace/db.ts'
import { storedString, stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify } from '../command.ts'
import { ExpireOption, expireTime } from '../expireoption.ts'
import { overwrite } from '../overwriting.ts'
import { Condition } from './condition.ts'
import { placedGet } from './placed.ts'
import { placedPsetex, placedSet, placedSetex } from './placedset.ts'

/** GET key */
function get(c: Context, a: Args): Reply {
  const value = c.db.readString(a.next())
  return value === undefined ? null : stringBytes(value)
}

/**
 * SET key value [NX | XX | IFEQ value | IFNE value | IFDEQ digest | IFDNE digest] [GET]
 *   [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
 */
function set(c: Context, a: Args): Reply {
  const key = a.next()
  const value = a.next()
  if (!a.done) return setWithOptions(c, a, key, value)
  overwrite(c, key, storedString(value), NO_EXPIRY)
  c.signal(key, Notify.String, 'set')
  return OK
}

function setWithOptions(c: Context, a: Args, key: Bytes, value: Bytes): Reply {
  const condition = new Condition()
  const expiry = new ExpireOption()
  let returnsOld = false
  while (!a.done) {
    if (expiry.take(a, 'KEEPTTL') || condition.take(a)) continue
    if (!a.match('GET')) return SYNTAX
    returnsOld = true
  }
  const expireAt = expiry.expireAt(c)
  if (expireAt instanceof ReplyError) return expireAt

  const read = returnsOld ? c.db.readString(key) : undefined
  const old = read === undefined ? null : stringBytes(read)
  const holds = condition.holds(c.db, key)
  if (holds instanceof ReplyError) return holds
  if (!holds) return old

  store(c, key, value, expireAt)
  if (!c.propagates) return returnsOld ? old : OK
  if (condition.comparesValue || (expiry.timed && expiry.word !== 'PXAT')) {
    c.propagate(setCommand(key, value, expireAt))
  } else if (returnsOld && !expiry.timed) {
    c.propagate(a.argv.filter((word, i) => i < 3 || word.toUpperCase() !== 'GET'))
  }
  return returnsOld ? old : OK
}

/** SETNX key value */
function setnx(c: Context, a: Args): Reply {
  const key = a.next()
  if (c.db.find(key) !== undefined) return 0
  store(c, key, a.next(), NO_EXPIRY)
  return 1
}

/** SETEX key seconds value */
function setex(c: Context, a: Args): Reply {
  return setExpiring(c, a, 1000)
}

/** PSETEX key milliseconds value */
function psetex(c: Context, a: Args): Reply {
  return setExpiring(c, a, 1)
}

function setExpiring(c: Context, a: Args, unitMs: number): Reply {
  const key = a.next()
  const expireAt = expireTime(c, a.next(), unitMs, true)
  if (expireAt instanceof ReplyError) return expireAt
  const value = a.next()
  store(c, key, value, expireAt)
  if (c.propagates) c.propagate(setCommand(key, value, expireAt))
  return OK
}

/** GETSET key value */
function getset(c: Context, a: Args): Reply {
  const key = a.next()
  const value = a.next()
  const read = c.db.readString(key)
  const old = read === undefined ? null : stringBytes(read)
  store(c, key, value, NO_EXPIRY)
  if (c.propagates) c.propagate(setCommand(key, value, NO_EXPIRY))
  return old
}

/** GETDEL key */
function getdel(c: Context, a: Args): Reply {
  const key = a.next()
  const value = c.db.readString(key)
  if (value === undefined) return null
  const old = stringBytes(value)
  c.db.delete(key)
  c.signal(key, Notify.Generic, 'del')
  if (c.propagates) c.propagate([c.config['lazyfree-lazy-user-del'] ? 'UNLINK' : 'DEL', key])
  return old
}

/** GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] */
function getex(c: Context, a: Args): Reply {
  const key = a.next()
  const expiry = new ExpireOption()
  while (!a.done) if (!expiry.take(a, 'PERSIST')) return SYNTAX
  const value = c.db.readString(key)
  if (value === undefined) return null
  const bytes = stringBytes(value)
  const expireAt = expiry.expireAt(c)
  if (expireAt instanceof ReplyError) return expireAt
  if (expiry.absolute && c.keyspace.isPast(expireAt)) {
    c.db.delete(key)
    c.signal(key, Notify.Generic, 'del')
    if (c.propagates) c.propagate([c.config['lazyfree-lazy-expire'] ? 'UNLINK' : 'DEL', key])
  } else if (expiry.timed) {
    c.db.setExpireAt(key, expireAt)
    c.signal(key, Notify.Generic, 'expire')
    if (c.propagates) c.propagate(['PEXPIREAT', key, '' + expireAt])
  } else if (expiry.word === 'PERSIST' && c.db.persist(key)) {
    c.signal(key, Notify.Generic, 'persist')
    if (c.propagates) c.propagate(['PERSIST', key])
  }
  return bytes
}

/** Replaces whatever the key holds, and tells of it. */
function store(c: Context, key: Bytes, value: Bytes, expireAt: number): void {
  overwrite(c, key, storedString(value), expireAt)
  c.signal(key, Notify.String, 'set')
  if (expireAt >= 0) c.notify(Notify.Generic, 'expire', key)
}

/** The plain SET that has the same effect. */
function setCommand(key: Bytes, value: Bytes, expireAt: number): Bytes[] {
  if (expireAt === KEEP_TTL) return ['SET', key, value, 'KEEPTTL']
  return expireAt === NO_EXPIRY ? ['SET', key, value] : ['SET', key, value, 'PXAT', '' + expireAt]
}

/** Options of SET that tell something of the old value. */
const READING: ReadonlySet<Bytes> = new Set(['GET', 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE'])

/** SET reads the old value only where it is told to give it back or to compare it. */
function setKeyFlags(argv: readonly Bytes[]): Bytes {
  for (let i = 3; i < argv.length; i++) if (READING.has(argv[i].toUpperCase())) return 'RW access update'
  return 'OW update'
}

export const stringCommands: readonly Command[] = [
  command('get', 'string', 2, 'readonly fast', [keyAt(1, 'RO access')], get, { placed: placedGet }),
  command('getdel', 'string', 2, 'write fast', [keyAt(1, 'RW access delete')], getdel),
  command('take', 'string', 2, 'write fast', [keyAt(1, 'RW access delete')], getdel, { aliasOf: 'getdel' }),
  command(
    'getex',
    'string',
    -2,
    'write fast',
    [keyAt(1, 'RW access update', 'RW and UPDATE because it changes the TTL')],
    getex,
  ),
  command('getset', 'string', 3, 'write denyoom fast', [keyAt(1, 'RW access update')], getset),
  command('psetex', 'string', 4, 'write denyoom brief', [keyAt(1, 'OW update')], psetex, { placed: placedPsetex }),
  command(
    'set',
    'string',
    -3,
    'write denyoom brief',
    [keyAt(1, 'RW access update variable_flags', 'RW and ACCESS due to the optional `GET` argument')],
    set,
    { keyFlags: setKeyFlags, placed: placedSet },
  ),
  command('setex', 'string', 4, 'write denyoom brief', [keyAt(1, 'OW update')], setex, { placed: placedSetex }),
  command('setnx', 'string', 3, 'write denyoom fast', [keyAt(1, 'OW insert')], setnx),
]
