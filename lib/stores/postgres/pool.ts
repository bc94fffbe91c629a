/**
 * Connections to PostgreSQL by the package `pg`, which is loaded only where somebody chose such a store. Statements without
 * parameters go by its simple protocol, several of them in one message. Whatever is not answered in time ends its connection.
 */
import { inBackground } from '../../base/runtime.ts'
import { loadPeer } from '../../peers/peer.ts'
import { RemoteFault } from '../remote/remotelog.ts'

/** Rows come as arrays. */
export interface PgResult {
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number | null
}

/** A connection of `pg`, as far as it is needed. */
interface PeerClient {
  /** The process of the server that speaks, by what the server said when it began. */
  readonly processID?: number | null
  query(query: {
    readonly text: string
    readonly rowMode: 'array'
    readonly values?: readonly unknown[]
  }): Promise<PgResult | readonly PgResult[]>
  on(event: 'error' | 'end', listener: () => void): void
  on(event: 'notification', listener: (notification: { readonly payload?: string }) => void): void
  release(destroys?: boolean): void
}

interface PeerPool {
  connect(): Promise<PeerClient>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'connect', listener: (client: PeerClient) => void): void
}

interface PoolOptions {
  readonly connectionString: string
  readonly max: number
  readonly idleTimeoutMillis: number
  readonly connectionTimeoutMillis: number
  readonly allowExitOnIdle: boolean
  readonly keepAlive: boolean
}

interface Peer {
  readonly Pool: new (options: PoolOptions) => PeerPool
}

/** Batches, questions, a compaction and a bell. */
const CONNECTIONS = 4
/** After that an unused connection is closed, also before a function instance is put to sleep. Unit: ms. */
const IDLE_MS = 5000

const NO_DRIVER = 'a store on PostgreSQL needs the package pg, which is not installed: npm i pg'

export class PostgresPool {
  readonly #pool: PeerPool
  /** Where it is, without user and password. */
  readonly label: string

  /** @throws Error that says what is missing, or wrong with the URL */
  constructor(url: string, timeoutMs: () => number, attach: ((pool: object) => void) | undefined) {
    const peer = loadPeer<Peer>('pg')
    if (peer === undefined) throw new Error(NO_DRIVER)
    this.label = labelOf(url)
    this.#pool = new peer.Pool({
      connectionString: url,
      max: CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: timeoutMs(),
      allowExitOnIdle: true,
      keepAlive: true,
    })
    // A connection that ends while nobody uses it is replaced when somebody does; one in use says so itself.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {}))
    attach?.(this.#pool)
  }

  /** A connection of the caller's own. @throws RemoteFault */
  async take(): Promise<PgClient> {
    try {
      return new PgClient(await this.#pool.connect())
    } catch (error) {
      throw faultOf(error)
    }
  }

  /** A connection for a moment. @throws RemoteFault */
  async use<T>(run: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await this.take()
    try {
      const result = await run(client)
      client.release()
      return result
    } catch (error) {
      await client.undo()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

export class PgClient {
  readonly #client: PeerClient
  #isBroken = false

  constructor(client: PeerClient) {
    this.#client = client
  }

  get processId(): number {
    return this.#client.processID ?? -1
  }

  on(event: 'end', listener: () => void): void {
    this.#client.on(event, listener)
  }

  onNotification(listener: (payload: string) => void): void {
    this.#client.on('notification', ({ payload = '' }) => listener(payload))
  }

  /** Runs statements, several only without values; one result each. @throws RemoteFault */
  async ask(text: string, ms: number, values?: readonly unknown[]): Promise<readonly PgResult[]> {
    let cancel = (): void => {}
    const late = new Promise<never>((_, reject) => {
      cancel = inBackground(ms, () => reject(new RemoteFault(`it has not answered for ${ms} ms`, 'away')))
    })
    try {
      const query = { text, rowMode: 'array' } as const
      const result = await Promise.race([this.#client.query(values === undefined ? query : { ...query, values }), late])
      return 'rows' in result ? [result] : result
    } catch (error) {
      const fault = faultOf(error)
      if (fault.kind === 'away') this.#isBroken = true
      throw fault
    } finally {
      cancel()
    }
  }

  /** It can be used again. */
  release(): void {
    this.#client.release()
  }

  destroy(): void {
    this.#client.release(true)
  }

  /** Ends the transaction, and gives the connection back; one that does not do so is closed. Never rejects. */
  async undo(): Promise<void> {
    if (this.#isBroken) return this.destroy()
    try {
      await this.ask('ROLLBACK', UNDO_MS)
      this.release()
    } catch {
      this.destroy() // which ends the transaction, too
    }
  }
}

/** Unit: ms. */
const UNDO_MS = 2000

/** Classes of SQLSTATE that speak of the connection or the server, and not of what was asked. */
const AWAY = /^(?:08|53|57|40)|^25P0[34]$/
const READ_ONLY = new Set(['25006', '42501'])
const LOCK_NOT_AVAILABLE = '55P03'

/** What a system or a driver calls by no SQLSTATE is of the connection. */
function faultOf(error: unknown): RemoteFault {
  if (error instanceof RemoteFault) return error
  const { message, code = '', errors } = error as { message?: string; code?: string; errors?: readonly Error[] }
  const reason = message || errors?.[0]?.message || code || String(error)
  if (!/^[0-9A-Z]{5}$/.test(code)) return new RemoteFault(reason, 'away')
  if (code === LOCK_NOT_AVAILABLE) return new RemoteFault(reason, 'busy')
  if (READ_ONLY.has(code)) return new RemoteFault(reason, 'read-only')
  return new RemoteFault(reason, AWAY.test(code) ? 'away' : 'refused')
}

function labelOf(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new Error('store: the URL of the database is none')
  }
  const { protocol, host, pathname } = parsed
  return `${protocol}//${host}${pathname}`
}
