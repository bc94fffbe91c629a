/**
 * Expiry of hash fields: the HEXPIRE family and HTTL family of Redis 7.4, and HGETDEL, HGETEX and HSETEX of Redis 8.0. A
 * time that has passed already removes the field at once. In the stream of effects times are absolute and conditions
 * are gone: HPEXPIREAT, HPERSIST, HDEL and HSETEX without FNX or FXX.
 */
import type { Bytes } from '../../base/bytes.ts'
import { invalidExpire, wrongArity } from '../../base/errors.ts'
import type { Reply, ReplyError } from '../../base/reply.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import type { Args } from '../args.ts'
import { type Context, type Handler, Notify } from '../command.ts'
import {
  EXPIRE_NEGATIVE,
  EXPIRE_TIME_MISSING,
  FIELD_COUNT_MISMATCH,
  FIELDS_ARGUMENT_MISSING,
  FIELDS_MISSING,
  FIELDS_TWICE,
  INVALID_FIELD_COUNT,
  MULTIPLE_CONDITIONS,
  NUM_FIELDS_MISMATCH,
  NUM_FIELDS_NOT_POSITIVE,
  NUM_FIELDS_ZERO,
  ONE_OF_EXPIRY_OR_KEEPTTL,
  ONE_OF_EXPIRY_OR_PERSIST,
  ONE_OF_FXX_FNX,
  unknownArgument,
} from './errors.ts'
import { fieldsOf, fieldsRemoved, findOrCreate, readField } from './hash.ts'

/** The latest time of a field, in ms: 46 bits, to the year 4199. */
const EXPIRE_AT_MAX = 2 ** 46 - 1

// What the HEXPIRE and HTTL families answer for each field.
const NO_FIELD = -2
const NO_EXPIRE = -1
const CONDITION_FAILED = 0
const DONE = 1
const REMOVED = 2

/** HEXPIRE key seconds [NX|XX|GT|LT] FIELDS numfields field [field …] */
export const hexpire: Handler = (c, a) => expireGeneric(c, a, 1000, c.now)

/** HPEXPIRE key milliseconds [NX|XX|GT|LT] FIELDS numfields field [field …] */
export const hpexpire: Handler = (c, a) => expireGeneric(c, a, 1, c.now)

/** HEXPIREAT key unix-time-seconds [NX|XX|GT|LT] FIELDS numfields field [field …] */
export const hexpireat: Handler = (c, a) => expireGeneric(c, a, 1000, 0)

/** HPEXPIREAT key unix-time-milliseconds [NX|XX|GT|LT] FIELDS numfields field [field …] */
export const hpexpireat: Handler = (c, a) => expireGeneric(c, a, 1, 0)

function expireGeneric(c: Context, a: Args, unitMs: number, base: number): Reply {
  const key = a.next()
  const hash = c.db.findTyped(key, HashValue)
  const expireAt = takeExpireAt(c, a, unitMs, base)
  const { condition, fields } = takeConditionAndFields(a)
  if (a.error !== undefined) return a.error
  if (hash === undefined) return fields.map(() => NO_FIELD)
  const set: Bytes[] = []
  const removed: Bytes[] = []
  const replies = fields.map((field) => {
    if (readLive(c, key, hash, field) === undefined) return NO_FIELD
    if (!meets(condition, hash.expireAt(field), expireAt)) return CONDITION_FAILED
    ;(c.keyspace.isPast(expireAt) ? removed : set).push(field)
    return applyExpiry(c, hash, field, expireAt)
  })
  finishExpiry(c, key, hash, expireAt, set, removed, condition)
  return replies
}

/** A time, as unix ms. */
function takeExpireAt(c: Context, a: Args, unitMs: number, base: number): number {
  const time = a.integer()
  if (time < 0) a.fail(EXPIRE_NEGATIVE)
  const expireAt = time * unitMs + base
  if (expireAt > EXPIRE_AT_MAX) a.fail(invalidExpire(c.command.fullName))
  return expireAt
}

const CONDITIONS = ['NX', 'XX', 'GT', 'LT'] as const
type Condition = (typeof CONDITIONS)[number] | undefined

function takeCondition(a: Args): Condition {
  return CONDITIONS.find((word) => a.match(word))
}

