/**
 * Where the keys go besides memory: snapshots, the append-only file, replicas. Each part is made when somebody asks for it, or a
 * directive does; until then `idle.ts` speaks for it.
 */
import { Late } from '../base/late.ts'
import { systemReason } from '../base/systemreason.ts'
import { systemAppendFiles } from '../journal/appendfiles.ts'
import { AppendOnly } from '../journal/appendonly.ts'
import { Backup } from '../journal/backup.ts'
import { Gate } from '../journal/gate.ts'
import { Journal } from '../journal/journal.ts'
import { Preload } from '../journal/preload.ts'
import { Disk } from '../persistence/disk.ts'
import { Rdb } from '../persistence/rdb.ts'
import { History } from '../replication/history.ts'
import { Migrations } from '../replication/migrations.ts'
import { Replicas } from '../replication/replicas.ts'
import type { PersistencePorts } from '../session/ports.ts'
import type { FailoverPort, FollowingPort } from '../session/replicationports.ts'
import { IdleAppending, IdleBackup, IdleFailover, IdleFollowing, IdleReplication, IdleSaving } from './idle.ts'
import type { Store } from './store.ts'

export interface Persistence {
  readonly rdb: Rdb
  readonly history: History
  readonly gate: Gate
  readonly disk: Late<Disk>
  readonly appendOnly: Late<AppendOnly>
  readonly backup: Late<Backup>
  readonly replicas: Late<Replicas>
  readonly migrations: Late<Migrations>
  readonly preload: Late<Preload>
  /** While nothing was saved or loaded. */
  readonly idleSaving: IdleSaving
  /** What the append-only file tells to those that are wired later. */
  readonly appended: AppendedListener
}

interface AppendedListener {
  /** What was done cannot be made to last. */
  onLost: (reason: string) => void
  /** More of it is on disk. */
  onSynced: () => void
}

export function buildPersistence(store: Store): Persistence {
  const { engine, blocking, slowCommands, log } = store
  const startedAt = engine.clock.now()
  const rdb = new Rdb(engine, log)
  const gate = new Gate()
  const history = new History()
  const journal = new Late(() => new Journal(engine))
  const appended: AppendedListener = { onLost() {}, onSynced() {} }
  const isSaving = (): boolean => rdb.walks.current !== undefined || (disk.made?.runningSeconds ?? -1) >= 0
  const retry: Store['blocking']['retry'] = (session, onTimeout) => blocking.retry(session, onTimeout)
  const disk = new Late(() => new Disk({ engine, rdb, log, startedAt }))
  const appendOnly = new Late(() => {
    const made = new AppendOnly({
      engine,
      journal: journal.get(),
      rdb,
      gate,
      files: systemAppendFiles,
      log,
      onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
      isSaving,
      retry,
    })
    made.onLost = (reason) => appended.onLost(reason)
    made.onSynced = () => appended.onSynced()
    return made
  })
  const backup = new Late(
    () =>
      new Backup({
        engine,
        journal: journal.get(),
        rdb,
        files: systemAppendFiles,
        log,
        isSaving: () => isSaving() || (appendOnly.made?.isRewriting ?? false),
      }),
  )
  const replicas = new Late(
    () => new Replicas({ engine, journal: journal.get(), gate, history, walks: rdb.walks, retry, log }),
  )
  const persistence: Persistence = {
    rdb,
    history,
    gate,
    disk,
    appendOnly,
    backup,
    replicas,
    migrations: new Late(() => new Migrations({ retry })),
    preload: new Late(() => new Preload({ engine, rdb, files: systemAppendFiles, log })),
    idleSaving: new IdleSaving(disk, engine, () => rdb.walks.current),
    appended,
  }
  follow(store, persistence)
  return persistence
}

/** The parts do as the directives say, from the start and after each change. */
function follow({ config, engine }: Store, { disk, appendOnly, replicas, history }: Persistence): void {
  config.onApply('appendonly', (isOn) => {
    if (!isOn) return appendOnly.made?.turnOff()
    if (engine.shared !== undefined) return 'the keys are kept by the shared store'
    try {
      disk.get().hold()
    } catch (error) {
      return systemReason(error)
    }
    return appendOnly.get().turnOn()
  })
  config.onChange('appendfsync', () => appendOnly.made?.policyChanged())
  config.onChange('aof-disable-auto-gc', () => appendOnly.made?.removeHistory())
  for (const name of ['save', 'stop-writes-on-bgsave-error'] as const) {
    config.onChange(name, () => disk.made?.guardWrites())
  }
  for (const name of ['min-replicas-to-write', 'min-replicas-max-lag'] as const) {
    config.onChange(name, () => replicas.get().guardWrites())
  }
  if (config.values['min-replicas-to-write'] > 0) replicas.get().guardWrites()
  config.onChange('repl-backlog-size', (size) => history.backlog?.resize(size))
}

/** As commands see it. */
export function persistencePorts(
  { rdb, history, disk, appendOnly, backup, replicas, migrations, idleSaving }: Persistence,
  { following, failover }: { readonly following: Late<FollowingPort>; readonly failover: Late<FailoverPort> },
): PersistencePorts {
  const idleAppending = new IdleAppending(appendOnly)
  const idleBackup = new IdleBackup(backup)
  const idleReplication = new IdleReplication(replicas, history)
  const idleFollowing = new IdleFollowing(following)
  const idleFailover = new IdleFailover(failover)
  return {
    rdb,
    get saving() {
      return disk.made ?? idleSaving
    },
    get appending() {
      return appendOnly.made ?? idleAppending
    },
    get backup() {
      return backup.made ?? idleBackup
    },
    get replication() {
      return replicas.made ?? idleReplication
    },
    get following() {
      return following.made ?? idleFollowing
    },
    get failover() {
      return failover.made ?? idleFailover
    },
    get migration() {
      return migrations.get()
    },
  }
}

/** To be called `hz` times a second. */
export function tickPersistence({ appendOnly, backup, disk }: Persistence, saves: boolean): void {
  appendOnly.made?.tick()
  backup.made?.tick()
  // Save points may be set where nothing was saved yet.
  if (saves) disk.get().tick()
  else disk.made?.tick()
}
