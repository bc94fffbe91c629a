/** What commands need of replication, as interfaces: see ports.ts. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import type { Session } from './session.ts'

/** Parts of a snapshot. */
export interface SnapshotFilter {
  readonly functions: boolean
  readonly data: boolean
}

/** What a client says of itself by REPLCONF before it asks to be synchronised. */
export interface Introduction {
  readonly ip?: Bytes
  readonly port?: number
  /** It takes a snapshot up to a mark, and a new id for the history that it knows. */
  readonly takesMark?: boolean
  readonly takesNewId?: boolean
  /** It wants the snapshot and nothing after it. */
  readonly rdbOnly?: boolean
  /** Of the snapshot it wants nothing but what is named here; without it, all. */
  readonly filter?: SnapshotFilter
}

/** What a replica asks for by PSYNC: what follows an offset of a history; everything, where the id is `?`. */
export interface SyncRequest {
  readonly id: Bytes
  readonly from: number
  /** It hands over: who is asked is to be a master. */
  readonly takesOver: boolean
}

export type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress'

export interface FailoverRequest {
  /** Undefined for whoever is there first. */
  readonly target: { readonly host: Bytes; readonly port: number } | undefined
  /** 0: for as long as it takes. */
  readonly timeoutMs: number
  /** Hand over after that time all the same. */
  readonly forces: boolean
}

/** FAILOVER. */
export interface FailoverPort {
  readonly state: FailoverState
  begin(request: FailoverRequest): void
  /** False if there was none. */
  abort(): boolean
  /** A replica has come further. */
  follow(): void
  /** The master hands over to this store; why that cannot be, or nothing. */
  takeOver(id: Bytes): ReplyError | undefined
}

/** A replica that was synchronised. */
export interface ReplicaState {
  readonly ip: Bytes
  readonly port: number
  readonly ackedOffset: number
  /** Unix ms of the last acknowledgement, or of the synchronisation. */
  readonly ackedAt: number
  readonly state: 'wait_bgsave' | 'send_bulk' | 'online'
  /** False for one that was synchronised by SYNC. */
  readonly acknowledges: boolean
}

/** The history of changes to which this store belongs: see lib/replication/history.ts. */
export interface HistoryState {
  readonly id: Bytes
  readonly offset: number
  readonly secondId: Bytes
  readonly secondOffset: number
  /** The latest of the stream, while it is kept: offset of its first byte, its length, what it should be, and what it takes. */
  readonly backlog:
    | { readonly first: number; readonly length: number; readonly size: number; readonly bytes: number }
    | undefined
}

/** The master that this store follows. */
export interface MasterState {
  readonly host: Bytes
  readonly port: number
  /** How far the link to it has come, in ROLE's words. */
  readonly link: 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected'
  /** Seconds since something was heard of it; -1 without a link. */
  readonly heardSecondsAgo: number
  /** Seconds since the link was lost; -1 while there is one. */
  readonly downSeconds: number
  /** Seconds since the stream of the master began; -1 without one. */
  readonly upSeconds: number
  /** Seconds without it in all, since there first was one. */
  readonly disconnectedSeconds: number
  /** How often a link was begun since the stream was last lost, and in all. */
  readonly attempts: number
  readonly totalAttempts: number
  /** The snapshot that is received: bytes in all (-1 where nobody knows), and bytes that are here. */
  readonly transfer: { readonly total: number; readonly received: number } | undefined
  /** Bytes that came and have not taken effect. */
  readonly pendingBytes: number
  /** The database that is selected in its stream. */
  readonly db: number
}

/** The replica's side. */
export interface FollowingPort {
  /** Undefined for a master. */
  readonly master: MasterState | undefined
  /** What the master has sent is being loaded. */
  readonly isLoading: boolean
  follow(host: Bytes, port: number): void
  /** Follows nobody any more. False if it did not. */
  lead(): boolean
  /** A snapshot was loaded that was taken at an offset of a history, in whose stream a database was selected. */
  restored(id: Bytes, offset: number, db: number): void
  /** The master wants to hear how far this store has come. */
  askAck(): void
}

/** The replicas of this store. */
export interface ReplicationPort {
  readonly history: HistoryState
  /** Takes a new replication id. */
  renewId(): void
  readonly replicas: readonly ReplicaState[]
  /** How many of them are synchronised and not behind by more than `min-replicas-max-lag`. */
  readonly goodReplicas: number
  /** How often a replica was sent everything, what it lacked, and everything though it has asked for what it lacked. */
  readonly fullSyncs: number
  readonly partialSyncs: number
  readonly refusedPartialSyncs: number
  /** CONFIG RESETSTAT: they count from here on. */
  resetStats(): void
  /** A snapshot is being made for some of them. */
  readonly makesSnapshot: boolean
  /** What a snapshot says of the history, so that whoever loads it can go on from there. */
  facts(): readonly (readonly [Bytes, Bytes])[]
  /** Puts a command into the stream that nobody has run. */
  feed(argv: readonly Bytes[]): void
  /** Tells whoever may have it that a key is gone, which was never here. */
  feedRemoval(db: number, key: Bytes): void
  introduce(session: Session, facts: Introduction): void
  /** Sends a client what it lacks, or all that the store holds, and from then on every change. `request` is that of PSYNC. */
  synchronise(session: Session, request: SyncRequest | undefined): Reply
  /** A replica has come so far, and so far on its disk, if it says. */
  acknowledge(session: Session, offset: number, fsynced?: number): void
  /** How many replicas have all that was sent before this client began to wait, or till now if it does not wait. */
  countAcked(session: Session): number
  /** How many have it on disk. */
  countFsynced(session: Session): number
  /** Asks replicas to acknowledge; a client that waits has its command, `argv`, run again when they do. */
  askForAcks(session: Session, argv: readonly Bytes[], wantsFsync?: boolean): void
}
