/**
 * Snapshots on disk: SAVE, BGSAVE, and those that `save` asks for after so many changes in so many seconds. Redis's file
 * `dbfilename` in `dir` is either the old one or the new one, whatever happens meanwhile: a snapshot is written beside it,
 * forced to disk and renamed. One in the background holds the state of the moment at which it began; only the writing of
 * the bytes goes on beside commands.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monotonic } from '../base/clock.ts'
import { SAVE_FAILED, SAVING_ALREADY } from '../base/errors.ts'
import { OK, type Reply, Status } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { SavingPort } from '../session/ports.ts'
import type { Rdb } from './rdb.ts'
import { readSnapshot } from './snapshot.ts'

const STARTED = new Status('Background saving started')

/** After a failure, as in Redis, the next try by a save point waits so long. Unit: ms. */
const RETRY_MS = 5000

export interface DiskParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Disk implements SavingPort {
  readonly #parts: DiskParts
  /** Of the snapshot that is being written; undefined while there is none. */
  #running: { readonly startedAt: number; readonly done: Promise<void> } | undefined
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
    const startedAt = this.#parts.engine.clock.now()
    this.#running = { startedAt, done: this.#writeInBackground(startedAt) }
    return STARTED
  }

  /** To be called once a second: begins a snapshot if a save point is reached. */
  everySecond(): void {
    const { clock, config } = this.#parts.engine
    const now = clock.now()
    if (!this.#persists || this.#running !== undefined || (!this.succeeded && now - this.#triedAt < RETRY_MS)) return
    for (const { seconds, changes } of config.save) {
      if (this.changes < changes || now - this.#lastSave <= seconds * 1000) continue
      this.#parts.log('notice', `${changes} changes in ${seconds} seconds. Saving...`)
      this.saveInBackground()
      return
    }
  }

  /** The last snapshot, at an orderly end: if `save` asks for any, or `wanted` does. False if it failed. */
  async finish(wanted: boolean | undefined): Promise<boolean> {
    await this.#running?.done
    return (wanted ?? (this.#persists && this.#parts.engine.config.save.length > 0)) ? this.#write() : true
  }

  /**
   * From here on `save` is followed, to which belongs that the file is loaded if it is there.
   * @throws Malformed or the system's error
   */
  persist(): void {
    const { engine, rdb, log } = this.#parts
    if (engine.config.save.length === 0 || !existsSync(this.#path)) {
      this.#persists = true
      return
    }
    const startedAt = monotonic()
    engine.keyspace.setNow(engine.clock.now())
    rdb.load(readSnapshot(readFileSync(this.#path), engine.config))
    this.#persists = true
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

  #write(): boolean {
    const { engine, rdb } = this.#parts
    const [path, temporary] = [this.#path, this.#temporary]
    try {
      const file = openSync(temporary, 'w', 0o644)
      try {
        const array = rdb.snapshot([])
        for (let at = 0; at < array.length; ) at += writeSync(file, array, at)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
      this.#ended(engine.dirty)
      return true
    } catch (error) {
      rmSync(temporary, { force: true })
      this.#ended(undefined, error)
      return false
    }
  }

  async #writeInBackground(startedAt: number): Promise<void> {
    const { engine, rdb } = this.#parts
    const { dirty } = engine
    const array = rdb.snapshot([])
    const [path, temporary] = [this.#path, `${this.#temporary}.background`]
    try {
      const file = await open(temporary, 'w', 0o644)
      try {
        await file.writeFile(array)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      this.#ended(dirty)
    } catch (error) {
      await rm(temporary, { force: true })
      this.#ended(undefined, error)
    }
    this.#running = undefined
    this.lastSeconds = Math.floor((engine.clock.now() - startedAt) / 1000)
  }

  /** `dirty` is undefined after a failure. */
  #ended(dirty: number | undefined, error?: unknown): void {
    const { engine, log } = this.#parts
    this.#triedAt = engine.clock.now()
    this.succeeded = dirty !== undefined
    if (dirty === undefined) {
      log(
        'warning',
        `Failed opening or writing the RDB file ${this.#path}: ${error instanceof Error ? error.message : error}`,
      )
      return
    }
    this.#dirtyThen = dirty
    this.#lastSave = engine.clock.now()
    this.saves++
    log('notice', 'DB saved on disk')
  }
}
