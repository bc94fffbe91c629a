/**
 * Snapshots on disk: SAVE, BGSAVE, and those that `save` asks for after so many changes in so many seconds. Redis's file
 * `dbfilename` in `dir` is either the old one or the new one, whatever happens meanwhile: a snapshot is written beside it,
 * forced to disk and renamed. One in the background is written beside commands (background.ts).
 *
 * A file that this process has neither loaded nor written is never overwritten: it may hold what nobody has elsewhere. While
 * save points are in force the folder is this process's alone (dirlock.ts), and while anything is written there.
 *
 * Whatever fails, of the disk or of memory, ends as a line in the log and a status that clients see; nothing is thrown past this
 * file but by `persist` and `load`.
 */
import { join } from 'node:path'
import { toText } from '../base/bytes.ts'
import { CHILD_ACTIVE, FILE_NOT_LOADED, SAVE_FAILED, SAVING_ALREADY } from '../base/errors.ts'
import { OK, type Reply, ReplyError, Status } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { LoadProgress } from '../session/appendingport.ts'
import type { SaveProgress, SavingPort } from '../session/ports.ts'
import { BackgroundSave } from './background.ts'
import { DirectoryInUse, DirectoryLock, temporaryName } from './files/dirlock.ts'
import { type Files, systemFiles } from './files/files.ts'
import { SynchronousFileSink } from './files/filesink.ts'
import { Malformed } from './format/input.ts'
import { Loading } from './loading.ts'
import type { Rdb } from './rdb.ts'
import type { Figures, LoadLog } from './snapshot/figures.ts'

const STARTED = new Status('Background saving started')
const SCHEDULED = new Status('Background saving scheduled')

/** After a failure, as in Redis, the next try by a save point waits so long. Unit: ms. */
const RETRY_MS = 5000

export interface DiskParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly log: LoadLog
  /** Without it, the system's. */
  readonly files?: Files
  /** Unix ms from which save points count; without it, from now on. */
  readonly startedAt?: number
}

export class Disk implements SavingPort {
  readonly #parts: DiskParts
  readonly #files: Files
  #running: BackgroundSave | undefined
  /** BGSAVE has asked for one that could not begin. */
  #isScheduled = false
  #loading: Loading | undefined
  /** `engine.dirty` at the last snapshot. */
  #dirtyThen = 0
  #triedAt = 0
  /** Whether `save` is followed: not before what is on disk is loaded. */
  #persists = false
  /** While save points are in force. */
  #lock: DirectoryLock | undefined
  #lastSave: number
  succeeded = true
  saves = 0
  lastSeconds = -1
  lastEarlyBytes = 0

