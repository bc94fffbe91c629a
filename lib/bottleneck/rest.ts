/**
 * The way to a store over HTTP: commands as `POST /pipeline`, messages as the server-sent events of `POST /subscribe/…`.
 * Needs fetch alone. A store may be zerodis, Upstash, or whatever speaks the same.
 */
import { confirmedBy, messagesIn, readEvents } from './events.ts'
import { type Argument, type Message, type Outcome, type Wire, WireError } from './wire.ts'

export interface RestOptions {
  /** Where the store serves REST, as in KV_REST_API_URL. */
  readonly url: string
  /** Its token, as in KV_REST_API_TOKEN. */
  readonly token: string
  /** Longest wait for an answer. Unit: ms. Default 10,000. */
  readonly timeoutMs?: number
  /** Another fetch than the platform's. */
  readonly fetch?: typeof fetch
}

export class RestWire implements Wire {
  /** Servers take request lines of 8 KB and more. */
  readonly channelsMax = 6_000
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #fetch: typeof fetch

  constructor({ url, token, timeoutMs = 10_000, fetch: given }: RestOptions) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    this.#timeoutMs = timeoutMs
    this.#fetch = given ?? ((...request) => fetch(...request))
  }

  async send(commands: readonly (readonly Argument[])[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const deadline = new Deadline(this.#timeoutMs, signal)
    try {
      const body = JSON.stringify(commands.map((argv) => argv.map(String)))
      const response = await this.#post('/pipeline', body, 'application/json', deadline)
      const outcomes: unknown = await response.json().catch((error: unknown) => {
        throw this.#unreached(deadline, error)
      })
      if (Array.isArray(outcomes) && outcomes.length === commands.length) return outcomes
      throw new WireError(`${this.#url} does not answer as Redis over REST does`, true)
    } finally {
      deadline.end()
    }
  }

  async subscribe(channels: readonly string[], signal: AbortSignal): Promise<AsyncIterable<Message>> {
    const deadline = new Deadline(this.#timeoutMs, signal)
    const all = new Set(channels)
    try {
      const path = `/subscribe/${channels.map(encodeURIComponent).join('/')}`
      const { body } = await this.#post(path, '', 'text/event-stream', deadline)
      if (body === null) throw new WireError(`${this.#url} answers a subscription with nothing`, true)
      const events = readEvents(body)
      const missing = new Set(channels)
      while (missing.size > 0) {
        const { value, done } = await events.next()
        if (done) throw new WireError(`${this.#url} ended a stream of events before it began`, false)
        const channel = confirmedBy(value, all)
        if (channel !== undefined) missing.delete(channel)
      }
      return messagesIn(events, all)
    } catch (error) {
      deadline.abort()
      deadline.end()
      throw error instanceof WireError ? error : this.#unreached(deadline, error)
    } finally {
      deadline.stopClock()
    }
  }

  async #post(path: string, body: string, accept: string, deadline: Deadline): Promise<Response> {
    let response: Response
    try {
      const headers = { ...this.#headers, accept }
      response = await this.#fetch(this.#url + path, { method: 'POST', headers, body, signal: deadline.signal })
    } catch (error) {
      throw this.#unreached(deadline, error)
    }
    if (response.ok) return response
    const text = await response.text().catch(() => '')
    // What a gateway or a server that is starting says will pass, and so will a limit.
    const { status } = response
    const isRefusal = status < 500 && status !== 408 && status !== 429
    throw new WireError(`${this.#url} answers ${status} ${text.slice(0, 200)}`, isRefusal)
  }

  #unreached(deadline: Deadline, cause: unknown): WireError {
    if (deadline.isOver) return new WireError(`${this.#url} does not answer in time`, false, cause)
    const { message, cause: deeper } = cause as Error & { cause?: Error & { code?: string } }
    const reason = deeper?.message || deeper?.code || message
    return new WireError(`${this.#url} is not reached: ${reason}`, false, cause)
  }
}

/** A signal that comes with another one, or when the time is over. */
class Deadline {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #timer: ReturnType<typeof setTimeout>
  isOver = false
  readonly abort = (): void => this.#controller.abort()

  constructor(ms: number, outer: AbortSignal) {
    this.#outer = outer
    this.#timer = setTimeout(() => {
      this.isOver = true
      this.abort()
    }, ms)
    if (outer.aborted) this.abort()
    else outer.addEventListener('abort', this.abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** From here on only the other signal counts. */
  stopClock(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    this.stopClock()
    this.#outer.removeEventListener('abort', this.abort)
  }
}
