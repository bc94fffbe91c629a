/** The commands of connections: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { clientCommands } from './client.ts'
import { connectionCommands } from './connection.ts'

export const connectionGroup: readonly Command[] = [...connectionCommands, ...clientCommands]
