/**
 * MONITOR of the upstream: one connection there for all who watch here, opened with the first of them and closed after the last.
 * The upstream says which commands ran, whoever sent them.
 */
import { type Reply, ReplyError } from '../base/reply.ts'
import type { Monitors } from '../session/monitors.ts'
import type { Connection } from './connection.ts'
import { faultOf } from './node.ts'

export class Watcher {
  readonly #monitors: Monitors
  /** @throws UpstreamFault */
  readonly #dial: (onClosed: () => void) => Promise<Connection>
  readonly #label: string
  #connection: Connection | undefined
  #starting: Promise<ReplyError | undefined> | undefined

  constructor(monitors: Monitors, dial: (onClosed: () => void) => Promise<Connection>, label: string) {
    this.#monitors = monitors
    this.#dial = dial
    this.#label = label
  }

  /** From here on lines come; the error, if there is one. */
  start(): Promise<ReplyError | undefined> {
    if (this.#connection?.isOpen) return Promise.resolve(undefined)
    this.#starting ??= this.#open().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Ends the connection where nobody watches any more; makes it anew where somebody does and it was lost. */
  sweep(): void {
    if (this.#starting !== undefined) return
    if (this.#monitors.size === 0) this.close()
    else if (this.#connection === undefined) this.#starting = this.start()
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #open(): Promise<ReplyError | undefined> {
    try {
      const connection = await this.#dial(() => {
        this.#connection = undefined
      })
      this.#connection = connection
      connection.onMessage = (line) => this.#monitors.pass(line)
      const reply = await new Promise<Reply>((resolve) => connection.ask(['MONITOR'], resolve))
      return reply instanceof ReplyError ? reply : undefined
    } catch (error) {
      return faultOf(error, this.#label)
    }
  }
}
