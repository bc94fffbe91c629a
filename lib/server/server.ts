/**
 * createServer: the only place where the parts of a store are wired, built one after the other: the store, the clients' side,
 * the persistence, the doors. A server belongs to whoever created it; `getServer` gives the one of the process, which every
 * copy of these modules shares (see docs/adr/0001-one-store-per-process.md). What a server offers is a plain object of
 * functions, so that it can be called from another copy than the one that made it: nothing here may be asked for with
 * instanceof.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Bytes, fromText } from '../base/bytes.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { faultText } from '../base/fault.ts'
import { Late } from '../base/late.ts'
import type { Member } from '../cluster/member.ts'
import { Config, type Settings } from '../config/config.ts'
import type { Directives } from '../config/directives.ts'
import { configOf, variableWarnings } from '../config/environment.ts'
import { isLogged, type Log } from '../observability/log.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { PersistencePorts, ProcessPort } from '../session/ports.ts'
import { DatabaseClock } from '../stores/remote/databaseclock.ts'
import { HttpRequest } from '../transports/httprequest.ts'
import { InProcessCalls, InProcessDoor } from '../transports/inprocess.ts'
import type { TcpHost } from '../transports/tcp.ts'
import type { Upgrade } from '../transports/websocket.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { Closing } from './closing.ts'
import { buildCluster, type ClusterOptions, checkDatabases } from './cluster.ts'
import { Cron } from './cron.ts'
import { isRemote, isShared } from './database.ts'
import { type DoorOptions, Doors, type OpenDoors } from './doors.ts'
import { followKeyspaceEvents, followMemoryLimits } from './follow.ts'
import { buildFollowing, type ReplicaSide } from './following.ts'
import { createHost } from './host.ts'
import { HttpDoors } from './httpdoors.ts'
import { followObservers } from './observers.ts'
import { buildPersistence, type Persistence, persistencePorts, tickPersistence } from './persistence.ts'
import { createProcessPort } from './process.ts'
import { openRemote } from './remote.ts'
import { secrets } from './secrets.ts'
import { buildSessions, type Sessions } from './sessions.ts'
import { openShared, type SharedStore } from './shared.ts'
import { Shutdown } from './shutdown.ts'
import { buildStore, type Store } from './store.ts'
import { buildUpstream } from './upstream.ts'

export interface ServerOptions extends Settings {
  /** A configuration that is in force already, in place of settings. */
  readonly config?: Config
  /** Path of the file from which it came, for CONFIG REWRITE. */
  readonly configFile?: string | undefined
  /** Pairs of rename-command: the name, and the new one or ''. */
  readonly renamedCommands?: readonly (readonly [Bytes, Bytes])[]
  /** Users of the ACL besides those of `aclfile`, each as the words of a line of redis.conf behind `user`. */
  readonly users?: readonly (readonly Bytes[])[]
  /** A clock that is not the system's. */
  readonly clock?: Clock
  /** Where messages go; without it, warnings go to the console. */
  readonly log?: Log
  /** Called when a client said SHUTDOWN, and the server is closed; without it, the process goes on. */
  readonly onShutdown?: (() => void) | undefined
  /**
   * Called when what was done cannot be made to last, under `appendfsync always`: nothing more is answered. Without it, the
   * server closes, and the process goes on.
   */
  readonly onLost?: ((reason: string) => void) | undefined
  /**
   * Is shown the pool of connections to the database, with `store postgres://…`: on Vercel `attachDatabasePool` of
   * @vercel/functions, by which an instance lives until its unused connections are closed.
   */
  readonly attachDatabasePool?: ((pool: never) => void) | undefined
  /** With `cluster-enabled`: one node of several in this process, as `createTestCluster` makes them. It has no slots at first. */
  readonly cluster?: ClusterOptions | undefined
}

