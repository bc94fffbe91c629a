/** The commands on sets: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { setAlgebraCommands } from './algebra.ts'
import { cardinalityCommands } from './cardinality.ts'
import { setCommands } from './set.ts'

export const setGroup: readonly Command[] = [...setCommands, ...setAlgebraCommands, ...cardinalityCommands]
