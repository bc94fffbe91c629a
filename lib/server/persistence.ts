/** Where the keys go besides memory: snapshots, the append-only file, replicas. */
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
import type { Store } from './store.ts'

export interface Persistence {
  readonly rdb: Rdb
  readonly disk: Disk
  readonly history: History
  readonly gate: Gate
  readonly appendOnly: AppendOnly
  readonly backup: Backup
  readonly replicas: Replicas
  readonly migrations: Migrations
  readonly preload: Preload
}

export function buildPersistence({ config, engine, blocking, slowCommands, log }: Store): Persistence {
  const rdb = new Rdb(engine, log)
  const disk = new Disk({ engine, rdb, log })
  const journal = new Journal(engine)
  const gate = new Gate()
  const appendOnly = new AppendOnly({
    engine,
    journal,
    rdb,
    gate,
    files: systemAppendFiles,
    log,
    onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
    isSaving: () => disk.runningSeconds >= 0 || rdb.walks.current !== undefined,
    retry: (session, onTimeout) => blocking.retry(session, onTimeout),
  })
  const backup = new Backup({
    engine,
    journal,
    rdb,
    files: systemAppendFiles,
    log,
    isSaving: () => disk.runningSeconds >= 0 || rdb.walks.current !== undefined || appendOnly.isRewriting,
  })
  config.onApply('appendonly', (isOn) => {
    if (!isOn) return appendOnly.turnOff()
    if (engine.shared !== undefined) return 'the keys are kept by the shared store'
    try {
      disk.hold()
    } catch (error) {
      return systemReason(error)
    }
    return appendOnly.turnOn()
  })
  config.onChange('appendfsync', () => appendOnly.policyChanged())
  config.onChange('aof-disable-auto-gc', () => appendOnly.removeHistory())
  const history = new History()
  const replicas = new Replicas({
    engine,
    journal,
    gate,
    history,
    walks: rdb.walks,
    retry: (session, onTimeout) => blocking.retry(session, onTimeout),
    log,
  })
  for (const name of ['save', 'stop-writes-on-bgsave-error'] as const) config.onChange(name, () => disk.guardWrites())
  for (const name of ['min-replicas-to-write', 'min-replicas-max-lag'] as const) {
    config.onChange(name, () => replicas.guardWrites())
  }
  replicas.guardWrites()
  config.onChange('repl-backlog-size', (size) => history.backlog?.resize(size))
  const migrations = new Migrations({ retry: (session, onTimeout) => blocking.retry(session, onTimeout) })
  return {
    rdb,
    disk,
    history,
    gate,
    appendOnly,
    backup,
    replicas,
    migrations,
    preload: new Preload({ engine, rdb, files: systemAppendFiles, log }),
  }
}
