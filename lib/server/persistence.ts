/** Where the keys go besides memory: snapshots, the disk, replicas. */
import { Journal } from '../journal/journal.ts'
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
  readonly replicas: Replicas
  readonly migrations: Migrations
}

export function buildPersistence({ config, engine, blocking, log }: Store): Persistence {
  const rdb = new Rdb(engine, (message) => log('warning', message))
  const disk = new Disk({ engine, rdb, log })
  const journal = new Journal(engine)
  const history = new History()
  const replicas = new Replicas({
    engine,
    journal,
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
  config.onChange('repl-backlog-size', (size) => history.resize(size))
  const migrations = new Migrations({ retry: (session, onTimeout) => blocking.retry(session, onTimeout) })
  return { rdb, disk, history, replicas, migrations }
}
