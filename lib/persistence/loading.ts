/**
 * The snapshot on disk read at the start: in slices beside the doors, which are open by then and answer LOADING, or at once for
 * who calls from this process. It is read to its end before anything of it is in the store, so a bad one changes nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import type { LoadProgress } from '../session/appendingport.ts'
import { type Files, PIECE_BYTES, readFile } from './files/files.ts'
import { SnapshotArrival } from './snapshot/arrival.ts'
import type { Figures, LoadLog } from './snapshot/figures.ts'
import { LoadPace } from './snapshot/loadpace.ts'
import { Staging } from './snapshot/staging.ts'

export class Loading implements LoadProgress {
  readonly #engine: Engine
  readonly #files: Files
  readonly #path: string
  readonly #staging: Staging
  readonly #pace: LoadPace
  #isStopped = false
  /** Unix ms. */
  readonly startedAt: number
  totalBytes = 0
  loadedBytes = 0

  constructor(engine: Engine, files: Files, path: string, log: LoadLog) {
    this.#engine = engine
    this.#files = files
    this.#path = path
    this.startedAt = engine.clock.now()
    // What a master has not said to be gone is not, for its replica.
    const keepsExpired = engine.ports.persistence.following.master !== undefined
    this.#staging = new Staging(engine, { keepsExpired, refusesDouble: true, log })
    this.#pace = new LoadPace(engine.config)
  }

  /** @throws Malformed, or the system's error; the store is as it was then */
  loadNow(): Figures {
    readFile(this.#files, this.#path, (source) => {
      const arrival = new SnapshotArrival(this.#engine.config, this.#staging, { length: source.left })
      arrival.readAll(source.pieces())
    })
    return this.#commit()
  }

  /** The same beside other work. Undefined if it was stopped. @throws Malformed, or the system's error */
  async load(): Promise<Figures | undefined> {
    const file = await this.#files.openToRead(this.#path)
    try {
      this.totalBytes = (await file.stat()).size
      const arrival = new SnapshotArrival(this.#engine.config, this.#staging, { length: this.totalBytes })
      while (this.loadedBytes < this.totalBytes) {
        const piece = new Uint8Array(Math.min(PIECE_BYTES, this.totalBytes - this.loadedBytes))
        for (let at = 0; at < piece.length; ) at += some((await file.read(piece, at)).bytesRead)
        arrival.feed(piece)
        this.loadedBytes += piece.length
        await this.#read(arrival)
        if (this.#isStopped) return undefined
      }
      arrival.finish()
      return this.#commit()
    } finally {
      await file.close()
    }
  }

  /** Reads what is here, or some of it until it is stopped. */
  async #read(arrival: SnapshotArrival): Promise<void> {
    const { figures } = this.#staging
    while (arrival.read(this.#pace.stepEndsAt) === 'later' || this.#pace.isDelayed(figures.loaded)) {
      await this.#pace.rest(figures.loaded, () => this.#isStopped)
      if (this.#isStopped) return
    }
  }

  /** Gives it up: the server ends. */
  stop(): void {
    this.#isStopped = true
  }

  #commit(): Figures {
    this.#staging.add()
    this.#restoreHistory(this.#staging)
    return this.#staging.figures
  }

  /** Replicas that have come as far as the snapshot can go on from there: they hear of the keys that were left out. */
  #restoreHistory({ facts, gone }: Staging): void {
    const id = facts.get('repl-id')
    if (id === undefined) return
    const { persistence } = this.#engine.ports
    const number = (name: Bytes): number => Number(facts.get(name) ?? -1)
    persistence.following.restored(id, number('repl-offset'), Math.max(number('repl-stream-db'), 0))
    // What feeds replicas is there from here on.
    const { replication } = persistence
    for (const { db, key } of gone) replication.feedRemoval(db, key)
  }
}

function some(count: number): number {
  if (count === 0) throw new Error('the file became shorter while it was read')
  return count
}
