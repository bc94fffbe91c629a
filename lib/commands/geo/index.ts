/** The commands on places: the lists of this folder as one. */
import type { Command } from '../command.ts'
import { geoCommands } from './geo.ts'
import { geosearchCommands } from './geosearch.ts'

export const geoGroup: readonly Command[] = [...geoCommands, ...geosearchCommands]
