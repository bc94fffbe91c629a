/** The commands on JSON: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { jsonArrayCommands } from './array.ts'
import { jsonGetCommands } from './get.ts'
import { jsonRemovalCommands } from './removal.ts'
import { jsonScalarCommands } from './scalar.ts'
import { jsonSetCommands } from './set.ts'

export const jsonGroup: readonly Command[] = [
  ...jsonSetCommands,
  ...jsonRemovalCommands,
  ...jsonGetCommands,
  ...jsonScalarCommands,
  ...jsonArrayCommands,
]
