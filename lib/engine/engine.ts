/**
 * `execute`: the one way in which every door, EXEC and every script runs a command. Looks it up, checks arity, asks the
 * guards where a session or the server gives reason to, freezes the time, runs the handler, and does what follows a
 * command: counting, propagating effects, serving clients that wait for a key. Names no command; what a command needs
 * from here it says with a flag.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { INTERNAL, upstreamRefused } from '../base/errors.ts'
import { Late } from '../base/late.ts'
import { Places } from '../base/places.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { type Command, Flag, Notify, type NotifyClass, PARKED } from '../commands/command.ts'
import { keysOf } from '../commands/keyspecs.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Directives } from '../config/config.ts'
import type { Db } from '../keyspace/db.ts'
import type { Eviction } from '../keyspace/eviction.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Answer } from '../protocol/answer.ts'
import { Monitors } from '../session/monitors.ts'
import type { Ports } from '../session/ports.ts'
import { Gate, ReplyMode, type Session } from '../session/session.ts'
import type { Tracking } from '../session/tracking.ts'
import type { Watches } from '../session/watches.ts'
import { Availability } from './availability.ts'
import type { Answers, Backend } from './backend.ts'
import type { Blocking } from './blocking.ts'
import { Concern, type Concerns, isGuarded, isGuardedByState } from './concerns.ts'
import { type Effect, type EffectListener, type PlacedListener, Target } from './effect.ts'
import { FILE_ONLY, namedAsOriginal } from './effectnames.ts'
import { READS, SHORT, UNSEEN } from './flags.ts'
import { Frame } from './frame.ts'
import { Guards } from './guards.ts'
import type { Interceptor } from './interceptor.ts'
import type { EngineParts, SlowListener } from './parts.ts'
import type { Pause } from './pause.ts'
import type { Redirection } from './redirection.ts'
import type { Cause, SharedPort } from './sharedport.ts'
import { silenced } from './silenced.ts'
import { Stats } from './stats.ts'
import { Stopwatch } from './stopwatch.ts'
import { WriteGuard } from './writeguard.ts'

export { type Effect, type EffectListener, Target } from './effect.ts'

export type Notifier = (kind: NotifyClass, event: Bytes, key: Bytes, db: Db) => void
export type FieldNotifier = (event: Bytes, key: Bytes, fields: readonly Bytes[], db: Db) => void

export class Engine {
  readonly keyspace: Keyspace
  readonly eviction: Eviction
  readonly table: CommandTable
  readonly config: Directives
  readonly clock: Clock
  readonly stats: Stats
  readonly stopwatch: Stopwatch
  readonly pause: Pause
  readonly monitors: Monitors
  readonly concerns: Concerns
  readonly writes: WriteGuard
  readonly availability: Availability
  readonly #onFault: EngineParts['onFault']
  readonly #guards = new Late(() => new Guards(this))
  readonly #frames: Frame[] = []
  #depth = 0
  /** What the running command and those nested in it have changed so far. */
  #effects: Effect[] = []
  /** Changes since the start (Redis's `dirty`, never reset by us). */
  dirty = 0
  notifier: Notifier | undefined
  /** Hears which fields of a hash an event concerns. */
  fieldNotifier: FieldNotifier | undefined
  /** What the keys are shared through with other processes, where they are. */
  shared: SharedPort | undefined
  #interceptor: Interceptor | undefined
  #backend: Backend | undefined
  #redirection: Redirection | undefined
  /** Called with each timed command that took `slowAfter` microseconds or more. */
  onSlow: SlowListener | undefined
  slowAfter = Infinity
  readonly effectListeners: EffectListener[] = []
  onPlaced: PlacedListener | undefined
  /** Where changes go: not everywhere while a script wants it so. OR of Target. */
  effectTargets: number = Target.All
  // Set by `connect`: these need the engine to exist first.
  ports!: Ports
  blocking!: Blocking
  watches!: Watches
  tracking!: Tracking

  constructor(parts: EngineParts) {
    this.keyspace = parts.keyspace
    this.eviction = parts.eviction
    this.table = parts.table
    this.clock = parts.clock
    this.config = parts.config
    this.pause = parts.pause
    this.concerns = parts.concerns
    this.writes = new WriteGuard(parts.concerns)
    this.availability = new Availability(parts.concerns)
    this.#onFault = parts.onFault
    this.monitors = new Monitors(parts.clock)
    this.stats = new Stats(parts.table.all.length)
    this.stopwatch = new Stopwatch(parts.clock, this.stats.latencies)
  }

  /** Completes the wiring; `server.ts` calls it once. */
  connect(ports: Ports, blocking: Blocking, watches: Watches): void {
    this.ports = ports
    this.blocking = blocking
    this.watches = watches
    this.tracking = ports.connections.tracking
    this.keyspace.listener = {
      expired: (db, key) => this.#removed(db, key, Notify.Expired, 'expired', this.keyspace.freesExpiredLater),
      evicted: (db, key) => {
        if (this.watches.size !== 0) this.watches.touch(db, key)
        this.#removed(db, key, Notify.Evicted, 'evicted', this.keyspace.freesEvictedLater)
      },
      fieldsExpired: (db, key, fields, isGone) => this.#fieldsExpired(db, key, fields, isGone),
    }
    for (let depth = 0; depth < 3; depth++) this.#frames.push(new Frame(this))
  }

  /** The faults of a store under test, where there are any. */
  get interceptor(): Interceptor | undefined {
    return this.#interceptor
  }

  set interceptor(interceptor: Interceptor | undefined) {
    this.#interceptor = interceptor
    this.concerns.set(Concern.Intercepted, interceptor !== undefined)
  }

  /** Another server that runs the commands, where there is one. */
  get backend(): Backend | undefined {
    return this.#backend
  }

  set backend(backend: Backend | undefined) {
    this.#backend = backend
    this.blocking.backend = backend
    this.concerns.set(Concern.Backend, backend !== undefined)
  }

  /** Sends clients to the nodes of a cluster that have their keys, where this is one of them. */
  get redirection(): Redirection | undefined {
    return this.#redirection
  }

  set redirection(redirection: Redirection | undefined) {
    this.#redirection = redirection
    this.concerns.set(Concern.Cluster, redirection !== undefined)
  }

  get propagates(): boolean {
    return this.effectListeners.length !== 0
  }

  /**
   * Runs one command for a session and returns its reply, or a promise of it where the command waits. Never throws and
   * never rejects: what goes wrong is a ReplyError.
   */
  execute(session: Session, argv: readonly Bytes[]): Reply | Promise<Reply> {
    const command = this.resolve(argv)
    if (command instanceof ReplyError) return this.#refuseUnresolved(session, argv, command)
    return this.executeResolved(session, command, argv)
  }

  /** `execute` for a command that is resolved already. */
  executeResolved(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> {
    session.lastCommand = command.fullName
    if (isGuarded(this, session)) {
      const instead = this.#guards.get().check(session, command, argv)
      if (instead !== undefined) return instead
    }
    return this.run(session, command, argv)
  }

  /** `executeResolved` with a backend: undefined where `answers` will hear what it answers. */
  sendResolved(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    answers: Answers,
    place: number,
  ): Reply | Promise<Reply> | undefined {
    session.lastCommand = command.fullName
    const instead = this.#guards.get().before(session, command, argv)
    if (instead !== undefined) return instead
    if (this.#backend!.send(session, command, argv, answers, place)) return undefined
    return this.#backend!.execute(session, command, argv) ?? this.run(session, command, argv)
  }

  #refuseUnresolved(session: Session, argv: readonly Bytes[], error: ReplyError): Reply | Promise<Reply> {
    const command = this.named(argv)
    session.lastCommand = command?.fullName
    if (this.#backend !== undefined && command === undefined && argv.length > 0) {
      return this.#guards.get().unknown(session, argv) ?? this.#backend.executeUnknown(session, argv)
    }
    return this.#guards.get().refuse(session, command, error)
  }

  /** What a user is answered, and the log told, who may not run a command; undefined if he may. */
  denied(session: Session, command: Command, argv: readonly Bytes[]): Reply | undefined {
    return this.#guards.get().denied(session, command, argv)
  }

  /**
   * Whether a command may be passed through to the backend: undefined if it may. Else what its client is answered: it may not run
   * it, or the answer is ours to give.
   */
  passes(session: Session, command: Command | undefined, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    const refused = this.#guards.get().refusesToPass(session, command, argv)
    if (refused !== undefined) return refused
    if (command === undefined || !this.#backend!.isOurs(command, argv)) return undefined
    const isQueued = (session.gate & Gate.Multi) !== 0 && !(command.flags & Flag.Now)
    return isQueued
      ? this.#guards.get().refuse(session, command, upstreamRefused(command.fullName))
      : this.execute(session, argv)
  }

  /** The command that argv names, its subcommand included, with the arity checked. */
  resolve(argv: readonly Bytes[]): Command | ReplyError {
    return this.table.resolve(argv)
  }

  /** The command that argv names, its subcommand included, whatever else is wrong with it. */
  named(argv: readonly Bytes[]): Command | undefined {
    const command = argv.length === 0 ? undefined : this.table.find(argv[0])
    if (command?.subcommands === undefined || argv.length === 1) return command
    return command.subcommands.get(argv[1].toLowerCase())
  }

  /** Runs a resolved command at depth 0, past the guards. */
  run(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> {
    const { keyspace, stopwatch } = this
    const short = (command.flags & SHORT) !== 0
    const shared = short && stopwatch.batching && !stopwatch.exact
    if (!shared) stopwatch.begin(short, command.id)
    const { now } = stopwatch
    keyspace.setNow(now)
    keyspace.leavesNoTrace = session.noTouch
    session.lastActiveAt = now
    session.commands++
    this.stats.commands++
    const reply = this.#call(session, command, argv, session.mayBlock)
    if (this.monitors.size !== 0) this.#showMonitors(session, command, argv)
    if (shared) stopwatch.note(command.id)
    else {
      const microseconds = stopwatch.end(command.id)
      if (microseconds >= this.slowAfter && reply !== PARKED) {
        this.onSlow?.(session, command, argv, microseconds, reply as Reply | Promise<Reply>)
      }
    }
    const answer =
      reply === PARKED ? this.blocking.park(session, command, this.#frames[0].parkRequest!) : (reply as Reply)
    if (this.blocking.size !== 0) this.blocking.serve()
    if (this.tracking.size !== 0) this.#settleTracking(session)
    return session.replyMode === ReplyMode.On ? answer : silenced(session, answer)
  }

  /** Whether but a shared store (`lets`) nothing stands before a session's commands, and nobody wants text: see `PlacedForm`. Makes room first. */
  takesPlaces(session: Session): boolean {
    if (isGuardedByState(this, session) || this.stopwatch.exact || this.#depth !== 0) return false
    if (this.notifier !== undefined || this.fieldNotifier !== undefined || this.tracking.size !== 0) return false
    return this.monitors.size === 0 && session.replyMode === ReplyMode.On && this.eviction.hasRoom()
  }

  /** Runs a command whose arguments stand in a buffer, for `runPlaced`. Returns what it answers; undefined if it has done so. */
  callPlaced(session: Session, command: Command, p: Places, out: Answer): Reply | undefined {
    const frame = this.#frames[0]
    frame.begin(session, command, false)
    let reply: Reply | undefined
    this.#depth = 1
    try {
      reply = command.placed!.run(frame, p, out)
    } catch (error) {
      if (!(error instanceof ReplyError)) this.#onFault(error, p.argv())
      reply = error instanceof ReplyError ? error : INTERNAL
    } finally {
      this.#depth = 0
    }
    this.#count(command, reply ?? null)
    if (frame.dirty !== 0) {
      this.dirty += frame.dirty
      if (this.effectListeners.length !== 0) this.#collectPlaced(frame, session.db.index, p)
    }
    if (this.#effects.length !== 0) this.#emit()
    return reply
  }

  /** Runs a command again that had parked, at its own time and if its user still may; counted as any other. */
  rerun(session: Session, command: Command, argv: readonly Bytes[]): Reply | typeof PARKED {
    this.keyspace.setNow(this.clock.now())
    const denied = this.#guards.get().denied(session, command, argv)
    if (denied !== undefined) return denied
    const startedAt = monotonic()
    session.isResuming = true
    const reply = this.#call(session, command, argv, true) as Reply | typeof PARKED
    session.isResuming = false
    if (reply === PARKED) return reply
    const microseconds = this.stopwatch.endRerun(command.id, startedAt)
    if (microseconds >= this.slowAfter) this.onSlow?.(session, command, argv, microseconds, reply)
    return reply
  }

  /** Runs a command inside another (EXEC), where it may not wait. The guards have been asked before. */
  callNested(session: Session, argv: readonly Bytes[]): Reply | Promise<Reply> {
    const command = this.resolve(argv)
    return command instanceof ReplyError ? command : this.runNested(session, command, argv)
  }

  /** The same for a command that is resolved: EXEC and scripts. */
  runNested(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> {
    this.stats.commands++
    const { stopwatch } = this
    const isTimed = stopwatch.timesNested((command.flags & SHORT) !== 0, command.id)
    const startedAt = isTimed ? monotonic() : 0
    const reply = this.#call(session, command, argv, false) as Reply | Promise<Reply>
    if (this.monitors.size !== 0) this.#showMonitors(session, command, argv)
    if (!isTimed) return reply
    const microseconds = stopwatch.endNested(command.id, startedAt)
    // What contains it is listed as a whole, unless it is one that never is (EXEC).
    if (microseconds >= this.slowAfter && this.#frames[this.#depth - 1].command.flags & Flag.SkipSlowlog) {
      this.onSlow?.(session, command, argv, microseconds, reply)
    }
    return reply
  }

  /**
   * Runs a command of a journal again, at whatever time is frozen: past the guards, counted nowhere, and passed on to nobody.
   * Where it failed when it was written down, it fails now. One that suits may run by places, while nobody is told of keys.
   */
  replay(session: Session, command: Command, argv: readonly Bytes[] | Places, out?: Answer): void {
    const depth = this.#depth
    const kept = this.#effects.length
    const frame = this.#frames[depth]
    frame.begin(session, command, false)
    this.#depth = depth + 1
    this.effectTargets = 0
    try {
      if (argv instanceof Places) command.placed!.run(frame, argv, out!)
      else {
        if (command.group === 'scripting') this.stopwatch.restart()
        frame.args.reset(argv, command.name === command.fullName ? 1 : 2)
        const reply = command.run(frame, frame.args)
        if (reply instanceof Promise) unawaited(reply, this.config, (message) => this.#onFault(message, argv))
      }
    } catch (error) {
      if (!(error instanceof ReplyError)) this.#onFault(error, argv instanceof Places ? argv.argv() : argv)
    } finally {
      this.#depth = depth
      this.effectTargets = Target.All
      this.#effects.length = kept
    }
  }

  /** A client that tracks read keys; so it did with a command that failed, as in Redis. */
  #rememberKeys(session: Session, command: Command, argv: readonly Bytes[]): void {
    const keys = keysOf(command, argv)
    if (keys !== undefined) this.tracking.remember(session, session.tracking!, keys)
  }

  /** Ends CLIENT CACHING with the command after it, or with its transaction, and tells what changed at large. */
  #settleTracking(session: Session): void {
    const { tracking } = session
    if (tracking !== undefined && tracking.caching !== 0 && session.transaction === undefined) tracking.caching--
    if (this.tracking.flushed) this.tracking.settleFlush()
    if (this.tracking.pending && !this.stopwatch.batching) this.tracking.settle()
  }

  /** A pipeline was received: what comes until `endBatch` is timed together. */
  beginBatch(): void {
    this.stopwatch.beginBatch()
  }

  /** All of it was run. */
  endBatch(): void {
    this.stopwatch.endBatch()
    if (this.tracking.pending) this.tracking.settle()
  }

  #showMonitors(session: Session, command: Command, argv: readonly Bytes[]): void {
    if (command.flags & UNSEEN) return
    this.monitors.show(session, command.redact === undefined ? argv : command.redact(argv))
  }

  #call(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    mayBlock: boolean,
  ): Reply | typeof PARKED | Promise<Reply> {
    const depth = this.#depth
    if (depth === this.#frames.length) this.#frames.push(new Frame(this))
    const frame = this.#frames[depth]
    frame.begin(session, command, mayBlock)
    frame.args.reset(argv, command.name === command.fullName ? 1 : 2)
    const { db } = session
    let reply: Reply | typeof PARKED | Promise<Reply>
    this.#depth = depth + 1
    try {
      reply = command.run(frame, frame.args)
    } catch (error) {
      if (error instanceof ReplyError) reply = error
      else {
        this.#onFault(error, argv)
        reply = INTERNAL
      }
    } finally {
      this.#depth = depth
    }
    // What kind of value it is can be told sooner than whether it is PARKED.
    if (typeof reply !== 'symbol') this.#count(command, reply)
    if (session.tracking !== undefined && (command.flags & READS) === Flag.ReadOnly) {
      this.#rememberKeys(session, command, argv)
    }
    if (frame.dirty !== 0 || frame.effects !== undefined) {
      this.dirty += frame.dirty
      if (this.effectListeners.length !== 0 && this.effectTargets !== 0) this.#collectFrame(frame, db.index, argv)
    }
    if (depth === 0 && this.#effects.length !== 0) this.#emit((command.flags & Flag.ArbitraryKeys) === 0)
    return reply
  }

  /** A command that waited ends without having run again: its time was over, or CLIENT UNBLOCK ended it. */
  endedWaiting(command: Command, reply: Reply): void {
    this.#count(command, reply)
  }

  #count(command: Command, reply: Reply | Promise<Reply>): void {
    this.stats.calls[command.id]++
    if (!(reply instanceof ReplyError)) return
    this.stats.failed[command.id]++
    if (!reply.counted) this.stats.countError(reply)
  }

  /** Puts a message among the effects of the command that runs. */
  forward(db: number, argv: readonly Bytes[]): void {
    if (this.effectTargets & Target.Replicas) this.#effects.push({ db, argv, targets: Target.Replicas })
  }

  /** What a command has changed, as it was sent or as it has said. */
  #collectFrame({ command, effects }: Frame, db: number, argv: readonly Bytes[]): void {
    if (effects === undefined) this.#collect(db, namedAsOriginal(command, argv))
    else for (const effect of effects) this.#collect(db, effect === argv ? namedAsOriginal(command, argv) : effect)
  }

  #collectPlaced(frame: Frame, db: number, p: Places): void {
    const isAsSent = frame.effects === undefined && frame.command.aliasOf === undefined && this.#effects.length === 0
    const isAlone = isAsSent && this.onPlaced !== undefined && this.effectListeners.length === 1
    if (!isAlone || !this.onPlaced!(db, p)) this.#collectFrame(frame, db, p.argv())
  }

  #collect(db: number, argv: readonly Bytes[]): void {
    const targets = FILE_ONLY.has(argv[0]) ? this.effectTargets & Target.File : this.effectTargets
    if (targets !== 0) this.#effects.push({ db, argv, targets })
  }

  /** What went by itself goes from everywhere, whatever a script wants of its own changes. */
  #collectRemoval(db: number, argv: readonly Bytes[], cause: Cause): void {
    this.#effects.push({ db, argv, targets: Target.All, cause })
  }

  /** A key went because its time had come, or for want of room: nobody's change, but replicas and subscribers must know. */
  #removed(db: Db, key: Bytes, kind: NotifyClass, event: 'expired' | 'evicted', isFreedLater: boolean): void {
    if (this.blocking.size !== 0) this.blocking.touch(db, key)
    if (this.tracking.size !== 0) this.#removedTracked(key)
    if (this.notifier !== undefined) this.notifier(kind, event, key, db)
    if (this.effectListeners.length === 0) return
    this.#collectRemoval(db.index, [isFreedLater ? 'UNLINK' : 'DEL', key], event)
    if (this.#depth === 0) this.#emit()
  }

  #removedTracked(key: Bytes): void {
    this.tracking.invalidate(key, undefined)
    if (this.#depth === 0 && this.tracking.pending && !this.stopwatch.batching) this.tracking.settle()
  }

  /** Fields of a hash went because their time had come: a change of the key, as far as its watchers are concerned. */
  #fieldsExpired(db: Db, key: Bytes, fields: readonly Bytes[], isGone: boolean): void {
    if (this.watches.size !== 0) this.watches.touch(db, key)
    if (this.tracking.size !== 0) this.#removedTracked(key)
    if (this.notifier !== undefined) this.notifier(Notify.Hash, 'hexpired', key, db)
    this.fieldNotifier?.('hexpired', key, fields, db)
    if (isGone && this.notifier !== undefined) this.notifier(Notify.Generic, 'del', key, db)
    if (this.effectListeners.length === 0) return
    for (const field of fields) this.#collectRemoval(db.index, ['HDEL', key, field], 'hexpired')
    if (this.#depth === 0) this.#emit()
  }

  #emit(whole = true): void {
    const effects = this.#effects
    this.#effects = []
    for (const listener of this.effectListeners) listener(effects, whole)
  }
}
