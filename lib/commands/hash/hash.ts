/**
 * Hash commands; those about the expiry of fields are in hash-expiry.ts. A field past its time is no field: the commands
 * that name fields remove it in passing (`expireField`), those that read all leave it out.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NAN_OR_INFINITY, NOT_FLOAT, NOT_INTEGER, OVERFLOW, SYNTAX, wrongArity } from '../../base/errors.ts'
import { MapReply, OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { addLongDouble, formatLongDouble, isInfinite, parseLongDouble } from '../longdouble.ts'
import { parseInt64, parseInteger } from '../number.ts'
import { type AddAt, checkDrawCount, drawnReply, takeDrawCount } from '../random-draw.ts'
import { EMPTY_SCAN, ScanKind, scanGeneric, takeCursor } from '../scan.ts'
import { HASH_NOT_FLOAT, HASH_NOT_INTEGER, VALUE_NAN_OR_INFINITY } from './errors.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
const EMPTY_MAP = new MapReply([])

// Writing.

/** HSET key field value [field value …] */
export function hset(c: Context, a: Args): Reply {
  const { argv } = a
  if (argv.length % 2 === 1) return wrongArity('hset')
  return setPairs(c, argv[1], c.db.findTyped(argv[1], HashValue), argv)
}

/** HMSET key field value [field value …] */
export function hmset(c: Context, a: Args): Reply {
  const { argv } = a
  if (argv.length % 2 === 1) return wrongArity('hmset')
  setPairs(c, argv[1], c.db.findTyped(argv[1], HashValue), argv)
  return OK
}

/** Sets the pairs of a command in the hash of its key, if there is one, or in a new one. Returns the number of new fields. */
export function setPairs(c: Context, key: Bytes, found: HashValue | undefined, argv: readonly Bytes[]): number {
  const hash = found ?? create(c, key)
  hash.grow(argv, 2, argv.length)
  let added = 0
  for (let i = 2; i < argv.length; i += 2) {
    c.db.expireField(key, hash, argv[i], true)
    if (hash.set(argv[i], argv[i + 1])) added++
  }
  c.signal(key, Notify.Hash, 'hset')
  if (c.tellsFields) c.notifyFields('hset', key, fieldsOf(argv, 2))
  c.count(argv.length / 2 - 1)
  return added
}

/** The fields among pairs that begin at a position. */
export function fieldsOf(pairs: readonly Bytes[], from: number): Bytes[] {
  return pairs.filter((_, i) => i >= from && (i - from) % 2 === 0)
}

/** HSETNX key field value */
export function hsetnx(c: Context, a: Args): Reply {
  const key = a.next()
  const field = a.next()
  const hash = c.db.findTyped(key, HashValue)
  if (hash?.get(field, c.fieldNow) !== undefined) return 0
  const target = hash ?? findOrCreate(c, key)
  c.db.expireField(key, target, field, true)
  target.grow(a.argv, 2, 4)
  target.set(field, a.next())
  c.signal(key, Notify.Hash, 'hset')
  if (c.tellsFields) c.notifyFields('hset', key, [field])
  return 1
}

/** HDEL key field [field …] */
export function hdel(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.findTyped(key, HashValue)
  if (hash === undefined) return 0
  let removed = 0
  const fields: Bytes[] | undefined = c.tellsFields ? [] : undefined
  while (!a.done && hash.length > 0) {
    const field = a.next()
    // A field past its time that is still there counts, as in Redis 7.4.
    if (!hash.delete(field)) continue
    removed++
    fields?.push(field)
  }
  if (removed > 0) fieldsRemoved(c, key, hash, removed, fields)
  return removed
}

/**
 * What follows the removal of `count` fields by a command: the events, and the end of the key with the last field. `fields`
 * may be left out where nobody hears of them.
 */
export function fieldsRemoved(c: Context, key: Bytes, hash: HashValue, count: number, fields?: readonly Bytes[]): void {
  const isEmpty = hash.length === 0
  if (isEmpty) c.db.delete(key)
  c.signal(key, Notify.Hash, 'hdel')
  if (fields !== undefined) c.notifyFields('hdel', key, fields)
  c.count(count)
  if (isEmpty) c.notify(Notify.Generic, 'del', key)
}

/** The hash of a key for writing, a new one where there is none. */
export function findOrCreate(c: Context, key: Bytes): HashValue {
  return c.db.findTyped(key, HashValue) ?? create(c, key)
}

function create(c: Context, key: Bytes): HashValue {
  const hash = new HashValue(c.config)
  c.db.set(key, hash, NO_EXPIRY)
  return hash
}

// Counting.

/** HINCRBY key field increment */
export function hincrby(c: Context, a: Args): Reply {
  const key = a.next()
  const field = a.next()
  const increment = parseExact(a.next())
  if (increment === undefined) return NOT_INTEGER
  const hash = c.db.findTyped(key, HashValue)
  const before = parseExact(hash?.get(field, c.fieldNow) ?? '0')
  if (before === undefined) return HASH_NOT_INTEGER
  const sum = addExact(before, increment)
  if (sum === undefined) return OVERFLOW
  setCount(c, key, hash, field, '' + sum, 'hincrby')
  return sum
}

/** HINCRBYFLOAT key field increment */
export function hincrbyfloat(c: Context, a: Args): Reply {
  const key = a.next()
  const field = a.next()
  const increment = parseLongDouble(a.next())
  if (increment === undefined) return NOT_FLOAT
  if (isInfinite(increment)) return VALUE_NAN_OR_INFINITY
  const hash = c.db.findTyped(key, HashValue)
  const before = parseLongDouble(hash?.get(field, c.fieldNow) ?? '0')
  if (before === undefined) return HASH_NOT_FLOAT
  const sum = addLongDouble(before, increment)
  if (sum === undefined) return NAN_OR_INFINITY
  const text = formatLongDouble(sum)
  const expireAt = setCount(c, key, hash, field, text, 'hincrbyfloat')
  if (c.propagates) {
    c.propagate(['HSET', key, field, text])
    if (expireAt !== undefined) c.propagate(['HPEXPIREAT', key, '' + expireAt, 'FIELDS', '1', field])
  }
  return text
}

