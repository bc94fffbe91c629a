/** The commands for scripts and functions: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { functionCommands } from './function.ts'
import { scriptingCommands } from './scripting.ts'

export const scriptingGroup: readonly Command[] = [...scriptingCommands, ...functionCommands]
