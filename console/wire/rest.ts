/**
 * Upstash's REST, as the console speaks it: the same with each backend, with a user of the ACL, and with a genuine Upstash.
 * Whoever has signed in is known by a token, or, where the host keeps a session, by a cookie that no script reads.
 *
 * A request is JSON where all of its arguments are text. Arguments that are not go percent-encoded in the path, the last one
 * as the body. Replies come as RESP2.
 */
import { type Bytes, percentEncoded, toText } from './bytes.ts'
import { EventReader } from './events.ts'
import { Failure, parseReplies, type Reply } from './resp.ts'

export type Argument = Bytes | number

/** What the store has answered with an error; `status` 0 where there was no answer. */
export class RestError extends Error {
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }

  /** The token does not let in, or no longer. */
  get isSignedOut(): boolean {
    return this.status === 401
  }

  get isForbidden(): boolean {
    return this.message.startsWith('NOPERM')
  }
}

/** Says that the request is one of the console, from the page's own origin: without it no cookie is looked at. */
const OWN = { 'zerodis-console': '1' }

/** What it is given runs in the database that stands before it. */
const IN_DATABASE = "redis.call('SELECT', ARGV[1]) return redis.call(unpack(ARGV, 2))"

/** Longest path of a request; what stands before a host seldom takes more. */
const PATH_MAX = 12_000

export class Rest {
  /** Without a slash at its end. */
  readonly url: string
  readonly db: number
  readonly #token: string | undefined
  /** Called when the store says that whoever asks is not, or no longer, signed in. */
  onSignedOut: () => void = () => {}

  /** Without a token it is the cookie that lets in. */
  constructor(url: string, token?: string, db = 0) {
    this.url = url.replace(/\/$/, '')
    this.#token = token
    this.db = db
  }

  /** The same for another database of the store. */
  inDatabase(db: number): Rest {
    return new Rest(this.url, this.#token, db)
  }

  /** Runs one command. @throws RestError */
  async run(...argv: readonly Argument[]): Promise<Reply> {
    const command = argv.map(String)
    const [reply] = await this.#single(command)
    if (reply instanceof Failure) throw new RestError(reply.text, 200)
    return reply ?? null
  }

  async #single(command: readonly Bytes[]): Promise<Reply[]> {
    if (!command.every(isText)) return this.#replies(await this.#sendPath(this.#placed(command)))
    if (this.db === 0) return this.#replies(await this.#sendJson('', texts(command)))
    return this.#selected([command])
  }

