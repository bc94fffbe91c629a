/**
 * Snapshots on disk: SAVE, BGSAVE, and those that `save` asks for after so many changes in so many seconds. Redis's file
 * `dbfilename` in `dir` is either the old one or the new one, whatever happens meanwhile: a snapshot is written beside it,
 * forced to disk and renamed. One in the background holds the state of the moment at which it began; only the writing of
 * the bytes goes on beside commands. Files are written and read in pieces, so they may be of any length. Whatever fails,
 * of the disk or of memory, ends as a line in the log and a status that clients see; nothing is thrown past this file but
 * by `persist`.
 */
import { join } from 'node:path'
import { SAVE_FAILED, SAVING_ALREADY } from '../base/errors.ts'
import { OK, type Reply, Status } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { SavingPort } from '../session/ports.ts'
import { type Files, readFile, systemFiles } from './files.ts'
import { FileSink, SynchronousFileSink } from './filesink.ts'
import type { Rdb } from './rdb.ts'
import { readSnapshot } from './snapshotread.ts'
import type { Walk } from './walk.ts'

const STARTED = new Status('Background saving started')

/** After a failure, as in Redis, the next try by a save point waits so long. Unit: ms. */
const RETRY_MS = 5000

export interface DiskParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly log: (level: 'notice' | 'warning', message: string) => void
  /** Without it, the system's. */
  readonly files?: Files
}

export class Disk implements SavingPort {
  readonly #parts: DiskParts
  readonly #files: Files
  /** Of the snapshot that is being written; undefined while there is none. */
  #running:
    | { readonly startedAt: number; readonly done: Promise<void>; readonly walk: Walk; isVoid: boolean }
    | undefined
  /** `engine.dirty` at the last snapshot. */
  #dirtyThen = 0
  #triedAt = 0
  /** Whether `save` is followed: not before `persist`, lest a file be replaced that nobody has loaded. */
  #persists = false
  #lastSave: number
  succeeded = true
  saves = 0
  lastSeconds = -1

  constructor(parts: DiskParts) {
    this.#parts = parts
    this.#files = parts.files ?? systemFiles
    this.#lastSave = parts.engine.clock.now()
  }

