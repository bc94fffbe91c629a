/**
 * createServer: the only place where the parts of a store are wired. A server belongs to whoever created it; `getServer`
 * gives the one of the process, which every copy of these modules shares (see docs/adr/0001-one-store-per-process.md).
 * What a server offers is a plain object of functions, so that it can be called from another copy than the one that made
 * it: nothing here may be asked for with instanceof.
 */
import { createHash } from 'node:crypto'
import type { Bytes } from '../base/bytes.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { NO_CONFIG_FILE, NO_SHUTDOWN, rewriteFailed, SHUTDOWN_FAILED } from '../base/errors.ts'
import { NO_REPLY, OK } from '../base/reply.ts'
import { Notify } from '../commands/command.ts'
import { createCommandTable } from '../commands/index.ts'
import { Config, type Settings } from '../config/config.ts'
import { readEnvironment } from '../config/environment.ts'
import { Blocking } from '../engine/blocking.ts'
import { Engine } from '../engine/engine.ts'
import { Pause } from '../engine/pause.ts'
import { Eviction } from '../keyspace/eviction.ts'
import { ExpiryCycle } from '../keyspace/expiry.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { EMPTY_STORE_BYTES } from '../keyspace/weight.ts'
import { Info } from '../observability/info.ts'
import { isLogged, type Log } from '../observability/log.ts'
import { SlowCommands } from '../observability/slowcommands.ts'
import { Disk } from '../persistence/disk.ts'
import { Rdb } from '../persistence/rdb.ts'
import { KeyspaceEvents } from '../pubsub/keyspaceevents.ts'
import { PubSub } from '../pubsub/pubsub.ts'
import { Replicas } from '../replication/replicas.ts'
import { Scripting } from '../scripting/scripting.ts'
import { Acl } from '../session/acl.ts'
import { AclLog } from '../session/acl-log.ts'
import { AuthFailures } from '../session/authfailures.ts'
import { ClientMemory } from '../session/clientmemory.ts'
import { Clients } from '../session/clients.ts'
import type { Pass } from '../session/pass.ts'
import type { ProcessPort } from '../session/ports.ts'
import { type DoorName, type Link, Session } from '../session/session.ts'
import { Tracking } from '../session/tracking.ts'
import { Watches } from '../session/watches.ts'
import { Tokens } from '../transports/access.ts'
import { InProcessDoor } from '../transports/inprocess.ts'
import { Streams } from '../transports/streams.ts'
import type { TcpHost } from '../transports/tcp.ts'
import { Turn } from '../transports/turn.ts'
import { WebDoor } from '../transports/web.ts'
import { type Upgrade, WebSocketDoor } from '../transports/websocket.ts'
import { AclFile } from './aclfile.ts'
import { rewriteConfFile, systemReason } from './configfile.ts'
import { Cron } from './cron.ts'
import { type DoorOptions, Doors, type OpenDoors } from './doors.ts'
import { secrets } from './secrets.ts'

export type { DoorOptions, OpenDoors } from './doors.ts'

export interface ServerOptions extends Settings {
  /** A configuration that is in force already, in place of settings. */
  readonly config?: Config
  /** Path of the file from which it came, for CONFIG REWRITE. */
  readonly configFile?: string | undefined
  /** Pairs of rename-command: the name, and the new one or ''. */
  readonly renamedCommands?: readonly (readonly [Bytes, Bytes])[]
  /** Users of the ACL besides those of `aclfile`, each as the words of a line of redis.conf behind `user`. */
  readonly users?: readonly (readonly Bytes[])[]
  /** A clock that is not the system's; then background work runs only where `cron` is called. */
  readonly clock?: Clock
  /** Where messages go; without it, warnings go to the console. */
  readonly log?: Log
  /** Called when a client said SHUTDOWN, and the server is closed; without it, the process goes on. */
  readonly onShutdown?: (() => void) | undefined
}