export interface Server extends TcpHost {
  readonly config: Config
  readonly pubsub: PubSub
  readonly doors: OpenDoors
  /** Opens the doors that listen. @throws DoorError, with one line that says what to do */
  listen(options?: DoorOptions): Promise<OpenDoors>
  /** Answers a REST request. `base` is the path under which REST is served. */
  fetch(request: Request, base?: string): Promise<Response>
  /** Answers a REST request of a node:http server, whosever that is. `base` is a path below which REST is served. */
  handle(incoming: IncomingMessage, response: ServerResponse, base?: string): void
  /** Answers a request for the console's page, which is at `/console` below `base`; false for all others. */
  showConsole(incoming: IncomingMessage, response: ServerResponse, base?: string): boolean
  /** The same for Request and Response; undefined for all others. */
  fetchConsole(request: Request, base?: string): Response | undefined
  /** Takes over a request of such a server that asks for a WebSocket; false if its path is none of ours. */
  handleUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Upgrades a request to a WebSocket, by what its platform offers for that. */
  upgrade(request: Request, upgrade: Upgrade): Promise<Response>
  /**
   * Runs one command and returns its reply in JavaScript's own values, at once; a promise of it only where the command waits,
   * and always with an `upstream` or a `store` behind a network.
   * Calls share no state: see `inProcess`. @throws CommandError, TypeError
   */
  readonly execute: InProcessCalls['execute']
  /** `execute` for values that are not text: strings come back as Buffers. @throws CommandError, TypeError */
  readonly executeBuffer: InProcessCalls['executeBuffer']
  /** A connection of its own for code in this process: SELECT, MULTI and their like hold for its later calls. */
  inProcess(): InProcessDoor
  /** One round of the background work. */
  cron(): void
  /** Where `store` shares the keys with other processes: puts a snapshot in the place of the log. False if it did not. */
  compact(): Promise<boolean>
  /**
   * From here on `save` and `appendonly` are followed, and what is on disk is loaded first: the append-only file where it is
   * on, else the snapshot where there are save points. Whoever gives `save` alone to `createServer` need not call it.
   * @throws Error where it cannot be read, or where another process has the folder
   */
  persist(): void
  /**
   * The same beside the doors, which answer LOADING meanwhile, as calls from this process do; the snapshot is loaded whatever
   * `save` says. From the call on they answer LOADING; the work begins when `begins` is settled. @throws as `persist`
   */
  load(begins?: Promise<void>): Promise<void>
  /** Stops accepting, finishes what is under way, ends all connections. May be called again. */
  close(): Promise<void>
  /** Keeps what `close` would keep, before it returns: for a process that exits and has not closed it. */
  keepNow(): void
}

/**
 * A store apart from that of the process, with nothing in it. Options are the directives of the configuration, as in
 * `createServer({ maxmemory: '100mb' })`; no door is open before `listen`.
 * @throws Error for a directive that is not known or a value that it cannot have
 */
export function createServer(options: ServerOptions = {}): Server {
  return buildServer(options, undefined)
}

/** What a host that keeps the keys itself is shown of a store, when all else is wired. */
export interface Kept {
  readonly store: Store
  readonly sessions: Sessions
  readonly persistence: Persistence
}

