/**
 * INCREX (Redis 8.8): a counter that keeps within bounds and says when it expires, in one step; what limits rates are made of.
 * An increment that would leave the bounds, or the range of its type, is not applied at all, unless SATURATE ends it at
 * the bound. Others are sent the SET that has the same effect. Texts and the order of checks by Redis's documentation and its
 * test suite.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_FLOAT, NOT_INTEGER, SYNTAX } from '../../base/errors.ts'
import { Double, type Reply, ReplyError } from '../../base/reply.ts'
import { KEEP_TTL, NO_EXPIRY } from '../../keyspace/db.ts'
import type { StringValue } from '../../keyspace/value.ts'
import { stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { ExpireOption } from '../expireoption.ts'
import {
  addLongDouble,
  compareLongDouble,
  formatLongDouble,
  isInfinite,
  LONG_DOUBLE_MAX,
  type LongDouble,
  negateLongDouble,
  parseLongDouble,
} from '../longdouble.ts'
import { parseExact } from './counter.ts'
import {
  APPLIED_INFINITE,
  APPLIED_OVERFLOW,
  BOUNDS_CROSSED,
  ENX_WITHOUT_EXPIRY,
  INCREMENT_INFINITE,
  INCREMENT_NOT_FLOAT,
  INCREMENT_NOT_INTEGER,
  LBOUND_NOT_FLOAT,
  LBOUND_NOT_INTEGER,
  UBOUND_NOT_FLOAT,
  UBOUND_NOT_INTEGER,
  VALUE_INFINITE,
} from './errors.ts'

type Integer = number | bigint

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** The options as they were given. */
interface Options {
  increment: Bytes | undefined
  byFloat: boolean
  lower: Bytes | undefined
  upper: Bytes | undefined
  saturates: boolean
  enx: boolean
  readonly expiry: ExpireOption
}

/** What an increment comes to. `after` is undefined where it is not applied. */
interface Outcome {
  readonly after: StringValue | undefined
  readonly reply: Reply
}

/**
 * INCREX key [BYFLOAT increment | BYINT increment] [LBOUND lowerbound] [UBOUND upperbound] [SATURATE]
 *   [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] [ENX]
 */
export function increx(c: Context, a: Args): Reply {
  const key = a.next()
  const options = takeOptions(a)
  if (options instanceof ReplyError) return options
  const count = options.byFloat ? floatCounter(options) : integerCounter(options)
  if (count instanceof ReplyError) return count
  const expireAt = options.expiry.expireAt(c)
  if (expireAt instanceof ReplyError) return expireAt

  const value = c.db.findString(key)
  const outcome = count(value)
  if (outcome instanceof ReplyError) return outcome
  if (outcome.after !== undefined) {
    store(c, key, value !== undefined, outcome.after, options, options.expiry.timed ? expireAt : KEEP_TTL)
  }
  return outcome.reply
}

/** Each option once, in any order. */
function takeOptions(a: Args): Options | ReplyError {
  const options: Options = {
    increment: undefined,
    byFloat: false,
    lower: undefined,
    upper: undefined,
    saturates: false,
    enx: false,
    expiry: new ExpireOption(),
  }
  const { expiry } = options
  while (!a.done) {
    const word = a.peek().toUpperCase()
    if ((word === 'BYINT' || word === 'BYFLOAT') && options.increment === undefined && a.left > 1) {
      a.move(1)
      options.byFloat = word === 'BYFLOAT'
      options.increment = a.next()
    } else if (word === 'LBOUND' && options.lower === undefined && a.left > 1) {
      a.move(1)
      options.lower = a.next()
    } else if (word === 'UBOUND' && options.upper === undefined && a.left > 1) {
      a.move(1)
      options.upper = a.next()
    } else if (word === 'SATURATE' && !options.saturates) {
      a.move(1)
      options.saturates = true
    } else if (word === 'ENX' && !options.enx && expiry.word !== 'PERSIST') {
      a.move(1)
      options.enx = true
    } else if (expiry.word !== '' || (word === 'PERSIST' && options.enx) || !expiry.take(a, 'PERSIST')) {
      return SYNTAX
    }
  }
  return options.enx && !expiry.timed ? ENX_WITHOUT_EXPIRY : options
}

type Counter = (value: StringValue | undefined) => Outcome | ReplyError

function integerCounter(options: Options): Counter | ReplyError {
  const increment = parseExact(options.increment ?? '1')
  if (increment === undefined) return INCREMENT_NOT_INTEGER
  const lower = options.lower === undefined ? INT64_MIN : parseExact(options.lower)
  if (lower === undefined) return LBOUND_NOT_INTEGER
  const upper = options.upper === undefined ? INT64_MAX : parseExact(options.upper)
  if (upper === undefined) return UBOUND_NOT_INTEGER
  if (lower > upper) return BOUNDS_CROSSED
  return (value) => countInteger(value, increment, lower, upper, options.saturates)
}