/** Takes `[NX|XX|GT|LT] FIELDS numfields field [field …]`; the condition may stand behind the fields, too (Redis 8.4). */
function takeConditionAndFields(a: Args): { readonly condition: Condition; readonly fields: readonly Bytes[] } {
  const first = takeCondition(a)
  const count = takeFieldCount(a, NUM_FIELDS_ZERO)
  if (count > a.left) a.fail(NUM_FIELDS_MISMATCH)
  if (a.error !== undefined) return { condition: first, fields: [] }
  const fields = a.take(count)
  const condition = first ?? takeCondition(a)
  while (!a.done && a.error === undefined) {
    const more = takeCondition(a)
    if (more === undefined) a.fail(NUM_FIELDS_MISMATCH)
    else if (more !== condition) a.fail(MULTIPLE_CONDITIONS)
  }
  return { condition, fields }
}

/** A field that lasts counts as one with an endless time. */
function meets(condition: Condition, current: number | undefined, expireAt: number): boolean {
  switch (condition) {
    case 'NX':
      return current === undefined
    case 'XX':
      return current !== undefined
    case 'GT':
      return current !== undefined && expireAt > current
    case 'LT':
      return current === undefined || expireAt < current
    default:
      return true
  }
}

/** Gives a field its time, or removes it where that has passed. */
function applyExpiry(c: Context, hash: HashValue, field: Bytes, expireAt: number): number {
  if (c.keyspace.isPast(expireAt)) {
    hash.delete(field)
    c.keyspace.stats.expiredFields++ // the time that it was given has passed
    return REMOVED
  }
  hash.setExpireAt(field, expireAt)
  return DONE
}

/** What follows `applyExpiry`: events, effects, and active expiry learns of the times. */
function finishExpiry(
  c: Context,
  key: Bytes,
  hash: HashValue,
  expireAt: number,
  set: readonly Bytes[],
  removed: readonly Bytes[],
  condition?: Condition,
): void {
  if (set.length > 0) {
    c.db.noteFieldExpiry(key, hash)
    c.signal(key, Notify.Hash, 'hexpire')
    c.notifyFields('hexpire', key, set)
    c.count(set.length)
    if (!c.propagates) return
    const when = condition === undefined ? [] : [condition]
    c.propagate(['HPEXPIREAT', key, '' + expireAt, ...when, 'FIELDS', '' + set.length, ...set])
  }
  if (removed.length > 0) {
    fieldsRemoved(c, key, hash, removed.length, removed)
    if (c.propagates) for (const field of removed) c.propagate(['HDEL', key, field])
  }
}

/** `readField` for a command that writes: the hash may have lost its last field just now. */
function readLive(c: Context, key: Bytes, hash: HashValue, field: Bytes): Bytes | undefined {
  return hash.length === 0 ? undefined : readField(c, key, hash, field)
}

/** Takes `FIELDS numfields field [field …]`, which must be all that is left. */
function takeFields(a: Args, notPositive: ReplyError): Bytes[] {
  if (takeFieldCount(a, notPositive) !== a.left) a.fail(NUM_FIELDS_MISMATCH)
  return a.rest()
}

function takeFieldCount(a: Args, notPositive: ReplyError): number {
  if (!a.match('FIELDS')) a.fail(FIELDS_MISSING)
  return a.integerBetween(1, Infinity, notPositive)
}

/** HTTL key FIELDS numfields field [field …] */
export const httl: Handler = (c, a) => ttlGeneric(c, a, 1000, c.now)

/** HPTTL key FIELDS numfields field [field …] */
export const hpttl: Handler = (c, a) => ttlGeneric(c, a, 1, c.now)

/** HEXPIRETIME key FIELDS numfields field [field …] */
export const hexpiretime: Handler = (c, a) => ttlGeneric(c, a, 1000, 0)

/** HPEXPIRETIME key FIELDS numfields field [field …] */
export const hpexpiretime: Handler = (c, a) => ttlGeneric(c, a, 1, 0)

function ttlGeneric(c: Context, a: Args, unitMs: number, base: number): Reply {
  const hash = c.db.readTyped(a.next(), HashValue)
  const fields = takeFields(a, NUM_FIELDS_NOT_POSITIVE)
  if (a.error !== undefined) return a.error
  return fields.map((field) => {
    if (hash?.get(field, c.fieldNow) === undefined) return NO_FIELD
    const expireAt = hash.expireAt(field)
    return expireAt === undefined ? NO_EXPIRE : Math.ceil((expireAt - base) / unitMs)
  })
}