export interface Server extends TcpHost {
  readonly config: Config
  readonly pubsub: PubSub
  readonly doors: OpenDoors
  /** Opens the doors that listen. @throws DoorError, with one line that says what to do */
  listen(options?: DoorOptions): Promise<OpenDoors>
  /** Answers a REST request. `base` is the path under which REST is served. */
  fetch(request: Request, base?: string): Promise<Response>
  /** Upgrades a request to a WebSocket, by what its platform offers for that. */
  upgrade(request: Request, upgrade: Upgrade): Promise<Response>
  /** A door for code in this process. */
  inProcess(): InProcessDoor
  /** One round of the background work. */
  cron(): void
  /** From here on `save` is followed, and the snapshot on disk is loaded first. @throws Error where it cannot be read */
  persist(): void
  /** Stops accepting, finishes what is under way, ends all connections. May be called again. */
  close(): Promise<void>
}

export function createServer(options: ServerOptions = {}): Server {
  const {
    config: given,
    configFile,
    renamedCommands = [],
    users = [],
    clock = systemClock,
    log: sink,
    onShutdown,
    ...settings
  } = options
  const config = given ?? new Config(settings)
  const { values } = config
  if (values.dir === '') values.dir = process.cwd()

  const log: Log = (level, message) => {
    if (sink !== undefined) sink(level, message)
    else if (level === 'warning' && isLogged(level, values.loglevel)) console.warn(`zerodis: ${message}`)
  }
  const table = createCommandTable()
  for (const [from, to] of renamedCommands) {
    const reason = table.rename(from, to)
    if (reason !== undefined) throw new Error(`rename-command ${from}: ${reason}`)
  }
  const keyspace = new Keyspace(values.databases)
  followFrequencySettings(keyspace, config)
  const pause = new Pause(clock, keyspace)
  const eviction = new Eviction({
    keyspace,
    clock,
    config: values,
    mayEvict: () => pause.mode === 'none',
    onBackground: () => blocking.serve(),
    onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
  })
  const engine = new Engine({
    keyspace,
    eviction,
    table,
    clock,
    config: values,
    pause,
    onFault: (error, argv) =>
      log('warning', `Internal error in ${argv[0]}: ${error instanceof Error ? error.stack : error}`),
  })
  const blocking = new Blocking(
    clock,
    (session, command, argv) => engine.rerun(session, command, argv),
    (command, reply) => engine.endedWaiting(command, reply),
  )
  const clients = new Clients()
  const authFailures = new AuthFailures(clock, values, (address) =>
    log('notice', `Failed authentications from ${address || 'an unknown address'} are answered with delay from now on`),
  )
  const watches = new Watches()
  const tracking = new Tracking(clients)
  tracking.limitTo(values['tracking-table-max-keys'])
  config.onChange('tracking-table-max-keys', (keys) => tracking.limitTo(keys))
  const pubsub = new PubSub()
  const acl = new Acl({
    book: {
      commands: table,
      secrets,
      get opensChannels() {
        return values['acl-pubsub-default'] === 'allchannels'
      },
    },
    clients,
    pubsub,
    log: new AclLog(clock, values),
  })
  const aclFile = new AclFile(acl, config, log)
  acl.setDefaultPassword(values.requirepass)
  config.onChange('requirepass', (password) => acl.setDefaultPassword(password))
  aclFile.start(users)
  const tokens = new Tokens(acl, secrets, values, table)
  for (const name of ['rest-token', 'rest-read-only-token'] as const) config.onChange(name, () => acl.tokensChanged())
  const clientMemory = new ClientMemory({
    clients,
    watches,
    pubsub,
    config: values,
    onTotal(bytes) {
      eviction.otherBytes = EMPTY_STORE_BYTES + bytes
    },
    onEvict: (session) => log('notice', `Evicting client: id=${session.id} addr=${session.addr}`),
  })
  const expiryCycle = new ExpiryCycle(keyspace, clock)
  const info = new Info(engine)
  info.configFile = configFile ?? ''
  const rdb = new Rdb(engine, (message) => log('warning', message))
  const replicas = new Replicas({
    engine,
    snapshot: (facts) => rdb.snapshot(facts),
    replicationId: () => info.replicationId,
    retry: (session, onTimeout) => blocking.retry(session, onTimeout),
    log: (message) => log('notice', message),
  })
  const disk = new Disk({ engine, rdb, log })
  const scripting = new Scripting({ engine, log })
  const slowCommands = new SlowCommands(engine, config)
  const processPort: ProcessPort = {
    async shutdown({ abort, save, force }) {
      if (abort) return NO_SHUTDOWN
      log('notice', 'User requested shutdown...')
      if (!(await disk.finish(save)) && !force) return SHUTDOWN_FAILED
      savesAtEnd = false
      void server.close().then(onShutdown)
      return NO_REPLY // the connection ends instead
    },
    pauseCron(paused) {
      cron.paused = paused
    },
    log: (message) => log('warning', message),
    sha1: (data) => createHash('sha1').update(data, 'latin1').digest().toString('latin1'),
    rewriteConfig(all) {
      if (configFile === undefined) return NO_CONFIG_FILE
      try {
        rewriteConfFile(configFile, config, values.aclfile === '' ? acl.users.map(({ line }) => line) : [], all)
      } catch (error) {
        log('warning', `CONFIG REWRITE failed: ${systemReason(error)}`)
        return rewriteFailed(systemReason(error))
      }
      log('notice', 'CONFIG REWRITE executed with success.')
      return OK
    },
  }
  engine.connect(
    {
      config,
      clients,
      acl,
      aclFile,
      tokens,
      secrets,
      clientMemory,
      eviction,
      authFailures,
      watches,
      pubsub,
      monitors: engine.monitors,
      tracking,
      blocked: blocking,
      pause,
      expiryCycle,
      info,
      process: processPort,
      slowlog: slowCommands.slowlog,
      latency: slowCommands.monitor,
      stats: engine.stats,
      rdb,
      replication: replicas,
      saving: disk,
      scripting,
    },
    blocking,
    watches,
  )
  followKeyspaceEvents(engine, config, pubsub)
  followMemoryLimits(engine, config, log)
  const cron = new Cron({
    clock,
    config: values,
    clients,
    expiryCycle,
    sample: () => info.sample(),
    onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
    everySecond() {
      replicas.everySecond()
      disk.everySecond()
      clientMemory.refresh()
    },
    onIdle: (session) => log('verbose', `Closing idle client id=${session.id} addr=${session.addr}`),
  })
  if (clock === systemClock) cron.start()

  let closed: Promise<void> | undefined
  let savesAtEnd = true
  async function closeAll(): Promise<void> {
    cron.stop()
    pause.unpause()
    // Requests that wait over HTTP are answered as timed out; a blocked RESP client sees the connection end.
    for (const session of clients) {
      if (session.door !== 'rest' && session.door !== 'inprocess') continue
      if (session.door === 'rest') blocking.unblock(session, false)
      session.link.closeAfterReply() // a stream of messages has no other end
    }
    await doors.closeAll(values['shutdown-timeout'] * 1000)
    if (savesAtEnd) await disk.finish(undefined)
  }

  const server: Server = {
    engine,
    config,
    pubsub,
    log,
    streams: new Streams(values),
    turn: new Turn(engine),
    get clientCount() {
      return clients.size
    },
    get asksForPassword() {
      return acl.asksForPassword
    },
    tokens,
    get doors() {
      return doors.open
    },
    openSession(door: DoorName, link: Link, addr: Bytes, laddr: Bytes, pass?: Pass): Session {
      const session = new Session(clients.nextId(), door, link, keyspace.dbs[0], acl.default, clock.now(), addr, laddr)
      session.pass = pass
      acl.admit(session)
      clients.add(session)
      engine.stats.peakClients = Math.max(engine.stats.peakClients, clients.size)
      return session
    },
    closeSession(session: Session): void {
      blocking.forget(session)
      replicas.forget(session)
      watches.clear(session)
      pubsub.forget(session)
      engine.monitors.remove(session.link)
      tracking.disable(session)
      clients.remove(session)
      clientMemory.forget(session)
    },
    async listen(doorOptions?: DoorOptions): Promise<OpenDoors> {
      const open = await doors.openAll(doorOptions)
      info.tcpPort = () => doors.open.port || doors.open.tlsPort
      return open
    },
    fetch: (request, base) => web.fetch(request, base),
    upgrade: (request, upgrade) => websockets.fetch(request, upgrade),
    inProcess: () => new InProcessDoor(server),
    cron: () => cron.run(),
    persist: () => disk.persist(),
    close: () => (closed ??= closeAll()),
  }
  const web = new WebDoor(server)
  const websockets = new WebSocketDoor(server)
  const doors = new Doors(server, websockets, config, log)
  return server
}

