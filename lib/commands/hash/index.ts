/** The commands on hashes: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { hashExpiryCommands } from './expiry.ts'
import { hashCommands } from './hash.ts'
import { himportCommands } from './himport.ts'

export const hashGroup: readonly Command[] = [...hashCommands, ...hashExpiryCommands, ...himportCommands]
