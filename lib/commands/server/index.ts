/** The commands of the server. Handlers that many stores never run are loaded with the first call. */
import { always, type Command, Flag, lazyCommand } from '../command.ts'
import { serverContainers } from './containers.ts'
import { databaseCommands } from './database.ts'
import { debug } from './debug.ts'
import { monitor } from './monitor.ts'
import { failoverTo, psync, replconf, replicaof, role, sync } from './replication.ts'
import { bgrewriteaof, bgsave, lastsave, save } from './save.ts'
import { serverCommands } from './server.ts'

const REPLICAOF_WORDS = 'admin noscript stale no_async_loading own_store'

const DEBUG_FLAGS = Flag.Admin | Flag.NoScript | Flag.Loading | Flag.Stale
/** Subcommands of DEBUG that change keys and tell nobody, or tell what has not happened; and those of a file that is not beside a shared store. */
const UNTOLD: ReadonlySet<string> = new Set(['aof-flush-sleep', 'loadaof', 'populate', 'reload', 'replicate'])

export const serverGroup: readonly Command[] = [
  ...serverCommands,
  ...serverContainers,
  ...databaseCommands,
  lazyCommand('debug', 'server', -2, 'admin noscript loading stale', [], () => debug, {
    flagsOf: ([, name]) => DEBUG_FLAGS | (UNTOLD.has(name.toLowerCase()) ? Flag.OwnStore : 0),
  }),
  lazyCommand('monitor', 'server', 1, 'admin noscript loading stale', [], () => monitor, {
    ownConnection: 'messages',
    tellsKeys: always,
  }),
  lazyCommand('failover', 'server', -1, 'admin noscript stale own_store', [], () => failoverTo),
  lazyCommand('replicaof', 'server', 3, REPLICAOF_WORDS, [], () => replicaof),
  lazyCommand('slaveof', 'server', 3, REPLICAOF_WORDS, [], () => replicaof),
  lazyCommand('replconf', 'server', -1, 'admin noscript loading stale allow_busy', [], () => replconf, {
    ownConnection: 'state',
  }),
  lazyCommand('psync', 'server', -3, 'admin noscript no_async_loading no_multi own_store', [], () => psync, {
    ownConnection: 'state',
    tellsKeys: always,
  }),
  lazyCommand('sync', 'server', 1, 'admin noscript no_async_loading no_multi own_store', [], () => sync, {
    ownConnection: 'state',
    tellsKeys: always,
  }),
  lazyCommand('role', 'server', 1, 'noscript loading stale fast @admin @dangerous', [], () => role),
  lazyCommand('bgrewriteaof', 'server', 1, 'admin noscript no_async_loading', [], () => bgrewriteaof),
  lazyCommand('bgsave', 'server', -1, 'admin noscript no_async_loading', [], () => bgsave),
  lazyCommand('lastsave', 'server', 1, 'loading stale fast @admin @dangerous', [], () => lastsave),
  lazyCommand('save', 'server', 1, 'admin noscript no_async_loading no_multi', [], () => save),
]