/** `createServer` for such a host; `keeps` is called in the place of what `store` says. */
export function buildServer(options: ServerOptions, keeps: ((kept: Kept) => SharedStore) | undefined): Server {
  const {
    config: given,
    configFile,
    renamedCommands = [],
    users = [],
    clock: own = systemClock,
    onShutdown,
    onLost,
    attachDatabasePool,
  } = options
  const config = given ?? new Config(settingsOf(options))
  if (config.values.dir === '') config.values.dir = fromText(process.cwd())
  const log = logTo(options.log, config)
  const databaseClock = isRemote(config.values) && !own.isManual ? new DatabaseClock(own) : undefined
  const clock: Clock = databaseClock ?? own

  const store = buildStore({ config, clock, log, renamedCommands })
  store.info.configFile = configFile ?? ''
  const sessions = buildSessions(store, users)
  const persistence = buildPersistence(store)
  const upstream = buildUpstream(store, sessions)
  const host = createHost(store, sessions, persistence, upstream?.firstDb ?? 0)
  const calls = new InProcessCalls(host)
  const http = new HttpDoors(host)
  const doors = new Late(() => new Doors(host, http, config, log))
  const open = (): OpenDoors => doors.made?.open ?? CLOSED
  const replicaSide = buildFollowing(store, sessions, persistence, host, open)
  const { following } = replicaSide
  const cluster = config.values['cluster-enabled']
    ? buildCluster(store, sessions, persistence, following, open, options.cluster)
    : undefined
  let shared: SharedStore | undefined
  const ending = new Late(() => new Shutdown({ ...persistence, engine: store.engine, log }))
  const cron = buildCron(store, sessions, persistence, replicaSide, upstream, () => {
    shared?.tick()
    ending.made?.follow()
  })
  const closing = new Closing({
    store,
    sessions,
    persistence,
    following,
    upstream,
    cron,
    closeDoors: (graceMs) => doors.made?.closeAll(graceMs) ?? http.close(graceMs),
    health: host.health,
    closeShared: () => shared?.close(),
    leaveCluster: () => cluster?.close(),
  })
  const { acl } = sessions
  persistence.appended.onLost = (reason) => (onLost === undefined ? closing.abandon() : onLost(reason))
  connect(
    store,
    sessions,
    persistencePorts(persistence, replicaSide),
    cluster,
    createProcessPort({ config, configFile, log, acl, cron, ending, closing, onShutdown }),
  )
  followObservers(store)
  store.engine.backend = upstream
  upstream?.check()
  if (keeps !== undefined) shared = keeps({ store, sessions, persistence })
  else if (isRemote(config.values)) {
    const attach = attachDatabasePool as ((pool: object) => void) | undefined
    shared = openRemote(store, sessions, persistence, { clock: databaseClock, attach })
  } else if (isShared(config.values)) shared = openShared(store, sessions, persistence)
  const persist = (): void => {
    if (upstream !== undefined) return
    persistAll(config, persistence)
    if (cluster !== undefined) checkDatabases(store.keyspace)
  }
  if (given === undefined) persist()
  if (!clock.isManual) cron.start()

  return {
    engine: host.engine,
    log,
    health: host.health,
    streams: host.streams,
    gate: host.gate,
    metrics: host.metrics,
    turn: host.turn,
    openSession: host.openSession,
    closeSession: host.closeSession,
    get clientCount() {
      return host.clientCount
    },
    get asksForPassword() {
      return host.asksForPassword
    },
    get tokens() {
      return host.tokens
    },
    config,
    pubsub: sessions.pubsub,
    get doors() {
      return open()
    },
    async listen(doorOptions?: DoorOptions): Promise<OpenDoors> {
      const opened = await doors.get().openAll(doorOptions)
      store.info.listeners = () => doors.get().listeners
      cluster?.announce()
      following.made?.listening()
      return opened
    },
    fetch: (request, base) => http.fetch(request, base),
    handle: (incoming, response, base) => http.handle(incoming, response, base),
    showConsole: (incoming, response, base) =>
      http.showConsole(incoming, response, new HttpRequest(incoming, base).path),
    fetchConsole: (request, base) => http.fetchConsole(request, base),
    handleUpgrade: (incoming, socket, head) => http.handleUpgrade(incoming, socket, head),
    upgrade: (request, upgrade) => http.upgrade(request, upgrade),
    execute: calls.execute.bind(calls),
    executeBuffer: calls.executeBuffer.bind(calls),
    inProcess: () => new InProcessDoor(host),
    cron: () => cron.run(),
    compact: async () => (await shared?.compact()) ?? false,
    persist,
    async load(begins) {
      if (upstream !== undefined) return upstream.load()
      host.health.state = 'loading'
      store.engine.availability.loading = 'yes'
      try {
        if (begins !== undefined) await begins
        if (shared !== undefined) await shared.ready()
        else await loadAll(config, persistence)
        if (cluster !== undefined) checkDatabases(store.keyspace)
      } finally {
        store.engine.availability.loading = 'no'
        if (host.health.state === 'loading') host.health.state = 'serving'
      }
      if (doors.made !== undefined && doors.made.listeners.length > 0) following.made?.listening()
    },
    close: () => closing.close(),
    keepNow: () => closing.keepNow(),
  }
}

/** Before anything is opened. */
const CLOSED: OpenDoors = { port: 0, tlsPort: 0, httpPort: 0, unixsocket: '' }

/** A store that has no append-only file yet begins it with its snapshot. */
function persistAll({ values }: Config, persistence: Persistence): void {
  if (isShared(values)) return // that keeps them
  if (values['preload-file'] !== '') {
    preloadAll(values, persistence)
    return
  }
  if (!values.appendonly) {
    if (values.save.length > 0) persistence.disk.get().persist()
    return
  }
  const disk = persistence.disk.get()
  const appendOnly = persistence.appendOnly.get()
  if (appendOnly.isOn) return
  disk.hold()
  try {
    appendOnly.start(() => disk.loadNow())
  } catch (error) {
    disk.close()
    throw error
  }
  disk.follow()
}

/** What is in the folder is not loaded; an append-only file begins anew with what is. */
function preloadAll({ appendonly, save }: Directives, persistence: Persistence): void {
  const preload = persistence.preload.get()
  if (preload.isDone) return
  const disk = persistence.disk.get()
  const persists = appendonly || save.length > 0
  if (persists) disk.hold()
  try {
    if (appendonly) persistence.appendOnly.get().start(() => preload.run(), true)
    else preload.run()
  } catch (error) {
    disk.close()
    throw error
  }
  if (persists) disk.follow()
}

