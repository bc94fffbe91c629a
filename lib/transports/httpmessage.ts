/**
 * The classes of our own HTTP server's requests and responses. Both do the common by a shorter way than Node's: a body comes
 * as its parser finds it, where a stream has it wait for two ticks, and an answer is one text, where Node looks at each header
 * anew. What is needed of Node for that is not documented, the same for years, and looked for each time: where it is not
 * there, all goes the usual way; so in Bun and Deno, whose classes have some of it by name alone.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import type { Shortcuts } from './httpdoor.ts'
import { connectionOf } from './httprequest.ts'

/** How long a connection stays between two requests. Unit: ms. */
export const KEEP_ALIVE_MS = 65_000

const IS_NODE = process.versions['bun'] === undefined && process.versions['deno'] === undefined

/** What Node keeps behind a socket: who parses what it reads, and the request to which that belongs. */
interface Parsed {
  readonly parser?: { readonly incoming?: unknown } | null
}

/** Takes a body. */
interface Taker {
  readonly onPart: (part: Buffer) => void
  readonly onEnd: () => void
}

/**
 * A request of which Node believes that it is for an upgrade only if it is for WebSockets. One that would like h2c (Java's
 * own client asks for it) is answered as it stands: with a listener for upgrades, Node would take it for one of those. And
 * for an upgrade is what comes on a connection of which nothing more is to be read: only then does Node leave alone what it
 * has received already, where it would else make objects of hundreds of requests.
 */
export class HttpMessage extends IncomingMessage {
  /** Set by Node's constructor already, when private fields are not there yet. */
  declare asksForUpgrade: boolean | null
  /** Whoever has the body in the place of the stream. */
  #taker: Taker | undefined

  get upgrade(): boolean | null {
    if (connectionOf(this.socket)?.isFull) return true
    return this.asksForUpgrade && (this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket')
  }

  set upgrade(upgrade: boolean | null) {
    this.asksForUpgrade = upgrade
  }

  /** The parser pushes what it finds; of what it has found before, the stream has something. */
  takeBody(onPart: (part: Buffer) => void, onEnd: () => void): boolean {
    if (!IS_NODE) return false
    const { parser } = this.socket as Socket & Parsed
    if (parser?.incoming !== this || this.complete || this.readableLength > 0) return false
    this.#taker = { onPart, onEnd }
    return true
  }

  letBodyGo(): void {
    this.#taker = undefined
  }

  override push(part: unknown): boolean {
    const taker = this.#taker
    if (taker === undefined) return super.push(part)
    if (part === null) taker.onEnd()
    else taker.onPart(part as Buffer)
    return true
  }

  /** Node has the rest of a body go by that nobody has read. */
  _dump(): void {
    if (this.#taker === undefined) DUMP?.call(this)
  }

  // Node forgets a request that has ended. Its types know a property, which is none of the object's own.
  static {
    if (IS_NODE)
      Object.defineProperty(HttpMessage.prototype, 'readableEnded', {
        get(this: HttpMessage): boolean {
          return this.#taker === undefined
            ? Reflect.get(IncomingMessage.prototype, 'readableEnded', this)
            : this.complete
        },
      })
  }
}

const DUMP: (() => void) | undefined = Reflect.get(IncomingMessage.prototype, '_dump')

/** The last line of the heads that are written in this second. */
let date = ''
let dateUntil = 0

function dateLine(): Bytes {
  const now = systemClock.now()
  if (now >= dateUntil || now < dateUntil - 1000) {
    date = `Date: ${new Date(now).toUTCString()}\r\n`
    dateUntil = (Math.floor(now / 1000) + 1) * 1000
  }
  return date
}

const KEPT = `Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_MS / 1000}\r\n\r\n`

export class HttpResponse extends ServerResponse<HttpMessage> {
  /** What Node has made of the head; null before. */
  declare _header: string | null
  declare _headerSent: boolean

  /** The head is as Node would write it, for a client that stays. */
  answer(headers: readonly string[], body: Bytes): boolean {
    const { socket, req } = this
    if (!IS_NODE || !this.shouldKeepAlive || this._header !== null || socket === null || socket.destroyed) return false
    if (req.httpVersionMinor !== 1 || req.method === 'HEAD' || Object.hasOwn(this, 'writeHead')) return false
    let head = 'HTTP/1.1 200 OK\r\n'
    for (let i = 0; i < headers.length; i += 2) head += headers[i] + ': ' + headers[i + 1] + '\r\n'
    head += dateLine() + KEPT
    this._header = head
    this._headerSent = true
    socket.write(head + body, 'latin1')
    this.end()
    return true
  }
}

export const shortcuts: Shortcuts = {
  take: (incoming, onPart, onEnd) => incoming instanceof HttpMessage && incoming.takeBody(onPart, onEnd),
  letGo(incoming) {
    if (incoming instanceof HttpMessage) incoming.letBodyGo()
  },
  answer: (response, headers, body) => response instanceof HttpResponse && response.answer(headers, body),
}
