/** The store that is shared with other processes, as it is wired: opened when all else is, and asked ten times a second. */
import type { Db } from '../keyspace/db.ts'
import { Compaction } from '../stores/log/compaction.ts'
import { Bell } from '../stores/sqlite/bell.ts'
import { Checkpoints } from '../stores/sqlite/checkpoints.ts'
import { Shared } from '../stores/sqlite/shared.ts'
import { isBuiltIn, openSqlite } from '../stores/sqlite/sqlite.ts'
import { Tables } from '../stores/sqlite/tables.ts'
import { TurnNote } from '../stores/sqlite/turnnote.ts'
import { WalHeader } from '../stores/sqlite/walheader.ts'
import { expirySliceMs } from './cron.ts'
import { checkAlone, databaseOf } from './database.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** Keys of a database that are looked at for one whose time is past. */
const LOOKED_AT = 20

/** While batches come the log may be so many times as long as its snapshot. */
const PATIENCE = 3

/** Pages of SQLite's log from which it makes a checkpoint with a commit: its own default, and where the thread for that lags far behind. */
const ITS_OWN_PAGES = 1000
const LAST_RESORT_PAGES = 16_000

/** Who keeps keys shared. */
export interface SharedStore {
  /** To be called with each round of the background work. */
  tick(): void
  /** Puts a snapshot in the place of the log. False where there was nothing to be done, or it could not be. */
  compact(): Promise<boolean>
  /** Settles when the keys are there. @throws Error that says why they cannot be read */
  ready(): Promise<void>
  close(): Promise<void>
}

/** For a `store` that is a database. @throws Error where it cannot be opened */
export function openShared(
  { config, engine, expiryCycle, info, log }: Store,
  { clients, pubsub }: Sessions,
  { rdb, gate }: Persistence,
): SharedStore {
  const { values } = config
  const path = databaseOf(values)!
  checkAlone(values)
  const tables = new Tables(openSqlite(path), {
    prefix: values['store-table-prefix'],
    name: values['store-name'],
    synchronous: values['store-synchronous'],
  })
  const { keyspace, blocking, tracking, eviction } = engine
  const { isReadOnly } = tables
  const bell = new Bell(`${path}-bell`, () => shared.hear(), isReadOnly)
  const shared = new Shared({
    engine,
    tables,
    gate,
    bell,
    walHeader: new WalHeader(`${path}-shm`),
    turnNote: new TurnNote(`${path}-turn`, isReadOnly),
    listens: () => blocking.size !== 0 || tracking.size !== 0 || !pubsub.isIdle || pubsub.shards.size !== 0,
    cutAll() {
      for (const session of [...clients]) session.link.close()
    },
    log,
  })
  shared.open()
  const checkpoints = isBuiltIn() && !isReadOnly ? checkpointsOf(path, tables, log) : undefined
  const compaction = new Compaction({ shared, tables, rdb, patience: PATIENCE, log })
  info.shared = () => {
    const { seq, bytes } = tables.mark()
    return {
      kind: 'sqlite',
      id: tables.id,
      name: values['store-name'],
      format: tables.format,
      isReadOnly,
      position: shared.position,
      lastPosition: tables.lastSeq(),
      snapshotPosition: seq,
      snapshotBytes: bytes,
      logBytes: shared.copy.logBytes,
      applied: shared.copy.applied,
      rebuilds: shared.copy.rebuilds,
      compactions: compaction.done,
      isCompacting: compaction.isRunning,
      ...shared.figures,
    }
  }
  return {
    tick() {
      if (shared.isLocked) return
      shared.hear()
      if (isReadOnly) return
      keyspace.setNow(engine.clock.now())
      const expires = expiryCycle.enabled && keyspace.dbs.some((db) => mayBeDue(db, keyspace.now))
      const evicts = keyspace.bytes > eviction.watermark && values['maxmemory-policy'] !== 'noeviction'
      if ((expires || evicts) && shared.tryLock()) {
        try {
          if (expires) expiryCycle.run(expirySliceMs(values))
          if (evicts) eviction.perform()
        } finally {
          shared.commit()
        }
      }
      compaction.consider()
      checkpoints?.consider(shared.figures.commits + shared.copy.applied, shared.copy.logBytes)
    },
    async compact() {
      if (isReadOnly) return false
      const before = compaction.done
      compaction.begin()
      await compaction.finished()
      return compaction.done > before
    },
    ready: () => shared.ready(),
    async close() {
      compaction.close()
      checkpoints?.close()
      shared.close()
    },
  }
}

function checkpointsOf(path: string, tables: Tables, log: Store['log']): Checkpoints {
  tables.checkpointsAfter(LAST_RESORT_PAGES)
  return new Checkpoints({
    path,
    onFailure(reason) {
      log('warning', `SQLite makes its checkpoints by itself, as there is no thread for them: ${reason}`)
      tables.checkpointsAfter(ITS_OWN_PAGES)
    },
  })
}

/** True if a few keys that have a time show one whose time is past, or fields may be. */
export function mayBeDue(db: Db, now: number): boolean {
  if (db.fieldExpirySize !== 0) return true
  const size = db.volatileSize
  const looked = Math.min(size, LOOKED_AT)
  const from = size > LOOKED_AT ? Math.floor(Math.random() * (size - LOOKED_AT)) : 0
  for (let i = 0; i < looked; i++) if (db.expireAt(db.volatileKeyAt(from + i)) <= now) return true
  return false
}
