/** The commands of the server. Handlers that many stores never run are loaded with the first call. */
import { always, type Command, Flag, lazyCommand } from '../command.ts'
import { backupCommands } from './backup.ts'
import { configCommands } from './config.ts'
import { aclCommands, introspectionCommands, latencyCommands } from './containers.ts'
import { databaseCommands } from './database.ts'
import { debug } from './debug.ts'
import { hotKeysCommands } from './hotkeys.ts'
import { memoryCommands } from './memory.ts'
import { moduleCommands } from './module.ts'
import { monitorCommands } from './monitor.ts'
import { failoverTo, psync, replconf, replicaof, role, sync } from './replication.ts'
import { saveCommands } from './save.ts'
import { serverCommands } from './server.ts'
import { slowlogCommands } from './slowlog.ts'

const REPLICAOF_WORDS = 'admin noscript stale no_async_loading own_store'

const DEBUG_FLAGS = Flag.Admin | Flag.NoScript | Flag.Loading | Flag.Stale
/** Subcommands of DEBUG that change keys and tell nobody, or tell what has not happened. */
const UNTOLD: ReadonlySet<string> = new Set(['loadaof', 'populate', 'reload', 'replicate'])

export const serverGroup: readonly Command[] = [
  ...serverCommands,
  ...aclCommands,
  ...introspectionCommands,
  ...backupCommands,
  ...configCommands,
  ...databaseCommands,
  lazyCommand('debug', 'server', -2, 'admin noscript loading stale', [], () => debug, {
    flagsOf: ([, name]) => DEBUG_FLAGS | (UNTOLD.has(name.toLowerCase()) ? Flag.OwnStore : 0),
  }),
  ...hotKeysCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...moduleCommands,
  ...monitorCommands,
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
  ...saveCommands,
  ...slowlogCommands,
]
