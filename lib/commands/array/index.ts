/** The commands on arrays: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { arrayAggregateCommands } from './aggregate.ts'
import { arrayElementCommands } from './array.ts'
import { arrayCursorCommands } from './cursor.ts'
import { arrayGrepCommands } from './grep.ts'
import { arrayRangeCommands } from './range.ts'

export const arrayGroup: readonly Command[] = [
  ...arrayElementCommands,
  ...arrayCursorCommands,
  ...arrayRangeCommands,
  ...arrayAggregateCommands,
  ...arrayGrepCommands,
]
