/**
 * Loads the files of an append-only log: a base, which is a snapshot or commands, and the commands of the increments. They
 * are read in pieces and run as they come. Time stands still meanwhile: nothing goes because its time is past, since what is
 * said of it later in the file must find it; the removal itself stands there, too.
 *
 * A file that ends in the midst of a command or of a transaction is cut back to what is whole, if it is the last one and
 * `aof-load-truncated` allows it. Anything else that is wrong ends the loading.
 */
import { join } from 'node:path'
import type { Bytes } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { systemReason } from '../base/systemreason.ts'
import type { Command } from '../commands/command.ts'
import type { Engine } from '../engine/engine.ts'
import { FileSource, readFile } from '../persistence/files.ts'
import type { Rdb } from '../persistence/rdb.ts'
import { readSnapshot } from '../persistence/snapshotread.ts'
import { type Link, Session } from '../session/session.ts'
import type { AppendFiles } from './appendfiles.ts'
import { CommandReader, Stop } from './commandreader.ts'
import type { Log } from './log.ts'
import type { LogFile, Manifest } from './manifest.ts'

/** How a snapshot begins. */
const MAGIC = 'REDIS'

/** What tells a time from now on, as files of other hands may: only then does time go on. */
const RELATIVE = /^(?:p?expire|h?p?setex|psetex|hp?expire|getex|set|hsetex|restore)$/
const RELATIVE_OPTION = /^(?:ex|px)$/i

/** Files that cannot be loaded. */
export class LoadFault extends Error {
  /** What is wrong stands in the log. */
  readonly isLogged = true
}

export interface LoaderParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly files: AppendFiles
  readonly log: Log
  /** The folder, and the name that files had before there were manifests. */
  readonly folder: string
  readonly filename: Bytes
}

export class Loader {
  readonly #parts: LoaderParts
  readonly #session: Session
  readonly #commands = new Map<Bytes, Command>()
  /** Commands since MULTI; undefined outside of a transaction. */
  #transaction: Bytes[][] | undefined

  constructor(parts: LoaderParts) {
    this.#parts = parts
    const { keyspace, clock, ports } = parts.engine
    this.#session = new Session(0, 'inprocess', NOBODY, keyspace.dbs[0], ports.access.acl.default, clock.now(), '', '')
    this.#session.mayBlock = false
    // What a log says was allowed when it was done.
    this.#session.isMaster = true
  }

  /** Adds what the files hold. @throws LoadFault */
  load(manifest: Manifest): void {
    const { engine } = this.#parts
    const { keyspace, clock } = engine
    const { dirty } = engine
    const { files } = manifest
    try {
      for (let i = 0; i < files.length; i++) {
        keyspace.setNow(clock.now())
        keyspace.now = 0
        this.#loadFile(files[i], files[i] === manifest.base ? 'base' : 'incr', i === files.length - 1)
      }
    } finally {
      keyspace.setNow(clock.now())
      engine.dirty = dirty
    }
  }

