/**
 * Commands on keys of any type: whether they are there, what they hold, removing and renaming, moving between databases.
 * None of them knows a type; what they need of a value is in `ObjectValue`.
 */
import type { Bytes } from '../../base/bytes.ts'
import { DB_OUT_OF_RANGE, NO_SUCH_KEY, NOT_INT32, SAME_OBJECT, SYNTAX } from '../../base/errors.ts'
import { OK, type Reply, type ReplyError, Status } from '../../base/reply.ts'
import type { Db } from '../../keyspace/db.ts'
import { globMatches, matchesAll } from '../../keyspace/glob.ts'
import { typeName } from '../../keyspace/typed.ts'
import type { Value } from '../../keyspace/value.ts'
import { StringBuffer } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { always, type Command, type Context, command, keyAt, keysFrom, Notify } from '../command.ts'
import { tellOverwritten } from '../overwriting.ts'
import { COPY_IN_CLUSTER, MOVE_IN_CLUSTER } from './errors.ts'
import { placedDel, placedExists, placedUnlink } from './placed.ts'

const TYPE_NONE = new Status('none')

/** DEL key [key …]; DELETE alike. Freeing is the garbage collector's, so UNLINK differs in what it counts alone. */
function del(c: Context, a: Args): Reply {
  return deleteAll(c, a, c.config['lazyfree-lazy-user-del'])
}

/** UNLINK key [key …] */
function unlink(c: Context, a: Args): Reply {
  return deleteAll(c, a, true)
}

function deleteAll(c: Context, a: Args, isFreedLater: boolean): Reply {
  let deleted = 0
  while (!a.done) {
    const key = a.next()
    if (!c.db.delete(key, isFreedLater)) continue
    c.signal(key, Notify.Generic, 'del')
    deleted++
  }
  return deleted
}

/** EXISTS key [key …] */
function exists(c: Context, a: Args): Reply {
  let found = 0
  while (!a.done) if (c.db.readUntouched(a.next()) !== undefined) found++
  return found
}

/** TOUCH key [key …]. An access even of a client that asked for NO-TOUCH: it touches on purpose. */
function touch(c: Context, a: Args): Reply {
  const { keyspace } = c
  const { leavesNoTrace } = keyspace
  keyspace.leavesNoTrace = false
  let found = 0
  while (!a.done) if (c.db.read(a.next()) !== undefined) found++
  keyspace.leavesNoTrace = leavesNoTrace
  return found
}

/** TYPE key */
function type(c: Context, a: Args): Reply {
  const value = c.db.readUntouched(a.next())
  return value === undefined ? TYPE_NONE : new Status(typeName(value))
}

/** KEYS pattern */
function keys(c: Context, a: Args): Reply {
  const { db } = c
  const pattern = a.next()
  const all = db.keys()
  const found = matchesAll(pattern) ? all.slice() : all.filter((key) => globMatches(pattern, key))
  return db.volatileSize === 0 ? found : found.filter((key) => db.has(key))
}

/** RANDOMKEY */
function randomkey(c: Context): Reply {
  return c.db.randomKey() ?? null
}

/** RENAME key newkey */
function rename(c: Context, a: Args): Reply {
  return renameGeneric(c, a.next(), a.next(), false) ?? OK
}

/** RENAMENX key newkey */
function renamenx(c: Context, a: Args): Reply {
  return renameGeneric(c, a.next(), a.next(), true) ?? 1
}

/** Undefined where the key was renamed, or need not be since the names are the same; else the reply. */
function renameGeneric(c: Context, from: Bytes, to: Bytes, onlyIfNew: boolean): Reply | undefined {
  const { db } = c
  const value = db.find(from)
  if (value === undefined) return NO_SUCH_KEY
  if (from === to) return onlyIfNew ? 0 : undefined
  if (onlyIfNew && db.has(to)) return 0
  const before = c.keyspace.tellsOverwritten ? db.typeOf(to) : undefined
  transfer(db, from, value, db, to)
  c.signal(from, Notify.Generic, 'rename_from')
  c.signal(to, Notify.Generic, 'rename_to')
  tellOverwritten(c, to, before, value)
  c.count(1)
  return undefined
}

