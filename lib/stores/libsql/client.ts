/**
 * libSQL by the package `@libsql/client`, which is loaded only where somebody chose such a store: Turso and other servers over HTTP, by a
 * part of it that brings no binary, or a file. Every call is one request, and nothing is kept on the server between two of them. Integers
 * stand in the text of a statement, since that package binds numbers as floats; bytes are bound.
 */
import { loadPeer } from '../../peers/peer.ts'
import { LONG_MS, RemoteFault } from '../remote/remotelog.ts'

export interface LibsqlResult {
  readonly rows: readonly (readonly unknown[])[]
  /** Rows that the statement has changed. */
  readonly changes: number
}

/** What the package gives; its rows are no arrays, but have numbers for names. */
interface PeerResult {
  readonly rows: readonly ArrayLike<unknown>[]
  readonly rowsAffected: number
}

interface PeerStatement {
  readonly sql: string
  readonly args: readonly Uint8Array[]
}

interface PeerClient {
  readonly closed: boolean
  execute(statement: PeerStatement): Promise<PeerResult>
  /** All of them in one transaction. */
  batch(statements: readonly PeerStatement[], mode: 'write'): Promise<readonly PeerResult[]>
  close(): void
}

interface Peer {
  createClient(config: { readonly url: string; readonly fetch: (request: Request) => Promise<Response> }): PeerClient
}

const NO_DRIVER = 'a store on libSQL needs the package @libsql/client, which is not installed: npm i @libsql/client'

/** Answers of HTTP that will be the same next time. */
const REFUSED = new Set([400, 401])
const FORBIDDEN = 403

export class LibsqlClient {
  readonly #url: string
  readonly #peer: Peer
  readonly #timeoutMs: () => number
  readonly isFile: boolean
  /** For what is asked all the time, and for what reads or writes much. */
  #quick: PeerClient | undefined
  #long: PeerClient | undefined
  /** Where it is, without what is secret. */
  readonly label: string

  /** @throws Error that says what is missing, or wrong with the URL */
  constructor(url: string, timeoutMs: () => number) {
    this.isFile = url.startsWith('file:')
    const peer = loadPeer<Peer>(this.isFile ? '@libsql/client' : '@libsql/client/web')
    if (peer === undefined) throw new Error(NO_DRIVER)
    this.#url = url
    this.#peer = peer
    this.#timeoutMs = timeoutMs
    this.label = labelOf(url)
    this.#quick = this.#open(timeoutMs)
  }

  #open(ms: () => number): PeerClient {
    try {
      return this.#peer.createClient({ url: this.#url, fetch: (request) => send(request, ms()) })
    } catch (error) {
      throw new Error(`store: ${(error as Error).message}`)
    }
  }

  /** One that has come to its end, as after an answer that is none, is opened anew. */
  #client(isLong: boolean): PeerClient {
    if (isLong && !this.isFile) {
      if (this.#long === undefined || this.#long.closed) this.#long = this.#open(() => LONG_MS)
      return this.#long
    }
    if (this.#quick === undefined || this.#quick.closed) this.#quick = this.#open(this.#timeoutMs)
    return this.#quick
  }

  /** Runs a statement. @throws RemoteFault */
  async run(sql: string, bytes?: Uint8Array, isLong = false): Promise<LibsqlResult> {
    try {
      return resultOf(await this.#client(isLong).execute({ sql, args: bytes === undefined ? [] : [bytes] }))
    } catch (error) {
      throw faultOf(error)
    }
  }

  /** Runs statements as one that writes: all of them, or none. @throws RemoteFault */
  async runAll(statements: readonly string[], bytes?: Uint8Array, isLong = false): Promise<readonly LibsqlResult[]> {
    // What is bound is of the first.
    const all = statements.map((sql, i) => ({ sql, args: i === 0 && bytes !== undefined ? [bytes] : [] }))
    try {
      return (await this.#client(isLong).batch(all, 'write')).map(resultOf)
    } catch (error) {
      throw faultOf(error)
    }
  }

  close(): void {
    this.#quick?.close()
    this.#long?.close()
  }
}

/** Instead of the package's own: connections are kept, nothing is cached, and whatever is not answered in time ends. */
async function send(request: Request, ms: number): Promise<Response> {
  const { url, method } = request
  const signal = AbortSignal.timeout(ms)
  const body = method === 'POST' ? await request.text() : undefined
  const headers = Object.fromEntries(request.headers)
  const response = await fetch(url, { method, headers, body, signal, cache: 'no-store' })
  if (response.ok || method !== 'POST') return response
  const { status } = response
  const reason = `its server answers ${status}: ${(await response.text()).slice(0, 200)}`
  if (status === FORBIDDEN) throw new RemoteFault(reason, 'read-only')
  throw new RemoteFault(reason, REFUSED.has(status) ? 'refused' : 'away')
}

function resultOf({ rows, rowsAffected }: PeerResult): LibsqlResult {
  return { rows: rows.map((row) => Array.from(row, bytesOrSelf)), changes: rowsAffected }
}

function bytesOrSelf(value: unknown): unknown {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value
}

const BUSY = /^(?:SQLITE_BUSY|SQLITE_LOCKED|TRANSACTION_BUSY)/
const READ_ONLY = /^(?:SQLITE_READONLY|SQLITE_AUTH|BLOCKED)/
/** Codes that speak of what was asked, and not of the connection or the server. */
const REFUSED_CODE =
  /^(?:SQL_|ARGS_|URL_|RESPONSE_TOO_LARGE|SQLITE_(?:ERROR|UNKNOWN|CONSTRAINT|CORRUPT|NOTADB|SCHEMA|TOOBIG|MISMATCH|MISUSE|RANGE))/

/** What has no code is of the connection. */
function faultOf(error: unknown): RemoteFault {
  if (error instanceof RemoteFault) return error
  const { message = String(error), code = '', cause } = error as { message?: string; code?: unknown; cause?: unknown }
  if (cause instanceof RemoteFault) return cause
  const kind = String(code)
  if (BUSY.test(kind)) return new RemoteFault(message, 'busy')
  if (READ_ONLY.test(kind)) return new RemoteFault(message, 'read-only')
  if (REFUSED_CODE.test(kind)) return new RemoteFault(message, 'refused')
  return new RemoteFault(cause instanceof Error ? `${message}: ${cause.message}` : message, 'away')
}

function labelOf(url: string): string {
  return url.replace(/\?.*$/s, '').replace(/\/\/[^@/]*@/, '//')
}
