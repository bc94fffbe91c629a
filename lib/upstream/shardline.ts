/**
 * A connection to one node of a Cluster, for the shard channels that are subscribed to there.
 *
 * The node ends a subscription by itself when the slot leaves it, and says so as if it had been asked to; so what it says is not
 * counted. Behind each command goes a PING: what is refused before its answer comes is that command.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import type { Connection } from './connection.ts'

const PING = ['PING']

/** How often the connection is tried out while nothing is asked of it. */
const PING_MS = 10_000

/** Hears of a channel. */
export interface ShardListener {
  message(name: Bytes, push: readonly Reply[]): void
  /** The node has it no more. */
  moved(line: ShardLine, name: Bytes): void
}

export class ShardLine {
  /** The channels that are subscribed to here, or about to be. */
  readonly names = new Set<Bytes>()
  readonly #connection: Connection
  readonly #listener: ShardListener
  /** What was refused of each command whose PING is not answered. */
  readonly #refusals: (ReplyError | undefined)[] = []
  #askedAt = monotonic()

  constructor(connection: Connection, listener: ShardListener) {
    this.#connection = connection
    this.#listener = listener
    connection.isAnswer = isPong
    connection.onMessage = (reply) => this.#hear(reply)
  }

  /** Undefined once the node has confirmed it; it may have let it go since (`names`). */
  subscribe(name: Bytes): Promise<ReplyError | undefined> {
    this.names.add(name)
    return new Promise((resolve) => {
      this.#ask(['SSUBSCRIBE', name], (error) => {
        if (error !== undefined) this.names.delete(name)
        resolve(error)
      })
    })
  }

  unsubscribe(name: Bytes): void {
    if (this.names.delete(name)) this.#ask(['SUNSUBSCRIBE', name], () => {})
  }

  ping(): void {
    if (monotonic() - this.#askedAt >= PING_MS) this.#ask(undefined, () => {})
  }

  close(): void {
    this.#connection.close()
  }

  #ask(argv: readonly Bytes[] | undefined, answer: (error: ReplyError | undefined) => void): void {
    this.#askedAt = monotonic()
    if (argv !== undefined) this.#connection.tell(argv)
    this.#refusals.push(undefined)
    this.#connection.ask(PING, (reply) => {
      const refusal = this.#refusals.shift()
      answer(reply instanceof ReplyError ? reply : refusal)
    })
  }

  #hear(reply: Reply): void {
    if (reply instanceof ReplyError) this.#refusals[0] ??= reply
    if (!Array.isArray(reply)) return
    const [kind, name] = reply as readonly Bytes[]
    if (kind === 'smessage') this.#listener.message(name, reply)
    else if (kind === 'sunsubscribe' && this.names.delete(name)) this.#listener.moved(this, name)
  }
}

/** A subscriber's PING is answered by an array. */
function isPong(reply: Reply): boolean {
  return Array.isArray(reply) ? reply[0] === 'pong' : !(reply instanceof ReplyError)
}
