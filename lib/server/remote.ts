/** The store that is shared through a database behind a network, as it is wired. */
import { toText } from '../base/bytes.ts'
import { openLog } from '../stores/databases.ts'
import type { DatabaseClock } from '../stores/remote/databaseclock.ts'
import { Remote } from '../stores/remote/remote.ts'
import { RemoteCompaction } from '../stores/remote/remotecompaction.ts'
import { expirySliceMs } from './cron.ts'
import { checkAlone } from './database.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import { mayBeDue, type SharedStore } from './shared.ts'
import type { Store } from './store.ts'

/** Rounds of the background work after which what others do is asked for although it would be heard. */
const ROUNDS_BETWEEN = 10

export interface RemoteOptions {
  /** The time of all of the store, where nobody holds it. */
  readonly clock: DatabaseClock | undefined
  /** Is shown the pool of connections: see ServerOptions. */
  readonly attach: ((pool: object) => void) | undefined
}

/** For a `store` that is behind a network. @throws Error where its driver is missing, or the directives make no sense */
export function openRemote(
  { config, engine, expiryCycle, info, log: tell }: Store,
  { clients, pubsub }: Sessions,
  { rdb, gate }: Persistence,
  { clock, attach }: RemoteOptions,
): SharedStore {
  const { values } = config
  checkAlone(values)
  const { keyspace, blocking, tracking, eviction } = engine
  const listens = (): boolean =>
    blocking.size !== 0 || tracking.size !== 0 || !pubsub.isIdle || pubsub.shards.size !== 0
  const log = openLog({
    url: toText(values.store),
    prefix: values['store-table-prefix'],
    name: values['store-name'],
    timeoutMs: () => values['store-timeout'],
    onRing: (writer) => remote.rang(writer),
    attach,
  })
  const remote = new Remote({
    engine,
    log,
    gate,
    clock,
    listens,
    cutAll() {
      for (const session of [...clients]) session.link.close()
    },
    tell,
  })
  remote.open()
  const compaction = new RemoteCompaction({ remote, log, rdb, settings: values, tell })
  info.shared = () => ({
    kind: log.kind,
    id: remote.id,
    name: values['store-name'],
    format: remote.copy.format,
    isReadOnly: remote.copy.isReadOnly,
    position: remote.position,
    lastPosition: remote.copy.lastPosition,
    askedMsAgo: Number.isFinite(remote.copy.age) ? remote.copy.age : -1,
    snapshotPosition: remote.copy.mark.seq,
    snapshotBytes: remote.copy.mark.bytes,
    logBytes: remote.copy.logBytes,
    commits: remote.commits,
    applied: remote.copy.applied,
    busy: remote.faults.busy,
    rebuilds: remote.copy.rebuilds,
    compactions: compaction.done,
    isCompacting: compaction.isRunning,
    lastError: remote.faults.lastError,
  })
  const sweep = (): void => {
    if (expiryCycle.enabled) expiryCycle.run(expirySliceMs(values))
    if (keyspace.bytes > eviction.watermark) eviction.perform()
  }
  let rounds = 0
  return {
    tick() {
      rounds++
      if (!log.isHeard || rounds % ROUNDS_BETWEEN === 0) remote.hear()
      keyspace.setNow(engine.clock.now())
      const expires = expiryCycle.enabled && keyspace.dbs.some((db) => mayBeDue(db, keyspace.now))
      const evicts = keyspace.bytes > eviction.watermark && values['maxmemory-policy'] !== 'noeviction'
      if (expires || evicts) remote.lock(sweep)
      compaction.consider()
    },
    compact: () => compaction.run(),
    ready: () => remote.ready(),
    async close() {
      compaction.close()
      await remote.close()
    },
  }
}