  get lastSave(): number {
    return Math.floor(this.#lastSave / 1000)
  }

  get changes(): number {
    return this.#parts.engine.dirty - this.#dirtyThen
  }

  get runningSeconds(): number {
    if (this.#running === undefined) return -1
    return Math.floor((this.#parts.engine.clock.now() - this.#running.startedAt) / 1000)
  }

  save(): Reply {
    return this.#running !== undefined ? SAVING_ALREADY : this.#write() ? OK : SAVE_FAILED
  }

  saveInBackground(): Reply {
    if (this.#running !== undefined) return SAVING_ALREADY
    const { engine, rdb } = this.#parts
    const startedAt = engine.clock.now()
    const path = `${this.#temporary}.background`
    const sink = new FileSink(this.#files, path)
    const walk = rdb.walks.begin([sink])
    if (walk === undefined) return SAVING_ALREADY
    this.#running = { startedAt, done: this.#endInBackground(sink, walk, path, startedAt), walk, isVoid: false }
    return STARTED
  }

  /** As in Redis, FLUSHALL saves the empty store at once where snapshots are asked for, so that what it removed stays away. */
  saveFlushed(removed: number): void {
    if (!this.#persists || this.#parts.engine.config.save.length === 0) return
    this.#abandon()
    this.#write(removed)
  }

  /** To be called once a second: begins a snapshot if a save point is reached. */
  everySecond(): void {
    const { clock, config } = this.#parts.engine
    const now = clock.now()
    if (!this.#persists || this.#running !== undefined || (!this.succeeded && now - this.#triedAt < RETRY_MS)) return
    for (const { seconds, changes } of config.save) {
      const since = now - this.#lastSave
      // Where the time of day was set back, nobody knows how long ago it was.
      if (this.changes < changes || (since >= 0 && since <= seconds * 1000)) continue
      this.#parts.log('notice', `${changes} changes in ${seconds} seconds. Saving...`)
      this.saveInBackground()
      return
    }
  }

  /** The last snapshot, at an orderly end: if `save` asks for any, or `wanted` does. False if it failed. */
  async finish(wanted: boolean | undefined): Promise<boolean> {
    this.#abandon()
    await this.#running?.done
    return (wanted ?? (this.#persists && this.#parts.engine.config.save.length > 0)) ? this.#write() : true
  }

  /**
   * From here on `save` is followed, to which belongs that the file is loaded if it is there.
   * @throws Malformed or the system's error
   */
  persist(): void {
    if (this.#parts.engine.config.save.length > 0) this.load()
    this.follow()
  }

  /** From here on `save` is followed: what the file holds is here already, or of no interest. */
  follow(): void {
    this.#persists = true
  }

  /** Loads the file if it is there. @throws Malformed or the system's error */
  load(): void {
    const { engine, rdb, log } = this.#parts
    if (!this.#files.exists(this.#path)) return
    const startedAt = monotonic()
    engine.keyspace.setNow(engine.clock.now())
    rdb.load(readFile(this.#files, this.#path, (source) => readSnapshot(source, engine.config)))
    const seconds = ((monotonic() - startedAt) / 1000).toFixed(3)
    log('notice', `DB loaded from disk: ${seconds} seconds`)
  }

  get #path(): string {
    const { dir, dbfilename } = this.#parts.engine.config
    return join(dir, dbfilename)
  }

  get #temporary(): string {
    return join(this.#parts.engine.config.dir, `temp-${process.pid}.rdb`)
  }

  /** `uncounted`: changes of the command that runs. */
  #write(uncounted = 0): boolean {
    const { engine, rdb } = this.#parts
    const files = this.#files
    const [path, temporary] = [this.#path, this.#temporary]
    try {
      const file = files.openSync(temporary, 'w')
      try {
        rdb.walks.runAtOnce(new SynchronousFileSink(files, file))
      } finally {
        files.closeSync(file)
      }
      files.renameSync(temporary, path)
    } catch (error) {
      this.#failed(error)
      try {
        files.removeSync(temporary)
      } catch (other) {
        this.#leaves(temporary, other)
      }
      return false
    }
    this.#succeeded(engine.dirty + uncounted)
    return true
  }

  /** Never rejects. */
  async #endInBackground(sink: FileSink, walk: Walk, temporary: string, startedAt: number): Promise<void> {
    const files = this.#files
    const path = this.#path
    const { dirty } = this.#parts.engine
    try {
      await sink.done
      if (this.#running!.isVoid) await files.remove(temporary)
      else {
        // At once, lest what FLUSHALL saves meanwhile be replaced.
        files.renameSync(temporary, path)
        this.#succeeded(dirty)
      }
    } catch (error) {
      walk.leave(sink)
      await files.remove(temporary).catch((other) => this.#leaves(temporary, other))
      if (!this.#running!.isVoid) this.#failedInBackground(error)
    }
    this.#running = undefined
    this.lastSeconds = Math.floor((this.#parts.engine.clock.now() - startedAt) / 1000)
  }

  /** Gives up what is being written in the background: another state is to be saved. */
  #abandon(): void {
    if (this.#running === undefined) return
    this.#running.isVoid = true
    this.#running.walk.abandon(new Error('another snapshot takes its place'))
  }

  #succeeded(dirty: number): void {
    const { engine, log } = this.#parts
    this.succeeded = true
    this.guardWrites()
    this.#dirtyThen = dirty
    this.#lastSave = engine.clock.now()
    this.saves++
    log('notice', 'DB saved on disk')
  }

  #failed(error: unknown): void {
    this.#parts.log('warning', `Failed opening or writing the RDB file ${this.#path}: ${messageOf(error)}`)
  }

  /** As in Redis, SAVE tells its client and leaves the status as it is. */
  #failedInBackground(error: unknown): void {
    this.#triedAt = this.#parts.engine.clock.now()
    this.succeeded = false
    this.guardWrites()
    this.#failed(error)
  }

  /** Has writes refused after a failure, if that is asked for: to be called when the directives change, too. */
  guardWrites(): void {
    const { config, writes } = this.#parts.engine
    writes.setUnsaved(!this.succeeded && config.save.length > 0 && config['stop-writes-on-bgsave-error'])
  }

  #leaves(temporary: string, error: unknown): void {
    this.#parts.log('warning', `Failed removing the temporary file ${temporary}: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
