/**
 * The files of an append-only log that is open: its manifest, the increment to which the journal's stream is added, and how
 * one set of files takes the place of another. Whatever ends midway leaves a manifest that names whole files: the new one is
 * written before what it no longer names is removed.
 */
import type { Bytes } from '../base/bytes.ts'
import { systemReason } from '../base/systemreason.ts'
import { unawaited } from '../base/unawaited.ts'
import { type Engine, Target } from '../engine/engine.ts'
import type { Rdb } from '../persistence/rdb.ts'
import type { AppendFiles } from './appendfiles.ts'
import { writeBase } from './base.ts'
import { Increment, type IncrementParts } from './increment.ts'
import { Feed, type Journal } from './journal.ts'
import { Loader, LoadFault } from './loader.ts'
import type { Log } from './log.ts'
import { LogFolder } from './logfolder.ts'
import { Manifest, ManifestFault } from './manifest.ts'

export interface AppendLogParts {
  readonly engine: Engine
  readonly journal: Journal
  readonly rdb: Rdb
  readonly files: AppendFiles
  readonly log: Log
  readonly increment: IncrementParts
  /** Something was added to the increment. */
  readonly onAdded: (offset: number) => void
}

export class AppendLog {
  readonly #parts: AppendLogParts
  readonly folder: LogFolder
  readonly #feed: Feed
  #manifest = new Manifest()
  /** The open one. */
  increment: Increment | undefined
  /** What is gathered has no base yet: it stands in a temporary file. */
  #isTemporary = false
  /** The one before, while it is being closed: not all of it is on disk. */
  #closing: Increment | undefined
  /** Bytes of what is loaded but for the open increment, and of all of it when the base was new. */
  #olderBytes = 0
  baseSize = 0
  /** Unix seconds of the last annotation. */
  #timestamp = 0
  #delayedBefore = 0

  constructor(parts: AppendLogParts) {
    this.#parts = parts
    this.folder = new LogFolder(parts)
    this.#feed = new Feed({
      targets: Target.File,
      begin: () => this.#annotate(),
      take: (part) => {
        this.increment!.add(part)
        parts.onAdded(this.#feed.offset)
      },
      takeBytes: (array, start, end) => {
        this.increment!.addBytes(array, start, end)
        parts.onAdded(this.#feed.offset)
      },
    })
  }

  get currentSize(): number {
    return this.#olderBytes + (this.increment?.size ?? 0)
  }

  get delayedSyncs(): number {
    return this.#delayedBefore + (this.increment?.delayedSyncs ?? 0)
  }

  /** Offset of the stream behind the last change, and up to which it is on disk. */
  get offset(): number {
    return this.#feed.offset
  }

  get syncedOffset(): number {
    return this.#closing?.synced ?? this.increment?.synced ?? 0
  }

  /** Reads the manifest anew. @throws ManifestFault, and the system's error; the log says why */
  read(): void {
    const { log } = this.#parts
    try {
      this.#manifest = this.folder.read()
    } catch (error) {
      if (error instanceof ManifestFault) {
        log('warning', '\n*** FATAL AOF MANIFEST FILE ERROR ***\n')
        if (error.line !== '') {
          log('warning', `Reading the manifest file, at line ${error.lineNumber}\n`)
          log('warning', `>>> '${error.line}'\n`)
        }
      }
      log('warning', `${systemReason(error)}\n`)
      throw error
    }
  }

