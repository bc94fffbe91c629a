/** SAVE, BGSAVE and LASTSAVE: snapshots on disk; BGREWRITEAOF. */
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command } from '../command.ts'

/** SAVE */
function save(c: Context): Reply {
  return c.ports.persistence.saving.save()
}

/** BGSAVE [SCHEDULE]. Within a transaction it is only scheduled, as in Redis. */
function bgsave(c: Context, a: Args): Reply {
  const schedules = a.left === 1 && a.match('SCHEDULE')
  if (!a.done) return SYNTAX
  return c.ports.persistence.saving.saveInBackground(schedules, !c.mayBlock)
}

/** LASTSAVE. The start, while nothing was saved. */
function lastsave(c: Context): Reply {
  return c.ports.persistence.saving.lastSave
}

/** BGREWRITEAOF. Within a transaction it is only scheduled, as in Redis. */
function bgrewriteaof(c: Context): Reply {
  return c.ports.persistence.appending.rewrite(!c.mayBlock)
}

export const saveCommands: readonly Command[] = [
  command('bgrewriteaof', 'server', 1, 'admin noscript no_async_loading', [], bgrewriteaof),
  command('bgsave', 'server', -1, 'admin noscript no_async_loading', [], bgsave),
  command('lastsave', 'server', 1, 'loading stale fast @admin @dangerous', [], lastsave),
  command('save', 'server', 1, 'admin noscript no_async_loading no_multi', [], save),
]
