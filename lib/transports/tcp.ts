/**
 * The RESP door over TCP (and TLS, and Unix sockets): accepts connections, refuses those that may not come in, and hands the rest
 * to `RespConnection`. What holds per connection is there; here is what holds at the threshold: `maxclients`,
 * `protected-mode`, `tcp-keepalive`, TCP_NODELAY, and an orderly end.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { MAX_CLIENTS } from '../base/errors.ts'
import { inBackground } from '../base/runtime.ts'
import { Gate } from '../session/session.ts'
import { endpoint, isLoopback } from './endpoint.ts'
import { Handshakes } from './handshakes.ts'
import type { Host } from './host.ts'
import { hasRoomFor } from './openfiles.ts'
import { openRespStream, type RespStream } from './respstream.ts'
import { openSocket } from './sockets.ts'
import type { TlsSettings } from './tls.ts'

/** What the TCP door needs of the server besides what every RESP stream needs. */
export interface TcpHost extends Host {
  /** Connections that count against `maxclients`. */
  readonly clientCount: number
  /** False if anyone may come in without a password. */
  readonly asksForPassword: boolean
}

export type TcpAddress =
  | { readonly port: number; readonly host: string; readonly ipv6Only?: boolean }
  | { readonly path: string }

const DENIED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default ' +
  'user. In this mode connections are only accepted from the loopback interface. If you want to connect from external ' +
  'computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command ' +
  "'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is " +
  'running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make ' +
  'this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration ' +
  "file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server " +
  "manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password " +
  'for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting ' +
  'connections from the outside.\r\n'

/** A listening address of the RESP door. */
export class TcpListener {
  readonly #server: Server
  readonly #host: TcpHost
  readonly #connections = new Set<RespStream>()
  readonly #laddr: Bytes | undefined
  readonly #tls: TlsSettings | undefined
  readonly #handshakes: Handshakes | undefined
  #whenEmpty: (() => void) | undefined

  private constructor(host: TcpHost, address: TcpAddress, tls: TlsSettings | undefined) {
    this.#host = host
    this.#tls = tls
    if (tls !== undefined) this.#handshakes = new Handshakes(tls, (socket) => this.#admit(socket), host.log)
    this.#laddr = 'path' in address ? `${address.path}:0` : undefined
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /**
   * Listens; rejects with Node's error (EADDRINUSE, EACCES) if the address cannot be had. With settings of TLS, which must
   * have been configured, connections are secured first.
   */
  static listen(host: TcpHost, address: TcpAddress, tls?: TlsSettings): Promise<TcpListener> {
    const listener = new TcpListener(host, address, tls)
    const backlog = host.engine.config['tcp-backlog']
    return new Promise((resolve, reject) => {
      listener.#server.once('error', reject)
      listener.#server.listen({ ...address, backlog }, () => {
        listener.#server.removeListener('error', reject)
        resolve(listener)
      })
    })
  }

  /** The port in use; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Listening does not keep the process alive from here on. */
  unref(): void {
    this.#server.unref()
  }

  /** Stops accepting; those who are connected stay. */
  stop(): void {
    this.#server.close()
  }

  /**
   * Stops accepting, lets each client have the replies to what it sent, and ends all connections: those of clients that do
   * not take their replies after `graceMs`.
   */
  close(graceMs = 10_000): Promise<void> {
    return new Promise((resolve) => {
      const cancel = inBackground(graceMs, () => {
        for (const connection of this.#connections) connection.close()
      })
      this.#server.close(() => {
        cancel()
        // A secured connection ends a moment after the plain one beneath it.
        if (this.#connections.size === 0) resolve()
        else this.#whenEmpty = resolve
      })
      this.#handshakes?.cut()
      for (const connection of this.#connections) {
        if (connection.session.parked === undefined) connection.closeAfterReply()
        else connection.close()
      }
    })
  }

  #accept(accepted: Socket): void {
    const host = this.#host
    const { config } = host.engine
    accepted.on('error', () => {}) // 'close' follows
    if (host.clientCount + (this.#tls?.handshakes ?? 0) >= config.maxclients || !hasRoomFor(accepted)) {
      // To a client of TLS nothing can be said before the handshake.
      this.#refuse(accepted, this.#handshakes === undefined ? `-${MAX_CLIENTS.text}\r\n` : '')
      return
    }
    if (config['tcp-keepalive'] > 0) accepted.setKeepAlive(true, config['tcp-keepalive'] * 1000)
    if (this.#handshakes === undefined) this.#admit(accepted)
    else this.#handshakes.begin(accepted)
  }

  #admit(accepted: Socket): void {
    const host = this.#host
    const { config, stats } = host.engine
    accepted.on('error', () => {})
    if (
      config['protected-mode'] &&
      !host.asksForPassword &&
      this.#laddr === undefined &&
      !isLoopback(accepted.remoteAddress)
    ) {
      this.#refuse(accepted, DENIED)
      return
    }
    stats.connections++
    const addr = this.#laddr ?? endpoint(accepted.remoteAddress, accepted.remotePort)
    const laddr = this.#laddr ?? endpoint(accepted.localAddress, accepted.localPort)
    const { socket, wire } = openSocket(
      accepted,
      (buffer, length) => connection.receive(buffer, length),
      () => connection.drained(),
    )
    const connection = openRespStream(host, 'tcp', wire, addr, laddr)
    this.#connections.add(connection)
    socket.on('error', () => {}) // 'close' follows
    if (connection.session.gate & Gate.Unauthenticated)
      connection.wait(host.engine.ports.access.authFailures.delayAt(addr))
    socket.on('end', () => connection.ended())
    socket.on('close', () => {
      this.#connections.delete(connection)
      connection.closed()
      if (this.#connections.size === 0) this.#whenEmpty?.()
    })
  }

  #refuse(socket: Socket, line: Bytes): void {
    this.#host.engine.stats.rejectedConnections++
    socket.write(line, 'latin1')
    socket.destroySoon()
  }
}
