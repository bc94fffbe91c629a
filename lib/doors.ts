/**
 * The doors that listen: RESP on TCP and on a Unix socket, REST and WebSockets on HTTP, opened as the configuration says,
 * opened anew where CONFIG SET changes it, and closed in order: first nothing new comes in, then what is under way is
 * answered.
 */
import { chmodSync, statSync, unlinkSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Config, Refusal } from './config.ts'
import type { Log } from './observability/log.ts'
import { type Fallback, HttpListener } from './transports/http.ts'
import { type TcpHost, TcpListener } from './transports/tcp.ts'
import type { WebSocketDoor } from './transports/websocket.ts'

/** An address that cannot be had; the message is one line for the person who started us. */
export class DoorError extends Error {}

/** What to open other than what the configuration says; port 0 takes any free one, false opens none. */
export interface DoorOptions {
  readonly port?: number | false | undefined
  readonly httpPort?: number | false | undefined
  /** Serves the HTTP requests that are not for REST. */
  readonly fallback?: Fallback | undefined
  /** Serves the upgrades that are not for WebSockets of ours. */
  readonly fallbackUpgrade?: UpgradeFallback | undefined
}

export type UpgradeFallback = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What is open now; 0 and '' where nothing is. */
export interface OpenDoors {
  readonly port: number
  readonly httpPort: number
  readonly unixsocket: string
}

const UNLISTENABLE = 'Unable to listen on this port. Check server logs.'
const UNBINDABLE = 'Failed to bind to specified addresses.'

export class Doors {
  readonly #host: TcpHost
  readonly #websockets: WebSocketDoor
  readonly #config: Config
  readonly #log: Log
  #tcp: readonly TcpListener[] = []
  #unix: TcpListener | undefined
  #http: readonly HttpListener[] = []
  /** Listeners that have stopped while their clients stay. */
  readonly #stopped: TcpListener[] = []
  /** Connections that have left HTTP, for WebSockets of the fallback. */
  readonly #upgraded = new Set<Duplex>()
  #fallback: Fallback | undefined
  #fallbackUpgrade: UpgradeFallback | undefined
  #isOpen = false

  constructor(host: TcpHost, websockets: WebSocketDoor, config: Config, log: Log) {
    this.#host = host
    this.#websockets = websockets
    this.#config = config
    this.#log = log
    config.onApply('port', () => this.#refusal(UNLISTENABLE, () => this.#reopenTcp()))
    config.onApply('http-port', () => this.#refusal(UNLISTENABLE, () => this.#reopenHttp()))
    config.onApply('bind', () =>
      this.#refusal(UNBINDABLE, async () => {
        await this.#reopenTcp()
        await this.#reopenHttp()
      }),
    )
  }

  get open(): OpenDoors {
    return {
      port: this.#tcp[0]?.port ?? 0,
      httpPort: this.#http[0]?.port ?? 0,
      unixsocket: this.#unix === undefined ? '' : this.#config.values.unixsocket,
    }
  }

  /** Opens everything that is configured, or nothing. @throws DoorError */
  async openAll(options: DoorOptions = {}): Promise<OpenDoors> {
    const { values } = this.#config
    const { port = values.port || false, httpPort = values['http-port'] || false } = options
    this.#fallback = options.fallback
    this.#fallbackUpgrade = options.fallbackUpgrade
    try {
      if (port !== false) this.#tcp = await this.#listenTcp(port)
      if (values.unixsocket !== '') this.#unix = await this.#listenUnix(values.unixsocket)
      if (httpPort !== false) this.#http = await this.#listenHttp(httpPort)
    } catch (error) {
      await this.closeAll(0)
      throw error
    }
    this.#isOpen = true
    return this.open
  }

