/** The table of all commands, from one list per group. */
import { arrayGroup } from './array/index.ts'
import { bitmapGroup } from './bitmap/index.ts'
import { clusterCommands } from './cluster/cluster.ts'
import { connectionGroup } from './connection/index.ts'
import { genericGroup } from './generic/index.ts'
import { geoGroup } from './geo/index.ts'
import { hashGroup } from './hash/index.ts'
import { hyperLogLogGroup } from './hyperloglog/index.ts'
import { jsonGroup } from './json/index.ts'
import { listGroup } from './list/index.ts'
import { pubsubGroup } from './pubsub/index.ts'
import { scriptingGroup } from './scripting/index.ts'
import { serverGroup } from './server/index.ts'
import { setGroup } from './set/index.ts'
import { sortedSetGroup } from './sorted-set/index.ts'
import { streamGroup } from './stream/index.ts'
import { stringGroup } from './string/index.ts'
import { CommandTable } from './table.ts'
import { transactionGroup } from './transactions/index.ts'

export function createCommandTable(): CommandTable {
  return new CommandTable([
    ...arrayGroup,
    ...bitmapGroup,
    ...clusterCommands,
    ...connectionGroup,
    ...genericGroup,
    ...geoGroup,
    ...hashGroup,
    ...hyperLogLogGroup,
    ...jsonGroup,
    ...listGroup,
    ...pubsubGroup,
    ...scriptingGroup,
    ...serverGroup,
    ...setGroup,
    ...sortedSetGroup,
    ...streamGroup,
    ...stringGroup,
    ...transactionGroup,
  ])
}
