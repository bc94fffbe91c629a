/**
 * A store for one test, or for one file of tests: its own keys, clock and doors, no file, nothing left behind. Its state can be
 * kept and brought back without a command, its time moved, and what hardly ever happens to an application made to happen.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { ClusterOptions } from '../server/cluster.ts'
import { createServer, type Server } from '../server/server.ts'
import { type Connector, connectorOf } from '../transports/connector.ts'
import { type Argument, CommandError, type Plain, tracedFrom } from '../transports/values.ts'
import { TestClock, type TestTime } from './clock.ts'
import { Faults } from './faults.ts'
import { MemorySocket } from './memorysocket.ts'

/** Directives, and what else a store under test may be. Its `port` and `http-port` are free ones, unless they are given here. */
export interface TestServerOptions extends Settings {
  /** Where the time of the store begins: unix ms or a Date. Without it, at the machine's time. */
  readonly now?: number | Date
  /** The time moves by `clock.advance` alone. Default false: it moves with the machine's. */
  readonly frozen?: boolean
  /**
   * Listens on a Unix socket, too, in a folder of its own among the system's temporary files. For node-redis, which takes no
   * stream of a caller's: `createClient({ socket: { path: test.socketPath } })`.
   */
  readonly unixSocket?: boolean
  /** Where messages of the store go. Default: nowhere. */
  readonly log?: Log
}

/** What a store held at a moment: keys with their times, and functions. */
export interface TestSnapshot {
  /** In the format of Redis's snapshots. */
  readonly pieces: readonly Uint8Array[]
}

export interface TestServer extends AsyncDisposable {
  /** The store, as `createServer` gives it. */
  readonly server: Server
  /** `redis://127.0.0.1:PORT` */
  readonly url: string
  readonly port: number
  /** Path of the Unix socket; '' without `unixSocket`. */
  readonly socketPath: string
  /** `http://127.0.0.1:PORT`, for `@upstash/redis`. */
  readonly restUrl: string
  readonly httpPort: number
  /** The REST token. */
  readonly token: string
  readonly clock: TestTime
  readonly faults: Faults
  /** For ioredis 5 and 6: `new Redis({ Connector: test.Connector })` needs no socket. */
  readonly Connector: Connector
  /** Runs one command, at once, as `execute` of the server does. @throws CommandError, TypeError */
  execute(...args: readonly Argument[]): Plain | Promise<Plain>
  /** Deletes all keys and functions and ends all faults. Connections, settings and users stay. */
  flush(): void
  /** What the store holds now. O(n). */
  snapshot(): TestSnapshot
  /** Makes the store hold what it held then, and nothing else. Connections stay; keys that were watched count as changed. */
  restore(snapshot: TestSnapshot): void
  /** Another store, created with the same options, that holds the same at the same time: without faults, at ports of its own. */
  fork(): Promise<TestServer>
  /** Ends all connections. May be called again. */
  close(): Promise<void>
}

/**
 * Creates a store that listens on free ports of 127.0.0.1. Options are those of `createServer`, and the time. A store that
 * nobody closes does not keep the process alive. @throws Error for a directive that there is not, or a port that is taken
 *
 *     await using test = await createTestServer()
 *     const redis = new Redis(test.url)
 */
export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { now, frozen = false } = options
  const clock = new TestClock(now === undefined ? undefined : +now, frozen)
  try {
    const running = await openTestServer(options, clock, RunningServer)
    clock.onAdvanced = () => running.expire()
    return running
  } catch (error) {
    clock.stop()
    throw error
  }
}

