/**
 * The full synchronisations that somebody waits for. Replicas that ask at about the same time share one: a diskless one waits
 * `repl-diskless-sync-delay` for others, one by a file may be joined until the file is whole.
 */
import { FullSync, type FullSyncParts } from './fullsync.ts'
import type { Replica } from './replica.ts'

export class FullSyncs {
  readonly #parts: FullSyncParts
  readonly #syncs = new Set<FullSync>()

  constructor(parts: FullSyncParts) {
    this.#parts = parts
  }

  get makesSnapshot(): boolean {
    for (const sync of this.#syncs) if (sync.isMaking) return true
    return false
  }

  /** A replica is to get everything. */
  join(replica: Replica): void {
    this.#syncFor(replica).join(replica)
    this.#begin()
  }

  everySecond(): void {
    this.dropEmpty()
    for (const sync of this.#syncs) sync.everySecond()
    this.#begin()
  }

  /** Forgets those for whom nobody waits any more. */
  dropEmpty(): void {
    for (const sync of this.#syncs) if (sync.size === 0) this.#syncs.delete(sync)
  }

  #syncFor(replica: Replica): FullSync {
    const { takesMark, filter } = replica
    const isDiskless = takesMark && (this.#parts.engine.config['repl-diskless-sync'] || filter !== undefined)
    for (const sync of this.#syncs) {
      const isSame = sync.filter?.functions === filter?.functions && sync.filter?.data === filter?.data
      if (sync.isDiskless === isDiskless && isSame && sync.takes(replica)) return sync
    }
    const sync = new FullSync(this.#parts, isDiskless, filter)
    this.#syncs.add(sync)
    return sync
  }

  /** Begins those that have waited long enough for others, when no other walk goes on. */
  #begin(): void {
    const { engine, walks } = this.#parts
    const { 'repl-diskless-sync-delay': delay, 'repl-diskless-sync-max-replicas': most } = engine.config
    const now = engine.clock.now()
    for (const sync of this.#syncs) {
      if (sync.hasBegun || sync.isQueued) continue
      const isFull = most > 0 && sync.size >= most
      if (sync.isDiskless && !isFull && now - sync.askedAt < delay * 1000) continue
      sync.isQueued = true
      walks.whenFree(() => sync.begin())
    }
  }
}
