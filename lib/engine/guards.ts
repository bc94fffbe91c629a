/**
 * What may stand between a command and its run: authentication, the user's permissions, the transaction queue,
 * subscriber mode, `maxmemory`, writes that the server's state forbids, CLIENT PAUSE. The engine asks only when a session's gate or the server's state gives
 * reason to, so an ordinary command pays a test or two, and makes them when it first does.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  execAbort,
  MONITOR_DENIED,
  NO_AUTH,
  NOT_ALLOWED_IN_MULTI,
  NOT_WITH_SHARED_STORE,
  OOM,
  READ_ONLY_REPLICA,
  UNKNOWN_TO_UPSTREAM,
} from '../base/errors.ts'
import { NO_REPLY, QUEUED, type Reply, ReplyError } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import { denialError, deniedTo } from '../commands/denial.ts'
import { Gate, ReplyMode, type Session } from '../session/session.ts'
import { endTransaction, enqueue } from '../session/transaction.ts'
import { Concern } from './concerns.ts'
import type { Engine } from './engine.ts'
import { WRITES } from './flags.ts'

/** Who watches others, and may not touch keys. */
const WATCHES = Gate.Monitor | Gate.Replica
const TOUCHES_KEYS = Flag.Write | Flag.ReadOnly | Flag.MayReplicate

/** What may read keys. */
const READS = Flag.ReadOnly | Flag.RunsOthers | Flag.Exec

/** After these a client may wait for what others do. */
const LISTENS = Flag.Blocking | Flag.PubSub

export class Guards {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** What to answer instead of running the command: an error, QUEUED, a promise of its later run; or undefined. */
  check(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    return this.before(session, command, argv) ?? this.#engine.backend?.execute(session, command, argv)
  }

  /** The same before a backend is asked, where there is one. */
  before(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    if (session.isMaster) return this.#ofMaster(session, command, argv)
    const { gate } = session
    const { keyspace, eviction, interceptor } = this.#engine
    const intercepted = interceptor?.instead(session, command, argv)
    if (intercepted instanceof ReplyError) return this.refuse(session, command, intercepted)
    if (intercepted !== undefined) return this.#runAfter(intercepted, session, argv)
    if (gate & Gate.Unauthenticated && !(command.flags & Flag.NoAuth)) return this.refuse(session, command, NO_AUTH)
    if (gate & Gate.Multi && command.flags & Flag.NoMulti) return this.refuse(session, command, NOT_ALLOWED_IN_MULTI)
    const denied = this.denied(session, command, argv)
    if (denied !== undefined) return denied
    const elsewhere = this.#engine.redirection?.refusal(session, command, argv)
    if (elsewhere !== undefined) return this.#redirect(session, command, elsewhere)
    const early = this.#engine.shared === undefined ? undefined : this.#askStore(session, command, argv)
    if (early !== undefined) return early
    if (keyspace.bytes > eviction.watermark && !this.#makesRoom(session) && this.#needsRoom(session, command, argv)) {
      return this.refuse(session, command, OOM)
    }
    const { writes, concerns } = this.#engine
    if (writes.error !== undefined && this.#isWrite(session, command, argv)) {
      return this.refuse(session, command, writes.error)
    }
    if (gate & Gate.Subscriber && session.proto === 2 && !(command.flags & Flag.Subscriber)) {
      return this.refuse(session, command, subscriberOnly(command))
    }
    if (concerns.bits & Concern.Unavailable) {
      const unavailable = this.#engine.availability.refusal(this.#sharedFlags(session, command, argv))
      if (unavailable !== undefined) return this.refuse(session, command, unavailable)
    }
    if (gate & WATCHES && command.flags & TOUCHES_KEYS) return this.refuse(session, command, MONITOR_DENIED)
    if (gate & Gate.Multi && !(command.flags & Flag.Now)) {
      const transaction = session.transaction!
      // A transaction that must fail needs no queue; the replies are the same.
      if (!transaction.aborted && !session.watchBroken) enqueue(transaction, argv)
      return session.replyMode === ReplyMode.On ? QUEUED : NO_REPLY
    }
    return this.#pausedRun(session, command, argv)
  }

