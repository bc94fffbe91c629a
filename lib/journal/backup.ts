/**
 * Backups (BACKUP, Redis 8.10): what the store held when one began, and all changes from then on until it is sealed, as the files
 * of an append-only log in a folder of its own, `backupdirname` in `dir`. Whoever starts with that log (`preload-file`) has what the
 * store held when it was sealed.
 *
 * It reads the stream of effects for itself: whether there is an append-only file, and what becomes of that meanwhile, is nothing to
 * it. (Redis takes the files of the append-only log, and begins one for the time being where there is none.)
 */
import { join, resolve } from 'node:path'
import { type Bytes, fromText, toArray, toText } from '../base/bytes.ts'
import {
  BACKUP_EXISTS,
  BACKUP_MANIFEST_FAILED,
  BACKUP_RUNS,
  BACKUP_RUNS_ALREADY,
  BACKUP_SYNC_FAILED,
  backupFolderFull,
  cannotMakeBackupFolder,
  NO_BACKUP,
  NO_BACKUP_TO_SEAL,
} from '../base/errors.ts'
import { OK, type Reply } from '../base/reply.ts'
import { systemReason } from '../base/systemreason.ts'
import { type Engine, Target } from '../engine/engine.ts'
import type { Rdb } from '../persistence/rdb.ts'
import type { BackupPort, BackupStatus } from '../session/backupport.ts'
import type { AppendFiles } from './appendfiles.ts'
import { type BaseWriting, beginBase } from './base.ts'
import { Increment } from './increment.ts'
import { Feed, type Journal } from './journal.ts'
import type { Log } from './log.ts'
import { type LogFile, Manifest } from './manifest.ts'

export interface BackupParts {
  readonly engine: Engine
  readonly journal: Journal
  readonly rdb: Rdb
  readonly files: AppendFiles
  readonly log: Log
  /** The store is being written elsewhere: two at a time would be too much. */
  readonly isSaving: () => boolean
}

/** One that is being made. */
interface Running {
  readonly feed: Feed
  readonly increment: Increment
  readonly base: BaseWriting
}

export class Backup implements BackupPort {
  readonly #parts: BackupParts
  #state: BackupStatus['state'] = 'idle'
  #error: Bytes = ''
  /** Unix ms; 0 for never. */
  #startedAt = 0
  #sealedAt = 0
  /** Counts them, so that no two have files of the same names. */
  #seq = 0
  /** Where the files of this one are; '' without one, whatever an earlier process has left. */
  #folder = ''
  #isSnapshot = true
  #running: Running | undefined

  constructor(parts: BackupParts) {
    this.#parts = parts
  }

