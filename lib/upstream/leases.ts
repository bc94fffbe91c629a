/**
 * Connections for one user at a time: a transaction, a command that blocks, a client that watches keys. All of them together are
 * bounded; a transaction waits for its turn, and what may hold its connection for long (`hold`) gets at most half of them, so that
 * transactions always come by. What is given back stays open for the next user, until it was idle for too long.
 */
import type { Reply } from '../base/reply.ts'
import { ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import type { Connection } from './connection.ts'
import { faultOf, type Node } from './node.ts'

export const TOO_MANY_HELD = new ReplyError(
  'ERR too many commands wait at the upstream, or watch keys there: see upstream-max-connections',
)

export interface Lease {
  readonly node: Node
  readonly connection: Connection
  readonly isHeld: boolean
}

interface Idle extends Lease {
  readonly since: number
}

export class Leases {
  readonly #max: () => number
  readonly #connections: () => number
  /** Those in use, idle, or being made. */
  #open = 0
  #held = 0
  #idle: Idle[] = []
  #waiting: (() => void)[] = []

  /** `max` is for all connections, `connections` are those that are open, shared ones included. */
  constructor(max: () => number, connections: () => number) {
    this.#max = max
    this.#connections = connections
  }

  /** Number of those who wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** A connection for a moment. The reply is what to answer instead. */
  async take(node: Node, db: number): Promise<Lease | ReplyError> {
    for (;;) {
      const lease = this.#idleOf(node) ?? (await this.#dial(node, db))
      if (lease instanceof ReplyError) return lease
      if (lease === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      else if (lease.connection.isOpen) return selected(lease, db)
    }
  }

  /** A connection for as long as it takes. */
  async hold(node: Node, db: number): Promise<Lease | ReplyError> {
    if (this.#held >= Math.max(1, Math.floor(this.#limit / 2))) return TOO_MANY_HELD
    this.#held++
    const lease = await this.take(node, db)
    if (lease instanceof ReplyError) {
      this.#held--
      return lease
    }
    lease.connection.isPatient = true
    return { ...lease, isHeld: true }
  }

  /** The user is done with it. */
  give({ node, connection, isHeld }: Lease): void {
    if (isHeld) this.#held--
    connection.isPatient = false
    if (connection.isOpen) this.#idle.push({ node, connection, isHeld: false, since: monotonic() })
    this.#next()
  }

  closeIdle(idleMs: number): void {
    for (const { connection, since } of [...this.#idle]) if (monotonic() - since >= idleMs) connection.close()
  }

  close(): void {
    for (const { connection } of [...this.#idle]) connection.close()
  }

  get #limit(): number {
    const shared = Math.max(1, this.#connections() - this.#open)
    return Math.max(1, this.#max() - shared)
  }

  #idleOf(node: Node): Lease | undefined {
    const at = this.#idle.findLastIndex((idle) => idle.node === node)
    return at === -1 ? undefined : this.#idle.splice(at, 1)[0]
  }

  /** Undefined where there are as many as there may be. */
  async #dial(node: Node, db: number): Promise<Lease | ReplyError | undefined> {
    if (this.#open >= this.#limit) {
      // One that leads elsewhere makes room.
      this.#idle[0]?.connection.close()
      if (this.#open >= this.#limit) return undefined
    }
    this.#open++
    try {
      const connection = await node.dial(db, () => {
        this.#open--
        this.#idle = this.#idle.filter((idle) => idle.connection !== connection)
        this.#next()
      })
      return { node, connection, isHeld: false }
    } catch (error) {
      this.#open--
      this.#next()
      return faultOf(error, node.label)
    }
  }

  #next(): void {
    this.#waiting.shift()?.()
  }
}

function selected(lease: Lease, db: number): Lease {
  selectOn(lease.connection, db)
  return lease
}

/** Has a connection look at a database; one on which that fails is of no use. */
export function selectOn(connection: Connection, db: number): void {
  if (connection.db === db) return
  connection.db = db
  connection.ask(['SELECT', `${db}`], (reply: Reply) => {
    if (reply instanceof ReplyError) connection.close()
  })
}