  /** Stops accepting, lets what is under way finish for at most `graceMs`, then cuts. */
  async closeAll(graceMs: number): Promise<void> {
    this.#isOpen = false
    const listeners = [...this.#tcp, ...this.#stopped, ...(this.#unix === undefined ? [] : [this.#unix]), ...this.#http]
    const http = this.#http
    this.#tcp = []
    this.#unix = undefined
    this.#http = []
    for (const socket of this.#upgraded) socket.destroy()
    const cut = setTimeout(() => {
      for (const listener of http) listener.server.closeAllConnections()
    }, graceMs)
    await Promise.all([...listeners.map((listener) => listener.close(graceMs)), this.#websockets.close(graceMs)])
    clearTimeout(cut)
  }

  async #reopenTcp(): Promise<void> {
    const { port } = this.#config.values
    // An address can be listened on again only after its listener has stopped.
    for (const listener of this.#tcp) listener.stop()
    this.#stopped.push(...this.#tcp)
    this.#tcp = []
    if (port !== 0) this.#tcp = await this.#listenTcp(port)
  }

  async #reopenHttp(): Promise<void> {
    const port = this.#config.values['http-port']
    for (const listener of this.#http) void listener.close()
    this.#http = []
    if (port !== 0) this.#http = await this.#listenHttp(port)
  }

  /** Carries out a change of address; where that fails, the log says why and the client is told what Redis tells it. */
  #refusal(reason: string, reopen: () => Promise<void>): Refusal | Promise<Refusal> {
    if (!this.#isOpen) return undefined
    return reopen().then(
      () => undefined,
      (error) => {
        this.#log('warning', (error as Error).message)
        return reason
      },
    )
  }

  #listenTcp(port: number): Promise<readonly TcpListener[]> {
    return this.#onEach('port', port, (address) => TcpListener.listen(this.#host, address))
  }

  #listenHttp(port: number): Promise<readonly HttpListener[]> {
    return this.#onEach('http-port', port, async (address) => {
      const listener = await HttpListener.listen(this.#host, address, this.#fallback)
      listener.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
      return listener
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#websockets.upgrade(request, socket, head)) return
    if (this.#fallbackUpgrade === undefined) {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    // No longer Node's to close: a page that is open in a browser would hold us for ever.
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
    this.#fallbackUpgrade(request, socket, head)
  }

  async #listenUnix(path: string): Promise<TcpListener> {
    try {
      // What a process that was killed left behind would be in the way.
      if (statSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path)
      const listener = await TcpListener.listen(this.#host, { path })
      const { unixsocketperm } = this.#config.values
      if (unixsocketperm !== 0) chmodSync(path, unixsocketperm)
      return listener
    } catch (error) {
      throw new DoorError(`Failed opening Unix socket: bind: ${(error as Error).message}`)
    }
  }

  /** Listens on each address of `bind`; one that is marked optional may be missing on this host. */
  async #onEach<T extends { close(): unknown; readonly port: number }>(
    flag: 'port' | 'http-port',
    port: number,
    listen: (address: ListenAddress) => Promise<T>,
  ): Promise<readonly T[]> {
    const opened: T[] = []
    for (const written of this.#config.values.bind) {
      const optional = written.startsWith('-')
      const host = optional ? written.slice(1) : written
      try {
        // With port 0 the first address takes a free one, and the others take the same.
        opened.push(await listen(listenAddress(host, opened[0]?.port ?? port)))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (optional && code !== 'EADDRINUSE' && code !== 'EACCES') continue
        for (const each of opened) each.close()
        const what = flag === 'port' ? 'tcp' : 'http'
        throw new DoorError(
          `Failed listening on port ${port} (${what}) of ${host}: ${listenReason(code, error)}; choose another with --${flag}.`,
        )
      }
    }
    return opened
  }
}

interface ListenAddress {
  readonly host: string
  readonly port: number
  readonly ipv6Only?: boolean
}

/** `*` is every IPv4 address, `::*` every IPv6 address. */
function listenAddress(host: string, port: number): ListenAddress {
  if (host === '*') return { host: '0.0.0.0', port }
  if (host === '::*') return { host: '::', port, ipv6Only: true }
  return host.includes(':') ? { host, port, ipv6Only: true } : { host, port }
}

function listenReason(code: string | undefined, error: unknown): string {
  if (code === 'EADDRINUSE') return 'address already in use'
  if (code === 'EACCES') return 'permission denied'
  return (error as Error).message
}
