/**
 * Where a command goes: to the one server that there is, or to the node of a Cluster that has its keys (cluster.ts).
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import type { Answer } from './connection.ts'
import { codeOf, Node, type NodeParts } from './node.ts'

/** Said to a node before a command that another node has sent there for this once. */
export const ASKING: readonly Bytes[] = ['ASKING']

/** Said to who waits at a master that becomes a replica. */
const STATE_CHANGED = 'UNBLOCKED force unblock from blocking operation, instance state changed'

/** Redirections that are followed for one command, or one transaction. */
export const REDIRECTIONS = 16

/** A command to be sent; `command` is undefined where only the upstream knows it. */
export interface Request {
  readonly command: Command | undefined
  readonly argv: readonly Bytes[]
  readonly db: number
  /** It changes nothing: it may be asked again. */
  readonly isRead: boolean
  /** Of a command of ours that has a key, which key. */
  readonly key?: Bytes
}

/** Where a node has sent a command; `isAsked`: for this once, and ASKING comes before it. */
export interface Redirected {
  readonly node: Node
  readonly isAsked: boolean
}

export interface Servers {
  /** Asks on a shared connection. Never rejects. */
  ask(request: Request): Promise<Reply>
  /** The same for who needs no promise. */
  send(request: Request, answer: Answer): void
  /** The node on which commands can run together; the error where there is none. */
  home(requests: readonly Request[]): Promise<Node | ReplyError>
  /** Where commands belong that were answered so; undefined where that is no redirection. */
  follow(reply: Reply): Redirected | undefined
  /** True for the answer of a server that was the master and is none any more: its connections lead where nobody wants to go. */
  wasMaster(reply: Reply): boolean
  /** Any node, for messages and lines of MONITOR. */
  any(): Promise<Node | ReplyError>
  closeIdle(idleMs: number): void
  /** Looks where everything is, if that was long ago. */
  lookAgain(): void
  readonly isCircuitOpen: boolean
  close(): void
}

export class SingleServer implements Servers {
  readonly node: Node
  readonly #db: number
  readonly #hasSentinels: boolean

  constructor(parts: NodeParts) {
    const { db, kind } = parts.dialer.address
    this.node = new Node(parts)
    this.#db = db
    this.#hasSentinels = kind === 'sentinel'
  }

  ask({ argv, db, isRead }: Request): Promise<Reply> {
    return this.node.ask(argv, db, isRead)
  }

  send({ argv, db, isRead }: Request, answer: Answer): void {
    this.node.send(argv, db, isRead, answer)
  }

  home(): Promise<Node> {
    return Promise.resolve(this.node)
  }

  follow(): undefined {
    return undefined
  }

  wasMaster(reply: Reply): boolean {
    if (!this.#hasSentinels || !(reply instanceof ReplyError)) return false
    return codeOf(reply) === 'READONLY' || reply.text.startsWith(STATE_CHANGED)
  }

  any(): Promise<Node> {
    return Promise.resolve(this.node)
  }

  closeIdle(idleMs: number): void {
    this.node.closeIdle(idleMs, this.#db)
  }

  lookAgain(): void {}

  get isCircuitOpen(): boolean {
    return this.node.circuit.isOpen
  }

  close(): void {
    this.node.close()
  }
}
