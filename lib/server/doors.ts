/**
 * The doors that listen: RESP on TCP, over TLS and on a Unix socket, REST and WebSockets on HTTP, opened as the configuration says,
 * opened anew where CONFIG SET changes it, and closed in order: first nothing new comes in, then what is under way is
 * answered.
 */

import { chmodSync, existsSync, statSync, unlinkSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { inBackground } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Config, Refusal } from '../config/config.ts'
import { variableOf } from '../config/environment.ts'
import type { ListenerFacts } from '../observability/info.ts'
import type { Log } from '../observability/log.ts'
import type { Fallback, HttpFallbacks, HttpListener, UpgradeFallback } from '../transports/http.ts'
import type { TcpHost, TcpListener } from '../transports/tcp.ts'
import { TLS_DIRECTIVES, TlsSettings } from '../transports/tls.ts'
import type { HttpDoors } from './httpdoors.ts'

/** An address that cannot be had; the message is one line for the person who started us. */
export class DoorError extends Error {}

/** What to open other than what the configuration says; port 0 takes any free one, false opens none. */
export interface DoorOptions {
  readonly port?: number | false | undefined
  readonly tlsPort?: number | false | undefined
  readonly httpPort?: number | false | undefined
  /** What listens does not keep the process alive. Default false. */
  readonly unref?: boolean
  /** Serves the HTTP requests that are not for REST. */
  readonly fallback?: Fallback | undefined
  /** Serves the upgrades that are not for WebSockets of ours. */
  readonly fallbackUpgrade?: UpgradeFallback | undefined
}

/** What is open now; 0 and '' where nothing is. */
export interface OpenDoors {
  readonly port: number
  readonly tlsPort: number
  readonly httpPort: number
  readonly unixsocket: string
}

const UNLISTENABLE = 'Unable to listen on this port. Check server logs.'
const TLS_UNUSABLE = 'Unable to update TLS configuration. Check server logs.'
const UNBINDABLE = 'Failed to bind to specified addresses.'

/** What listens on the port that a directive names. */
const WHAT_LISTENS = { port: 'tcp', 'tls-port': 'TLS', 'http-port': 'http' } as const

export class Doors {
  readonly #host: TcpHost
  readonly #onHttp: HttpDoors
  readonly #config: Config
  readonly #log: Log
  readonly #tlsSettings: TlsSettings
  #tcp: readonly TcpListener[] = []
  #tls: readonly TcpListener[] = []
  #unix: TcpListener | undefined
  #http: readonly HttpListener[] = []
  /** Listeners that have stopped while their clients stay. */
  readonly #stopped: TcpListener[] = []
  /** Connections that have left HTTP, for WebSockets of the fallback. */
  readonly #upgraded = new Set<Duplex>()
  #fallback: Fallback | undefined
  #fallbackUpgrade: UpgradeFallback | undefined
  #isOpen = false

