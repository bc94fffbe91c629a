/** Commands on whole databases: size, emptying, exchange. */
import { DB_OUT_OF_RANGE, SYNTAX } from '../../base/errors.ts'
import { OK, type Reply, type ReplyError } from '../../base/reply.ts'
import type { Db } from '../../keyspace/db.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command } from '../command.ts'
import { FIRST_DB_INDEX, SECOND_DB_INDEX, SWAPDB_IN_CLUSTER } from './errors.ts'

/** DBSIZE */
function dbsize(c: Context): Reply {
  return c.db.size
}

/** FLUSHDB [ASYNC|SYNC]; FLUSH alike. Either way the old contents are dropped whole, in O(1). */
function flushdb(c: Context, a: Args): Reply {
  const isFreedLater = takeFlushMode(c, a)
  if (a.error !== undefined) return a.error
  finishFlush(c, a, flush(c, c.db, isFreedLater))
  return OK
}

/** FLUSHALL [ASYNC|SYNC] */
function flushall(c: Context, a: Args): Reply {
  const isFreedLater = takeFlushMode(c, a)
  if (a.error !== undefined) return a.error
  let removed = 0
  for (const db of c.keyspace.dbs) removed += flush(c, db, isFreedLater)
  finishFlush(c, a, removed)
  c.ports.persistence.saving.saveFlushed(removed)
  return OK
}

/** True if the contents count as freed later; Redis 7.4 has a client that may wait do so even with SYNC. */
function takeFlushMode(c: Context, a: Args): boolean {
  const isAsync = a.done ? c.config['lazyfree-lazy-user-flush'] : a.match('ASYNC')
  if (!isAsync && !a.done) a.match('SYNC')
  if (!a.done) a.fail(SYNTAX)
  return isAsync || c.mayBlock
}

/** Returns how many keys there were. */
function flush(c: Context, db: Db, isFreedLater: boolean): number {
  c.signalAll(db)
  return db.clear(isFreedLater)
}

/** It counts as the keys that went, and is passed on even if there was none. */
function finishFlush(c: Context, a: Args, removed: number): void {
  c.count(removed)
  if (c.propagates) c.propagate(a.argv)
}

/** SWAPDB index1 index2 */
function swapdb(c: Context, a: Args): Reply {
  if (c.ports.cluster !== undefined) return SWAPDB_IN_CLUSTER
  const first = takeIndex(a, FIRST_DB_INDEX)
  const second = takeIndex(a, SECOND_DB_INDEX)
  if (a.error !== undefined) return a.error
  const one = c.keyspace.dbs[first]
  const other = c.keyspace.dbs[second]
  if (one === undefined || other === undefined) return DB_OUT_OF_RANGE
  if (one !== other) {
    c.signalAll(one, other)
    c.signalAll(other, one)
    one.swap(other)
  }
  c.count(1)
  return OK
}

function takeIndex(a: Args, error: ReplyError): number {
  return a.integerBetween(-(2 ** 31), 2 ** 31 - 1, error)
}

export const databaseCommands: readonly Command[] = [
  command('dbsize', 'server', 1, 'readonly fast @keyspace', [], dbsize),
  command('flushdb', 'server', -1, 'write @keyspace @dangerous', [], flushdb),
  command('flush', 'server', -1, 'write @keyspace @dangerous', [], flushdb, { aliasOf: 'flushdb' }),
  command('flushall', 'server', -1, 'write @keyspace @dangerous', [], flushall),
  command('swapdb', 'server', 3, 'write fast @keyspace @dangerous', [], swapdb),
]
