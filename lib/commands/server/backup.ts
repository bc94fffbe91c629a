/** BACKUP (Redis 8.10): copies of the store that can be fetched while it goes on. How they are made: journal/backup.ts. */
import { MapReply, type Reply } from '../../base/reply.ts'
import type { Context } from '../command.ts'

/** BACKUP START. Within a transaction it takes what the store holds behind it. */
export function start(c: Context): Reply {
  return c.ports.persistence.backup.start(!c.mayBlock)
}

/** BACKUP SEAL */
export function seal(c: Context): Reply {
  return c.ports.persistence.backup.seal()
}

/** BACKUP ABORT */
export function abort(c: Context): Reply {
  return c.ports.persistence.backup.abort()
}

/** BACKUP CLEANUP */
export function cleanup(c: Context): Reply {
  return c.ports.persistence.backup.cleanUp()
}

/** BACKUP STATUS */
export function status(c: Context): Reply {
  const { state, error, startedAt, sealedAt } = c.ports.persistence.backup.status
  return new MapReply(['state', state, 'error', error, 'start_time', startedAt, 'end_time', sealedAt])
}

/** BACKUP LIST */
export function list(c: Context): Reply {
  return c.ports.persistence.backup.files
}
