/** RESP over TCP. */
import { createServer, type Server, type Socket } from 'node:net'
import type { Engine } from '../engine/engine.ts'
import { Decoder, ProtocolError } from '../protocol/decode.ts'
import { Encoder } from '../protocol/encode.ts'
import { type Reply, ReplyError } from '../reply.ts'
import type { Link, Session } from '../session/session.ts'

export interface Host {
  readonly engine: Engine
  openSession(door: 'tcp', link: Link, addr: string, laddr: string): Session
  closeSession(session: Session): void
}

class Connection implements Link {
  readonly #socket: Socket
  readonly #host: Host
  readonly #decoder: Decoder
  readonly #encoder: Encoder
  readonly session: Session
  #busy = false
  #closing = false

  constructor(socket: Socket, host: Host) {
    this.#socket = socket
    this.#host = host
    this.#decoder = new Decoder(host.engine.config['proto-max-bulk-len'])
    this.#encoder = new Encoder((part) => socket.write(part, 'latin1'))
    this.session = host.openSession(
      'tcp',
      this,
      `${socket.remoteAddress}:${socket.remotePort}`,
      `${socket.localAddress}:${socket.localPort}`,
    )
    socket.on('data', (chunk: Buffer) => {
      this.#decoder.feed(chunk)
      if (!this.#busy) this.#serve()
    })
    socket.on('error', () => {})
    socket.on('close', () => host.closeSession(this.session))
  }
  get inputBytes(): number {
    return this.#decoder.pendingBytes
  }
  get outputBytes(): number {
    return this.#socket.writableLength
  }
  push(reply: Reply): void {
    this.#encoder.add(reply)
    this.#encoder.flush()
  }
  closeAfterReply(): void {
    this.#closing = true
  }
  close(): void {
    this.#socket.destroy()
  }

  #serve(): void {
    const { engine } = this.#host
    const encoder = this.#encoder
    engine.stopwatch.beginBatch()
    while (!this.#closing) {
      const argv = this.#decoder.next()
      if (argv === undefined) break
      if (argv instanceof ProtocolError) {
        encoder.add(new ReplyError(argv.text))
        this.#closing = true
        break
      }
      const reply = engine.execute(this.session, argv)
      if (reply instanceof Promise) {
        this.#busy = true
        void reply.then((late) => {
          this.#busy = false
          encoder.proto = this.session.proto
          encoder.add(late)
          this.#serve()
        })
        break
      }
      encoder.proto = this.session.proto
      encoder.add(reply)
    }
    engine.stopwatch.endBatch()
    encoder.flush()
    if (this.#closing) this.#socket.end()
  }
}

export function listenTcp(host: Host, port: number, bind: string): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    new Connection(socket, host)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, bind, () => resolve(server))
  })
}
