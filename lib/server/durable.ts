/** The keys of a Durable Object, as they are wired: read when all else is, kept in the object's own storage. */
import type { Bytes } from '../base/bytes.ts'
import { Compaction } from '../stores/log/compaction.ts'
import type { AlarmClock } from '../stores/object/alarmclock.ts'
import { Durable } from '../stores/object/durable.ts'
import { ObjectLog, type ObjectStorage } from '../stores/object/objectlog.ts'
import { Upkeep } from '../stores/object/upkeep.ts'
import { checkAlone } from './database.ts'
import type { Kept } from './server.ts'
import type { SharedStore } from './shared.ts'

/** A log that is shorter is read in a tenth of a second when the object wakes. */
const LEAST_BYTES = 512 * 1024

export interface DurableOptions {
  readonly storage: ObjectStorage
  readonly clock: AlarmClock
  /** Of the object, the same for ever. */
  readonly id: Bytes
  /** What was done could not be kept: the object is to end, and to begin anew. */
  readonly onLost: (reason: string) => void
}

export interface DurableStore extends SharedStore {
  /** The alarm has come. */
  alarmed(): Promise<void>
}

/** @throws Error where what is there cannot be read */
export function openDurable(
  { store: { config, engine, info, log: tell }, persistence: { rdb, gate } }: Kept,
  { storage, clock, id, onLost }: DurableOptions,
): DurableStore {
  const { values } = config
  values.store = 'durable-object'
  checkAlone(values)
  const log = new ObjectLog(storage)
  const durable = new Durable({ engine, log, gate, id, onCommit: () => upkeep.considerLog(), onLost })
  const compaction = new Compaction({ shared: durable, tables: log, rdb, leastBytes: LEAST_BYTES, log: tell })
  const upkeep = new Upkeep({ engine, clock, compaction, commit: () => gate.commit() })
  durable.open()
  engine.effectListeners.push((effects) => upkeep.note(effects))
  upkeep.begin()
  info.shared = () => {
    const { seq, bytes } = log.mark()
    return {
      kind: values.store,
      id,
      name: values['store-name'],
      format: log.format,
      isReadOnly: false,
      position: durable.position,
      lastPosition: durable.position,
      snapshotPosition: seq,
      snapshotBytes: bytes,
      logBytes: durable.copy.logBytes,
      compactions: compaction.done,
      isCompacting: compaction.isRunning,
      commits: durable.commits,
      applied: 0,
      busy: 0,
      rebuilds: 0,
      lastError: durable.lastError,
    }
  }
  return {
    tick() {},
    async alarmed() {
      clock.runDue()
      await upkeep.run()
    },
    async compact() {
      const before = compaction.done
      gate.commit()
      compaction.begin()
      await compaction.finished()
      return compaction.done > before
    },
    ready: async () => {},
    async close() {
      compaction.close()
      gate.commit()
    },
  }
}
