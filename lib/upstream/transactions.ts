/**
 * The transactions of clients. What is queued since MULTI stays here until EXEC; what a client watches is watched by a connection there
 * that is its own until then. Commands of this process that stand in a queue run here, and answer at their places.
 */
import type { Bytes } from '../base/bytes.ts'
import { upstreamRefused } from '../base/errors.ts'
import { NO_REPLY, type Reply, ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import { deniedTo, lostPermissionError } from '../commands/denial.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session, Transaction } from '../session/session.ts'
import { endTransaction } from '../session/transaction.ts'
import { type Lease, type Leases, selectOn } from './leases.ts'
import { reachesTooFar } from './rights.ts'
import { Route, routeOf } from './routes.ts'
import type { Request, Servers } from './servers.ts'
import { runTransaction, runWatched, spread } from './transaction.ts'

export interface TransactionsParts {
  readonly engine: Engine
  readonly servers: Servers
  readonly leases: Leases
  readonly request: (session: Session, command: Command | undefined, argv: readonly Bytes[]) => Request
}

export class Transactions {
  readonly #parts: TransactionsParts
  /** The connections of clients that watch keys. */
  readonly #watching = new Map<Session, Lease>()

  constructor(parts: TransactionsParts) {
    this.#parts = parts
  }

  close(): void {
    for (const { connection } of this.#watching.values()) connection.close()
  }

  /** Permissions may have changed since the commands were queued; what this process answers itself, it answers here. */
  exec(session: Session): Reply | Promise<Reply> | undefined {
    const { transaction } = session
    if (transaction === undefined || transaction.aborted) {
      this.unwatch(session)
      return undefined
    }
    const { engine } = this.#parts
    endTransaction(session, engine.watches)
    const lease = this.#watching.get(session)
    this.#watching.delete(session)
    const requests: Request[] = []
    const places: number[] = []
    const others = new Map<number, Other>()
    transaction.queue.forEach((argv, place) => {
      const command = engine.resolve(argv)
      const other = command instanceof ReplyError ? undefined : this.#insteadInTransaction(session, command, argv)
      if (other !== undefined) others.set(place, other)
      else {
        requests.push(this.#parts.request(session, command instanceof ReplyError ? undefined : command, argv))
        places.push(place)
      }
    })
    const replies = this.#runTransaction(lease, requests, places, others)
    return transaction.queue.some(selects)
      ? replies.then((late) => this.#followSelect(session, transaction, late))
      : replies
  }

  /** A database that was selected in a transaction holds after it. */
  #followSelect(session: Session, { queue }: Transaction, replies: Reply): Reply {
    if (!Array.isArray(replies)) return replies
    const { dbs } = this.#parts.engine.keyspace
    queue.forEach((argv, place) => {
      if (selects(argv) && !(replies[place] instanceof ReplyError)) session.db = dbs[Number(argv[1])] ?? session.db
    })
    return replies
  }

  async #runTransaction(
    lease: Lease | undefined,
    requests: readonly Request[],
    places: readonly number[],
    others: ReadonlyMap<number, Other>,
  ): Promise<Reply> {
    let reply: Reply = []
    if (lease !== undefined) {
      reply = await runWatched(lease.connection, requests, lease.node.label)
      this.#parts.leases.give(lease)
    } else if (requests.length !== 0) {
      reply = await runTransaction(
        this.#parts.servers,
        this.#parts.leases,
        requests,
        this.#parts.engine.config['upstream-timeout'],
      )
    }
    const settled = new Map<number, Reply>()
    // What is ours is done with what is the upstream's, or not at all.
    if (Array.isArray(reply)) for (const [place, other] of others) settled.set(place, await other())
    return spread(reply, places, settled)
  }

  /** What stands at the place of a command that is not for the upstream's transaction. */
  #insteadInTransaction(session: Session, command: Command, argv: readonly Bytes[]): Other | undefined {
    const { engine } = this.#parts
    const denial = deniedTo(session, command, argv, engine.ports, 'multi')
    if (denial !== undefined) return () => lostPermissionError(denial)
    const tooFar = reachesTooFar(session, command, argv)
    if (tooFar !== undefined) return () => tooFar
    switch (routeOf(command, argv)) {
      case Route.Here:
        return command.name === 'select' ? undefined : () => engine.run(session, command, argv)
      case Route.Subscribe:
      case Route.Unsubscribe:
      case Route.Monitor:
      case Route.Refused:
        return () => upstreamRefused(command.fullName)
      default:
        return undefined
    }
  }

  /** Undefined within a transaction, where it is refused. */
  watch(session: Session, request: Request): Promise<Reply> | undefined {
    return session.transaction === undefined ? this.#watch(session, request) : undefined
  }

  async #watch(session: Session, request: Request): Promise<Reply> {
    let lease = this.#watching.get(session)
    if (lease === undefined) {
      const { servers, leases, engine } = this.#parts
      const node = await servers.home([request])
      if (node instanceof ReplyError) return node
      const held = await leases.hold(node, request.db)
      if (held instanceof ReplyError) return held
      if (engine.ports.connections.clients.get(session.id) !== session) {
        leases.give(held)
        return NO_REPLY
      }
      lease = held
      this.#watching.set(session, held)
    }
    const { connection } = lease
    selectOn(connection, request.db)
    return new Promise((resolve) => connection.ask(request.argv, resolve))
  }

  /** The client watches nothing there any more. */
  unwatch(session: Session): void {
    const lease = this.#watching.get(session)
    if (lease === undefined) return
    this.#watching.delete(session)
    lease.connection.ask(['UNWATCH'], () => {})
    this.#parts.leases.give(lease)
  }
}

/** Answers a command that is not for the upstream, once its transaction has run there. */
type Other = () => Reply | Promise<Reply>

function selects(argv: readonly Bytes[]): boolean {
  return argv[0].length === 6 && argv[0].toLowerCase() === 'select'
}