/** Stores a count and leaves the time of the field, which it returns, untouched. */
function setCount(
  c: Context,
  key: Bytes,
  found: HashValue | undefined,
  field: Bytes,
  text: Bytes,
  event: Bytes,
): number | undefined {
  const hash = found ?? findOrCreate(c, key)
  c.db.expireField(key, hash, field, true)
  hash.set(field, text, true)
  c.signal(key, Notify.Hash, event)
  if (c.tellsFields) c.notifyFields(event, key, [field])
  return hash.expireAt(field)
}

/** A 64-bit integer, as a number where that is exact. */
function parseExact(bytes: Bytes): number | bigint | undefined {
  const number = parseInteger(bytes)
  return number === undefined || Number.isSafeInteger(number) ? number : parseInt64(bytes)
}

/** The sum, undefined past 64 bits. */
function addExact(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(a) + BigInt(b)
  if (sum > INT64_MAX || sum < INT64_MIN) return undefined
  const number = Number(sum)
  return Number.isSafeInteger(number) ? number : sum
}

// Reading fields.

/** HGET key field */
export function hget(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.readTyped(key, HashValue)
  return hash === undefined ? null : (readField(c, key, hash, a.next()) ?? null)
}

/** HMGET key field [field …] */
export function hmget(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.readTyped(key, HashValue)
  const values = new Array<Bytes | null>(a.left)
  for (let i = 0; i < values.length; i++) {
    const field = a.next()
    values[i] = hash === undefined ? null : (readField(c, key, hash, field) ?? null)
  }
  return values
}

/** HEXISTS key field */
export function hexists(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.readTyped(key, HashValue)
  return hash !== undefined && readField(c, key, hash, a.next()) !== undefined ? 1 : 0
}

/** HSTRLEN key field */
export function hstrlen(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.readTyped(key, HashValue)
  return hash === undefined ? 0 : (readField(c, key, hash, a.next())?.length ?? 0)
}

/** The value of a field; one whose time has come is removed, and with the last one the key. */
export function readField(c: Context, key: Bytes, hash: HashValue, field: Bytes): Bytes | undefined {
  const value = hash.get(field, c.fieldNow)
  if (value === undefined && hash.length > 0) c.db.expireField(key, hash, field, false)
  return value
}

// Reading all.

/** HLEN key */
export function hlen(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), HashValue)?.length ?? 0
}

/** HGETALL key */
export function hgetall(c: Context, a: Args): Reply {
  return allPairs(c, c.db.readTyped(a.next(), HashValue))
}

/** All fields and values of a hash, if there is one. */
export function allPairs(c: Context, hash: HashValue | undefined): Reply {
  if (hash === undefined) return EMPTY_MAP
  const flat: Bytes[] = []
  hash.forEach(c.fieldNow, (field, value) => flat.push(field, value))
  return new MapReply(flat)
}

/** HKEYS key */
export function hkeys(c: Context, a: Args): Reply {
  const fields: Bytes[] = []
  c.db.readTyped(a.next(), HashValue)?.forEach(c.fieldNow, (field) => fields.push(field))
  return fields
}

/** HVALS key */
export function hvals(c: Context, a: Args): Reply {
  const values: Bytes[] = []
  c.db.readTyped(a.next(), HashValue)?.forEach(c.fieldNow, (_, value) => values.push(value))
  return values
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES] */
export function hscan(c: Context, a: Args): Reply {
  const key = a.next()
  const cursor = takeCursor(a)
  if (a.error !== undefined) return a.error
  const hash = c.db.readTyped(key, HashValue)
  if (hash === undefined) return EMPTY_SCAN
  const now = c.fieldNow
  const live = {
    scan: (from: number, count: number, visit: (field: Bytes, value: Bytes) => void) =>
      hash.scan(from, count, now, visit),
  }
  return scanGeneric(a, cursor, live, ScanKind.Hash)
}

/** HRANDFIELD key [count [WITHVALUES]] */
export function hrandfield(c: Context, a: Args): Reply {
  const key = a.next()
  const single = a.done
  const count = single ? 1 : takeDrawCount(a)
  let withValues = false
  if (!a.done && a.error === undefined) {
    withValues = a.match('WITHVALUES')
    if (!withValues || !a.done) return SYNTAX
  }
  checkDrawCount(a, count, withValues)
  if (a.error !== undefined) return a.error
  const hash = c.db.readTyped(key, HashValue)
  if (hash === undefined) return single ? null : []
  c.db.expireFieldsOf(key, hash, Infinity) // only live fields may be drawn
  if (hash.length === 0) return single ? null : []
  if (single) return hash.fieldAt(hash.randomPosition())
  const isThree = c.session.replyProto === 3
  // Values stand beside in RESP2, in a pair with their field in RESP3.
  const addAt: AddAt = (reply, position) => {
    const field = hash.fieldAt(position)
    if (!withValues) reply.push(field)
    else if (isThree) reply.push([field, hash.valueAt(position)])
    else reply.push(field, hash.valueAt(position))
  }
  if (count < hash.length) return drawnReply(hash.length, count, addAt)
  const all: Reply[] = []
  for (let position = 0; position < hash.length; position++) addAt(all, position)
  return all
}
