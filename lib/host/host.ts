/**
 * A process that hosts a store: what `zerodis`, the development server and the production server have in common. Owns the
 * log, the pid file, the title of the process, the growth of its heap, and its end: the first SIGINT or SIGTERM closes in
 * order, a second SIGINT ends at once.
 */

import { appendFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { fromText, toText } from '../base/bytes.ts'
import { faultText } from '../base/fault.ts'
import { inBackground } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import type { Config } from '../config/config.ts'
import type { Directives } from '../config/directives.ts'
import { formatJsonLine, formatLogLine, isLogged, type Log, type LogRole } from '../observability/log.ts'
import { processMemory } from '../observability/processmemory.ts'
import { DirectoryInUse } from '../persistence/files/dirlock.ts'
import { Malformed } from '../persistence/format/input.ts'
import type { OpenDoors } from '../server/doors.ts'
import type { Server } from '../server/server.ts'
import type { ShutdownWish } from '../session/ports.ts'
import { connectionsWithin, openFilesLimit, RESERVED_FILES } from '../transports/openfiles.ts'
import { GiveBack } from './giveback.ts'
import { limitGrowth } from './heap.ts'
import { whenOrphaned } from './parent.ts'
import { enterDirectory } from './startup.ts'

/** Ctrl-C reaches a process twice where npm is in between; only a later one is a second wish. */
const SAME_KEYSTROKE_MS = 500

/** Unread bytes of the log that are kept. */
const UNREAD_MAX = 1024 * 1024

/**
 * V8 notes its flags in what it has compiled, and takes that under no others, so they stay until what a start needs was loaded and kept
 * (codecache.ts), or until the heap is large, for which is looked now and then; and to load `v8` takes 3 ms.
 */
const GROWTH_AFTER_MS = 2500
const GROWTH_LOOK_MS = 50
/** A heap with more in it is large. That of a store without a key has 12 MB. Unit: bytes. */
const SMALL_HEAP = 32 * 1024 * 1024

export class Host {
  readonly #config: Config
  /** Writes lines as redis-server does; else only messages, on standard error. */
  readonly #likeRedis: boolean
  readonly #giveBack: GiveBack
  #role: LogRole = 'C'
  #server: Server | undefined
  #beforeClose: (() => Promise<void>) | undefined
  #endingSince: number | undefined

  constructor(config: Config, likeRedis: boolean) {
    this.#config = config
    this.#likeRedis = likeRedis
    limitGrowthWithin(GROWTH_AFTER_MS)
    this.#giveBack = new GiveBack()
  }

  readonly log: Log = (level, message) => {
    const { loglevel, logfile, logformat } = this.#config.values
    if (!isLogged(level, loglevel)) return
    if (logformat === 'json')
      this.#append(formatJsonLine(process.pid, this.#role, new Date(), level, message), level === 'warning')
    else if (this.#likeRedis || logfile !== '')
      this.#append(formatLogLine(process.pid, this.#role, new Date(), level, message), level === 'warning')
    else this.#append(`${message}\n`, level === 'warning')
  }

  /** Writes to the log as it is: what is for people, and none of it where programs read the log. */
  write(text: string): void {
    if (this.#config.values.logformat !== 'json') this.#append(text, false)
  }

  #append(text: string, isWarning: boolean): void {
    const { logfile } = this.#config.values
    if (logfile !== '') this.#appendToFile(toText(logfile), text)
    else print(isWarning && !this.#likeRedis ? process.stderr : process.stdout, text)
  }

  /** As in Redis, a log that cannot be written stops nobody: a full disk, a folder that was removed, a pipe that nobody reads. */
  #appendToFile(path: string, text: string): void {
    try {
      appendFileSync(path, text)
    } catch {
      // There is no place left to say it.
    }
  }

  /** From here on the log speaks for a master. */
  initialized(): void {
    this.#role = 'M'
  }

  /**
   * Loads what the store's folder holds, beside the doors; from then on the server saves there. What cannot be loaded ends the
   * process: nobody would expect an empty store. `begins`: see Server.
   */
  async load(server: Server, begins?: Promise<void>): Promise<void> {
    try {
      await server.load(begins)
    } catch (error) {
      const isFault = error instanceof UpstreamFault
      const reason = isFault ? toText(error.text) : error instanceof Error ? error.message : error
      const isFatal = isFault || error instanceof DirectoryInUse
      const isLogged = error instanceof Error && 'isLogged' in error
      // What is wrong with an append-only file stands in the log, and as in Redis nothing behind it.
      const failed = `Fatal error loading the DB, check server logs. Exiting: ${reason}`
      if (!isLogged) this.log('warning', isFatal ? `Fatal: ${reason}` : failed)
      if (error instanceof Malformed) this.log('warning', 'Terminating server after rdb file reading failure.')
      process.exit(1)
    }
  }

  /** Takes charge of a server that listens. `beforeClose` ends what else the process serves. */
  run(server: Server, open: OpenDoors, beforeClose?: () => Promise<void>): void {
    this.initialized()
    this.#server = server
    this.#beforeClose = beforeClose
    const { values } = this.#config
    this.#config.onApply('dir', (path) => {
      const refusal = enterDirectory(path)
      if (refusal === undefined) values.dir = fromText(process.cwd())
      return refusal
    })
    this.#fitClients()
    this.#giveBack.start(server.engine.keyspace)
    this.#writePidFile()
    this.#setTitle(open)
    this.#config.onChange('proc-title-template', () => this.#setTitle(server.doors))
    process.on('SIGTERM', () => this.#onSignal('SIGTERM'))
    process.on('SIGINT', () => this.#onSignal('SIGINT'))
    process.on('SIGHUP', () => {}) // as redis-server, survive the terminal
    whenOrphaned(() => this.#onSignal('SIGTERM'))
  }

  /** The server is closed: what is left is to go. */
  exit(): void {
    const { pidfile } = this.#config.values
    if (pidfile !== '') {
      this.log('notice', 'Removing the pid file.')
      try {
        unlinkSync(toText(pidfile))
      } catch {
        // Somebody else has removed it: all the same.
      }
    }
    this.log('warning', 'Redis is now ready to exit, bye bye...')
    process.exit(0)
  }

  #onSignal(signal: 'SIGINT' | 'SIGTERM'): void {
    const now = Date.now()
    if (this.#endingSince !== undefined) {
      if (signal === 'SIGTERM' || now - this.#endingSince < SAME_KEYSTROKE_MS) return
      this.#signalLine('You insist... exiting now.')
      process.exit(1)
    }
    this.#endingSince = now
    this.#signalLine(`Received ${signal} scheduling shutdown...`)
    const options = this.#config.values[signal === 'SIGTERM' ? 'shutdown-on-sigterm' : 'shutdown-on-sigint']
    unawaited(this.#end(wishOf(options)), this.#config.values, (message) => this.log('warning', message))
  }

  /** As in Redis, the process goes on where something cannot be kept, and may be asked again. */
  async #end(wish: ShutdownWish): Promise<void> {
    if (!((await this.#server?.engine.ports.process.prepareToEnd(wish)) ?? true)) {
      this.#endingSince = undefined
      return
    }
    try {
      await Promise.all([this.#server?.close(), this.#beforeClose?.()])
    } catch (error) {
      this.log('warning', `Error while closing: ${faultText(error, this.#config.values)}`)
    }
    this.exit()
  }

  /** Redis's signal handler has its own form, as it may not ask for the local time. */
  #signalLine(message: string): void {
    if (!this.#likeRedis) return
    if (this.#config.values.logformat === 'json') this.log('warning', message)
    else this.write(`${process.pid}:signal-handler (${Math.floor(Date.now() / 1000)}) ${message}\n`)
  }

  /** As Redis does, lowers `maxclients` to what the limit of open files leaves room for, and lets nobody raise it above. */
  #fitClients(): void {
    const { values } = this.#config
    const limit = openFilesLimit()
    const most = connectionsWithin(limit)
    if (values.maxclients > most) {
      const files = values.maxclients + RESERVED_FILES
      this.log(
        'warning',
        `You requested maxclients of ${values.maxclients} requiring at least ${files} max file descriptors.`,
      )
      values.maxclients = most
      this.log(
        'warning',
        `Current maximum open files is ${limit}. maxclients has been reduced to ${most} to compensate for low ulimit. ` +
          "If you need higher maxclients increase 'ulimit -n'.",
      )
    }
    this.#config.onApply('maxclients', (asked) =>
      asked > most
        ? `The operating system is not able to handle the specified number of clients, try with ${most}`
        : undefined,
    )
  }

  #writePidFile(): void {
    const { values } = this.#config
    if (values.pidfile === '' && values.daemonize) values.pidfile = '/var/run/redis.pid'
    if (values.pidfile === '') return
    try {
      writeFileSync(toText(values.pidfile), `${process.pid}\n`)
    } catch (error) {
      this.log('warning', `Failed to write PID file: ${(error as Error).message}`)
    }
  }

  #setTitle(open: OpenDoors): void {
    const { values } = this.#config
    if (!values['set-proc-title']) return
    const port = open.port || open.tlsPort
    const address = port === 0 ? open.unixsocket : `${values.bind[0]}:${port}`
    const variables = new Map<string, string | number>([
      ['title', 'zerodis'],
      ['listen-addr', address],
      ['port', open.port],
      ['tls-port', open.tlsPort],
      ['unixsocket', open.unixsocket],
    ])
    process.title = values['proc-title-template']
      .replace(/\{([^}]*)\}/g, (_, name) => `${variables.get(name) ?? ''}`)
      .trim()
  }
}

function limitGrowthWithin(ms: number): void {
  const { heapUsed, arrayBuffers } = processMemory()
  if (ms <= 0 || heapUsed + arrayBuffers > SMALL_HEAP) limitGrowth()
  else inBackground(GROWTH_LOOK_MS, () => limitGrowthWithin(ms - GROWTH_LOOK_MS))
}

function wishOf(options: Directives['shutdown-on-sigterm']): ShutdownWish {
  const save = options.includes('save') ? true : options.includes('nosave') ? false : undefined
  return { save, now: options.includes('now'), force: options.includes('force') }
}

/** A reader of the log that is there and reads nothing loses lines, where redis-server would stand still. */
function print(stream: NodeJS.WriteStream, text: string): void {
  if (stream.writableLength > UNREAD_MAX) return
  if (stream.listenerCount('error') === 0) stream.on('error', () => {})
  stream.write(text)
}