  /** The same for a command that only the backend may know. */
  unknown(session: Session, argv: readonly Bytes[]): Reply | undefined {
    const refused = this.refusesToPass(session, undefined, argv)
    if (refused !== undefined) return refused
    if (session.transaction === undefined) return undefined
    enqueue(session.transaction, argv)
    return session.replyMode === ReplyMode.On ? QUEUED : NO_REPLY
  }

  /** Why a client may not have a command passed through. */
  refusesToPass(session: Session, command: Command | undefined, argv: readonly Bytes[]): Reply | undefined {
    const { gate } = session
    if (gate & Gate.Unauthenticated && !(command !== undefined && command.flags & Flag.NoAuth)) {
      return this.refuse(session, command, NO_AUTH)
    }
    if (command !== undefined) {
      if (gate & Gate.Multi && command.flags & Flag.NoMulti) return this.refuse(session, command, NOT_ALLOWED_IN_MULTI)
      return this.denied(session, command, argv)
    }
    return gate & Gate.Restricted ? this.refuse(session, undefined, UNKNOWN_TO_UPSTREAM) : undefined
  }

  /** What the master has done is done: of all that stands in the way of others, there is but its transactions' queue. */
  #ofMaster(session: Session, command: Command, argv: readonly Bytes[]): Reply | undefined {
    if (!(session.gate & Gate.Multi) || command.flags & Flag.Now) return undefined
    enqueue(session.transaction!, argv)
    return QUEUED
  }

  /** Where keys are shared, what has to be done first: a wait for those who write elsewhere, or an error. */
  #askStore(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    const flags = this.#flagsOf(command, argv)
    if (flags & Flag.OwnStore) return this.refuse(session, command, NOT_WITH_SHARED_STORE)
    if (flags & Flag.NoAuth || (session.gate & Gate.Multi && !(flags & Flag.Now))) return undefined
    if (flags & LISTENS) this.#engine.shared!.listenSoon()
    const mayWrite = (flags & WRITES) !== 0 || ((flags & Flag.Exec) !== 0 && this.#queues(session, WRITES))
    const shared = this.#engine.shared!
    if (shared.isRemote && !mayWrite && !(flags & READS)) return undefined // nothing that is worth a round trip
    const first = shared.ask(session, mayWrite)
    if (first instanceof ReplyError) return this.refuse(session, command, first)
    return first === undefined ? undefined : this.#runAfter(first, session, argv)
  }

  /** Evicts keys; false where that did not suffice. That they are gone is told before the reply, which may read them anew. */
  #makesRoom(session: Session): boolean {
    const result = this.#engine.eviction.perform()
    session.link.advancePushes?.()
    return result !== 'failed'
  }

  /** What a user is answered who may not run a command; undefined if he may. */
  denied(session: Session, command: Command, argv: readonly Bytes[]): Reply | undefined {
    const denial = deniedTo(session, command, argv, this.#engine.ports)
    if (denial !== undefined) return this.refuse(session, command, denialError(denial, command, session.user))
    const tooFar = this.#engine.backend?.reachesTooFar(session, command, argv)
    return tooFar === undefined ? undefined : this.refuse(session, command, tooFar)
  }

  /** Counts a command that is refused before it runs; inside MULTI it also spoils the transaction. */
  refuse(session: Session, command: Command | undefined, error: ReplyError): Reply {
    this.#engine.stats.countRefused(error, command?.id)
    if (command !== undefined && command.flags & Flag.Exec) {
      error = execAbort(error)
      endTransaction(session, this.#engine.watches)
    } else if (session.transaction !== undefined) session.transaction.aborted = true
    return session.replyMode === ReplyMode.On ? error : NO_REPLY
  }

  /** `refuse` for what is another node's: a transaction that comes to its end there is not said to be aborted. */
  #redirect(session: Session, command: Command, error: ReplyError): Reply {
    if (!(command.flags & Flag.Exec)) return this.refuse(session, command, error)
    this.#engine.stats.countRefused(error, command.id)
    endTransaction(session, this.#engine.watches)
    return session.replyMode === ReplyMode.On ? error : NO_REPLY
  }

  #pausedRun(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined {
    const { pause } = this.#engine
    if (pause.mode === 'none' || !this.#isPaused(session, command, argv)) return undefined
    // A call in this process is answered at once, and what it would write now would be lost.
    if (session.door === 'inprocess') return this.refuse(session, command, READ_ONLY_REPLICA)
    return this.#runAfter(pause.hold(), session, argv)
  }

  /** The command runs once a promise is settled, as if it came then; or is answered the error that it gives. */
  #runAfter(
    held: Promise<ReplyError | undefined> | Promise<void>,
    session: Session,
    argv: readonly Bytes[],
  ): Promise<Reply> {
    session.parked = { kind: 'paused', argv }
    return held.then((error) => {
      session.parked = undefined
      // A client that has gone meanwhile may not leave anything behind.
      if (this.#engine.ports.connections.clients.get(session.id) !== session) return NO_REPLY
      if (error instanceof ReplyError) return this.refuse(session, this.#engine.named(argv), error)
      return this.#engine.execute(session, argv)
    })
  }

  #isPaused(session: Session, command: Command, argv: readonly Bytes[]): boolean {
    const { pause } = this.#engine
    if (session.door === 'inprocess' && !pause.holdsWrites) return false
    if (pause.mode === 'all' && session.door !== 'inprocess') return true
    if (this.#flagsOf(command, argv) & WRITES) return true
    // EXEC is paused if anything in its queue writes.
    return (command.flags & Flag.Now) !== 0 && this.#queues(session, WRITES)
  }

  /** True for what may not run while memory is full: what is flagged so, and what a transaction would have to keep. */
  #needsRoom(session: Session, command: Command, argv: readonly Bytes[]): boolean {
    if (this.#flagsOf(command, argv) & Flag.DenyOom) return true
    if (session.transaction === undefined) return false
    return command.flags & Flag.Exec ? this.#queues(session, Flag.DenyOom) : !(command.flags & Flag.LeavesMulti)
  }

  /** True for what writes, EXEC of such included; and for what shows that there is no disk, if that is so. */
  #isWrite(session: Session, command: Command, argv: readonly Bytes[]): boolean {
    if (command.flags & Flag.ShowsDisk) return this.#engine.writes.isUnsaved
    if (this.#flagsOf(command, argv) & Flag.Write) return true
    return (command.flags & Flag.Exec) !== 0 && this.#queues(session, Flag.Write)
  }

  /** The flags of a command; of EXEC those that all in its queue have, too. */
  #sharedFlags({ transaction }: Session, command: Command, argv: readonly Bytes[]): number {
    let flags = this.#flagsOf(command, argv)
    if (!(flags & Flag.Exec) || transaction === undefined) return flags
    for (const queued of transaction.queue) {
      const found = this.#engine.resolve(queued)
      if (!(found instanceof ReplyError)) flags &= this.#flagsOf(found, queued) | Flag.NoAsyncLoading
    }
    return flags
  }

  /** True if a command with one of these flags is queued. */
  #queues({ transaction }: Session, flags: number): boolean {
    if (transaction === undefined) return false
    return transaction.queue.some((queued) => {
      const found = this.#engine.resolve(queued)
      return !(found instanceof ReplyError) && (this.#flagsOf(found, queued) & flags) !== 0
    })
  }

  #flagsOf(command: Command, argv: readonly Bytes[]): number {
    return command.flagsOf === undefined ? command.flags : command.flagsOf(argv, this.#engine.ports)
  }
}

function subscriberOnly(command: Command): ReplyError {
  return new ReplyError(
    `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  )
}
