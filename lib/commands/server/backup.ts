/** BACKUP (Redis 8.10): copies of the store that can be fetched while it goes on. How they are made: journal/backup.ts. */
import { MapReply, type Reply } from '../../base/reply.ts'
import { type Command, type Context, command } from '../command.ts'
import { container } from '../container.ts'

/** BACKUP START. Within a transaction it takes what the store holds behind it. */
function start(c: Context): Reply {
  return c.ports.persistence.backup.start(!c.mayBlock)
}

/** BACKUP SEAL */
function seal(c: Context): Reply {
  return c.ports.persistence.backup.seal()
}

/** BACKUP ABORT */
function abort(c: Context): Reply {
  return c.ports.persistence.backup.abort()
}

/** BACKUP CLEANUP */
function cleanup(c: Context): Reply {
  return c.ports.persistence.backup.cleanUp()
}

/** BACKUP STATUS */
function status(c: Context): Reply {
  const { state, error, startedAt, sealedAt } = c.ports.persistence.backup.status
  return new MapReply(['state', state, 'error', error, 'start_time', startedAt, 'end_time', sealedAt])
}

/** BACKUP LIST */
function list(c: Context): Reply {
  return c.ports.persistence.backup.files
}

const changes = 'admin noscript'
const reads = 'admin stale'

const backupSubcommands = [
  command('start', 'server', 2, changes, [], start),
  command('seal', 'server', 2, changes, [], seal),
  command('abort', 'server', 2, changes, [], abort),
  command('cleanup', 'server', 2, changes, [], cleanup),
  command('status', 'server', 2, reads, [], status),
  command('list', 'server', 2, reads, [], list),
]

/** HELP is in it twice, as in Redis. */
const backupHelp = [
  ['START', "Start a new backup into the configured 'backupdirname'."],
  ['SEAL', 'Freeze the current backup (BASE + INCR + manifest).'],
  ['ABORT', 'Cancel a backup that has not been sealed yet.'],
  ['CLEANUP', "Remove a sealed backup's files and return to idle."],
  ['STATUS', 'Report the current backup state.'],
  ['LIST', 'List the immutable files pinned so far.'],
  ['HELP', 'Return this help.'],
]

export const backupCommands: readonly Command[] = [container('backup', 'server', '', backupSubcommands, backupHelp)]