/** Where the process keeps its server. A symbol of the global registry is the same in every copy of this module. */
const SHARED = Symbol.for('zerodis')
const shared = globalThis as { [SHARED]?: Server | undefined }

/** The server of this process; without one yet, a new one with the settings of the environment. */
export function getServer(): Server {
  return shared[SHARED] ?? shareServer(createServer(readEnvironment(process.env)))
}

/** Makes a server the one of the process. @throws Error if there is one */
export function shareServer(server: Server): Server {
  if (shared[SHARED] !== undefined) throw new Error('this process has a zerodis server already')
  shared[SHARED] = server
  return server
}

/** The keyspace counts accesses as the directives say, from the start and after each change. */
function followFrequencySettings(keyspace: Keyspace, config: Config): void {
  const { values } = config
  const follow = (): void => {
    keyspace.countsFrequency = values['maxmemory-policy'].endsWith('-lfu')
    keyspace.lfuLogFactor = values['lfu-log-factor']
    keyspace.lfuDecayTime = values['lfu-decay-time']
    keyspace.renewAccess()
  }
  follow()
  for (const name of ['maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'] as const) config.onChange(name, follow)
}

/** A `maxmemory` below is taken for a slip. */
const LEAST_SENSIBLE_BYTES = 1024 * 1024

