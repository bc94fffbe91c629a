/** What commands of keys of every type refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const NX_AND_OTHERS = error('ERR NX and XX, GT or LT options at the same time are not compatible')
export const GT_AND_LT = error('ERR GT and LT options at the same time are not compatible')
export const LFU_SELECTED = error(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
export const LFU_NOT_SELECTED = error(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
export const APPENDONLY_DISABLED = error('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.')

export function unsupportedOption(option: Bytes): ReplyError {
  return error(`ERR Unsupported option ${oneLine(option)}`)
}

export const NOT_SORTABLE = error("ERR One or more scores can't be converted into double")
export const BUSY_KEY = error('BUSYKEY Target key name already exists.')
export const MALFORMED_DUMP = error('ERR Bad data format')
export const INVALID_TTL = error('ERR Invalid TTL value, must be >= 0')
export const INVALID_IDLETIME = error('ERR Invalid IDLETIME value, must be >= 0')
export const INVALID_FREQ = error('ERR Invalid FREQ value, must be >= 0 and <= 255')
export const WAIT_ON_REPLICA = error(
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to ' +
    'be writable (which is not the default) writes to replicas are just local and are not propagated.',
)
export const WAITAOF_ON_REPLICA = error(
  'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are ' +
    'not propagated.',
)
export const MIGRATE_KEY_NOT_EMPTY = error(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
)
export const MIGRATE_CANNOT_WAIT = error('ERR MIGRATE waits for the other server, which it cannot do here')
export const MIGRATE_CHANGED = error('ERR a key was changed while it was migrated, it is at both ends')

export const MOVE_IN_CLUSTER = error('ERR MOVE is not allowed in cluster mode')
export const COPY_IN_CLUSTER = error('ERR Copying to another database is not allowed in cluster mode')
export const SORT_BY_IN_CLUSTER = error(
  'ERR BY option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.',
)
export const SORT_GET_IN_CLUSTER = error(
  'ERR GET option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.',
)
