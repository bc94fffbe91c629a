/**
 * HIMPORT (Redis 8.10): many hashes with the same fields, which are said once per connection. Redis keeps such hashes in a
 * form of their own; here they are hashes like others, with their fields in order. They are repeated as HSET, which every
 * Redis understands.
 */

import { OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { Fieldsets } from '../../session/fieldsets.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { DUPLICATE_FIELD, NO_SUCH_FIELDSET, VALUE_COUNT } from './errors.ts'
import { fieldsOf } from './hash.ts'

/** HIMPORT PREPARE fieldset field [field …] */
export function prepare(c: Context, a: Args): Reply {
  const name = a.next()
  const fields = a.rest()
  if (new Set(fields).size !== fields.length) return DUPLICATE_FIELD
  c.session.fieldsets ??= new Fieldsets()
  c.session.fieldsets.set(name, fields)
  return OK
}

/** HIMPORT SET key fieldset value [value …] */
export function set(c: Context, a: Args): Reply {
  const key = a.next()
  const fields = c.session.fieldsets?.get(a.next())
  if (fields === undefined) return NO_SUCH_FIELDSET
  const values = a.rest()
  if (values.length !== fields.length) return VALUE_COUNT
  const replaced = c.db.findTyped(key, HashValue) !== undefined
  const pairs = fields.map((field, i) => [field, values[i]]).sort(([one], [other]) => (one < other ? -1 : 1))
  const flat = pairs.flat()
  const hash = new HashValue(c.config)
  hash.grow(flat, 0, flat.length)
  for (const [field, value] of pairs) hash.set(field, value)
  c.db.set(key, hash, NO_EXPIRY)
  c.signal(key, Notify.Hash, 'hset')
  if (c.tellsFields) c.notifyFields('hset', key, fieldsOf(flat, 0))
  if (c.propagates) {
    if (replaced) c.propagate(['DEL', key])
    c.propagate(['HSET', key, ...flat])
  }
  return OK
}

/** HIMPORT DISCARD fieldset */
export function discard(c: Context, a: Args): Reply {
  return c.session.fieldsets?.delete(a.next()) === true ? 1 : 0
}

/** HIMPORT DISCARDALL */
export function discardall(c: Context): Reply {
  const discarded = c.session.fieldsets?.size ?? 0
  c.session.fieldsets = undefined
  return discarded
}
