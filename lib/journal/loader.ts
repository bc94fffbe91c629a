/**
 * Loads the files of an append-only log: a base, which is a snapshot or commands, and the commands of the increments. They
 * are read in pieces and run as they come, in slices where other work is to go on beside it. Time stands still while commands
 * run: nothing goes because its time is past, since what is said of it later in the file must find it; the removal itself
 * stands there, too.
 *
 * A file that ends in the midst of a command or of a transaction is cut back to what is whole, if it is the last one and
 * `aof-load-truncated` allows it. Anything else that is wrong ends the loading.
 */
import { join } from 'node:path'
import { type Bytes, toText } from '../base/bytes.ts'
import { Places } from '../base/places.ts'
import { ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { systemReason } from '../base/systemreason.ts'
import { type Command, Flag } from '../commands/command.ts'
import { fits, hashKeys } from '../commands/placed.ts'
import { PlacedNames } from '../commands/placednames.ts'
import type { Engine } from '../engine/engine.ts'
import { FileSource, readFile } from '../persistence/files/files.ts'
import { takeSnapshot } from '../persistence/files/filesteps.ts'
import type { Rdb } from '../persistence/rdb.ts'
import { UNANSWERED } from '../protocol/answer.ts'
import type { LoadProgress } from '../session/appendingport.ts'
import { NO_LINK } from '../session/nolink.ts'
import { Session } from '../session/session.ts'
import type { AppendFiles } from './appendfiles.ts'
import { BaseTaker } from './basetaker.ts'
import { CommandReader, Stop } from './commandreader.ts'
import type { Log } from './log.ts'
import type { LogFile, Manifest } from './manifest.ts'

/** How a snapshot begins. */
export const MAGIC = 'REDIS'
/** Commands between two looks at the clock. */
const COMMANDS_BETWEEN = 64

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

type Steps<T> = Generator<undefined, T, undefined>

export class Loader implements LoadProgress {
  readonly #parts: LoaderParts
  readonly #session: Session
  readonly #commands = new Map<Bytes, Command>()
  /** Those whose arguments may tell a time from now on. */
  readonly #relative: ReadonlySet<Command>
  readonly #names: PlacedNames
  readonly #places = new Places()
  readonly #steps: Steps<void>
  /** Commands since MULTI; undefined outside of a transaction. */
  #transaction: Bytes[][] | undefined
  /** By `monotonic`: when the slice is over that runs. */
  #endsAt = 0
  /** Bytes of the files that are loaded, and the one that is being read, which has so many behind what was read. */
  #doneBytes = 0
  #current: { readonly size: number; readonly source: FileSource } | undefined
  readonly startedAt: number
  totalBytes = 0
  /** Keys of snapshots, and commands, that were loaded. */
  loaded = 0

  /** Nothing is loaded before `slice` is called. */
  constructor(parts: LoaderParts, manifest: Manifest) {
    this.#parts = parts
    const { keyspace, clock, ports, table } = parts.engine
    this.#relative = new Set(table.all.filter(({ name }) => RELATIVE.test(name)))
    this.#names = new PlacedNames(table)
    this.startedAt = clock.now()
    this.#session = new Session(0, 'inprocess', NO_LINK, keyspace.dbs[0], ports.access.acl.default, clock.now(), '', '')
    this.#session.mayBlock = false
    this.#session.isMaster = true // what it says is obeyed, in a replica that takes no writes too
    this.#steps = this.#load(manifest)
  }

  get loadedBytes(): number {
    const { size = 0, source } = this.#current ?? {}
    return this.#doneBytes + size - (source?.left ?? 0)
  }

  /** Adds what the files hold, until a moment of `monotonic` or a little longer. False when all is there. @throws LoadFault */
  slice(endsAt: number): boolean {
    const { engine } = this.#parts
    const { keyspace, clock, dirty } = engine
    keyspace.setNow(clock.now())
    this.#endsAt = endsAt
    try {
      return this.#steps.next().done !== true
    } finally {
      keyspace.setNow(clock.now())
      engine.dirty = dirty
    }
  }

  /** Gives it up: the files are closed. */
  stop(): void {
    this.#steps.return()
  }

  *#load({ files, base }: Manifest): Steps<void> {
    for (const { name } of files) this.totalBytes += this.#parts.files.lengthOf(join(this.#parts.folder, toText(name)))
    for (let i = 0; i < files.length; i++) {
      yield* this.#loadFile(files[i], files[i] === base ? 'base' : 'incr', i === files.length - 1)
    }
  }

  *#loadFile(file: LogFile, kind: 'base' | 'incr', isLast: boolean): Steps<void> {
    const { files, folder, log } = this.#parts
    const startedAt = monotonic()
    const path = join(folder, toText(file.name))
    let handle: number
    try {
      handle = files.openSync(path, 'r')
    } catch (error) {
      throw this.#fault(`Fatal error: can't open the append log file ${file.name} for reading: ${systemReason(error)}`)
    }
    let wholeTo: number | undefined
    try {
      wholeTo = yield* this.#loadHandle(handle, file.name)
    } catch (error) {
      if (error instanceof LoadFault) throw error
      throw this.#fault(`Unrecoverable error reading the append only file ${file.name}: ${systemReason(error)}`)
    } finally {
      this.#doneBytes = this.loadedBytes
      this.#current = undefined
      files.closeSync(handle)
    }
    if (wholeTo !== undefined) this.#truncate(file.name, path, wholeTo, isLast)
    log('notice', `DB loaded from ${kind} file ${file.name}: ${((monotonic() - startedAt) / 1000).toFixed(3)} seconds`)
  }

  /** Loads an open file. Returns where what is whole ends, if more stands behind. */
  *#loadHandle(handle: number, name: Bytes): Steps<number | undefined> {
    const source = new FileSource(this.#parts.files, handle)
    if (source.left === 0) return undefined
    const size = source.left
    this.#current = { size, source }
    if (!this.#isSnapshot(name)) return yield* this.#run(new CommandReader(source), name)
    const end = yield* this.#loadSnapshot(name)
    // Commands may stand behind it in a file of Redis before 7.
    return end === size ? undefined : yield* this.#run(new CommandReader(source.skip(end), end), name)
  }

  #isSnapshot(name: Bytes): boolean {
    return readFile(this.#parts.files, join(this.#parts.folder, toText(name)), (source) => {
      const start = new Uint8Array(Math.min(MAGIC.length, source.left))
      source.read(start, 0)
      return Buffer.from(start).toString('latin1') === MAGIC
    })
  }

  /** Returns its length. */
  *#loadSnapshot(name: Bytes): Steps<number> {
    const { engine, rdb, files, folder, filename, log } = this.#parts
    const isOld = name === filename
    log('notice', isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...')
    const handle = files.openSync(join(folder, toText(name)), 'r')
    try {
      const source = new FileSource(files, handle)
      this.#current = { size: source.left, source }
      const taker = new BaseTaker(engine, log)
      const { figures } = taker
      const before = this.loaded
      const steps = takeSnapshot(source, engine.config, taker)
      let step = steps.next()
      for (; !step.done; step = steps.next()) {
        this.loaded = before + figures.loaded
        if (monotonic() >= this.#endsAt) yield
      }
      taker.finish()
      this.loaded = before + figures.loaded
      figures.tell()
      rdb.lastLoad = figures
      if (isOld) log('notice', 'Reading the remaining AOF tail...')
      return step.value
    } catch (error) {
      const what = isOld ? 'RDB preamble of the AOF' : 'RDB base'
      log('warning', `Error reading the ${what} file ${name}, AOF loading aborted`)
      throw this.#fault(`Unrecoverable error reading the append only file ${name}: ${systemReason(error)}`)
    } finally {
      files.closeSync(handle)
    }
  }

  /** Runs the commands. Returns where what is whole ends, if more stands behind. */
  *#run(reader: CommandReader, name: Bytes): Steps<number | undefined> {
    const { keyspace } = this.#parts.engine
    this.#session.db = keyspace.dbs[0]
    this.#transaction = undefined
    let wholeTo = reader.offset
    let untilLook = COMMANDS_BETWEEN
    keyspace.now = 0
    for (;;) {
      if (reader.place(this.#places) === 0) {
        const argv = reader.next()
        if (typeof argv === 'string') return this.#end(argv, wholeTo, name)
        this.#take(argv, name)
      } else if (!this.#takePlaces(this.#places)) this.#take(this.#places.argv(), name)
      this.loaded++
      if (this.#transaction !== undefined) continue
      wholeTo = reader.offset
      if (--untilLook > 0) continue
      untilLook = COMMANDS_BETWEEN
      if (monotonic() < this.#endsAt) continue
      yield
      keyspace.now = 0
    }
  }

  /** What it comes to that there is no further command. */
  #end(stop: Stop, wholeTo: number, name: Bytes): number | undefined {
    if (stop === Stop.Garbage) {
      throw this.#fault(
        `Bad file format reading the append only file ${name}: make a backup of your AOF file, then use ` +
          './redis-check-aof --fix <filename.manifest>',
      )
    }
    if (stop !== Stop.End) return wholeTo
    if (this.#transaction === undefined) return undefined
    this.#parts.log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`)
    return wholeTo
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

  /** Runs a command that can be run by its places; false, and nothing is done, if it cannot. */
  #takePlaces(p: Places): boolean {
    const { engine } = this.#parts
    if (this.#transaction !== undefined || engine.notifier !== undefined || engine.tracking.size !== 0) return false
    const command = this.#names.find(p.bytes, p.starts[0], p.ends[0])
    if (command === undefined || (command.flags & Flag.Write) === 0) return false
    if (!fits(p, command)) return false
    if (this.#relative.has(command) && (command.name !== 'set' || !isAbsolute(p))) return false
    if (!command.placed!.suits(p)) return false
    hashKeys(p, command)
    engine.replay(this.#session, command, p, UNANSWERED)
    return true
  }

  #replay(argv: Bytes[]): void {
    const { engine } = this.#parts
    const command = engine.resolve(argv)
    if (command instanceof ReplyError) return // it has failed when it was written down
    if (this.#relative.has(command) && this.#isRelative(command, argv)) {
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

/** A SET without options, or with one whose name has four letters: it tells a time that is none from now on, or suits no places. */
function isAbsolute(p: Places): boolean {
  return p.count === 3 || (p.count === 5 && p.length(3) === 4)
}
