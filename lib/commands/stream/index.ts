/** The commands on streams: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { streamClaimCommands } from './claim.ts'
import { streamDeleteCommands } from './delete.ts'
import { streamGroupCommands } from './group.ts'
import { streamIdempotenceCommands } from './idempotence.ts'
import { streamInfoCommands } from './info.ts'
import { streamNackCommands } from './nack.ts'
import { streamReadCommands } from './read.ts'
import { streamCommands } from './stream.ts'

export const streamGroup: readonly Command[] = [
  ...streamCommands,
  ...streamReadCommands,
  ...streamInfoCommands,
  ...streamGroupCommands,
  ...streamClaimCommands,
  ...streamDeleteCommands,
  ...streamIdempotenceCommands,
  ...streamNackCommands,
]