/** The same by a clock that there is, as a `Kind` of its own, maybe as a node of a cluster. */
export async function openTestServer<Kind extends RunningServer>(
  options: TestServerOptions,
  clock: TestClock,
  Kind: new (...parts: ConstructorParameters<typeof RunningServer>) => Kind,
  cluster?: ClusterOptions,
): Promise<Kind> {
  const { now, frozen, unixSocket = false, log = () => {}, ...given } = options
  const { port = 0, 'http-port': httpPort = 0, unixsocket: socketPath = '', ...others } = given
  const settings = { save: '', 'rest-token': randomBytes(12).toString('base64url'), ...others }
  const folder = unixSocket ? mkdtempSync(join(tmpdir(), 'zerodis-')) : undefined
  const unixsocket = folder === undefined ? socketPath : join(folder, 'socket')
  let server: Server | undefined
  try {
    server = createServer({ ...settings, port, 'http-port': httpPort, unixsocket, clock, log, cluster })
    await server.listen({ port: Number(port), httpPort: Number(httpPort), unref: true })
  } catch (error) {
    await server?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return new Kind(server, clock, { ...settings, unixSocket, log }, folder, cluster === undefined)
}

export class RunningServer implements TestServer {
  readonly server: Server
  readonly clock: TestClock
  readonly faults: Faults
  readonly Connector: Connector
  readonly #settings: TestServerOptions
  readonly #sockets = new Set<MemorySocket>()
  readonly #folder: string | undefined
  readonly #port: number
  readonly #ownsClock: boolean
  #closed: Promise<void> | undefined

  /** `ownsClock`: the clock is nobody else's. */
  constructor(
    server: Server,
    clock: TestClock,
    settings: TestServerOptions,
    folder: string | undefined,
    ownsClock: boolean,
  ) {
    this.#ownsClock = ownsClock
    this.server = server
    this.clock = clock
    this.#settings = settings
    this.#folder = folder
    this.faults = new Faults(server, () => this.#cutSockets())
    const { port } = server.doors
    this.#port = port
    this.Connector = connectorOf(
      (event) => this.openSocket(event),
      () => this.#closed !== undefined,
    )
  }

  /** A connection for a client that needs no port. */
  openSocket(event: 'connect' | 'secureConnect'): MemorySocket {
    const socket = new MemorySocket(this.server, this.#port, event, this.#closed === undefined)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  get port(): number {
    return this.server.doors.port
  }

  get httpPort(): number {
    return this.server.doors.httpPort
  }

  get socketPath(): string {
    return this.server.doors.unixsocket
  }

  get url(): string {
    const { requirepass = '' } = this.#settings
    const login = requirepass === '' ? '' : `:${encodeURIComponent(String(requirepass))}@`
    return `redis://${login}127.0.0.1:${this.port}`
  }

  get restUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`
  }

  get token(): string {
    return String(this.#settings['rest-token'])
  }

  execute(...args: readonly Argument[]): Plain | Promise<Plain> {
    try {
      return this.faults.without(() => this.server.execute(...args))
    } catch (error) {
      throw error instanceof CommandError ? tracedFrom(error, this.execute) : error
    }
  }

  flush(): void {
    this.faults.clear()
    this.#runNow('FLUSHALL')
    this.#runNow('FUNCTION', 'FLUSH')
  }

  /** Runs a command that does not wait. */
  #runNow(...words: readonly string[]): void {
    const reply = this.execute(...words)
    if (reply instanceof Promise) throw new Error(`${words[0]} waits`)
  }

  snapshot(): TestSnapshot {
    const pieces = this.server.engine.ports.persistence.rdb.pieces([])
    // A piece is a part of a larger array, which need not be kept.
    return { pieces: pieces.map((piece) => piece.slice()) }
  }

  restore({ pieces }: TestSnapshot): void {
    if (!Array.isArray(pieces)) throw new TypeError('restore takes what snapshot has given')
    this.server.engine.ports.persistence.rdb.replaceAll(pieces)
  }

  async fork(): Promise<TestServer> {
    const { clock } = this
    const other = await createTestServer({ ...this.#settings, now: clock.now(), frozen: clock.isFrozen })
    other.restore(this.snapshot())
    return other
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.faults.clear()
    await this.server.close()
    for (const socket of [...this.#sockets]) socket.destroy()
    if (this.#ownsClock) this.clock.stop()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  #cutSockets(): void {
    for (const socket of [...this.#sockets]) socket.cut()
  }

  /** What is past its time goes, whether somebody asks for it or not. */
  expire(): void {
    const { keyspace } = this.server.engine
    const now = this.clock.now()
    keyspace.setNow(now)
    for (const db of keyspace.dbs) {
      if (db.volatileSize > 0) {
        for (const key of [...db.keys()]) if (db.expireAt(key) <= now) db.has(key)
      }
      db.expireFields(Infinity)
    }
    this.server.cron()
  }
}
