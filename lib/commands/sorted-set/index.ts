/** The commands on sorted sets: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { sortedSetCommands } from './sorted-set.ts'
import { zaddCommands } from './zadd.ts'
import { zalgebraCommands } from './zalgebra.ts'
import { zpopCommands } from './zpop.ts'
import { zrangeCommands } from './zrange.ts'

export const sortedSetGroup: readonly Command[] = [
  ...sortedSetCommands,
  ...zaddCommands,
  ...zrangeCommands,
  ...zpopCommands,
  ...zalgebraCommands,
]
