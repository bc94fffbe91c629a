/**
 * Counters: strings that hold a number. Integers are added as JavaScript numbers while both the value and the sum are
 * safe, which is the rule, and as BigInt in the rest of the 64-bit range; floats in Redis's long double (longdouble.ts).
 * INCREX, which keeps within bounds, is in increx.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NAN_OR_INFINITY, NOT_FLOAT, NOT_INTEGER, OVERFLOW } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import type { Reply } from '../../base/reply.ts'
import { KEEP_TTL } from '../../keyspace/db.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkString } from '../../keyspace/typed.ts'
import type { StringValue } from '../../keyspace/value.ts'
import { stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify, type PlacedForm } from '../command.ts'
import { addLongDouble, formatLongDouble, parseLongDouble } from '../longdouble.ts'
import { parseInt64, parseInteger } from '../number.ts'
import { DECREMENT_OVERFLOW } from './errors.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** INCR key */
function incr(c: Context, a: Args): Reply {
  return incrementBy(c, a.next(), 1)
}

/** INCR key, by its place in the read buffer */
const placedIncr: PlacedForm = {
  suits: () => true,
  run(c: Context, p: Places): Reply {
    const { db } = c
    const { table } = db
    const at = db.findPlace(p, 1)
    if (at !== 0 && table.formOf(at) !== Form.Number) return increment(c, p.text(1), checkString(table.valueOf(at)), 1)
    const value = at === 0 ? 0 : table.numberOf(at)
    if (value === Number.MAX_SAFE_INTEGER) return increment(c, p.text(1), value, 1)
    if (at === 0) db.addNumberPlace(p, 1, 1)
    else table.replaceNumber(at, value + 1)
    c.signalPlace(p, 1, Notify.String, 'incrby')
    return value + 1
  },
}

/** DECR key */
function decr(c: Context, a: Args): Reply {
  return incrementBy(c, a.next(), -1)
}

/** INCRBY key increment */
function incrby(c: Context, a: Args): Reply {
  const key = a.next()
  const increment = parseExact(a.next())
  return increment === undefined ? NOT_INTEGER : incrementBy(c, key, increment)
}

/** DECRBY key decrement */
function decrby(c: Context, a: Args): Reply {
  const key = a.next()
  const decrement = parseExact(a.next())
  if (decrement === undefined) return NOT_INTEGER
  if (decrement === INT64_MIN) return DECREMENT_OVERFLOW
  return incrementBy(c, key, -decrement)
}

function incrementBy(c: Context, key: Bytes, by: number | bigint): Reply {
  return increment(c, key, c.db.findString(key), by)
}

/** Adds to the value that a key was found to have. */
export function increment(c: Context, key: Bytes, value: StringValue | undefined, by: number | bigint): Reply {
  if (typeof by === 'number' && (value === undefined || typeof value === 'number')) {
    const sum = (value ?? 0) + by
    if (Number.isSafeInteger(sum)) return storeCount(c, key, sum, sum)
  }
  const before = value === undefined ? 0n : parseInt64(stringBytes(value))
  if (before === undefined) return NOT_INTEGER
  const sum = before + BigInt(by)
  if (sum > INT64_MAX || sum < INT64_MIN) return OVERFLOW
  const number = Number(sum)
  return Number.isSafeInteger(number) ? storeCount(c, key, number, number) : storeCount(c, key, sum.toString(), sum)
}

function storeCount(c: Context, key: Bytes, stored: StringValue, reply: Reply): Reply {
  c.db.set(key, stored, KEEP_TTL)
  c.signal(key, Notify.String, 'incrby')
  return reply
}

/** A 64-bit integer, as a number where that is exact. */
export function parseExact(bytes: Bytes): number | bigint | undefined {
  const number = parseInteger(bytes)
  return number === undefined || Number.isSafeInteger(number) ? number : parseInt64(bytes)
}

/** INCRBYFLOAT key increment */
function incrbyfloat(c: Context, a: Args): Reply {
  const key = a.next()
  const value = c.db.findString(key)
  const before = parseLongDouble(value === undefined ? '0' : stringBytes(value))
  const increment = parseLongDouble(a.next())
  if (before === undefined || increment === undefined) return NOT_FLOAT
  const sum = addLongDouble(before, increment)
  if (sum === undefined) return NAN_OR_INFINITY
  // Kept as text even where it is an integer: Redis does not encode it as one either.
  const text = formatLongDouble(sum)
  c.db.set(key, text, KEEP_TTL)
  c.signal(key, Notify.String, 'incrbyfloat')
  if (c.propagates) c.propagate(['SET', key, text, 'KEEPTTL'])
  return text
}

export const counterCommands: readonly Command[] = [
  command('decr', 'string', 2, 'write denyoom fast', [keyAt(1, 'RW access update')], decr),
  command('decrby', 'string', 3, 'write denyoom fast', [keyAt(1, 'RW access update')], decrby),
  command('incr', 'string', 2, 'write denyoom fast', [keyAt(1, 'RW access update')], incr, { placed: placedIncr }),
  command('incrby', 'string', 3, 'write denyoom fast', [keyAt(1, 'RW access update')], incrby),
  command('incrbyfloat', 'string', 3, 'write denyoom fast', [keyAt(1, 'RW access update')], incrbyfloat),
]
