/** The table of all commands, from one list per group. */

import { bitfieldCommands } from './bitmap/bitfield.ts'
import { bitmapCommands } from './bitmap/bitmap.ts'
import { clientCommands } from './connection/client.ts'
import { connectionCommands } from './connection/connection.ts'
import { dumpCommands } from './generic/dump.ts'
import { expireCommands } from './generic/expire.ts'
import { genericCommands } from './generic/generic.ts'
import { objectCommands } from './generic/object.ts'
import { sortCommands } from './generic/sort.ts'
import { waitCommands } from './generic/wait.ts'
import { geoCommands } from './geo/geo.ts'
import { hashExpiryCommands } from './hash/expiry.ts'
import { hashCommands } from './hash/hash.ts'
import { hyperLogLogCommands } from './hyperloglog/hyperloglog.ts'
import { blockingListCommands } from './list/blocking.ts'
import { listCommands } from './list/list.ts'
import { pubsubCommands } from './pubsub/pubsub.ts'
import { scanCommands } from './scan.ts'
import { functionCommands } from './scripting/function.ts'
import { scriptingCommands } from './scripting/scripting.ts'
import { aclCommands } from './server/acl.ts'
import { configCommands } from './server/config.ts'
import { databaseCommands } from './server/database.ts'
import { debugCommands } from './server/debug.ts'
import { introspectionCommands } from './server/introspection.ts'
import { latencyCommands } from './server/latency.ts'
import { memoryCommands } from './server/memory.ts'
import { moduleCommands } from './server/module.ts'
import { monitorCommands } from './server/monitor.ts'
import { replicationCommands } from './server/replication.ts'
import { saveCommands } from './server/save.ts'
import { serverCommands } from './server/server.ts'
import { slowlogCommands } from './server/slowlog.ts'
import { setCommands } from './set/set.ts'
import { sortedSetCommands } from './sorted-set/sorted-set.ts'
import { streamClaimCommands } from './stream/claim.ts'
import { streamDeleteCommands } from './stream/delete.ts'
import { streamGroupCommands } from './stream/group.ts'
import { streamInfoCommands } from './stream/info.ts'
import { streamReadCommands } from './stream/read.ts'
import { streamCommands } from './stream/stream.ts'
import { conditionCommands } from './string/condition.ts'
import { counterCommands } from './string/counter.ts'
import { lcsCommands } from './string/lcs.ts'
import { multiStringCommands } from './string/multistring.ts'
import { stringCommands } from './string/string.ts'
import { substringCommands } from './string/substring.ts'
import { CommandTable } from './table.ts'
import { transactionCommands } from './transactions/transactions.ts'

export function createCommandTable(): CommandTable {
  return new CommandTable([
    ...aclCommands,
    ...introspectionCommands,
    ...configCommands,
    ...clientCommands,
    ...bitfieldCommands,
    ...bitmapCommands,
    ...hyperLogLogCommands,
    ...stringCommands,
    ...substringCommands,
    ...multiStringCommands,
    ...lcsCommands,
    ...counterCommands,
    ...conditionCommands,
    ...connectionCommands,
    ...databaseCommands,
    ...expireCommands,
    ...genericCommands,
    ...dumpCommands,
    ...objectCommands,
    ...pubsubCommands,
    ...monitorCommands,
    ...scanCommands,
    ...scriptingCommands,
    ...functionCommands,
    ...transactionCommands,
    ...waitCommands,
    ...sortCommands,
    ...streamCommands,
    ...streamReadCommands,
    ...streamInfoCommands,
    ...streamGroupCommands,
    ...streamClaimCommands,
    ...streamDeleteCommands,
    ...saveCommands,
    ...serverCommands,
    ...replicationCommands,
    ...debugCommands,
    ...memoryCommands,
    ...latencyCommands,
    ...moduleCommands,
    ...slowlogCommands,
    ...setCommands,
    ...hashCommands,
    ...hashExpiryCommands,
    ...sortedSetCommands,
    ...geoCommands,
    ...listCommands,
    ...blockingListCommands,
  ])
}