  #loadFile(file: LogFile, kind: 'base' | 'incr', isLast: boolean): void {
    const { files, folder, log } = this.#parts
    const startedAt = monotonic()
    const path = join(folder, file.name)
    let handle: number
    try {
      handle = files.openSync(path, 'r')
    } catch (error) {
      throw this.#fault(`Fatal error: can't open the append log file ${file.name} for reading: ${systemReason(error)}`)
    }
    let wholeTo: number | undefined
    try {
      wholeTo = this.#loadHandle(handle, file.name)
    } catch (error) {
      if (error instanceof LoadFault) throw error
      throw this.#fault(`Unrecoverable error reading the append only file ${file.name}: ${systemReason(error)}`)
    } finally {
      files.closeSync(handle)
    }
    if (wholeTo !== undefined) this.#truncate(file.name, path, wholeTo, isLast)
    log('notice', `DB loaded from ${kind} file ${file.name}: ${((monotonic() - startedAt) / 1000).toFixed(3)} seconds`)
  }

  /** Loads an open file. Returns where what is whole ends, if more stands behind. */
  #loadHandle(handle: number, name: Bytes): number | undefined {
    const { files } = this.#parts
    const source = new FileSource(files, handle)
    if (source.left === 0) return undefined
    if (!this.#isSnapshot(name)) return this.#run(new CommandReader(source), name)
    const end = this.#loadSnapshot(name)
    return this.#run(new CommandReader(source.skip(end), end), name)
  }

  #isSnapshot(name: Bytes): boolean {
    return readFile(this.#parts.files, join(this.#parts.folder, name), (source) => {
      const start = new Uint8Array(Math.min(MAGIC.length, source.left))
      source.read(start, 0)
      return Buffer.from(start).toString('latin1') === MAGIC
    })
  }

  /** Returns its length: commands may stand behind it in a file of Redis before 7. */
  #loadSnapshot(name: Bytes): number {
    const { engine, rdb, files, folder, filename, log } = this.#parts
    const isOld = name === filename
    log('notice', isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...')
    try {
      const snapshot = readFile(files, join(folder, name), (source) => readSnapshot(source, engine.config))
      rdb.load(snapshot, true)
      if (isOld) log('notice', 'Reading the remaining AOF tail...')
      return snapshot.length
    } catch (error) {
      const what = isOld ? 'RDB preamble of the AOF' : 'RDB base'
      log('warning', `Error reading the ${what} file ${name}, AOF loading aborted`)
      throw this.#fault(`Unrecoverable error reading the append only file ${name}: ${systemReason(error)}`)
    }
  }

  /** Runs the commands. Returns where what is whole ends, if more stands behind. */
  #run(reader: CommandReader, name: Bytes): number | undefined {
    const { log } = this.#parts
    this.#session.db = this.#parts.engine.keyspace.dbs[0]
    this.#transaction = undefined
    let wholeTo = reader.offset
    for (;;) {
      const argv = reader.next()
      if (argv === Stop.Garbage) {
        throw this.#fault(
          `Bad file format reading the append only file ${name}: make a backup of your AOF file, then use ` +
            './redis-check-aof --fix <filename.manifest>',
        )
      }
      if (argv === Stop.Torn || argv === Stop.End) {
        const isWhole = argv === Stop.End && this.#transaction === undefined
        if (argv === Stop.End && !isWhole) {
          log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`)
        }
        return isWhole ? undefined : wholeTo
      }
      this.#take(argv, name)
      if (this.#transaction === undefined) wholeTo = reader.offset
    }
  }

  #take(argv: Bytes[], name: Bytes): void {
    const word = argv[0]
    let command = this.#commands.get(word)
    if (command === undefined) {
      command = this.#parts.engine.table.find(word)
      if (command === undefined) throw this.#fault(`Unknown command '${word}' reading the append only file ${name}`)
      this.#commands.set(word, command)
    }
    switch (command.name) {
      case 'multi':
        this.#transaction = []
        return
      case 'exec': {
        const commands = this.#transaction ?? []
        this.#transaction = undefined
        for (const queued of commands) this.#replay(queued)
        return
      }
      default:
        if (this.#transaction === undefined) this.#replay(argv)
        else this.#transaction.push(argv)
    }
  }

  #replay(argv: Bytes[]): void {
    const { engine } = this.#parts
    const command = engine.resolve(argv)
    if (command instanceof ReplyError) return // it has failed when it was written down
    if (RELATIVE.test(command.name) && this.#isRelative(command, argv)) {
      engine.keyspace.now = engine.clock.now()
      engine.replay(this.#session, command, argv)
      engine.keyspace.now = 0
    } else engine.replay(this.#session, command, argv)
  }

  #isRelative({ name }: Command, argv: readonly Bytes[]): boolean {
    if (name === 'restore') return argv[2] !== '0' && !argv.some((word) => /^absttl$/i.test(word))
    if (name === 'set') return argv.length > 4 && argv.slice(3).some((word) => RELATIVE_OPTION.test(word))
    if (name === 'getex' || name === 'hsetex') return argv.some((word) => RELATIVE_OPTION.test(word))
    return true
  }

  #truncate(name: Bytes, path: string, wholeTo: number, isLast: boolean): void {
    const { engine, files, log } = this.#parts
    if (engine.config['aof-load-truncated']) {
      log('warning', `!!! Warning: short read while loading the AOF file ${name}!!!`)
      log('warning', `!!! Truncating the AOF ${name} at offset ${wholeTo} !!!`)
      if (!isLast) throw this.#fault('Fatal error: the truncated file is not the last file')
      try {
        const handle = files.openToRepair(path)
        try {
          files.truncateSync(handle, wholeTo)
          files.fsyncSync(handle)
        } finally {
          files.closeSync(handle)
        }
        log('warning', `AOF ${name} loaded anyway because aof-load-truncated is enabled`)
        return
      } catch (error) {
        log('warning', `Error truncating the AOF file ${name}: ${systemReason(error)}`)
      }
    }
    throw this.#fault(
      `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of your AOF file, then use ` +
        "./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration " +
        'option to yes and restart the server.',
    )
  }

  #fault(message: string): LoadFault {
    this.#parts.log('warning', message)
    return new LoadFault(message)
  }
}

/** Nobody is there to be told anything. */
const NOBODY: Link = {
  push() {},
  closeAfterReply() {},
  close() {},
  inputBytes: 0,
  outputBytes: 0,
}
