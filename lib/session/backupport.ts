/** What commands need of backups: see ports.ts. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'

export interface BackupStatus {
  readonly state: 'idle' | 'pending' | 'snapshotting' | 'incrementing' | 'sealed' | 'failed'
  /** Why it failed; empty while it did not. */
  readonly error: Bytes
  /** Unix seconds; 0 for never. */
  readonly startedAt: number
  readonly sealedAt: number
}

/** BACKUP. */
export interface BackupPort {
  readonly status: BackupStatus
  /** It has begun, and has not ended in any way. */
  readonly isInProgress: boolean
  /** The paths of the files that will not change any more. */
  readonly files: readonly Bytes[]
  /** Begins one; `waits`: not before the transaction that is running is over. */
  start(waits: boolean): Reply
  /** Ends it with all that was changed up to now. */
  seal(): Reply
  abort(): Reply
  /** Removes what one has left. */
  cleanUp(): Reply
}