  /** Commands in another database than the first: SELECT holds for the pipeline in which it stands. */
  async #selected(commands: readonly (readonly Bytes[])[]): Promise<Reply[]> {
    const all = [['SELECT', `${this.db}`], ...commands]
    const [selected, ...replies] = await this.#replies(await this.#sendJson('/pipeline', all.map(texts)))
    if (selected instanceof Failure) throw new RestError(selected.text, 200)
    return replies
  }

  /** A command that is alone in its request brings its database with it in a script; one that is a script, in that. */
  #placed(command: readonly Bytes[]): readonly Bytes[] {
    if (this.db === 0) return command
    const [name, script, ...rest] = command
    if (name.toUpperCase() === 'EVAL') return [name, `redis.call('SELECT', ${this.db}) ${script}`, ...rest]
    return ['EVAL', IN_DATABASE, '0', `${this.db}`, ...command]
  }

  /** Runs commands one after the other; those that fail have a Failure in place of a reply. @throws RestError */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    if (commands.length === 0) return []
    const all = commands.map((command) => command.map(String))
    if (all.every((command) => command.every(isText))) {
      if (this.db !== 0) return this.#selected(all)
      return this.#replies(await this.#sendJson('/pipeline', all.map(texts)))
    }
    return Promise.all(all.map((command) => this.#failing(command)))
  }

  /** As `pipeline`, and none begins before the one that stands before it has ended, also where they cannot go in one request. @throws RestError */
  async ordered(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const all = commands.map((command) => command.map(String))
    if (all.every((command) => command.every(isText))) return this.pipeline(all)
    const replies: Reply[] = []
    for (const command of all) replies.push(await this.#failing(command))
    return replies
  }

  #failing(command: readonly Bytes[]): Promise<Reply> {
    return this.run(...command).catch((error) => {
      if (error instanceof RestError && error.status === 400) return new Failure(error.message)
      throw error
    })
  }

  /** Runs commands as one transaction; its replies are texts. @throws RestError */
  async transaction(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const all = this.db === 0 ? commands : [['SELECT', this.db], ...commands]
    const body = all.map((command) => texts(command.map(String)))
    const headers = { 'content-type': 'application/json', 'upstash-encoding': 'base64' }
    const response = await this.#send('/multi-exec', { headers, body: JSON.stringify(body) })
    const items = (await response.json()) as { result?: unknown; error?: string }[]
    const replies = items.map(({ result, error }) => (error === undefined ? decoded(result) : new Failure(error)))
    return this.db === 0 ? replies : replies.slice(1)
  }

  /** Sends a command while the page goes away: it is carried out, and nobody hears of it. */
  last(...argv: readonly Argument[]): void {
    const headers = this.#headers({ 'content-type': 'application/json' })
    const body = JSON.stringify(texts(argv.map(String)))
    fetch(this.url || '/', { method: 'POST', headers, body, keepalive: true, ...OPTIONS }).catch(() => {})
  }

  /** What a stream of events says, until it ends or `signal` ends it. @throws RestError */
  async *events(command: readonly Bytes[], signal: AbortSignal): AsyncGenerator<Bytes> {
    const path = command.map((part) => `/${percentEncoded(part)}`).join('')
    const response = await this.#send(path, { headers: { accept: 'text/event-stream' }, signal })
    const reader = response.body!.getReader()
    const events = new EventReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        yield* events.feed(value)
      }
    } finally {
      await reader.cancel().catch(() => {})
    }
  }

  /** Signs in to a session of the host, or out of it. False where it does not let in, undefined where it keeps no sessions. */
  async session(method: 'POST' | 'DELETE'): Promise<boolean | undefined> {
    const response = await fetch(`${this.url}/session`, { method, headers: this.#headers({}), ...OPTIONS })
    await response.text()
    if (response.status === 204) return true
    return response.status === 401 || response.status === 200 ? false : undefined
  }

  #sendJson(path: string, body: unknown): Promise<Response> {
    return this.#send(path, { headers: { 'content-type': 'application/json', ...RESP2 }, body: JSON.stringify(body) })
  }

  #sendPath(command: readonly Bytes[]): Promise<Response> {
    const last = command.at(-1)!
    const inPath = last === '' ? command : command.slice(0, -1)
    // An empty last argument is no body; of slashes at the end one is taken off.
    const path = inPath.map((part) => `/${percentEncoded(part)}`).join('') + (last === '' ? '/' : '')
    if (path.length > PATH_MAX)
      throw new RestError('The name of the key or the field is too long for an argument that is not text.', 0)
    return this.#send(path, { headers: RESP2, body: blobOf(last) })
  }

  async #replies(response: Response): Promise<Reply[]> {
    return parseReplies(new Uint8Array(await response.arrayBuffer()))
  }

  async #send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    let response: Response
    try {
      response = await fetch(this.url + path || '/', {
        method: 'POST',
        ...init,
        headers: this.#headers(init.headers),
        ...OPTIONS,
      })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw new RestError('The store does not answer.', 0)
    }
    if (response.ok) return response
    const error = new RestError(await refusalOf(response), response.status)
    if (error.isSignedOut) this.onSignedOut()
    throw error
  }

  #headers(headers: Record<string, string>): Record<string, string> {
    return this.#token === undefined
      ? { ...headers, ...OWN }
      : { ...headers, ...OWN, authorization: `Bearer ${this.#token}` }
  }
}

const OPTIONS = { cache: 'no-store', credentials: 'same-origin' } as const
const RESP2 = { 'upstash-response-format': 'resp2' }

async function refusalOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    return (JSON.parse(text) as { error?: string }).error ?? `The store answers ${response.status}.`
  } catch {
    return `The store answers ${response.status}.`
  }
}

function isText(bytes: Bytes): boolean {
  return toText(bytes) !== undefined
}

function texts(command: readonly Bytes[]): string[] {
  return command.map((bytes) => toText(bytes)!)
}

function blobOf(bytes: Bytes): Blob {
  const array = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i)
  return new Blob([array])
}

/** A reply in JSON whose strings are in base64. */
function decoded(result: unknown): Reply {
  if (typeof result === 'string') return result === 'OK' ? 'OK' : atob(result)
  if (Array.isArray(result)) return result.map(decoded)
  return typeof result === 'number' ? result : null
}
