/** One replica of this store, as its master sees it. */
import type { Bytes } from '../base/bytes.ts'
import type { Introduction, ReplicaState, SnapshotFilter } from '../session/replicationports.ts'
import type { Session } from '../session/session.ts'
import { ReplicaStream } from './replicastream.ts'

/** The full synchronisation of which it is a part. */
export interface ReplicaSync {
  /** All of the snapshot is there: the stream follows. */
  finish(replica: Replica): void
  leave(replica: Replica): void
  readonly size: number
}

export class Replica implements ReplicaState {
  readonly session: Session
  readonly ip: Bytes
  readonly port: number
  /** It came by PSYNC, and tells how far it has come. */
  readonly acknowledges: boolean
  /** It takes a snapshot whose length nobody knows. */
  readonly takesMark: boolean
  /** It takes a new id for the history that it knows. */
  readonly takesNewId: boolean
  /** It wants the snapshot and nothing after it. */
  readonly rdbOnly: boolean
  readonly filter: SnapshotFilter | undefined
  readonly stream: ReplicaStream
  state: ReplicaState['state'] = 'wait_bgsave'
  ackedOffset = 0
  /** As far as it has told that it is on its disk. */
  fsyncedOffset = 0
  /** Unix ms of the last acknowledgement, or of when something was sent of the snapshot. */
  ackedAt: number
  /** While it has not all of its snapshot, or has not said so. */
  sync: ReplicaSync | undefined
  /** What follows the snapshot is sent when it says that it has loaded that. */
  startsOnAck = false

  constructor(session: Session, acknowledges: boolean, facts: Introduction, now: number) {
    this.session = session
    this.ip = facts.ip ?? session.addr.slice(0, session.addr.lastIndexOf(':'))
    this.port = facts.port ?? 0
    this.acknowledges = acknowledges
    this.takesMark = facts.takesMark === true
    this.takesNewId = facts.takesNewId === true
    this.rdbOnly = facts.rdbOnly === true
    this.filter = facts.filter
    this.stream = new ReplicaStream(session.link)
    this.ackedAt = now
  }

  write(part: Bytes): void {
    this.session.link.write!(part)
  }
}
