/** The table of all commands, from one list per group. */
import { connectionCommands } from './connection.ts'
import { stringCommands } from './string.ts'
import { setCommands } from './set.ts'
import { CommandTable } from './table.ts'

export function createCommandTable(): CommandTable {
  return new CommandTable([...stringCommands, ...connectionCommands, ...setCommands])
}