function countInteger(
  value: StringValue | undefined,
  increment: Integer,
  lower: Integer,
  upper: Integer,
  saturates: boolean,
): Outcome | ReplyError {
  const before = value === undefined ? 0 : parseExact(stringBytes(value))
  if (before === undefined) return NOT_INTEGER
  const sum = add(before, increment)
  if (sum >= lower && sum <= upper) return { after: stored(sum), reply: [sum, increment] }
  if (!saturates) return { after: undefined, reply: [before, 0] }
  const after = sum > upper ? upper : lower
  const applied = add(after, -before)
  if (applied > INT64_MAX || applied < INT64_MIN) return APPLIED_OVERFLOW
  return { after: stored(after), reply: [after, applied] }
}

/** The exact sum, as a number where that is exact. */
function add(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(a) + BigInt(b)
  const number = Number(sum)
  return Number.isSafeInteger(number) ? number : sum
}

function stored(integer: Integer): StringValue {
  return typeof integer === 'number' ? integer : integer.toString()
}

function floatCounter(options: Options): Counter | ReplyError {
  const increment = parseLongDouble(options.increment ?? '')
  if (increment === undefined) return INCREMENT_NOT_FLOAT
  if (isInfinite(increment)) return INCREMENT_INFINITE
  const lower = options.lower === undefined ? negateLongDouble(LONG_DOUBLE_MAX) : parseLongDouble(options.lower)
  if (lower === undefined) return LBOUND_NOT_FLOAT
  const upper = options.upper === undefined ? LONG_DOUBLE_MAX : parseLongDouble(options.upper)
  if (upper === undefined) return UBOUND_NOT_FLOAT
  if (compareLongDouble(lower, upper) > 0) return BOUNDS_CROSSED
  return (value) => countFloat(value, increment, lower, upper, options.saturates)
}

function countFloat(
  value: StringValue | undefined,
  increment: LongDouble,
  lower: LongDouble,
  upper: LongDouble,
  saturates: boolean,
): Outcome | ReplyError {
  const before = parseLongDouble(value === undefined ? '0' : stringBytes(value))
  if (before === undefined) return NOT_FLOAT
  if (isInfinite(before)) return VALUE_INFINITE
  // A sum beyond the format lies beyond every bound on its side.
  const sum = addLongDouble(before, increment)
  const isAbove = sum === undefined ? increment.mantissa > 0n : compareLongDouble(sum, upper) > 0
  const isBelow = sum === undefined ? increment.mantissa < 0n : compareLongDouble(sum, lower) < 0
  if (sum !== undefined && !isAbove && !isBelow) {
    return { after: formatLongDouble(sum), reply: [double(sum), double(increment)] }
  }
  if (!saturates) return { after: undefined, reply: [double(before), new Double(0)] }
  const after = isAbove ? upper : lower
  const applied = isInfinite(after) ? undefined : addLongDouble(after, negateLongDouble(before))
  if (applied === undefined) return APPLIED_INFINITE
  return { after: formatLongDouble(after), reply: [double(after), double(applied)] }
}

function double(value: LongDouble): Reply {
  const text = formatLongDouble(value)
  return new Double(Number(text), text)
}

/** Puts the new value in place, with what the options say of its expiry. */
function store(c: Context, key: Bytes, exists: boolean, after: StringValue, options: Options, time: number): void {
  const { expiry, enx, byFloat } = options
  const expireAt = enx && c.db.expireAt(key) >= 0 ? KEEP_TTL : time
  if (expireAt >= 0 && expireAt <= c.now) {
    if (!exists) return
    c.db.delete(key)
    c.signal(key, Notify.Generic, 'del')
    if (c.propagates) c.propagate([c.config['lazyfree-lazy-expire'] ? 'UNLINK' : 'DEL', key])
    return
  }
  const persists = expiry.word === 'PERSIST' && c.db.expireAt(key) >= 0
  c.db.set(key, after, persists ? NO_EXPIRY : expireAt)
  c.signal(key, Notify.String, byFloat ? 'incrbyfloat' : 'incrby')
  if (expireAt >= 0) c.notify(Notify.Generic, 'expire', key)
  else if (persists) c.notify(Notify.Generic, 'persist', key)
  if (c.propagates) c.propagate(['SET', key, stringBytes(after), ...setOptions(expireAt, persists)])
}

function setOptions(expireAt: number, persists: boolean): Bytes[] {
  if (expireAt >= 0) return ['PXAT', '' + expireAt]
  return persists ? [] : ['KEEPTTL']
}