  /** What adds what the files hold to the store; nobody else is to hear of it. @throws LoadFault */
  loader(): Loader {
    const { engine, rdb, files, log } = this.#parts
    for (const { name } of this.#manifest.files) {
      if (files.exists(this.folder.pathOf(name))) continue
      const message = `Unable to obtain the AOF file ${name} length. stat: No such file or directory`
      log('warning', message)
      throw new LoadFault(message)
    }
    const { path: folder, filename } = this.folder
    return new Loader({ engine, rdb, files, log, folder, filename }, this.#manifest)
  }

  /** Adds what the files hold to the store, whatever it held before. @throws LoadFault */
  loadAgain(): void {
    const { journal } = this.#parts
    const loader = this.loader()
    if (this.increment !== undefined) journal.remove(this.#feed)
    try {
      while (loader.slice(Infinity));
    } finally {
      if (this.increment !== undefined) journal.add(this.#feed)
    }
  }

  /** At the start: finds out what there is. True if there is nothing to load. @throws Error */
  prepare(): boolean {
    this.folder.removeTemporary()
    this.read()
    if (this.folder.hasOldFile(this.#manifest)) this.#manifest = this.folder.takeOldFile()
    return this.#manifest.isEmpty
  }

  /**
   * All is loaded: opens the log for more. Where there is none, or it `beginsAnew`, what the store holds becomes the base.
   * @throws Error
   */
  open(beginsAnew: boolean): void {
    const { engine, files, log } = this.#parts
    this.folder.make()
    let manifest = this.#manifest
    if (beginsAnew || manifest.isEmpty) {
      manifest = manifest.withBase(this.folder.filename, engine.config['aof-use-rdb-preamble'], 0)
      const { name } = manifest.base!
      const temporary = this.folder.temporaryBase(false)
      writeBase(this.#parts, temporary)
      files.renameSync(temporary, this.folder.pathOf(name))
      log('notice', `Creating AOF base file ${name} on server start`)
    }
    const isNew = manifest.increments.length === 0
    if (isNew) manifest = manifest.withIncrement(this.folder.filename)
    const { name } = manifest.increments.at(-1)!
    const path = this.folder.pathOf(name)
    const file = files.openToAppend(path)
    const size = files.lengthOf(path)
    this.folder.write(manifest)
    this.#manifest = manifest
    this.#olderBytes = this.folder.sizeOf(manifest) - size
    this.#begin(file, size)
    this.baseSize = this.currentSize
    log('notice', `${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`)
    this.removeHistory()
  }

  /**
   * From here on what comes is added to a new increment: the next of the log, or a temporary one while there is no log. False
   * if that cannot be; then all is as before, and the log says why.
   */
  beginIncrement(isTemporary: boolean): boolean {
    const { engine, files, log } = this.#parts
    const manifest = isTemporary ? this.#manifest : this.#manifest.withIncrement(this.folder.filename)
    const name = isTemporary ? this.folder.temporaryIncrement : manifest.increments.at(-1)!.name
    try {
      // Under `always` it is on disk before another takes its place: what closes it then cannot fail at that.
      if (engine.config.appendfsync === 'always') this.increment?.flushSync()
      else this.increment?.writeNow()
      const file = files.openSync(this.folder.pathOf(name), 'w')
      try {
        if (!isTemporary) this.folder.write(manifest)
      } catch (error) {
        if (this.folder.holds(manifest) !== true) {
          files.closeSync(file)
          throw error
        }
        log('warning', `Fail to fsync AOF directory: ${systemReason(error)}`)
      }
      log('notice', `Creating AOF incr file ${name} on background rewrite`)
      this.#replace(file)
    } catch (error) {
      log('warning', `Can't open the append-only file ${name}: ${systemReason(error)}`)
      return false
    }
    this.#manifest = manifest
    this.#isTemporary = isTemporary
    return true
  }

  /**
   * A base was written, of the moment at which the open increment began: all before it is history. @throws the system's error;
   * then all is as before
   */
  adoptBase(temporary: string, isSnapshot: boolean): void {
    const { files, log } = this.#parts
    const isOpen = this.increment !== undefined
    let manifest = this.#manifest.withBase(this.folder.filename, isSnapshot, isOpen && !this.#isTemporary ? 1 : 0)
    const { name } = manifest.base!
    files.renameSync(temporary, this.folder.pathOf(name))
    log('notice', `Successfully renamed the temporary AOF base file ${temporary} into ${name}`)
    let increment: Bytes | undefined
    let keepsHistory = false
    try {
      if (this.#isTemporary) {
        manifest = manifest.withIncrement(this.folder.filename)
        increment = manifest.increments.at(-1)!.name
        const from = this.folder.temporaryIncrement
        files.renameSync(this.folder.pathOf(from), this.folder.pathOf(increment))
        log('notice', `Successfully renamed the temporary AOF incr file ${from} into ${increment}`)
      }
      this.folder.write(manifest)
    } catch (error) {
      const isThere = this.folder.holds(manifest)
      if (isThere !== true) {
        if (isThere === false) this.#remove(name)
        if (isThere === false && increment !== undefined) this.#remove(increment)
        throw error
      }
      // After a failure of power the old one may be there again: nothing of either is removed.
      log('warning', `Fail to fsync AOF directory: ${systemReason(error)}`)
      keepsHistory = true
    }
    this.#isTemporary = false
    this.#manifest = manifest
    if (isOpen) {
      this.#olderBytes = files.lengthOf(this.folder.pathOf(name))
      this.baseSize = this.currentSize
    }
    if (!keepsHistory) this.removeHistory()
  }

  /** Files that are history are removed, unless `aof-disable-auto-gc`. */
  removeHistory(): void {
    const { engine, log } = this.#parts
    const { history } = this.#manifest
    if (engine.config['aof-disable-auto-gc'] || history.length === 0) return
    const manifest = this.#manifest.withoutHistory()
    try {
      this.folder.write(manifest)
      this.#manifest = manifest
    } catch (error) {
      log('warning', `Error trying to write the AOF manifest file: ${systemReason(error)}`)
      return
    }
    for (const { name } of history) {
      log('notice', `Removing the history file ${name} in the background`)
      this.#remove(name)
    }
  }

  /** Nothing more is added. All that was is on disk, if the disk takes it; the log says if not. */
  close(): void {
    const { journal, log } = this.#parts
    const { increment } = this
    if (increment === undefined) return
    journal.remove(this.#feed)
    this.increment = undefined
    this.#delayedBefore += increment.delayedSyncs
    try {
      increment.closeSync()
    } catch (error) {
      log('warning', `Fail to fsync the AOF file: ${systemReason(error)}`)
    }
    if (this.#isTemporary) this.removeTemporaryIncrement()
  }

  /** What was gathered without a base is of no use any more. */
  removeTemporaryIncrement(): void {
    const name = this.folder.temporaryIncrement
    this.#isTemporary = false
    this.#parts.log('notice', `Removing the temp incr aof file ${name} in the background`)
    this.#remove(name)
  }

  #remove(name: Bytes): void {
    const { engine, files, log } = this.#parts
    unawaited(files.remove(this.folder.pathOf(name)), engine.config, (message) => log('warning', message))
  }

  /** The open increment gives way to another, and is closed beside commands. */
  #replace(file: number): void {
    const { increment } = this
    if (increment !== undefined) {
      this.#delayedBefore += increment.delayedSyncs
      this.#olderBytes += increment.size
      this.#closing = increment
      increment.close(() => {
        if (this.#closing === increment) this.#closing = undefined
      })
    }
    this.#begin(file, 0)
  }

  #begin(file: number, size: number): void {
    const isFirst = this.increment === undefined
    this.increment = new Increment(this.#parts.increment, file, size, this.#feed.offset)
    this.#feed.db = -1
    if (isFirst) this.#parts.journal.add(this.#feed)
  }

  /** Before the effects of a command: the time, where it is another than before. */
  #annotate(): void {
    const { config, keyspace } = this.#parts.engine
    if (!config['aof-timestamp-enabled']) return
    const now = Math.floor(keyspace.now / 1000)
    if (now <= this.#timestamp) return
    this.#timestamp = now
    this.#feed.add(`#TS:${now}\r\n`)
  }
}