  constructor(host: TcpHost, onHttp: HttpDoors, config: Config, log: Log) {
    this.#host = host
    this.#onHttp = onHttp
    this.#config = config
    this.#log = log
    this.#tlsSettings = new TlsSettings(config.values, log)
    config.onApply('port', () => this.#refusal(UNLISTENABLE, () => this.#reopenTcp()))
    config.onApply('tls-port', () => this.#changeTlsPort())
    for (const name of TLS_DIRECTIVES) config.onApply(name, () => this.#changeTls())
    config.onApply('http-port', () => this.#refusal(UNLISTENABLE, () => this.#reopenHttp()))
    config.onApply('bind', () =>
      this.#refusal(UNBINDABLE, async () => {
        await this.#reopenTcp()
        await this.#reopenTls()
        await this.#reopenHttp()
      }),
    )
  }

  get open(): OpenDoors {
    return {
      port: this.#tcp[0]?.port ?? 0,
      tlsPort: this.#tls[0]?.port ?? 0,
      httpPort: this.#http[0]?.port ?? 0,
      unixsocket: this.#unix === undefined ? '' : this.#config.values.unixsocket,
    }
  }

  /** What INFO says of those that speak RESP. */
  get listeners(): readonly ListenerFacts[] {
    const { port, tlsPort, unixsocket } = this.open
    const binds = this.#config.values.bind
    const all: readonly (ListenerFacts & { readonly isOpen: boolean })[] = [
      { index: 0, name: 'tcp', binds, port, isOpen: port !== 0 },
      { index: 1, name: 'unix', binds: [unixsocket], port: 0, isOpen: unixsocket !== '' },
      { index: 2, name: 'tls', binds, port: tlsPort, isOpen: tlsPort !== 0 },
    ]
    return all.filter(({ isOpen }) => isOpen)
  }

  /** Opens everything that is configured, or nothing. @throws DoorError */
  async openAll(options: DoorOptions = {}): Promise<OpenDoors> {
    const { values } = this.#config
    const { port = values.port || false } = options
    const { tlsPort = values['tls-port'] || false, httpPort = values['http-port'] || false } = options
    this.#fallback = options.fallback
    this.#fallbackUpgrade = options.fallbackUpgrade
    try {
      if (tlsPort !== false && !(await this.#tlsSettings.configure())) {
        throw new DoorError('Failed to configure TLS. Check logs for more info.')
      }
      if (port !== false) this.#tcp = await this.#listenTcp(port)
      if (tlsPort !== false) this.#tls = await this.#listenTls(tlsPort)
      if (values.unixsocket !== '') this.#unix = await this.#listenUnix(values.unixsocket)
      if (httpPort !== false) this.#http = await this.#listenHttp(httpPort)
    } catch (error) {
      await this.closeAll(0)
      throw error
    }
    if (options.unref) {
      const unix = this.#unix === undefined ? [] : [this.#unix]
      for (const listener of [...this.#tcp, ...this.#tls, ...unix, ...this.#http]) listener.unref()
    }
    this.#isOpen = true
    return this.open
  }

  /** Stops accepting, lets what is under way finish for at most `graceMs`, then cuts. */
  async closeAll(graceMs: number): Promise<void> {
    this.#isOpen = false
    const unix = this.#unix === undefined ? [] : [this.#unix]
    const listeners = [...this.#tcp, ...this.#tls, ...this.#stopped, ...unix, ...this.#http]
    const http = this.#http
    this.#tcp = []
    this.#tls = []
    this.#unix = undefined
    this.#http = []
    for (const socket of this.#upgraded) socket.destroy()
    const cancel = inBackground(graceMs, () => {
      for (const listener of http) listener.server.closeAllConnections()
    })
    await Promise.all([...listeners.map((listener) => listener.close(graceMs)), this.#onHttp.close(graceMs)])
    cancel()
  }

  async #reopenTcp(): Promise<void> {
    const { port } = this.#config.values
    this.#stop(this.#tcp)
    this.#tcp = []
    if (port !== 0) this.#tcp = await this.#listenTcp(port)
  }

  async #reopenTls(): Promise<void> {
    const port = this.#config.values['tls-port']
    this.#stop(this.#tls)
    this.#tls = []
    if (port !== 0) this.#tls = await this.#listenTls(port)
  }

  /** An address can be listened on again only after its listener has stopped. */
  #stop(listeners: readonly TcpListener[]): void {
    for (const listener of listeners) listener.stop()
    this.#stopped.push(...listeners)
  }

  async #changeTlsPort(): Promise<Refusal> {
    if (!this.#isOpen) return undefined
    const begins = this.#tls.length === 0 && this.#config.values['tls-port'] !== 0
    if (begins && !(await this.#tlsSettings.configure())) return TLS_UNUSABLE
    return this.#refusal(UNLISTENABLE, () => this.#reopenTls())
  }

  /** While nobody listens for TLS, what is set is looked at only later. */
  #changeTls(): Refusal | Promise<Refusal> {
    if (this.#tls.length === 0) return undefined
    return this.#tlsSettings.configure().then((isUsable) => (isUsable ? undefined : TLS_UNUSABLE))
  }

  async #reopenHttp(): Promise<void> {
    const port = this.#config.values['http-port']
    const { values } = this.#config
    for (const listener of this.#http) unawaited(listener.close(), values, (message) => this.#log('warning', message))
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

  // What listens loads when it is to: a store that is called in process, or by Next, needs no net, tls and http of Node's.

  async #listenTcp(port: number): Promise<readonly TcpListener[]> {
    const { TcpListener } = await import('../transports/tcp.ts')
    return this.#onEach('port', port, (address) => TcpListener.listen(this.#host, address))
  }

  async #listenTls(port: number): Promise<readonly TcpListener[]> {
    const { TcpListener } = await import('../transports/tcp.ts')
    return this.#onEach('tls-port', port, (address) => TcpListener.listen(this.#host, address, this.#tlsSettings))
  }

  async #listenHttp(port: number): Promise<readonly HttpListener[]> {
    const { HttpListener } = await import('../transports/http.ts')
    const fallbacks: HttpFallbacks = {
      fallback: this.#fallback,
      console: (request, response, path) =>
        this.#fallback === undefined && // whose page is the console
        this.#config.values.console &&
        this.#onHttp.showConsole(request, response, path),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
    }
    return this.#onEach('http-port', port, (address) => HttpListener.listen(this.#host, address, fallbacks))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#onHttp.handleUpgrade(request, socket, head)) return
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
    const { TcpListener } = await import('../transports/tcp.ts')
    try {
      // What a process that was killed left behind would be in the way.
      if (statSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path)
      const listener = await TcpListener.listen(this.#host, { path })
      const { unixsocketperm } = this.#config.values
      if (unixsocketperm !== 0) chmodSync(path, unixsocketperm)
      return listener
    } catch (error) {
      // Node says EACCES of a folder that is not there.
      const reason = existsSync(dirname(path)) ? (error as Error).message : 'No such file or directory'
      throw new DoorError(`Failed opening Unix socket: bind: ${reason}`)
    }
  }

  /** Listens on each address of `bind`; one that is marked optional may be missing on this host. */
  async #onEach<T extends { close(): unknown; readonly port: number }>(
    flag: keyof typeof WHAT_LISTENS,
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
        throw new DoorError(
          `Failed listening on port ${port} (${WHAT_LISTENS[flag]}) of ${host}: ${listenReason(code, error)}; choose another with --${flag} or ${variableOf(flag)}.`,
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