/** The same beside the doors. */
async function loadAll(config: Config, persistence: Persistence): Promise<void> {
  const { appendonly, 'preload-file': preloaded } = config.values
  if (preloaded !== '') return persistAll(config, persistence)
  const disk = persistence.disk.get()
  if (!appendonly) await disk.load()
  else {
    disk.hold()
    if (await persistence.appendOnly.get().startBeside(() => disk.load())) disk.follow()
  }
}

/** The directives among the options. */
function settingsOf(options: ServerOptions): Settings {
  const {
    config,
    configFile,
    renamedCommands,
    users,
    clock,
    log,
    onShutdown,
    onLost,
    attachDatabasePool,
    cluster,
    ...settings
  } = options
  return settings
}

/** Without a sink of the caller's, warnings go to the console. */
function logTo(sink: Log | undefined, { values }: Config): Log {
  if (sink !== undefined) return sink
  return (level, message) => {
    if (level === 'warning' && isLogged(level, values.loglevel)) console.warn(`zerodis: ${message}`)
  }
}

function buildCron(
  store: Store,
  { clients, clientMemory }: Sessions,
  persistence: Persistence,
  { following }: ReplicaSide,
  upstream: Upstream | undefined,
  tickOthers: () => void,
): Cron {
  const { clock, config, log, expiryCycle, compaction, info, slowCommands } = store
  return new Cron({
    clock,
    config: config.values,
    clients,
    expiryCycle,
    compaction,
    sample: () => info.sample(),
    flush: () => {
      tickPersistence(persistence, config.values.save.length > 0)
      tickOthers()
    },
    onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
    everySecond: [
      () => following.made?.everySecond(),
      () => persistence.replicas.made?.everySecond(),
      () => persistence.backup.made?.everySecond(),
      () => clientMemory.refresh(),
      () => upstream?.everySecond(),
    ],
    onFault: (error) => log('warning', `Internal error in the cron: ${faultText(error, config.values)}`),
    onIdle: (session) => log('verbose', `Closing idle client id=${session.id} addr=${session.addr}`),
  })
}

/** Gives the engine the ports to what lies above it, and the directives to whoever follows them. */
function connect(
  store: Store,
  sessions: Sessions,
  persistence: PersistencePorts,
  cluster: Member | undefined,
  process: ProcessPort,
): void {
  const { config, log, engine, blocking, pause, eviction, expiryCycle, compaction, info, slowCommands, scripting } =
    store
  const { clients, acl, aclFile, tokens, authFailures, pubsub, watches, tracking, clientMemory } = sessions
  const { monitors, stats } = engine
  const { slowlog, monitor, hotKeys } = slowCommands
  engine.connect(
    {
      config,
      access: {
        acl,
        get aclFile() {
          return aclFile.get()
        },
        get tokens() {
          return tokens.get()
        },
        secrets,
        authFailures,
      },
      connections: { clients, clientMemory, watches, tracking, monitors, blocked: blocking, pause },
      pubsub,
      memory: { eviction, expiryCycle, compaction },
      persistence,
      get scripting() {
        return scripting.get()
      },
      figures: {
        info,
        slowlog,
        get hotKeys() {
          return hotKeys.get()
        },
        latency: monitor,
        stats,
        slots: slowCommands,
      },
      process,
      cluster,
    },
    blocking,
    watches,
  )
  followKeyspaceEvents(engine, config, pubsub)
  followMemoryLimits(engine, config, log)
}

/** Where the process keeps its server. A symbol of the global registry is the same in every copy of this module. */
const SHARED = Symbol.for('zerodis')
const shared = globalThis as { [SHARED]?: Server | undefined }

/** The server of this process; without one yet, a new one as the environment says. @throws Error where that is nonsense */
export function getServer(): Server {
  if (shared[SHARED] !== undefined) return shared[SHARED]
  const config = configOf(process.env)
  const server = createServer({ config })
  const log = logTo(undefined, config)
  for (const { warning, isSlip } of variableWarnings(process.env)) if (isSlip) log('warning', warning)
  server.persist()
  // Nobody owns it: who ends the process (`next start` at SIGTERM) does not know of it.
  process.once('exit', () => server.keepNow())
  return shareServer(server)
}

/** Makes a server the one of the process. @throws Error if there is one */
export function shareServer(server: Server): Server {
  if (shared[SHARED] !== undefined) throw new Error('this process has a zerodis server already')
  shared[SHARED] = server
  return server
}
