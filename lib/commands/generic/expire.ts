/**
 * Expiry of keys. All four setters reduce to one absolute time in unix ms. A time that has passed already removes the key
 * at once, which the stream of effects sees as a DEL, and subscribers as `del`.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify } from '../command.ts'
import { EXPIRE_AT_MAX, unixMs } from '../expireoption.ts'
import { GT_AND_LT, NX_AND_OTHERS, unsupportedOption } from './errors.ts'
import { placedExpire } from './placed.ts'

const SECOND = 1000
const INT64_MAX = 2n ** 63n - 1n
const MISSING = -2

/** Conditions of EXPIRE, as bits. */
const NX = 1
const XX = 2
const GT = 4
const LT = 8

/** EXPIRE key seconds [NX|XX|GT|LT] */
function expire(c: Context, a: Args): Reply {
  return expireGeneric(c, a, SECOND, c.now)
}

/** PEXPIRE key milliseconds [NX|XX|GT|LT] */
function pexpire(c: Context, a: Args): Reply {
  return expireGeneric(c, a, 1, c.now)
}

/** EXPIREAT key unix-time-seconds [NX|XX|GT|LT] */
function expireat(c: Context, a: Args): Reply {
  return expireGeneric(c, a, SECOND, 0)
}

/** PEXPIREAT key unix-time-milliseconds [NX|XX|GT|LT] */
function pexpireat(c: Context, a: Args): Reply {
  return expireGeneric(c, a, 1, 0)
}

/** `unitMs` is the unit of the argument, `base` the time that it counts from. */
function expireGeneric(c: Context, a: Args, unitMs: number, base: number): Reply {
  const { db } = c
  const key = a.next()
  const time = a.next()
  const condition = takeCondition(a)
  if (a.error !== undefined) return a.error
  const expireAt = unixMs(c, time, unitMs, base)
  if (typeof expireAt === 'object') return expireAt
  if (db.find(key) === undefined) return 0
  if (condition !== 0 && !holds(condition, db.expireAt(key), expireAt)) return 0
  if (c.keyspace.isPast(expireAt)) {
    db.delete(key)
    if (c.propagates) c.propagate([c.config['lazyfree-lazy-expire'] ? 'UNLINK' : 'DEL', key])
    c.signal(key, Notify.Generic, 'del')
    return 1
  }
  db.setExpireAt(key, expireAt)
  const isAsSent = unitMs === 1 && base === 0
  if (c.propagates && !isAsSent) c.propagate(['PEXPIREAT', key, '' + expireAt, ...a.argv.slice(3)])
  c.signal(key, Notify.Generic, 'expire')
  return 1
}

/** The options are read before the time, and all before their combination is judged, as in Redis. */
function takeCondition(a: Args): number {
  let condition = 0
  while (!a.done) {
    if (a.match('NX')) condition |= NX
    else if (a.match('XX')) condition |= XX
    else if (a.match('GT')) condition |= GT
    else if (a.match('LT')) condition |= LT
    else {
      a.fail(unsupportedOption(a.next()))
      return 0
    }
  }
  if (condition & NX && condition !== NX) a.fail(NX_AND_OTHERS)
  if (condition & GT && condition & LT) a.fail(GT_AND_LT)
  return condition
}

/** A key without an expiry counts as one that never ends. */
function holds(condition: number, current: number, expireAt: number): boolean {
  const lasting = current === NO_EXPIRY
  if (condition & NX && !lasting) return false
  if (condition & XX && lasting) return false
  if (condition & GT && (lasting || expireAt <= current)) return false
  return !(condition & LT && !lasting && expireAt >= current)
}

/** PERSIST key */
function persist(c: Context, a: Args): Reply {
  const key = a.next()
  if (c.db.find(key) === undefined || !c.db.persist(key)) return 0
  c.signal(key, Notify.Generic, 'persist')
  return 1
}

/** TTL key */
function ttl(c: Context, a: Args): Reply {
  const left = timeLeft(c, a.next(), c.now)
  return left < 0 ? left : roundToSeconds(left)
}

/** PTTL key */
function pttl(c: Context, a: Args): Reply {
  return wireTime(timeLeft(c, a.next(), c.now))
}

/** EXPIRETIME key */
function expiretime(c: Context, a: Args): Reply {
  const at = timeLeft(c, a.next(), 0)
  return at < 0 ? at : roundToSeconds(at)
}

/** PEXPIRETIME key */
function pexpiretime(c: Context, a: Args): Reply {
  return wireTime(timeLeft(c, a.next(), 0))
}

/** The ms from `since` to the expiry; -1 for a lasting key, -2 for none. */
function timeLeft(c: Context, key: Bytes, since: number): number {
  if (c.db.readUntouched(key) === undefined) return MISSING
  const expireAt = c.db.expireAt(key)
  return expireAt === NO_EXPIRY ? NO_EXPIRY : expireAt - since
}

function roundToSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1000)
}

/** The latest time that is kept stands for all that round to it. */
function wireTime(ms: number): number | bigint {
  return ms < EXPIRE_AT_MAX ? ms : INT64_MAX
}

export const expireCommands: readonly Command[] = [
  command('expire', 'generic', -3, 'write fast', [keyAt(1, 'RW update')], expire, { placed: placedExpire }),
  command('pexpire', 'generic', -3, 'write fast', [keyAt(1, 'RW update')], pexpire),
  command('expireat', 'generic', -3, 'write fast', [keyAt(1, 'RW update')], expireat),
  command('pexpireat', 'generic', -3, 'write fast', [keyAt(1, 'RW update')], pexpireat),
  command('persist', 'generic', 2, 'write fast', [keyAt(1, 'RW update')], persist),
  command('ttl', 'generic', 2, 'readonly fast', [keyAt(1, 'RO access')], ttl),
  command('pttl', 'generic', 2, 'readonly fast', [keyAt(1, 'RO access')], pttl),
  command('expiretime', 'generic', 2, 'readonly fast', [keyAt(1, 'RO access')], expiretime),
  command('pexpiretime', 'generic', 2, 'readonly fast', [keyAt(1, 'RO access')], pexpiretime),
]
