/**
 * Clients that wait at the upstream: each has a connection of its own there for as long as it waits. Whoever gives up waiting (the
 * caller has hung up, its time over HTTP is over, CLIENT UNBLOCK) has the upstream end the wait, by CLIENT UNBLOCK there, and takes
 * what it answers: cutting the connection could lose an element that was popped just then.
 */
import { type Reply, ReplyError } from '../base/reply.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import type { Session } from '../session/session.ts'
import type { Lease, Leases } from './leases.ts'
import { isNotYet, type Node, namesServer } from './node.ts'
import { ASKING, REDIRECTIONS, type Redirected, type Request, type Servers } from './servers.ts'

const CLIENT_ID = ['CLIENT', 'ID']

/** Between two attempts at a server that does not run the command yet. */
const WAIT_MS = 50

/** A wait that the upstream does not end when it is told to is cut after so long. */
const UNBLOCK_MS = 1000

interface Wait {
  lease: Lease | undefined
  /** What the upstream calls its connection. */
  id: Reply
  /** Its end was asked for. */
  ends: 'TIMEOUT' | 'ERROR' | undefined
}

export class Blocked {
  readonly #servers: Servers
  readonly #leases: Leases
  readonly #timeoutMs: () => number
  readonly #waits = new Map<Session, Wait>()

  constructor(servers: Servers, leases: Leases, timeoutMs: () => number) {
    this.#servers = servers
    this.#leases = leases
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#waits.size
  }

  async run(session: Session, request: Request): Promise<Reply> {
    const wait: Wait = { lease: undefined, id: null, ends: undefined }
    this.#waits.set(session, wait)
    session.parked = { kind: 'blocked', argv: request.argv }
    try {
      return await this.#run(request, wait)
    } finally {
      this.#waits.delete(session)
      session.parked = undefined
    }
  }

  unblock(session: Session, withError: boolean): boolean {
    const wait = this.#waits.get(session)
    if (wait === undefined) return false
    this.#end(wait, withError ? 'ERROR' : 'TIMEOUT')
    return true
  }

  forget(session: Session): void {
    const wait = this.#waits.get(session)
    if (wait !== undefined) this.#end(wait, 'TIMEOUT')
  }

  close(): void {
    for (const { lease } of this.#waits.values()) lease?.connection.close()
  }

  async #run(request: Request, wait: Wait): Promise<Reply> {
    const startedAt = monotonic()
    let redirections = 0
    let target: Redirected | undefined
    for (;;) {
      const node: Node | ReplyError = target?.node ?? (await this.#servers.home([request]))
      if (node instanceof ReplyError) return node
      const lease = await this.#leases.hold(node, request.db)
      if (lease instanceof ReplyError) return lease
      wait.lease = lease
      const { connection } = lease
      const isAsked = target?.isAsked === true
      const reply = await new Promise<Reply>((resolve) => {
        connection.ask(CLIENT_ID, (id) => {
          wait.id = id
          if (wait.ends !== undefined) this.#end(wait, wait.ends)
        })
        if (isAsked) connection.ask(ASKING, () => {})
        connection.ask(request.argv, resolve)
      })
      wait.lease = undefined
      wait.id = null
      const isElsewhere = this.#servers.wasMaster(reply)
      if (isElsewhere) connection.close()
      this.#leases.give(lease)
      if (wait.ends === undefined) {
        target = redirections < REDIRECTIONS ? this.#servers.follow(reply) : undefined
        if (target !== undefined) {
          redirections++
          continue
        }
        if ((isElsewhere || isNotYet(reply)) && this.#hasTime(startedAt)) {
          await new Promise<void>((resolve) => inBackground(WAIT_MS, resolve))
          if (wait.ends === undefined) continue
        }
      }
      return reply instanceof ReplyError ? namesServer(reply, node.label) : reply
    }
  }

  #hasTime(startedAt: number): boolean {
    const ms = this.#timeoutMs()
    return ms === 0 || monotonic() - startedAt < ms
  }

  /** Has the upstream end the wait; as soon as it is known by which number, if it is not yet. */
  #end(wait: Wait, how: 'TIMEOUT' | 'ERROR'): void {
    wait.ends = how
    const { lease, id } = wait
    if (lease === undefined) return
    inBackground(UNBLOCK_MS, () => {
      if (wait.lease === lease) lease.connection.close()
    })
    if (id instanceof ReplyError) lease.connection.close()
    else if (id !== null) lease.node.tell(['CLIENT', 'UNBLOCK', `${id}`, how])
  }
}