  get status(): BackupStatus {
    return {
      state: this.#state,
      error: this.#error,
      startedAt: Math.floor(this.#startedAt / 1000),
      sealedAt: Math.floor(this.#sealedAt / 1000),
    }
  }

  get isInProgress(): boolean {
    return this.#state === 'pending' || this.#state === 'snapshotting' || this.#state === 'incrementing'
  }

  get files(): readonly Bytes[] {
    if (this.#state === 'incrementing') return [fromText(this.#basePath)]
    return this.#state === 'sealed' ? this.#paths.map(fromText) : []
  }

  start(waits: boolean): Reply {
    if (this.isInProgress) return BACKUP_RUNS_ALREADY
    if (this.#state === 'sealed') return BACKUP_EXISTS
    const { engine, files } = this.#parts
    const { backupdirname } = engine.config
    const folder = this.#configuredFolder
    try {
      files.makeFolder(folder)
      if (files.list(folder).length > 0) return backupFolderFull(backupdirname)
    } catch (error) {
      return cannotMakeBackupFolder(backupdirname, systemReason(error))
    }
    this.#folder = folder
    this.#seq++
    this.#error = ''
    this.#startedAt = this.#sealedAt = 0
    this.#state = 'pending'
    if (!waits) this.#begin()
    else engine.clock.after(0, () => this.#begin())
    return OK
  }

  seal(): Reply {
    const running = this.#running
    if (this.#state !== 'incrementing' || running === undefined) return NO_BACKUP_TO_SEAL
    try {
      running.increment.flushSync()
      this.#stop()
    } catch (error) {
      this.#fail(`failed to fsync incr file: ${systemReason(error)}`)
      return BACKUP_SYNC_FAILED
    }
    try {
      this.#writeManifest()
    } catch (error) {
      this.#parts.log('warning', `Can't write the manifest of a backup: ${systemReason(error)}`)
      this.#fail('failed to write backup manifest')
      return BACKUP_MANIFEST_FAILED
    }
    this.#state = 'sealed'
    this.#sealedAt = this.#parts.engine.clock.now()
    return OK
  }

  abort(): Reply {
    if (!this.isInProgress) return NO_BACKUP
    this.#fail('aborted by user')
    return OK
  }

  cleanUp(): Reply {
    if (this.isInProgress) return BACKUP_RUNS
    if (this.#folder === '') this.#folder = this.#configuredFolder
    this.#removeFiles()
    this.#folder = ''
    this.#state = 'idle'
    this.#error = ''
    this.#startedAt = this.#sealedAt = 0
    return OK
  }

  /** To be called `hz` times a second: what was gathered is written. */
  tick(): void {
    this.#running?.increment.tick()
  }

  /** To be called once a second: begins what has to wait, and removes what nobody has fetched for too long. */
  everySecond(): void {
    const { engine } = this.#parts
    this.#begin()
    const keptMs = engine.config['backup-sealed-ttl'] * 1000
    if (this.#state !== 'sealed' || keptMs === 0 || engine.clock.now() < this.#sealedAt + keptMs) return
    this.cleanUp()
  }

  /** The store holds something else, of which no effect told (a master's data). */
  dataReplaced(): void {
    if (this.isInProgress) this.#fail('the dataset was replaced')
  }

  /** The server ends. */
  close(): void {
    if (this.isInProgress) this.#fail('the server was closed')
  }

  get #configuredFolder(): string {
    const { dir, backupdirname } = this.#parts.engine.config
    return resolve(toText(dir), toText(backupdirname))
  }

  get #basePath(): string {
    return join(this.#folder, this.#base.name)
  }

  get #incrementPath(): string {
    return join(this.#folder, this.#incrementFile.name)
  }

  get #manifestPath(): string {
    return join(this.#folder, `${this.#parts.engine.config.appendfilename}.manifest`)
  }

  get #paths(): readonly string[] {
    return [this.#basePath, this.#incrementPath, this.#manifestPath]
  }

  get #base(): LogFile {
    const { appendfilename } = this.#parts.engine.config
    return { name: `${appendfilename}.${this.#seq}.base.${this.#isSnapshot ? 'rdb' : 'aof'}`, seq: this.#seq }
  }

  get #incrementFile(): LogFile {
    return { name: `${this.#parts.engine.config.appendfilename}.${this.#seq}.incr.aof`, seq: this.#seq }
  }

  /** Takes the state of this moment, and all changes from here on; later, where the store is being written elsewhere. */
  #begin(): void {
    if (this.#state !== 'pending' || this.#parts.isSaving()) return
    const { engine, files, journal } = this.#parts
    this.#isSnapshot = engine.config['aof-use-rdb-preamble']
    let file: number
    try {
      file = files.openSync(this.#incrementPath, 'w')
    } catch (error) {
      this.#fail(systemReason(error))
      return
    }
    const increment = this.#newIncrement(file)
    const base = beginBase(this.#parts, this.#basePath)
    if (base === undefined) {
      increment.closeSync()
      files.removeSync(this.#incrementPath)
      return
    }
    this.#state = 'snapshotting'
    this.#startedAt = engine.clock.now()
    const feed = new Feed({ targets: Target.File, take: (part) => increment.add(part) })
    journal.add(feed)
    const running: Running = { feed, increment, base }
    this.#running = running
    base.done.then(
      () => {
        if (this.#running === running) this.#state = 'incrementing'
      },
      (error: unknown) => {
        if (this.#running === running) this.#fail(`snapshot rewrite failed: ${systemReason(error)}`)
      },
    )
  }

  #newIncrement(file: number): Increment {
    const { engine, files, log } = this.#parts
    const increment = new Increment(
      {
        files,
        log,
        policy: () => 'everysec',
        sleepMs: () => 0,
        sparesDisk: () => false,
        now: () => engine.clock.now(),
        onDelay() {},
        onSafe() {},
        onState: (reason) => {
          if (reason !== undefined && this.#running?.increment === increment) this.#fail(reason)
        },
      },
      file,
      0,
      0,
    )
    return increment
  }

  /** Nothing more is added. @throws what the disk throws */
  #stop(): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    this.#parts.journal.remove(running.feed)
    running.increment.closeSync()
  }

  #fail(reason: Bytes): void {
    const { log } = this.#parts
    const running = this.#running
    this.#state = 'failed'
    this.#error = reason
    log('warning', `Backup failed: ${reason}`)
    try {
      this.#stop()
    } catch (error) {
      log('warning', `Error closing a file of the backup: ${systemReason(error)}`)
    }
    this.#removeFiles()
    if (running === undefined) return
    // It may not have been opened yet: it is removed when it is closed, too.
    const path = this.#basePath
    const remove = (): void => this.#remove(path)
    running.base.done.then(remove, remove)
    running.base.abandon()
  }

  /** All that is in the folder, whoever has left it there. */
  #removeFiles(): void {
    const { files, log } = this.#parts
    try {
      if (!files.isFolder(this.#folder)) return
      for (const name of files.list(this.#folder)) {
        const path = join(this.#folder, name)
        if (!files.isFolder(path)) this.#remove(path)
      }
    } catch (error) {
      log('warning', `Cannot look into the folder of backups: ${systemReason(error)}`)
    }
  }

  #remove(path: string): void {
    const { files, log } = this.#parts
    try {
      if (files.exists(path)) files.removeSync(path)
    } catch (error) {
      log('warning', `Failed removing ${path}, a file of a backup: ${systemReason(error)}`)
    }
  }

  /** @throws what the disk throws */
  #writeManifest(): void {
    const { files } = this.#parts
    const file = files.openSync(this.#manifestPath, 'w')
    try {
      const bytes = toArray(new Manifest(this.#base, [this.#incrementFile]).text)
      for (let at = 0; at < bytes.length; ) {
        const count = files.writeSync(file, bytes, at)
        if (count === 0) throw new Error('No space left on device')
        at += count
      }
      files.syncDataSync(file)
    } finally {
      files.closeSync(file)
    }
    files.syncFolder(this.#folder)
  }
}
