/** The table of all commands, from one list per group. */

import { aclCommands } from './acl.ts'
import { bitfieldCommands } from './bitfield.ts'
import { bitmapCommands } from './bitmap.ts'
import { clientCommands } from './client.ts'
import { conditionCommands } from './condition.ts'
import { configCommands } from './config.ts'
import { connectionCommands } from './connection.ts'
import { counterCommands } from './counter.ts'
import { databaseCommands } from './database.ts'
import { debugCommands } from './debug.ts'
import { dumpCommands } from './dump.ts'
import { expireCommands } from './expire.ts'
import { functionCommands } from './function.ts'
import { genericCommands } from './generic.ts'
import { geoCommands } from './geo.ts'
import { hashCommands } from './hash.ts'
import { hashExpiryCommands } from './hash-expiry.ts'
import { hyperLogLogCommands } from './hyperloglog.ts'
import { introspectionCommands } from './introspection.ts'
import { latencyCommands } from './latency.ts'
import { lcsCommands } from './lcs.ts'
import { listCommands } from './list.ts'
import { blockingListCommands } from './list-blocking.ts'
import { memoryCommands } from './memory.ts'
import { moduleCommands } from './module.ts'
import { monitorCommands } from './monitor.ts'
import { multiStringCommands } from './multistring.ts'
import { objectCommands } from './object.ts'
import { pubsubCommands } from './pubsub.ts'
import { replicationCommands } from './replication.ts'
import { saveCommands } from './save.ts'
import { scanCommands } from './scan.ts'
import { scriptingCommands } from './scripting.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './set.ts'
import { slowlogCommands } from './slowlog.ts'
import { sortCommands } from './sort.ts'
import { sortedSetCommands } from './sorted-set.ts'
import { streamCommands } from './stream.ts'
import { streamClaimCommands } from './stream-claim.ts'
import { streamDeleteCommands } from './stream-delete.ts'
import { streamGroupCommands } from './stream-group.ts'
import { streamInfoCommands } from './stream-info.ts'
import { streamReadCommands } from './stream-read.ts'
import { stringCommands } from './string.ts'
import { substringCommands } from './substring.ts'
import { CommandTable } from './table.ts'
import { transactionCommands } from './transactions.ts'
import { waitCommands } from './wait.ts'

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