/** HPERSIST key FIELDS numfields field [field …] */
export function hpersist(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.findTyped(key, HashValue)
  const fields = takeFields(a, NUM_FIELDS_NOT_POSITIVE)
  if (a.error !== undefined) return a.error
  if (hash === undefined) return fields.map(() => NO_FIELD)
  const { results, persisted } = persist(c, key, hash, fields)
  finishPersist(c, key, persisted)
  return results
}

function persist(c: Context, key: Bytes, hash: HashValue, fields: readonly Bytes[]) {
  const persisted: Bytes[] = []
  const results = fields.map((field) => {
    if (readLive(c, key, hash, field) === undefined) return NO_FIELD
    if (!hash.persist(field)) return NO_EXPIRE
    persisted.push(field)
    return DONE
  })
  return { results, persisted }
}

function finishPersist(c: Context, key: Bytes, persisted: readonly Bytes[]): void {
  if (persisted.length === 0) return
  c.signal(key, Notify.Hash, 'hpersist')
  c.notifyFields('hpersist', key, persisted)
  if (c.propagates) c.propagate(['HPERSIST', key, 'FIELDS', '' + persisted.length, ...persisted])
}

/** HGETDEL key FIELDS numfields field [field …] */
export function hgetdel(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.findTyped(key, HashValue)
  const fields = takeFields(a, NUM_FIELDS_NOT_POSITIVE)
  if (a.error !== undefined) return a.error
  if (hash === undefined) return fields.map(() => null)
  const removed: Bytes[] = []
  const values = fields.map((field) => {
    if (hash.isDue(field, c.fieldNow)) c.db.expireField(key, hash, field, removed.length > 0)
    const value = hash.get(field, c.fieldNow)
    if (value !== undefined && hash.delete(field)) removed.push(field)
    return value ?? null
  })
  if (removed.length > 0) {
    fieldsRemoved(c, key, hash, removed.length, removed)
    if (c.propagates) c.propagate(['HDEL', key, ...removed])
  }
  return values
}

/** HGETEX key [EX seconds|PX ms|EXAT unix-seconds|PXAT unix-ms|PERSIST] FIELDS numfields field [field …] */
export function hgetex(c: Context, a: Args): Reply {
  const key = a.next()
  const hash = c.db.findTyped(key, HashValue)
  const options = takeOptions(c, a, 'PERSIST')
  if (a.error !== undefined) return a.error
  const { fields } = options
  if (hash === undefined) return fields.map(() => null)
  const values = fields.map((field) => readLive(c, key, hash, field) ?? null)
  const found = fields.filter((_, i) => values[i] !== null)
  const { expireAt } = options
  if (options.plain) finishPersist(c, key, persist(c, key, hash, found).persisted)
  else if (expireAt !== undefined) {
    for (const field of found) applyExpiry(c, hash, field, expireAt)
    const isPast = c.keyspace.isPast(expireAt)
    finishExpiry(c, key, hash, expireAt, isPast ? [] : found, isPast ? found : [])
  }
  return values
}

/** HSETEX key [FNX|FXX] [EX seconds|PX ms|EXAT unix-seconds|PXAT unix-ms|KEEPTTL] FIELDS numfields field value [field value …] */
export function hsetex(c: Context, a: Args): Reply {
  const key = a.next()
  const options = takeOptions(c, a, 'KEEPTTL')
  if (a.error !== undefined) return a.error
  const { fields: pairs } = options
  const hash = c.db.findTyped(key, HashValue)
  if (options.condition !== undefined) {
    for (let i = 0; i < pairs.length; i += 2) {
      const exists = hash?.get(pairs[i], c.fieldNow) !== undefined
      if (exists !== (options.condition === 'FXX')) return 0
    }
  }
  const { expireAt } = options
  const target = hash ?? findOrCreate(c, key)
  if (expireAt !== undefined && c.keyspace.isPast(expireAt)) setPast(c, key, target, pairs)
  else setLasting(c, key, target, pairs, expireAt, options.plain)
  return 1
}

/** Fields that are set with a time that has passed are removed at once, and so told of. */
function setPast(c: Context, key: Bytes, hash: HashValue, pairs: readonly Bytes[]): void {
  const fields = fieldsOf(pairs, 0)
  const removed = fields.filter((field) => hash.delete(field))
  c.signal(key, Notify.Hash, 'hset')
  c.notifyFields('hset', key, fields)
  fieldsRemoved(c, key, hash, fields.length, fields)
  if (removed.length > 0) c.propagate(['HDEL', key, ...removed])
  else c.propagateNothing()
}

