/** The commands on lists: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { blockingListCommands } from './blocking.ts'
import { listCommands } from './list.ts'
import { moveManyCommands } from './movem.ts'

export const listGroup: readonly Command[] = [...listCommands, ...blockingListCommands, ...moveManyCommands]
