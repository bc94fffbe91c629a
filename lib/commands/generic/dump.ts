/** DUMP and RESTORE: one value as bytes, in the format of Redis's snapshots. */

import { DUMP_MISMATCH, SYNTAX } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { EXPIRE_AT_MAX } from '../expireoption.ts'
import { tellOverwritten } from '../overwriting.ts'
import { BUSY_KEY, INVALID_FREQ, INVALID_IDLETIME, INVALID_TTL, MALFORMED_DUMP } from './errors.ts'

/** DUMP key */
export function dump(c: Context, a: Args): Reply {
  const value = c.db.read(a.next())
  return value === undefined ? null : c.ports.persistence.rdb.dump(value)
}

/** RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency] */
export function restore(c: Context, a: Args): Reply {
  const { db, now } = c
  const key = a.next()
  a.move(2)
  let replaces = false
  let absolute = false
  let idle = -1
  let frequency = -1
  while (!a.done && a.error === undefined) {
    if (a.match('REPLACE')) replaces = true
    else if (a.match('ABSTTL')) absolute = true
    else if (a.left > 1 && frequency === -1 && a.match('IDLETIME')) {
      idle = a.integer()
      if (idle < 0) a.fail(INVALID_IDLETIME)
    } else if (a.left > 1 && idle === -1 && a.match('FREQ')) {
      frequency = a.integer()
      if (frequency < 0 || frequency > 255) a.fail(INVALID_FREQ)
    } else return SYNTAX
  }
  if (a.error !== undefined) return a.error
  if (!replaces && db.find(key) !== undefined) return BUSY_KEY

  a.move(2 - a.position)
  const ttl = a.integer()
  if (ttl < 0) a.fail(INVALID_TTL)
  if (a.error !== undefined) return a.error
  const payload = a.next()
  if (!c.ports.persistence.rdb.isIntact(payload)) return DUMP_MISMATCH
  const value = c.ports.persistence.rdb.restore(payload)
  if (value === undefined) return MALFORMED_DUMP

  const expireAt = ttl === 0 ? NO_EXPIRY : Math.min(absolute ? ttl : ttl + now, EXPIRE_AT_MAX)
  const before = c.keyspace.tellsOverwritten ? db.typeOf(key) : undefined
  const replaced = db.delete(key)
  if (expireAt !== NO_EXPIRY && c.keyspace.isPast(expireAt)) {
    if (!replaced) return OK
    if (c.propagates) c.propagate([c.config['lazyfree-lazy-server-del'] ? 'UNLINK' : 'DEL', key])
    c.signal(key, Notify.Generic, 'del')
    return OK
  }
  db.set(key, value, expireAt)
  db.setAccess(key, c.keyspace.accessOfAge(idle, frequency))
  if (c.propagates && expireAt !== NO_EXPIRY && !absolute) {
    c.propagate(['RESTORE', key, `${expireAt}`, ...a.argv.slice(3), 'ABSTTL'])
  }
  tellOverwritten(c, key, before, value)
  c.signal(key, Notify.Generic, 'restore')
  return OK
}
