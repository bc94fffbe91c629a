/** A store by Upstash's REST: pipelines, and MONITOR as a stream of events. Replies come as RESP2. */
import { type Bytes, fromText, toText } from '../../base/bytes.ts'
import type { Reply } from '../../base/reply.ts'
import { systemReason } from '../../base/systemreason.ts'
import { ReplyBreach, ReplyDecoder } from '../../protocol/replies.ts'
import { Lines } from './lines.ts'
import { ANSWER_MS, type Link, LinkFault } from './link.ts'

/** What is read of a refusal. */
const REASON_MAX = 500

export class RestLink implements Link {
  readonly label: string
  readonly #url: string
  readonly #token: string
  readonly #ended = new AbortController()

  constructor(url: URL, token: string) {
    this.#url = `${url.origin}${url.pathname}`.replace(/\/$/, '')
    this.label = this.#url
    this.#token = token
  }

  async run(commands: readonly (readonly Bytes[])[]): Promise<readonly Reply[]> {
    const headers = { 'content-type': 'application/json', 'upstash-response-format': 'resp2' }
    const body = JSON.stringify(commands.map((command) => command.map(toText)))
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(ANSWER_MS)])
    const response = await this.#send('/pipeline', { headers, body, signal })
    const decoder = new ReplyDecoder()
    const replies: Reply[] = []
    try {
      decoder.feed(Buffer.from(await response.arrayBuffer()))
      for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) replies.push(reply)
    } catch (error) {
      if (error instanceof ReplyBreach) throw new LinkFault('this is no REST of a Redis', true)
      throw new LinkFault(reasonOf(error), false)
    }
    return replies
  }

  async monitor(take: (line: Bytes) => void): Promise<void> {
    const { signal } = this.#ended
    const response = await this.#send('/monitor', { headers: { accept: 'text/event-stream' }, signal })
    const lines = new Lines()
    try {
      const reader = response.body!.getReader()
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        lines.feed(piece.value, (line) => {
          const data = /^data: ?(.*)$/.exec(line)?.[1]
          if (data !== undefined && data !== '"OK"' && !signal.aborted) take(data)
        })
      }
    } catch (error) {
      if (!signal.aborted) throw new LinkFault(reasonOf(error), false)
    }
  }

  close(): void {
    this.#ended.abort()
  }

  async #send(path: string, init: { headers: object; body?: string; signal: AbortSignal }): Promise<Response> {
    let response: Response
    try {
      const headers = { ...init.headers, authorization: `Bearer ${fromText(this.#token)}` }
      response = await fetch(this.#url + path, { ...init, method: 'POST', headers })
    } catch (error) {
      throw new LinkFault(reasonOf(error), false)
    }
    if (response.ok) return response
    const text = (await response.text()).slice(0, REASON_MAX)
    const reason = /"error":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? `it answers ${response.status}`
    throw new LinkFault(reason, response.status < 500)
  }
}

/** Node's fetch hides why in what it throws. */
function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'there is no answer'
  return systemReason((error as Error).cause ?? error)
}
