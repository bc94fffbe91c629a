/**
 * How a connection to a real Redis is made: by ioredis, which knows Sentinels, TLS, HELLO and AUTH, and waits while the server
 * loads. Once it is ready its stream is taken over: what is sent and answered on it is ours (connection.ts), because ioredis
 * gives a status and a string alike, and sends again by itself what a lost connection may have run (docs/adr/0023-an-upstream-behind-the-guards.md).
 *
 * ioredis is an optional package that is loaded with the first connection.
 */
import type { Duplex } from 'node:stream'
import { inBackground } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import { loadPeer } from '../peers/peer.ts'
import type { Address, Place } from './address.ts'

/** What is used of ioredis; said here, so that our types need not those of a package which may be missing. */
interface Client {
  readonly stream: Duplex
  connect(): Promise<void>
  on(event: 'error' | 'sentinelError', listen: (error: Error) => void): unknown
  disconnect(): void
}

interface Driver {
  readonly Redis: unknown
}

type ClientClass = new (options: object) => Client

const NOT_INSTALLED = 'needs the package ioredis, version 5 or later: npm i ioredis'

/** Where no timeout is set. */
const CONNECT_MS = 10_000

/** It took too long until a connection was ready. */
class Late extends Error {}

export class Dialer {
  readonly address: Address
  readonly #timeoutMs: () => number
  readonly #loadDriver: () => Driver | undefined
  #class: ClientClass | undefined

  constructor(
    address: Address,
    timeoutMs: () => number,
    loadDriver: () => Driver | undefined = () => loadPeer('ioredis'),
  ) {
    this.address = address
    this.#timeoutMs = timeoutMs
    this.#loadDriver = loadDriver
  }

  /** Loads ioredis. @throws UpstreamFault where it is not installed */
  load(): ClientClass {
    if (this.#class !== undefined) return this.#class
    let reason = NOT_INSTALLED
    try {
      const driver = this.#loadDriver()
      if (driver !== undefined) {
        this.#class = driver.Redis as ClientClass
        return this.#class
      }
    } catch (error) {
      reason = `cannot load ioredis: ${error instanceof Error ? error.message : error}`
    }
    throw new UpstreamFault(`ERR upstream ${this.address.label} ${reason}`, 502, false)
  }

  /** A connection that is authenticated and looks at a database; `place` is a node of a Cluster. @throws UpstreamFault */
  dial(db: number, place?: Place, readOnly = false): Promise<Duplex> {
    return this.#open({ ...this.#options(db, place), readOnly }, place)
  }

  /** One that will be a client's, who gives it its name. @throws UpstreamFault */
  dialUnnamed(db: number, place?: Place): Promise<Duplex> {
    return this.#open({ ...this.#options(db, place), connectionName: null }, place)
  }

  /** A connection on which nothing was said. @throws UpstreamFault */
  dialBare(): Promise<Duplex> {
    const nothing = { username: null, password: null, connectionName: null, enableReadyCheck: false }
    return this.#open({ ...this.#options(0, undefined), ...nothing }, undefined)
  }

  async #open(options: object, place: Place | undefined): Promise<Duplex> {
    const Redis = this.load()
    const client = new Redis(options)
    let reason: Error | undefined
    let ofSentinel: Error | undefined
    client.on('error', (error) => {
      reason = error
    })
    client.on('sentinelError', (error) => {
      ofSentinel ??= error
    })
    const ms = this.#timeoutMs() || CONNECT_MS
    let cancel = (): void => {}
    const late = new Promise<never>((_, reject) => {
      cancel = inBackground(ms, () => reject(new Late(`it was not ready within ${ms} ms`)))
    })
    try {
      await Promise.race([client.connect(), late])
      // ioredis goes on where the server has refused the database.
      if (reason !== undefined) throw reason
    } catch (error) {
      client.disconnect()
      throw this.#unreachable(error instanceof Late ? error : (reason ?? ofSentinel ?? (error as Error)), place)
    } finally {
      cancel()
    }
    const { stream } = client
    stream.removeAllListeners('data')
    return stream
  }

  #options(db: number, place: Place | undefined): object {
    const { kind, places, path, name, username, password, sentinelUsername, sentinelPassword, tls } = this.address
    const [first] = places
    const target =
      kind === 'unix'
        ? { path }
        : kind === 'sentinel'
          ? {
              sentinels: places,
              name,
              sentinelRetryStrategy: null,
              sentinelCommandTimeout: this.#timeoutMs() || undefined,
              enableTLSForSentinelMode: tls !== undefined,
              ...(sentinelUsername !== '' && { sentinelUsername }),
              ...(sentinelPassword !== '' && { sentinelPassword }),
              ...(tls !== undefined && { sentinelTLS: tls }),
            }
          : { host: (place ?? first).host, port: (place ?? first).port }
    return {
      ...target,
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(tls !== undefined && { tls }),
      db,
      protocol: 2,
      lazyConnect: true,
      retryStrategy: null,
      autoResubscribe: false,
      disableClientInfo: true,
      connectionName: 'zerodis',
      connectTimeout: this.#timeoutMs() || CONNECT_MS,
    }
  }

  #unreachable(error: Error, place: Place | undefined): UpstreamFault {
    const { label } = this.address
    const at = place === undefined ? label : `${label} (node ${place.host}:${place.port})`
    const isLate = error instanceof Late || (error as NodeJS.ErrnoException).code === 'ETIMEDOUT'
    const said = this.#withoutSecrets(error.message)
    return new UpstreamFault(`ERR upstream ${at} cannot be reached: ${said}`, isLate ? 504 : 502, false)
  }

  /** What was said by a server that may quote what it was sent: one that does not know AUTH does. */
  #withoutSecrets(message: string): string {
    const { password, sentinelPassword } = this.address
    let said = message.replace(/,? with args beginning with[\s\S]*/, '')
    for (const secret of [password, sentinelPassword]) if (secret !== '') said = said.replaceAll(secret, '***')
    return said
  }
}
