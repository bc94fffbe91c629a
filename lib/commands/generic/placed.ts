/**
 * DEL, UNLINK, EXISTS and EXPIRE with arguments by their places in the read buffer: what their handlers in generic.ts and
 * expire.ts do, without a string for a key.
 */
import type { Places } from '../../base/places.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import { unixMs } from '../expireoption.ts'
import type { PlacedReply } from '../placed.ts'

const SECOND = 1000

/** DEL key [key …] */
export const placedDel: PlacedForm = {
  suits: () => true,
  run: (c, p) => deleteAll(c, p, c.config['lazyfree-lazy-user-del']),
}

/** UNLINK key [key …] */
export const placedUnlink: PlacedForm = {
  suits: () => true,
  run: (c, p) => deleteAll(c, p, true),
}

function deleteAll(c: Context, p: Places, isFreedLater: boolean): PlacedReply {
  let deleted = 0
  for (let i = 1; i < p.count; i++) {
    if (!c.db.deletePlace(p, i, isFreedLater)) continue
    c.signalPlace(p, i, Notify.Generic, 'del')
    deleted++
  }
  return deleted
}

/** EXISTS key [key …] */
export const placedExists: PlacedForm = {
  suits: () => true,
  run(c: Context, p: Places): PlacedReply {
    let found = 0
    for (let i = 1; i < p.count; i++) if (c.db.readPlaceUntouched(p, i) !== 0) found++
    return found
  },
}

/** EXPIRE key seconds */
export const placedExpire: PlacedForm = {
  suits: (p) => p.count === 3,
  run(c: Context, p: Places): PlacedReply {
    const { db } = c
    const expireAt = unixMs(c, p.text(2), SECOND, c.now)
    if (typeof expireAt === 'object') return expireAt
    const at = db.findPlace(p, 1)
    if (at === 0) return 0
    if (c.keyspace.isPast(expireAt)) {
      db.deletePlace(p, 1, c.keyspace.freesReplacedLater)
      if (c.propagates) c.propagate([c.config['lazyfree-lazy-expire'] ? 'UNLINK' : 'DEL', p.text(1)])
      c.signalPlace(p, 1, Notify.Generic, 'del')
      return 1
    }
    db.setPlaceExpireAt(at, p, 1, expireAt)
    if (c.propagates) c.propagate(['PEXPIREAT', p.text(1), '' + expireAt])
    c.signalPlace(p, 1, Notify.Generic, 'expire')
    return 1
  },
}