/** Moves a value with its expiry and its access word to another name, whose old value goes. */
function transfer(source: Db, from: Bytes, value: Value, target: Db, to: Bytes): void {
  const expireAt = source.expireAt(from)
  const access = source.accessOf(from)
  source.detach(value)
  source.delete(from)
  target.delete(to)
  target.set(to, value, expireAt)
  target.setAccess(to, access)
}

/** MOVE key db */
function move(c: Context, a: Args): Reply {
  if (c.ports.cluster !== undefined) return MOVE_IN_CLUSTER
  const { db: source } = c
  const key = a.next()
  const target = takeDb(c, a, NOT_INT32)
  if (target === undefined) return a.error!
  if (target === source) return SAME_OBJECT
  const value = source.find(key)
  if (value === undefined || target.has(key)) return 0
  transfer(source, key, value, target, key)
  c.signal(key, Notify.Generic, 'move_from', source)
  c.signal(key, Notify.Generic, 'move_to', target)
  c.count(1)
  return 1
}

/** COPY source destination [DB db] [REPLACE] */
function copy(c: Context, a: Args): Reply {
  const from = a.next()
  const to = a.next()
  let target: Db = c.db
  let replaces = false
  while (!a.done) {
    if (a.match('REPLACE')) replaces = true
    else if (a.left >= 2 && a.match('DB')) {
      const db = takeDb(c, a, NOT_INT32)
      if (db === undefined) return a.error!
      target = db
    } else return SYNTAX
  }
  if (target !== c.db && c.ports.cluster !== undefined) return COPY_IN_CLUSTER
  if (target === c.db && from === to) return SAME_OBJECT
  const value = c.db.read(from)
  if (value === undefined || (target.has(to) && !replaces)) return 0
  const before = c.keyspace.tellsOverwritten ? target.typeOf(to) : undefined
  target.delete(to)
  target.set(to, copyOf(value), c.db.expireAt(from))
  c.signal(to, Notify.Generic, 'copy_to', target)
  tellOverwritten(c, to, before, value, target)
  return 1
}

function copyOf(value: Value): Value {
  if (typeof value !== 'object' || value instanceof StringBuffer)
    return typeof value === 'object' ? value.copy() : value
  return value.copy()
}

/** Takes a database number; undefined with the error latched. `notInt32` is for a number past 32 bits. */
export function takeDb(c: Context, a: Args, notInt32: ReplyError): Db | undefined {
  const index = a.integer()
  if (index < -(2 ** 31) || index >= 2 ** 31) a.fail(notInt32)
  const db = a.error === undefined ? c.keyspace.dbs[index] : undefined
  if (db === undefined) a.fail(DB_OUT_OF_RANGE)
  return db
}

export const genericCommands: readonly Command[] = [
  command('del', 'generic', -2, 'write brief', [keysFrom(1, 'RM delete', -1, 1)], del, { placed: placedDel }),
  command('delete', 'generic', -2, 'write brief', [keysFrom(1, 'RM delete', -1, 1)], del, { aliasOf: 'del' }),
  command('unlink', 'generic', -2, 'write fast', [keysFrom(1, 'RM delete', -1, 1)], unlink, { placed: placedUnlink }),
  command('exists', 'generic', -2, 'readonly fast', [keysFrom(1, 'RO', -1, 1)], exists, { placed: placedExists }),
  command('touch', 'generic', -2, 'readonly fast', [keysFrom(1, 'RO', -1, 1)], touch),
  command('type', 'generic', 2, 'readonly fast', [keyAt(1, 'RO')], type),
  command('keys', 'generic', 2, 'readonly arbitrary_keys @dangerous', [], keys, { tellsKeys: always }),
  command('randomkey', 'generic', 1, 'readonly arbitrary_keys', [], randomkey, { tellsKeys: always }),
  command('rename', 'generic', 3, 'write', [keyAt(1, 'RW access delete'), keyAt(2, 'OW update')], rename),
  command('renamenx', 'generic', 3, 'write fast', [keyAt(1, 'RW access delete'), keyAt(2, 'OW insert')], renamenx),
  command('move', 'generic', 3, 'write fast', [keyAt(1, 'RW access update')], move),
  command('copy', 'generic', -3, 'write denyoom', [keyAt(1, 'RO access'), keyAt(2, 'OW update')], copy),
]