/** Keys and clients go as the directives say, from the start and after each change. */
function followMemoryLimits({ eviction, ports }: Engine, config: Config, log: Log): void {
  const follow = (): void => {
    ports.clientMemory.follow()
    eviction.follow()
  }
  follow()
  const { maxmemory } = config.values
  if (maxmemory > 0 && maxmemory < LEAST_SENSIBLE_BYTES) {
    log(
      'warning',
      `WARNING: You specified a maxmemory value that is less than 1MB (current value is ${maxmemory} bytes). ` +
        'Are you sure this is what you really want?',
    )
  }
  for (const name of ['maxmemory-policy', 'maxmemory-clients'] as const) config.onChange(name, follow)
  config.onChange('maxmemory', (maxmemory) => {
    follow()
    if (maxmemory === 0 || eviction.usedBytes <= maxmemory) return
    log(
      'warning',
      `WARNING: the new maxmemory value set via CONFIG SET (${maxmemory}) is smaller than the current memory usage ` +
        `(${eviction.usedBytes}). This will result in key eviction and/or the inability to accept new write commands ` +
        'depending on the maxmemory-policy.',
    )
  })
}

/** The engine tells of what happens to keys for as long as the directive asks for it. */
function followKeyspaceEvents(engine: Engine, config: Config, pubsub: PubSub): void {
  const { keyspace } = engine
  const events = new KeyspaceEvents(pubsub, '')
  const follow = (flags: string): void => {
    events.follow(flags)
    const isOn = /[KE]/.test(flags)
    engine.notifier = isOn ? (kind, event, key, db) => events.publish(kind, event, key, db.index) : undefined
    keyspace.onNew = events.wants(Notify.New)
      ? (db, key) => events.publish(Notify.New, 'new', key, db.index)
      : undefined
    keyspace.onMiss = events.wants(Notify.KeyMiss)
      ? (db, key) => events.publish(Notify.KeyMiss, 'keymiss', key, db.index)
      : undefined
  }
  follow(config.values['notify-keyspace-events'])
  config.onChange('notify-keyspace-events', follow)
}
