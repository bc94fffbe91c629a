/**
 * HIMPORT (Redis 8.10): many hashes with the same fields, which are said once per connection. Redis keeps such hashes in a
 * form of their own; here they are hashes like others, with their fields in order. They are repeated as HSET, which every
 * Redis understands.
 */
import { DUPLICATE_FIELD, NO_SUCH_FIELDSET, VALUE_COUNT } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { Fieldsets } from '../../session/fieldsets.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify } from '../command.ts'
import { fieldsOf } from './hash.ts'

/** HIMPORT PREPARE fieldset field [field …] */
function prepare(c: Context, a: Args): Reply {
  const name = a.next()
  const fields = a.rest()
  if (new Set(fields).size !== fields.length) return DUPLICATE_FIELD
  c.session.fieldsets ??= new Fieldsets()
  c.session.fieldsets.set(name, fields)
  return OK
}

/** HIMPORT SET key fieldset value [value …] */
function set(c: Context, a: Args): Reply {
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
function discard(c: Context, a: Args): Reply {
  return c.session.fieldsets?.delete(a.next()) === true ? 1 : 0
}

/** HIMPORT DISCARDALL */
function discardall(c: Context): Reply {
  const discarded = c.session.fieldsets?.size ?? 0
  c.session.fieldsets = undefined
  return discarded
}

/** A fieldset holds for the commands behind it. */
const scoped = { ownConnection: 'scope' } as const

export const himportCommands: readonly Command[] = [
  command('himport', 'hash', -2, '', [], unreachable, {
    subcommands: [
      command('prepare', 'hash', -4, 'denyoom', [], prepare, scoped),
      command('set', 'hash', -5, 'write denyoom', [keyAt(2, 'OW update')], set, scoped),
      command('discard', 'hash', 3, '', [], discard, scoped),
      command('discardall', 'hash', 2, '', [], discardall, scoped),
    ],
  }),
]

/** The engine resolves a container to its subcommand and refuses the bare name for its arity. */
function unreachable(): never {
  throw new Error('a container command was run')
}
