/** A server that says what a test wants: it lets a client in as a Redis does, and then answers as it was told to. */
import { createServer, type Server, type Socket } from 'node:net'
import { RespReader } from '../clients/resp.ts'
import { show } from '../contract/harness/seen.ts'

/** What is sent for a command; undefined: as a Redis that is well. */
export type Script = (argv: readonly string[], socket: Socket) => string | Buffer | undefined

const INFO = 'redis_version:7.4.1\r\nloading:0\r\n'

export class FakeRedis {
  script: Script
  port = 0
  /** Connections so far. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(script: Script) {
    this.script = script
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async start(script: Script = () => undefined, port = 0): Promise<FakeRedis> {
    const fake = new FakeRedis(script)
    await new Promise<void>((resolve) => fake.#server.listen(port, '127.0.0.1', resolve))
    fake.port = (fake.#server.address() as { port: number }).port
    return fake
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    const reader = new RespReader()
    socket.on('data', (piece) => {
      reader.feed(piece)
      for (let command = reader.next(); command !== undefined; command = reader.next()) {
        if (!Array.isArray(command)) throw new Error(`no command: ${show(command)}`)
        const argv = command.map(String)
        const answer = this.script(argv, socket) ?? well(argv)
        if (!socket.destroyed) socket.write(answer)
      }
    })
  }
}

function well([name]: readonly string[]): string {
  switch (name.toLowerCase()) {
    case 'info':
      return `$${INFO.length}\r\n${INFO}\r\n`
    case 'ping':
      return '+PONG\r\n'
    default:
      return '+OK\r\n'
  }
}
