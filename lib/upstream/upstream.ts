/**
 * The third backend: a real Redis, Valkey, Sentinel set or Cluster that runs what the doors bring. Which commands go there, and by
 * which connection, says routes.ts; who may run them has been asked by the guards before. A reply is that of the upstream, byte for
 * byte; what is no reply is an UpstreamFault, never an empty result.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { CONFIG_OF_TWO, upstreamRefused } from '../base/errors.ts'
import { NO_REPLY, OK, type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { type Command, Flag } from '../commands/command.ts'
import { SELECT_IN_CLUSTER } from '../commands/connection/errors.ts'
import type { Answers, Backend, BackendStream, PipelineAnswer, StreamListener } from '../engine/backend.ts'
import type { Engine } from '../engine/engine.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { Gate, type Session } from '../session/session.ts'
import type { Address } from './address.ts'
import { type Again, Batches } from './batch.ts'
import { Blocked } from './blocked.ts'
import { Cluster } from './cluster.ts'
import { configGet, configIsOurs, configSetIsMixed } from './config.ts'
import type { Connection } from './connection.ts'
import { Dialer } from './dial.ts'
import { Feed } from './feed.ts'
import { Figures } from './figures.ts'
import { Leases } from './leases.ts'
import { faultOf } from './node.ts'
import { reachesTooFar } from './rights.ts'
import { isOursInStream, Route, routeOf } from './routes.ts'
import { type Request, type Servers, SingleServer } from './servers.ts'
import { Shards } from './shards.ts'
import { Transactions } from './transactions.ts'
import { UpstashScripts } from './upstashscripts.ts'
import { Watcher } from './watcher.ts'

export interface UpstreamParts {
  readonly address: Address
  readonly engine: Engine
  readonly pubsub: PubSub
  readonly clock: Clock
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Upstream implements Backend {
  readonly label: string
  readonly #parts: UpstreamParts
  readonly #dialer: Dialer
  readonly #figures = new Figures()
  readonly #servers: Servers
  readonly #leases: Leases
  readonly #feed: Feed
  /** Of a Cluster alone: a single server has shard channels where it has all others. */
  readonly #shards: Shards | undefined
  readonly #watcher: Watcher
  readonly #blocked: Blocked
  readonly #scripts = new UpstashScripts()
  readonly #transactions: Transactions
  #batches: Batches | undefined
  isUp = false
  #isChecking = false
  #upAt = 0

  constructor(parts: UpstreamParts) {
    this.#parts = parts
    const { config, monitors } = parts.engine
    const timeoutMs = (): number => config['upstream-timeout']
    this.label = parts.address.label
    this.#dialer = new Dialer(parts.address, timeoutMs)
    const nodeParts = { dialer: this.#dialer, figures: this.#figures, timeoutMs }
    this.#servers = parts.address.kind === 'cluster' ? new Cluster(nodeParts, config) : new SingleServer(nodeParts)
    this.#leases = new Leases(
      () => config['upstream-max-connections'],
      () => this.#figures.connections,
    )
    this.#blocked = new Blocked(this.#servers, this.#leases, timeoutMs)
    this.#transactions = new Transactions({
      engine: parts.engine,
      servers: this.#servers,
      leases: this.#leases,
      request: (session, command, argv) => this.#request(session, command, argv),
    })
    const dial = (onClosed: () => void) => this.#dialAny(onClosed)
    this.#feed = new Feed({ pubsub: parts.pubsub, dial, label: this.label })
    if (this.#servers instanceof Cluster) {
      const here = parts.pubsub.shards
      this.#shards = new Shards({ here, cluster: this.#servers, timeoutMs })
    }
    this.#watcher = new Watcher(monitors, dial, this.label)
  }

  /** The database at which a client looks that says nothing of it. */
  get firstDb(): number {
    return this.#parts.address.db
  }

  /** Loads what connects. @throws UpstreamFault where it is not installed */
  async load(): Promise<void> {
    this.#dialer.load()
  }

  execute(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    const route = routeOf(command, argv)
    if (route === Route.Here) return this.#isOtherDatabase(command, argv) ? SELECT_IN_CLUSTER : undefined
    if (route === Route.Shared) {
      this.#seen(session)
      return this.#shared(session, command, argv)
    }
    const reply = this.#send(route, session, command, argv)
    if (reply === undefined) return undefined
    this.#seen(session)
    return reply instanceof Promise ? reply.then((late) => this.#count(command, late)) : this.#count(command, reply)
  }

  send(session: Session, command: Command, argv: readonly Bytes[], answers: Answers, place: number): boolean {
    if (routeOf(command, argv) !== Route.Shared || this.#isUpstashScript(session, command)) return false
    this.#seen(session)
    this.#servers.send(this.#request(session, command, argv), (reply) => {
      this.#parts.engine.endedWaiting(command, reply)
      answers.answer(place, reply)
    })
    return true
  }

  sendPipeline(session: Session, scan: PipelineScan): Promise<PipelineAnswer> | undefined {
    const servers = this.#servers
    if (!(servers instanceof SingleServer)) return undefined
    const { engine, clock } = this.#parts
    this.#batches ??= new Batches(engine)
    const { node } = servers
    const db = session.db.index
    let resolve!: (answer: PipelineAnswer) => void
    const again: Again = (batch, argv, command, reply, place) => {
      node.failedInBatch(batch, argv, db, changesNothing(command), reply, place)
    }
    const batch = this.#batches.of(scan, again, (answer) => resolve(answer))
    if (batch === undefined || !node.sendAll(db, scan, batch)) return undefined
    session.lastCommand = batch.commands[scan.length - 1].fullName
    session.commands += scan.length
    session.lastActiveAt = clock.now()
    engine.stats.commands += scan.length
    return new Promise((settle) => {
      resolve = settle
    })
  }

  executeUnknown(session: Session, argv: readonly Bytes[]): Promise<Reply> {
    return this.#ask(this.#request(session, undefined, argv))
  }

  get passesThrough(): boolean {
    return this.#parts.address.kind !== 'cluster'
  }

  async openStream(session: Session, listener: StreamListener): Promise<BackendStream | ReplyError> {
    const node = await this.#servers.any()
    if (node instanceof ReplyError) return node
    return node.openStream(session.db.index, listener, this.leavesAlone(session))
  }

  leavesAlone({ door }: Session): boolean {
    return door === 'tcp' && this.#parts.engine.config['upstream-resp-auth'] === 'client'
  }

  isOurs(command: Command, argv: readonly Bytes[]): boolean {
    return isOursInStream(command, argv) || configIsOurs(command.fullName, argv)
  }

  reachesTooFar(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | undefined {
    return reachesTooFar(session, command, argv)
  }

  async typesOf(session: Session, keys: readonly Bytes[]): Promise<readonly Bytes[]> {
    const db = session.db.index
    const ask = (key: Bytes): Promise<Reply> =>
      this.#servers.ask({ command: undefined, argv: ['TYPE', key], db, isRead: true, key })
    const replies = await Promise.all(keys.map(ask))
    return replies.map((reply) => (isStatus(reply) ? reply.text : 'none'))
  }

  unblock(session: Session, withError: boolean): boolean {
    return this.#blocked.unblock(session, withError)
  }

  forget(session: Session): void {
    this.#blocked.forget(session)
    this.#transactions.unwatch(session)
  }

  /** Asks whether it is there, closes what nobody has used for long, gives up what nobody here listens to. */
  everySecond(): void {
    const { engine } = this.#parts
    const idleMs = engine.config['upstream-idle-timeout'] * 1000
    this.#feed.sweep()
    this.#shards?.sweep()
    this.#watcher.sweep()
    if (idleMs !== 0) {
      this.#leases.closeIdle(idleMs)
      this.#servers.closeIdle(idleMs)
    }
    this.#servers.lookAgain()
    this.check()
  }

  /** Finds out whether it answers. */
  check(): void {
    if (this.#isChecking) return
    this.#isChecking = true
    const { engine, log, address } = this.#parts
    const checked = this.#servers
      .ask({ command: undefined, argv: ['PING'], db: address.db, isRead: true })
      .then((reply) => {
        const isUp = !(reply instanceof ReplyError)
        if (isUp !== this.isUp || this.#upAt === 0) {
          if (isUp) log('notice', `Upstream ${this.label} answers`)
          else log('warning', `Upstream ${this.label} does not answer: ${(reply as ReplyError).text}`)
        }
        this.isUp = isUp
        this.#upAt = monotonic()
      })
      .finally(() => {
        this.#isChecking = false
      })
    unawaited(checked, engine.config, (message) => log('warning', message))
  }

  facts(): readonly (readonly [name: string, value: string | number])[] {
    const { connections, streams, dials, failedDials, lost, commands, retries, faults } = this.#figures
    return [
      ['upstream_url', this.label],
      ['upstream_status', this.isUp ? 'up' : 'down'],
      ['upstream_circuit', this.#servers.isCircuitOpen ? 'open' : 'closed'],
      ['upstream_connections', connections],
      ['upstream_streams', streams],
      ['upstream_waiting_for_connection', this.#leases.waiting],
      ['upstream_blocked_clients', this.#blocked.size],
      ['upstream_total_connections', dials],
      ['upstream_failed_connections', failedDials],
      ['upstream_lost_connections', lost],
      ['upstream_total_commands', commands],
      ['upstream_retries', retries],
      ['upstream_faults', faults],
    ]
  }

  close(): void {
    this.#feed.close()
    this.#shards?.close()
    this.#watcher.close()
    this.#leases.close()
    this.#blocked.close()
    this.#transactions.close()
    this.#servers.close()
  }

  #send(route: Route, session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    switch (route) {
      case Route.Blocking:
        return this.#blocked.run(session, this.#request(session, command, argv))
      case Route.Exec:
        return this.#transactions.exec(session)
      case Route.Watch:
        return this.#transactions.watch(session, this.#request(session, command, argv))
      case Route.Unwatch:
        this.#transactions.unwatch(session)
        return OK
      case Route.Ends:
        this.#transactions.unwatch(session)
        return undefined
      case Route.Subscribe:
        return this.#afterwards(session, command, argv, this.#subscribe(command.name, argv.slice(1)))
      case Route.Monitor:
        return this.#afterwards(session, command, argv, this.#watcher.start())
      case Route.Info:
        return this.#info(session, command, argv)
      case Route.Config:
        return this.#config(session, command, argv)
      case Route.Ping:
        return session.gate & Gate.Subscriber ? undefined : this.#ask(this.#request(session, command, argv))
      case Route.Refused:
        return upstreamRefused(command.fullName)
      default:
        return undefined
    }
  }

  #subscribe(name: Bytes, channels: readonly Bytes[]): Promise<ReplyError | undefined> {
    if (name === 'ssubscribe' && this.#shards !== undefined) return this.#shards.subscribe(channels)
    return this.#feed.subscribe(name, channels)
  }

  #count(command: Command, reply: Reply): Reply {
    this.#parts.engine.endedWaiting(command, reply)
    return reply
  }

  #request(session: Session, command: Command | undefined, argv: readonly Bytes[]): Request {
    const db = session.db.index
    if (command === undefined) return { command, argv, db, isRead: false }
    const sent = this.#isUpstashScript(session, command) ? this.#scripts.request(command.fullName, argv) : argv
    return { command, argv: sent, db, isRead: changesNothing(command) }
  }

  /** A Cluster has one. */
  #isOtherDatabase({ name }: Command, argv: readonly Bytes[]): boolean {
    return name === 'select' && this.#parts.address.kind === 'cluster' && /^-?0*[1-9]\d*$/.test(argv[1])
  }

  #isUpstashScript(session: Session, command: Command): boolean {
    return session.asUpstash && command.group === 'scripting'
  }

  #shared(session: Session, command: Command, argv: readonly Bytes[]): Promise<Reply> {
    const isScript = this.#isUpstashScript(session, command)
    return new Promise((resolve) => {
      this.#servers.send(this.#request(session, command, argv), (reply) => {
        this.#parts.engine.endedWaiting(command, reply)
        resolve(isScript ? this.#scripts.reply(command.fullName, argv, reply) : reply)
      })
    })
  }

  #seen(session: Session): void {
    const { engine, clock } = this.#parts
    session.commands++
    session.lastActiveAt = clock.now()
    engine.stats.commands++
  }

  #ask(request: Request): Promise<Reply> {
    return this.#servers.ask(request)
  }

  async #dialAny(onClosed: () => void): Promise<Connection> {
    const node = await this.#servers.any()
    if (node instanceof ReplyError) throw faultOf(new Error(node.text), this.label)
    return node.dial(this.#parts.address.db, onClosed)
  }

  /** A command that runs here, too, once the upstream has done its part. */
  async #afterwards(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    done: Promise<ReplyError | undefined>,
  ): Promise<Reply> {
    const error = await done
    if (error !== undefined) return error
    const { engine } = this.#parts
    if (engine.ports.connections.clients.get(session.id) !== session) return NO_REPLY
    return engine.run(session, command, argv)
  }

  /** INFO of the upstream, and behind it what is to be said of it from here. */
  async #info(session: Session, command: Command, argv: readonly Bytes[]): Promise<Reply> {
    const sections = argv.slice(1).map((section) => section.toLowerCase())
    const others = argv.filter((_, i) => i === 0 || sections[i - 1] !== 'upstream')
    if (sections.length !== 0 && others.length === 1) return this.#section()
    const reply = await this.#ask(this.#request(session, command, others))
    const hasOurs = sections.length === 0 || sections.some((section) => WITH_OURS.has(section))
    if (typeof reply !== 'string' || !hasOurs) return reply
    return reply === '' ? this.#section() : `${reply}\r\n${this.#section()}`
  }

  #section(): Bytes {
    return `# Upstream\r\n${this.facts()
      .map(([name, value]) => `${name}:${value}\r\n`)
      .join('')}`
  }

  /** Directives that only we have are ours. */
  #config(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    if (command.name === 'set') {
      if (!configIsOurs(command.fullName, argv)) return this.#ask(this.#request(session, command, argv))
      return configSetIsMixed(argv) ? CONFIG_OF_TWO : undefined
    }
    return this.#ask(this.#request(session, command, argv)).then((reply) =>
      configGet(reply, argv.slice(2), this.#parts.engine.ports.config),
    )
  }
}

const WITH_OURS: ReadonlySet<Bytes> = new Set(['upstream', 'default', 'all', 'everything'])

/** Commands that may be asked again after a lost connection. */
function changesNothing({ flags, group }: Command): boolean {
  return (flags & (Flag.ReadOnly | Flag.Write)) === Flag.ReadOnly || group === 'connection'
}

function isStatus(reply: Reply): reply is Extract<Reply, { readonly text: Bytes }> {
  return typeof reply === 'object' && reply !== null && 'text' in reply && !(reply instanceof ReplyError)
}
