/** The commands of the server: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { aclCommands } from './acl.ts'
import { backupCommands } from './backup.ts'
import { configCommands } from './config.ts'
import { databaseCommands } from './database.ts'
import { debugCommands } from './debug.ts'
import { hotKeysCommands } from './hotkeys.ts'
import { introspectionCommands } from './introspection.ts'
import { latencyCommands } from './latency.ts'
import { memoryCommands } from './memory.ts'
import { moduleCommands } from './module.ts'
import { monitorCommands } from './monitor.ts'
import { replicationCommands } from './replication.ts'
import { saveCommands } from './save.ts'
import { serverCommands } from './server.ts'
import { slowlogCommands } from './slowlog.ts'

export const serverGroup: readonly Command[] = [
  ...serverCommands,
  ...aclCommands,
  ...introspectionCommands,
  ...backupCommands,
  ...configCommands,
  ...databaseCommands,
  ...debugCommands,
  ...hotKeysCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...moduleCommands,
  ...monitorCommands,
  ...replicationCommands,
  ...saveCommands,
  ...slowlogCommands,
]
