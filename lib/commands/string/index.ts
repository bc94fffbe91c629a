/** The commands on strings: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { conditionCommands } from './condition.ts'
import { counterCommands } from './counter.ts'
import { increxCommands } from './increx.ts'
import { lcsCommands } from './lcs.ts'
import { multiStringCommands } from './multistring.ts'
import { stringCommands } from './string.ts'
import { substringCommands } from './substring.ts'

export const stringGroup: readonly Command[] = [
  ...stringCommands,
  ...substringCommands,
  ...multiStringCommands,
  ...counterCommands,
  ...increxCommands,
  ...conditionCommands,
  ...lcsCommands,
]
