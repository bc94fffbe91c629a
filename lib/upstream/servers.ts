/**
 * Where a command goes: to the one server that there is, or to the node of a Cluster that has its keys (cluster.ts).
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import { requestBytes } from '../protocol/request.ts'
import type { Answer } from './connection.ts'
import { Node, type NodeParts } from './node.ts'

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

export interface Servers {
  /** Asks on a shared connection. Never rejects. */
  ask(request: Request): Promise<Reply>
  /** The same for who needs no promise. */
  send(request: Request, answer: Answer): void
  /** The node on which commands can run together; the error where there is none. */
  home(requests: readonly Request[]): Promise<Node | ReplyError>
  /** True where the reply says that the commands belong to another node by now; where they do, is looked up anew. */
  isElsewhere(reply: Reply): boolean
  /** Any node, for messages and lines of MONITOR. */
  any(): Promise<Node | ReplyError>
  closeIdle(idleMs: number): void
  readonly isCircuitOpen: boolean
  close(): void
}

export class SingleServer implements Servers {
  readonly #node: Node
  readonly #db: number

  constructor(parts: NodeParts) {
    this.#node = new Node(parts)
    this.#db = parts.dialer.address.db
  }

  ask({ argv, db, isRead }: Request): Promise<Reply> {
    return this.#node.ask(requestBytes(argv), db, isRead)
  }

  send({ argv, db, isRead }: Request, answer: Answer): void {
    this.#node.send(requestBytes(argv), db, isRead, answer)
  }

  home(): Promise<Node> {
    return Promise.resolve(this.#node)
  }

  isElsewhere(): boolean {
    return false
  }

  any(): Promise<Node> {
    return Promise.resolve(this.#node)
  }

  closeIdle(idleMs: number): void {
    this.#node.closeIdle(idleMs, this.#db)
  }

  get isCircuitOpen(): boolean {
    return this.#node.circuit.isOpen
  }

  close(): void {
    this.#node.close()
  }
}
