/**
 * WAIT and WAITAOF: until what this client wrote has reached replicas, or disks: that of this store, and those of replicas, who
 * tell of it since Redis 7.2.
 */

import { MUST_BE_POSITIVE, NOT_0_OR_1 } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import type { Context, PARKED } from '../command.ts'
import { takeTimeoutMs } from '../timeout.ts'
import { APPENDONLY_DISABLED, WAIT_ON_REPLICA, WAITAOF_ON_REPLICA } from './errors.ts'

/** WAIT numreplicas timeout */
export function wait(c: Context, a: Args): Reply | typeof PARKED {
  const replicas = a.integer()
  const timeoutMs = takeTimeoutMs(c, a)
  if (c.ports.persistence.following.master !== undefined) return WAIT_ON_REPLICA
  if (a.error !== undefined) return a.error
  const acked = c.ports.persistence.replication.countAcked(c.session)
  if (acked >= replicas) return acked
  if (c.mayBlock) c.ports.persistence.replication.askForAcks(c.session, a.argv)
  return c.park([], 'string', timeoutMs, acked)
}

/** WAITAOF numlocal numreplicas timeout */
export function waitaof(c: Context, a: Args): Reply | typeof PARKED {
  const local = a.integer()
  if (local !== 0 && local !== 1) a.fail(NOT_0_OR_1)
  const replicas = a.integer()
  if (replicas < 0) a.fail(MUST_BE_POSITIVE)
  const timeoutMs = takeTimeoutMs(c, a)
  if (a.error !== undefined) return a.error
  if (c.ports.persistence.following.master !== undefined) return WAITAOF_ON_REPLICA
  const { appending, replication } = c.ports.persistence
  if (local === 1 && !appending.isOn) return APPENDONLY_DISABLED
  const synced = appending.hasSynced(c.session) ? 1 : 0
  const fsynced = replication.countFsynced(c.session)
  if (synced >= local && fsynced >= replicas) return [synced, fsynced]
  if (c.mayBlock) {
    appending.awaitSync(c.session, a.argv)
    replication.askForAcks(c.session, a.argv, true)
  }
  return c.park([], 'string', timeoutMs, [synced, fsynced])
}
