/**
 * What ioredis 5 and 6 take as their option `Connector`: a class that gives them a stream in place of a socket. Knows nothing
 * of ioredis's modules, so it fits both versions.
 */
import type { Duplex } from 'node:stream'
import { inBackground } from '../base/runtime.ts'

/**
 * What ioredis's option `Connector` takes. Each version of ioredis declares its connectors as a class with private parts,
 * which only its own can be; an instance declared as `never` is taken for any of them.
 */
export type Connector = new (options: unknown) => never

/** What ioredis says of the server that it wants. */
export interface Wanted {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

/** Opens a stream that emits `connectEvent` once it is connected. */
export type OpenStream = (connectEvent: 'connect' | 'secureConnect', wanted: Wanted) => Duplex

/** How long a client waits that comes again to a server that is no more: longer than between its tries, so that soon all wait. Unit: ms. */
const IN_VAIN_MS = 10_000

/**
 * A connector whose streams `open` makes. Clients come again and again to one that `isOver` for good: that must not keep a process alive
 * that has nothing else to do.
 */
export function connectorOf(open: OpenStream, isOver: () => boolean = () => false): Connector {
  class StreamConnector {
    /** Why the connection could not be made: ioredis reports it. */
    firstError: Error | undefined
    readonly #options: Wanted & { readonly tls?: unknown; readonly disconnectTimeout?: number }
    #connecting = false
    #stream: Duplex | undefined
    #hasComeInVain = false
    #endWait: () => void = () => {}

    constructor(given: unknown) {
      this.#options = (given ?? {}) as Wanted & { tls?: unknown; disconnectTimeout?: number }
    }

    /** ioredis asks whether the server is the one that it wants, by its INFO. */
    check(): boolean {
      return true
    }

    async connect(): Promise<Duplex> {
      this.#connecting = true
      // ioredis may think better of it within the same turn.
      await (this.#hasComeInVain ? this.#wait() : undefined)
      this.#hasComeInVain = isOver()
      if (!this.#connecting) throw new Error('Connection is closed.')
      const stream = open(this.#options.tls ? 'secureConnect' : 'connect', this.#options)
      this.#stream = stream
      stream.once('error', (error) => {
        this.firstError = error
      })
      return stream
    }

    #wait(): Promise<void> {
      return new Promise((resolve) => {
        this.#endWait = resolve
        inBackground(IN_VAIN_MS, resolve)
      })
    }

    disconnect(): void {
      this.#connecting = false
      this.#endWait()
      const stream = this.#stream
      if (stream === undefined || stream.destroyed) return
      const timeout = setTimeout(() => stream.destroy(), this.#options.disconnectTimeout ?? 2000)
      stream.once('close', () => clearTimeout(timeout))
      stream.end()
    }
  }
  return StreamConnector as unknown as Connector
}