function setLasting(
  c: Context,
  key: Bytes,
  hash: HashValue,
  pairs: readonly Bytes[],
  expireAt: number | undefined,
  keepsTtl: boolean,
): void {
  hash.grow(pairs, 0, pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    c.db.expireField(key, hash, pairs[i], true)
    hash.set(pairs[i], pairs[i + 1], keepsTtl)
    if (expireAt !== undefined) hash.setExpireAt(pairs[i], expireAt)
  }
  const fields = c.tellsFields ? fieldsOf(pairs, 0) : undefined
  c.signal(key, Notify.Hash, 'hset')
  if (fields !== undefined) c.notifyFields('hset', key, fields)
  c.count(pairs.length / 2)
  if (expireAt !== undefined) {
    c.db.noteFieldExpiry(key, hash)
    c.notify(Notify.Hash, 'hexpire', key)
    if (fields !== undefined) c.notifyFields('hexpire', key, fields)
  }
  if (!c.propagates) return
  const how = expireAt !== undefined ? ['PXAT', '' + expireAt] : keepsTtl ? ['KEEPTTL'] : []
  c.propagate(['HSETEX', key, ...how, 'FIELDS', '' + pairs.length / 2, ...pairs])
}

interface Options {
  /** Unix ms. */
  expireAt: number | undefined
  /** The option without a time was given. */
  plain: boolean
  condition: 'FNX' | 'FXX' | undefined
  /** What stands behind FIELDS and its count: fields, or pairs. */
  fields: readonly Bytes[]
}

const TIMED = [
  { word: 'EX', unitMs: 1000, isRelative: true },
  { word: 'PX', unitMs: 1, isRelative: true },
  { word: 'EXAT', unitMs: 1000, isRelative: false },
  { word: 'PXAT', unitMs: 1, isRelative: false },
] as const

/** Takes the options of HGETEX (which knows PERSIST) or HSETEX (KEEPTTL, FNX, FXX), and FIELDS, in any order. */
function takeOptions(c: Context, a: Args, plainWord: 'PERSIST' | 'KEEPTTL'): Options {
  const options: Options = { expireAt: undefined, plain: false, condition: undefined, fields: [] }
  const sets = plainWord === 'KEEPTTL'
  while (a.error === undefined && !a.done) {
    if (a.match('FIELDS')) takeFieldsOption(c, a, options, sets ? 2 : 1)
    else if (sets && a.match('FNX')) setCondition(a, options, 'FNX')
    else if (sets && a.match('FXX')) setCondition(a, options, 'FXX')
    else takeTtlOption(c, a, plainWord, options)
  }
  if (options.fields.length === 0) a.fail(FIELDS_ARGUMENT_MISSING)
  return options
}

/** `width`: how many arguments stand for each field. */
function takeFieldsOption(c: Context, a: Args, options: Options, width: number): void {
  if (options.fields.length > 0) a.fail(FIELDS_TWICE)
  else if (a.done) a.fail(wrongArity(c.command.fullName))
  const count = a.integerBetween(1, 2 ** 31 - 1, INVALID_FIELD_COUNT)
  if (width * count > a.left) a.fail(FIELD_COUNT_MISMATCH)
  else options.fields = a.take(width * count)
}

function setCondition(a: Args, options: Options, condition: 'FNX' | 'FXX'): void {
  if (options.condition !== undefined) a.fail(ONE_OF_FXX_FNX)
  options.condition = condition
}

function takeTtlOption(c: Context, a: Args, plainWord: 'PERSIST' | 'KEEPTTL', options: Options): void {
  const timed = TIMED.find(({ word }) => a.match(word))
  const plain = timed === undefined && a.match(plainWord)
  if (timed === undefined && !plain) a.fail(unknownArgument(a.peek()))
  else if (options.plain || options.expireAt !== undefined) {
    a.fail(plainWord === 'PERSIST' ? ONE_OF_EXPIRY_OR_PERSIST : ONE_OF_EXPIRY_OR_KEEPTTL)
  } else if (timed === undefined) options.plain = true
  else if (a.done) a.fail(EXPIRE_TIME_MISSING)
  else options.expireAt = takeExpireAt(c, a, timed.unitMs, timed.isRelative ? c.now : 0)
}
