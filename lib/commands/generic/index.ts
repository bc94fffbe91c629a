/** The commands on keys of any type: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { dumpCommands } from './dump.ts'
import { expireCommands } from './expire.ts'
import { genericCommands } from './generic.ts'
import { migrateCommands } from './migrate.ts'
import { objectCommands } from './object.ts'
import { scanCommands } from './scan.ts'
import { sortCommands } from './sort.ts'
import { waitCommands } from './wait.ts'

export const genericGroup: readonly Command[] = [
  ...genericCommands,
  ...expireCommands,
  ...scanCommands,
  ...sortCommands,
  ...objectCommands,
  ...dumpCommands,
  ...migrateCommands,
  ...waitCommands,
]
