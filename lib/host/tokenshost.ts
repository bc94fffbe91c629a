/**
 * zerodis in the place of serverless-redis-http with a file of tokens: an HTTP server at which the token of a request chooses the
 * Redis behind it. Each token has a server of its own, with its doors, limits and connections, made for its first request and closed
 * when nobody has used it for long. The file is read again when it changes; one that is wrong then changes nothing, and is told.
 */

import { unwatchFile, watchFile } from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { unawaited } from '../base/unawaited.ts'
import type { Settings } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import { createServer, type Server } from '../server/server.ts'
import { parseAddress } from '../upstream/address.ts'
import { readTokens, type TokenEntry } from './tokensfile.ts'

/** How often the file is looked at. */
const WATCH_MS = 1000

/** How often unused servers are looked for. */
const SWEEP_MS = 60_000

/** Connections of HTTP are no clients. */
const TIME_LIMITS = { headersTimeout: 15_000, requestTimeout: 120_000, keepAliveTimeout: 65_000 }

export interface TokensHostOptions {
  readonly path: string
  readonly settings: Settings
  /** After so long a server that nobody uses is closed. */
  readonly idleMs: number
  readonly log: Log
}

/** As Redis has by default. */
const DATABASES = 16

const UNOPENED = '{"error":"ERR upstream of this token cannot be used: see the log"}'

interface Chosen {
  readonly entry: TokenEntry
  readonly server: Server
  usedAt: number
}

export class TokensHost {
  readonly #options: TokensHostOptions
  readonly #http: HttpServer
  /** Answers who has no token of the file. */
  readonly nobody: Server
  #entries = new Map<string, TokenEntry>()
  readonly #chosen = new Map<string, Chosen>()
  readonly #timer: NodeJS.Timeout

  private constructor(options: TokensHostOptions, entries: readonly TokenEntry[]) {
    this.#options = options
    const { settings, log } = options
    this.nobody = createServer({ ...settings, upstream: '', save: '', 'rest-token': crypto.randomUUID(), log })
    this.#take(entries)
    this.#http = createHttpServer({ noDelay: true, ...TIME_LIMITS }, (request, response) => {
      const server = this.#serverFor(request)
      if (server !== undefined) server.handle(request, response)
      else response.writeHead(502, { 'content-type': 'application/json' }).end(UNOPENED)
    })
    this.#http.on('upgrade', (request, socket, head) => {
      const server = this.#serverFor(request)
      if (server?.handleUpgrade(request, socket, head)) return
      socket.on('error', () => {})
      const status = server === undefined ? '502 Bad Gateway' : '404 Not Found'
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    })
    watchFile(options.path, { interval: WATCH_MS, persistent: false }, () => this.#readAgain())
    this.#timer = setInterval(() => this.#closeUnused(), SWEEP_MS)
    this.#timer.unref()
  }

  /** Reads the file and listens. @throws TokensFileError, and Node's error if the address cannot be had */
  static async listen(options: TokensHostOptions, address: { port: number; host: string }): Promise<TokensHost> {
    const host = new TokensHost(options, await readTokens(options.path))
    await new Promise<void>((resolve, reject) => {
      host.#http.once('error', reject)
      host.#http.listen(address, () => {
        host.#http.removeListener('error', reject)
        resolve()
      })
    })
    return host
  }

  get port(): number {
    const address = this.#http.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Takes in nobody any more, answers what is under way, and ends all connections. */
  async close(): Promise<void> {
    unwatchFile(this.#options.path)
    clearInterval(this.#timer)
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    this.#http.closeIdleConnections()
    const servers = [this.nobody, ...[...this.#chosen.values()].map(({ server }) => server)]
    await Promise.all(servers.map((server) => server.close()))
    this.#http.closeAllConnections()
    await closed
  }

  /** Undefined where the server of the token cannot be made: a file that it names is gone, for one. The log says why. */
  #serverFor(request: IncomingMessage): Server | undefined {
    const token = tokenOf(request)
    const entry = token === undefined ? undefined : this.#entries.get(token)
    if (token === undefined || entry === undefined) return this.nobody
    let chosen = this.#chosen.get(token)
    if (chosen === undefined) {
      const server = this.#open(entry)
      if (server === undefined) return undefined
      this.#chosen.set(token, (chosen = { entry, server, usedAt: 0 }))
    }
    chosen.usedAt = Date.now()
    return chosen.server
  }

  #open(entry: TokenEntry): Server | undefined {
    try {
      return this.#create(entry)
    } catch (error) {
      this.#options.log('warning', `${this.#options.path}: entry "${entry.id}": ${(error as Error).message}`)
      return undefined
    }
  }

  #create({ token, upstream, maxConnections }: TokenEntry): Server {
    const { settings, log } = this.#options
    return createServer({
      ...settings,
      upstream,
      databases: `${Math.max(DATABASES, parseAddress(upstream).db + 1)}`,
      'rest-token': token,
      'upstream-max-connections': `${Math.max(2, maxConnections)}`,
      log,
    })
  }

  #readAgain(): void {
    const { path, log } = this.#options
    const read = readTokens(path).then(
      (entries) => {
        this.#take(entries)
        log('notice', `Read ${path} again: ${entries.length} tokens`)
      },
      (error: Error) => log('warning', `${error.message}; what was read before holds`),
    )
    unawaited(read, { 'hide-user-data-from-log': true }, (message) => log('warning', message))
  }

  /** What has changed, or is gone, ends; everything else goes on. */
  #take(entries: readonly TokenEntry[]): void {
    this.#entries = new Map(entries.map((entry) => [entry.token, entry]))
    for (const [token, { entry }] of this.#chosen) {
      const now = this.#entries.get(token)
      const isSame = now?.upstream === entry.upstream && now.maxConnections === entry.maxConnections
      if (!isSame) this.#end(token)
    }
  }

  #closeUnused(): void {
    const since = Date.now() - this.#options.idleMs
    for (const [token, { server, usedAt }] of this.#chosen) {
      if (usedAt < since && server.clientCount === 0) this.#end(token)
    }
  }

  #end(token: string): void {
    const { log } = this.#options
    const chosen = this.#chosen.get(token)
    this.#chosen.delete(token)
    if (chosen === undefined) return
    unawaited(chosen.server.close(), { 'hide-user-data-from-log': true }, (message) => log('warning', message))
  }
}

/** The token that a request brings, wherever it may stand. */
function tokenOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const bearer = /^bearer (.*)$/i.exec(headers.authorization ?? '')?.[1].trim()
  if (bearer !== undefined) return bearer
  const question = url.indexOf('?')
  const parameters = question === -1 ? undefined : new URLSearchParams(url.slice(question + 1))
  const named = parameters?.get('_token') ?? parameters?.get('token')
  if (named !== null && named !== undefined) return named
  const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim())
  return offered?.find((protocol) => protocol !== 'zerodis')
}
