/** The commands on strings as bits: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { bitfieldCommands } from './bitfield.ts'
import { bitmapCommands } from './bitmap.ts'

export const bitmapGroup: readonly Command[] = [...bitmapCommands, ...bitfieldCommands]
