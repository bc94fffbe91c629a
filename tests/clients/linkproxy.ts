/** A TCP connection through us to somebody else, which can be cut, held up, and counted. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export class LinkProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Connections that were let through. */
  connections = 0
  /** New ones are refused. */
  isClosed = false

  private constructor(target: number) {
    this.#server = createServer((near) => {
      if (this.isClosed) {
        near.destroy()
        return
      }
      this.connections++
      const far = connect({ port: target, host: '127.0.0.1' })
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
  }

  static async to(target: number): Promise<LinkProxy> {
    const proxy = new LinkProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
