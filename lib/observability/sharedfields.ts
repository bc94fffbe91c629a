/** INFO's section about a store that is shared with other processes: one of our own, printed only where there is such a store. */
import type { Bytes } from '../base/bytes.ts'
import { oneLine } from '../base/errors.ts'
import type { Fields } from './fields.ts'

export interface SharedFacts {
  readonly kind: Bytes
  /** Of the database. */
  readonly id: Bytes
  readonly name: Bytes
  readonly format: number
  readonly isReadOnly: boolean
  /** Batches that are in this copy, of the log, and of its snapshot. */
  readonly position: number
  readonly lastPosition: number
  /** How long ago the end of the log was asked for, where it is not always known. Unit: ms. */
  readonly askedMsAgo?: number
  readonly snapshotPosition: number
  readonly snapshotBytes: number
  readonly logBytes: number
  readonly commits: number
  readonly applied: number
  readonly busy: number
  readonly rebuilds: number
  readonly compactions: number
  readonly isCompacting: boolean
  readonly lastError: Bytes
}

export function sharedFields(facts: SharedFacts): Fields {
  return [
    ['store_kind', facts.kind],
    ['store_id', facts.id],
    ['store_name', facts.name],
    ['store_format', facts.format],
    ['store_read_only', facts.isReadOnly ? 1 : 0],
    ['store_position', facts.position],
    ['store_lag', Math.max(0, facts.lastPosition - facts.position)],
    ...(facts.askedMsAgo === undefined ? [] : ([['store_asked_ms_ago', Math.round(facts.askedMsAgo)]] as const)),
    ['store_log_bytes', facts.logBytes],
    ['store_snapshot_position', facts.snapshotPosition],
    ['store_snapshot_bytes', facts.snapshotBytes],
    ['store_commits', facts.commits],
    ['store_batches_applied', facts.applied],
    ['store_lock_busy', facts.busy],
    ['store_rebuilds', facts.rebuilds],
    ['store_compactions', facts.compactions],
    ['store_compaction_in_progress', facts.isCompacting ? 1 : 0],
    ['store_last_error', oneLine(facts.lastError)],
  ]
}
