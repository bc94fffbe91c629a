/**
 * Parts of the persistence that nobody has used, as commands see them: what is told of them needs none of their code, and what
 * they are asked to do has them made.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Late } from '../base/late.ts'
import type { Reply } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { AppendingFigures, AppendingPort } from '../session/appendingport.ts'
import type { BackupPort, BackupStatus } from '../session/backupport.ts'
import type { SaveProgress, SavingPort } from '../session/ports.ts'
import type {
  FailoverPort,
  FailoverRequest,
  FollowingPort,
  HistoryState,
  Introduction,
  ReplicationPort,
  SyncRequest,
} from '../session/replicationports.ts'
import type { Session } from '../session/session.ts'

const NOT_APPENDED: AppendingFigures = {
  isOn: false,
  isRewriting: false,
  isScheduled: false,
  rewritingSeconds: -1,
  lastRewriteSeconds: -1,
  rewriteSucceeded: true,
  rewrites: 0,
  failedRewrites: 0,
  writesSucceed: true,
  currentSize: 0,
  baseSize: 0,
  gatheredBytes: 0,
  pendingSyncs: 0,
  delayedSyncs: 0,
}

const NO_BACKUP: BackupStatus = { state: 'idle', error: '', startedAt: 0, sealedAt: 0 }

/** Snapshots on disk, while none was loaded or written. */
export class IdleSaving implements SavingPort {
  readonly lastSave: number
  readonly saves = 0
  readonly succeeded = true
  readonly lastSeconds = -1
  readonly runningSeconds = -1
  readonly lastEarlyBytes = 0
  readonly loading = undefined
  readonly #disk: Late<SavingPort>
  readonly #engine: Engine
  readonly #progress: () => SaveProgress | undefined

  /** `progress` is that of the walk that goes on, whoever it is for. */
  constructor(disk: Late<SavingPort>, engine: Engine, progress: () => SaveProgress | undefined) {
    this.#disk = disk
    this.#engine = engine
    this.#progress = progress
    this.lastSave = Math.floor(engine.clock.now() / 1000)
  }

  get changes(): number {
    return this.#engine.dirty
  }

  get progress(): SaveProgress | undefined {
    return this.#progress()
  }

  save(): Reply {
    return this.#disk.get().save()
  }

  saveInBackground(waits: boolean, isLater: boolean): Reply {
    return this.#disk.get().saveInBackground(waits, isLater)
  }

  saveFlushed(): void {}
}

/** The append-only file, while it was never on. */
export class IdleAppending implements AppendingPort {
  readonly isOn = false
  readonly isRewriting = false
  readonly figures = NOT_APPENDED
  readonly syncState = undefined
  readonly loading = undefined
  readonly #appendOnly: Late<AppendingPort>

  constructor(appendOnly: Late<AppendingPort>) {
    this.#appendOnly = appendOnly
  }

  get flushSleepMs(): number {
    return 0
  }

  set flushSleepMs(ms: number) {
    this.#appendOnly.get().flushSleepMs = ms
  }

  rewrite(waits: boolean): Reply {
    return this.#appendOnly.get().rewrite(waits)
  }

  reload(): Reply {
    return this.#appendOnly.get().reload()
  }

  restart(): void {}

  hasSynced(): boolean {
    return false
  }

  awaitSync(): void {}
}

/** Backups, before the first. */
export class IdleBackup implements BackupPort {
  readonly status = NO_BACKUP
  readonly isInProgress = false
  readonly files: readonly Bytes[] = []
  readonly #backup: Late<BackupPort>

  constructor(backup: Late<BackupPort>) {
    this.#backup = backup
  }

  start(waits: boolean): Reply {
    return this.#backup.get().start(waits)
  }

  seal(): Reply {
    return this.#backup.get().seal()
  }

  abort(): Reply {
    return this.#backup.get().abort()
  }

  cleanUp(): Reply {
    return this.#backup.get().cleanUp()
  }
}

/** The replicas of a store that never had one, and kept nothing for one. */
export class IdleReplication implements ReplicationPort {
  readonly replicas = []
  readonly goodReplicas = 0
  readonly fullSyncs = 0
  readonly partialSyncs = 0
  readonly refusedPartialSyncs = 0
  readonly makesSnapshot = false
  readonly #replicas: Late<ReplicationPort>
  readonly history: HistoryState

  constructor(replicas: Late<ReplicationPort>, history: HistoryState) {
    this.#replicas = replicas
    this.history = history
  }

  renewId(): void {
    this.#replicas.get().renewId()
  }

  resetStats(): void {}

  facts(): readonly (readonly [Bytes, Bytes])[] {
    return []
  }

  feed(): void {}

  feedRemoval(): void {}

  introduce(session: Session, facts: Introduction): void {
    this.#replicas.get().introduce(session, facts)
  }

  synchronise(session: Session, request: SyncRequest | undefined): Reply {
    return this.#replicas.get().synchronise(session, request)
  }

  acknowledge(): void {}

  countAcked(): number {
    return 0
  }

  countFsynced(): number {
    return 0
  }

  askForAcks(session: Session, argv: readonly Bytes[], wantsFsync?: boolean): void {
    this.#replicas.get().askForAcks(session, argv, wantsFsync)
  }
}

/** Whom a store follows that was never a replica. */
export class IdleFollowing implements FollowingPort {
  readonly master = undefined
  readonly isLoading = false
  readonly #following: Late<FollowingPort>

  constructor(following: Late<FollowingPort>) {
    this.#following = following
  }

  follow(host: Bytes, port: number): void {
    this.#following.get().follow(host, port)
  }

  lead(): boolean {
    return false
  }

  restored(id: Bytes, offset: number, db: number): void {
    this.#following.get().restored(id, offset, db)
  }

  askAck(): void {}
}

/** FAILOVER, before the first. */
export class IdleFailover implements FailoverPort {
  readonly state = 'no-failover'
  readonly #failover: Late<FailoverPort>

  constructor(failover: Late<FailoverPort>) {
    this.#failover = failover
  }

  begin(request: FailoverRequest): void {
    this.#failover.get().begin(request)
  }

  abort(): boolean {
    return false
  }

  follow(): void {}

  takeOver(id: Bytes): ReturnType<FailoverPort['takeOver']> {
    return this.#failover.get().takeOver(id)
  }
}