  constructor(parts: DiskParts) {
    this.#parts = parts
    this.#files = parts.files ?? systemFiles
    this.#lastSave = parts.startedAt ?? parts.engine.clock.now()
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

  get progress(): SaveProgress | undefined {
    return this.#parts.rdb.walks.current
  }

  get loading(): LoadProgress | undefined {
    return this.#loading
  }

  save(): Reply {
    if (this.#running !== undefined) return SAVING_ALREADY
    if (!this.#mayWrite()) return FILE_NOT_LOADED
    return this.#write() ? OK : SAVE_FAILED
  }

  saveInBackground(waits: boolean, isLater: boolean): Reply {
    if (this.#running !== undefined) return SAVING_ALREADY
    if (!this.#mayWrite()) return FILE_NOT_LOADED
    if (isLater || this.#isOtherGoing()) {
      if (!waits && !isLater) return CHILD_ACTIVE
      this.#isScheduled = true
      return SCHEDULED
    }
    this.#isScheduled = false
    return this.#begin()
  }

  /** Another walk goes on, or the append-only file is being rewritten: two at a time would be too much. */
  #isOtherGoing(): boolean {
    const { rdb, engine } = this.#parts
    return rdb.walks.current !== undefined || engine.ports.persistence.appending.isRewriting
  }

  /**
   * As in Redis, FLUSHALL ends what is being saved in the background, and saves the empty store at once where snapshots are asked for,
   * so that what it removed stays away.
   */
  saveFlushed(removed: number): void {
    this.#running?.abandon()
    if (!this.#persists || this.#parts.engine.config.save.length === 0) return
    if (this.#mayWrite()) this.#write(removed)
  }

  /** To be called `hz` times a second: begins a snapshot if a save point is reached, or one was scheduled. */
  tick(): void {
    const { engine, log } = this.#parts
    const now = engine.clock.now()
    if (this.#running !== undefined || engine.availability.loading !== 'no' || this.#isOtherGoing()) return
    if (!this.succeeded && now - this.#triedAt < RETRY_MS) return
    const reached = engine.config.save.find(({ seconds, changes }) => {
      const since = now - this.#lastSave
      // Where the time of day was set back, nobody knows how long ago it was.
      return this.changes >= changes && (since < 0 || since > seconds * 1000)
    })
    if (reached === undefined && !this.#isScheduled) return
    if (reached !== undefined) log('notice', `${reached.changes} changes in ${reached.seconds} seconds. Saving...`)
    engine.keyspace.setNow(now)
    const reply = this.saveInBackground(true, false)
    if (reply instanceof ReplyError) this.#failedInBackground(new Error(reply.text))
    else this.#persists = true // the save points may have come later than the start
  }

  /** The last snapshot, at an orderly end: if `save` asks for any, or `wanted` does. False if it failed. */
  async finish(wanted: boolean | undefined): Promise<boolean> {
    this.#loading?.stop()
    this.#running?.abandon()
    await this.#running?.done
    return this.finishNow(wanted)
  }

  /** The same before it returns; one in the background is given up. */
  finishNow(wanted: boolean | undefined): boolean {
    this.#running?.abandon()
    if (!(wanted ?? (this.#persists && this.#parts.engine.config.save.length > 0))) return true
    if (this.#mayWrite()) return this.#write()
    this.#parts.log('warning', `${this.#path} is not overwritten: this process has not loaded it`)
    return false
  }

  /** Nothing will be saved any more: another process may have the folder. */
  close(): void {
    this.#persists = false
    this.#lock?.release()
    this.#lock = undefined
  }

  /**
   * From here on `save` is followed, to which belongs that the file is loaded if it is there, whole or not at all.
   * @throws Malformed, DirectoryInUse, or the system's error
   */
  persist(): void {
    if (this.#persists || this.#parts.engine.config.save.length === 0) return
    this.hold()
    this.loadNow()
    this.#persists = true
  }

  /** Loads the file if it is there. @throws Malformed or the system's error */
  loadNow(): void {
    if (!this.#files.exists(this.#path)) return
    const startedAt = monotonic()
    try {
      this.#loaded(this.#path, this.#newLoading().loadNow(), startedAt)
    } catch (error) {
      throw this.#told(error)
    }
  }

  /** From here on `save` is followed: what the file holds is here already, or of no interest. */
  follow(): void {
    this.#parts.rdb.knownFile = this.#path
    this.#persists = true
  }

  /** Takes the folder for this process. @throws DirectoryInUse, or the system's error */
  hold(): void {
    this.#lock ??= DirectoryLock.take(this.#dir)
  }

  /** The same beside the doors; and as redis-server does, the file is loaded whatever `save` says. */
  async load(): Promise<void> {
    const { engine } = this.#parts
    if (engine.config.save.length > 0) this.hold()
    if (this.#files.exists(this.#path)) {
      const path = this.#path
      const startedAt = monotonic()
      const loading = this.#newLoading()
      this.#loading = loading
      engine.availability.loading = 'yes'
      try {
        const figures = await loading.load()
        if (figures === undefined) return
        this.#loaded(path, figures, startedAt)
      } catch (error) {
        throw this.#told(error)
      } finally {
        this.#loading = undefined
        engine.availability.loading = 'no'
      }
    }
    this.#persists = true
  }

  #newLoading(): Loading {
    const { engine, log } = this.#parts
    engine.keyspace.setNow(engine.clock.now())
    return new Loading(engine, this.#files, this.#path, log)
  }

  #loaded(path: string, figures: Figures, startedAt: number): void {
    const { rdb, log } = this.#parts
    rdb.lastLoad = figures
    rdb.knownFile = path
    figures.tell()
    log('notice', `DB loaded from disk: ${((monotonic() - startedAt) / 1000).toFixed(3)} seconds`)
  }

  /** What ends a load, after the log has heard of it. */
  #told(error: unknown): unknown {
    if (error instanceof Malformed) {
      this.#parts.log('warning', `Internal error in RDB reading ${this.#path} -> ${error.message}`)
    }
    return error
  }

  get #dir(): string {
    return toText(this.#parts.engine.config.dir)
  }

  get #path(): string {
    return join(this.#dir, toText(this.#parts.engine.config.dbfilename))
  }

  #mayWrite(): boolean {
    return this.#parts.rdb.knownFile === this.#path || !this.#files.exists(this.#path)
  }

  /** `uncounted`: changes of the command that runs. */
  #write(uncounted = 0): boolean {
    const { engine, rdb } = this.#parts
    const files = this.#files
    const path = this.#path
    const temporary = join(this.#dir, temporaryName('.rdb'))
    let lock: DirectoryLock | undefined
    try {
      lock = DirectoryLock.take(this.#dir)
      const file = files.openSync(temporary, 'w')
      try {
        rdb.walks.runAtOnce(new SynchronousFileSink(files, file))
      } finally {
        files.closeSync(file)
      }
      files.renameSync(temporary, path)
    } catch (error) {
      this.#failed(error)
      if (lock !== undefined) this.#removeNow(temporary)
      return false
    } finally {
      lock?.release()
    }
    this.#succeeded(path, engine.dirty + uncounted)
    return true
  }

  #removeNow(temporary: string): void {
    try {
      this.#files.removeSync(temporary)
    } catch (error) {
      this.#leaves(temporary, error)
    }
  }

  /** Begins one in the background. As in Redis, what the disk says is told by the status, not by the reply. */
  #begin(): Reply {
    const { engine, rdb } = this.#parts
    let lock: DirectoryLock
    try {
      lock = DirectoryLock.take(this.#dir)
    } catch (error) {
      this.#failedInBackground(error)
      return error instanceof DirectoryInUse ? new ReplyError(`ERR ${error.message}`) : STARTED
    }
    const path = this.#path
    const temporary = join(this.#dir, temporaryName('-background.rdb'))
    this.#running = new BackgroundSave({
      engine,
      walks: rdb.walks,
      files: this.#files,
      lock,
      path,
      temporary,
      onSaved: ({ dirty }) => this.#succeeded(path, dirty),
      onFailed: (error) => this.#failedInBackground(error),
      onLeft: (error) => this.#leaves(temporary, error),
      onOver: (save) => this.#ended(save),
    })
    return STARTED
  }

  #ended({ startedAt, earlyBytes }: BackgroundSave): void {
    this.#running = undefined
    this.lastSeconds = Math.floor((this.#parts.engine.clock.now() - startedAt) / 1000)
    this.lastEarlyBytes = earlyBytes
  }

  #succeeded(path: string, dirty: number): void {
    const { engine, rdb, log } = this.#parts
    rdb.knownFile = path
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
