/**
 * A network that is bad: what goes through it is late, its connections break in the midst of anything, and sometimes it carries nothing
 * for a while without anybody being told.
 */
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import type { Random } from '../../differential/random.ts'

export interface NetworkOptions {
  readonly port: number
  readonly random: Random
  /** Chance that a piece of data is the last of its connection; that nothing is carried for `silentMs` from it on. */
  readonly cuts: number
  readonly silences: number
  readonly silentMs: number
  /** Longest delay of a piece. */
  readonly delayMs: number
}

export class BadNetwork {
  readonly #options: NetworkOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  port = 0
  cuts = 0
  silences = 0

  private constructor(options: NetworkOptions) {
    this.#options = options
    this.#server = createServer((client) => this.#carry(client))
  }

  static async start(options: NetworkOptions): Promise<BadNetwork> {
    const proxy = new BadNetwork(options)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    proxy.port = (proxy.#server.address() as { port: number }).port
    return proxy
  }

  #carry(client: Socket): void {
    const server = dial(this.#options.port, '127.0.0.1')
    this.#pass(client, server)
    this.#pass(server, client)
  }

  /** Each piece behind the one before it. */
  #pass(from: Socket, to: Socket): void {
    const { random, cuts, silences, silentMs, delayMs } = this.#options
    this.#sockets.add(from)
    let before = Promise.resolve()
    from.on('data', (piece) => {
      const isCut = random.chance(cuts)
      const isSilent = !isCut && random.chance(silences)
      if (isSilent) this.silences++
      const ms = isSilent ? silentMs : random.next() * delayMs
      before = before.then(async () => {
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
        if (isCut) {
          // Some of it may have come.
          this.cuts++
          to.write(piece.subarray(0, random.integer(0, piece.length)), () => to.destroy())
          from.destroy()
        } else if (!to.destroyed) to.write(piece)
      })
    })
    from.on('error', () => {})
    from.on('close', () => {
      this.#sockets.delete(from)
      before = before.then(() => void to.end())
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
