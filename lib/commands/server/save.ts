/** SAVE, BGSAVE and LASTSAVE: snapshots on disk; BGREWRITEAOF. */
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** SAVE */
export function save(c: Context): Reply {
  return c.ports.persistence.saving.save()
}

/** BGSAVE [SCHEDULE]. Within a transaction it is only scheduled, as in Redis. */
export function bgsave(c: Context, a: Args): Reply {
  const schedules = a.left === 1 && a.match('SCHEDULE')
  if (!a.done) return SYNTAX
  return c.ports.persistence.saving.saveInBackground(schedules, !c.mayBlock)
}

/** LASTSAVE. The start, while nothing was saved. */
export function lastsave(c: Context): Reply {
  return c.ports.persistence.saving.lastSave
}

/** BGREWRITEAOF. Within a transaction it is only scheduled, as in Redis. */
export function bgrewriteaof(c: Context): Reply {
  return c.ports.persistence.appending.rewrite(!c.mayBlock)
}
