/** The commands on strings. Handlers that many stores never run are loaded with the first call. */
import { type Command, keyAt, keysFrom, lazyCommand } from '../command.ts'
import { conditionCommands } from './condition.ts'
import { counterCommands } from './counter.ts'
import { increx } from './increx.ts'
import { lcs } from './lcs.ts'
import { multiStringCommands } from './multistring.ts'
import { stringCommands } from './string.ts'
import { substringCommands } from './substring.ts'

export const stringGroup: readonly Command[] = [
  ...stringCommands,
  ...substringCommands,
  ...multiStringCommands,
  ...counterCommands,
  lazyCommand('increx', 'string', -2, 'write denyoom fast', [keyAt(1, 'RW access update')], () => increx),
  ...conditionCommands,
  lazyCommand('lcs', 'string', -3, 'readonly', [keysFrom(1, 'RO access', 1)], () => lcs),
]
