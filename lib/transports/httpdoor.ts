/**
 * REST on the requests of node:http, whoever listens: our own server (http.ts), or one of the host's (Express, Fastify, Next's
 * Pages Router, …).
 *
 * A body is taken in up to `rest-max-request-size`, and not at all for a caller that was refused; what is too much is
 * discarded as it comes, so that the client gets to read the answer. A caller that hangs up in the midst of its body has
 * run nothing. A long answer leaves as the client takes it. What a request and its connection are stands in httprequest.ts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Bytes, fromArray, fromText } from '../base/bytes.ts'
import { INTERNAL } from '../base/errors.ts'
import { faultText } from '../base/fault.ts'
import { immediately, monotonic } from '../base/runtime.ts'
import { SLICE_MS } from '../engine/stopwatch.ts'
import { Refusal, type RestRequest, type RestResponse } from '../protocol/rest.ts'
import { LITTLE_BYTES } from '../session/clientmemory.ts'
import { Pass } from '../session/pass.ts'
import type { Caller } from './calls.ts'
import type { Host } from './host.ts'
import { Connection, connectionOf, HttpCaller, type HttpRequest, ResponseSink } from './httprequest.ts'
import { RestDoor } from './rest.ts'

/** What is discarded of an unwanted body before the connection is cut, as a multiple of `rest-max-request-size`. */
const DISCARD_FACTOR = 8

/** What a long answer may send before others have their turn. */
const TURN_BYTES = 256 * 1024

/** What requests of our own server (httpmessage.ts) can do that those of others cannot. */
export interface Shortcuts {
  /** Has a body handed over as the parser finds it. False where it must be read from the stream. */
  take(incoming: IncomingMessage, onPart: (part: Buffer) => void, onEnd: () => void): boolean
  /** The rest of such a body goes to the stream. */
  letGo(incoming: IncomingMessage): void
  /** Answers 200 with a whole body. False where Node has to say more than usual. */
  answer(response: ServerResponse, headers: readonly string[], body: Bytes): boolean
}

export class HttpDoor {
  readonly #host: Host
  readonly #shortcuts: Shortcuts | undefined
  readonly #door: RestDoor
  #closing = false
  /** Each ends the hold of a connection. */
  readonly #holds = new Set<() => void>()

  constructor(host: Host, shortcuts?: Shortcuts) {
    this.#host = host
    this.#shortcuts = shortcuts
    this.#door = new RestDoor(host)
  }

  /** From here on connections end with their answers; those that are held back are let go. */
  close(): void {
    this.#closing = true
    for (const end of [...this.#holds]) end()
  }

  handle(incoming: IncomingMessage, response: ServerResponse, request: HttpRequest): void {
    response.on('error', () => {}) // 'close' follows
    const connection = this.#connect(incoming.socket)
    if (connection.waiting === undefined) this.#serve(request, incoming, response, connection)
    else connection.waiting.push(() => this.#serve(request, incoming, response, connection))
  }

  #serve(request: HttpRequest, incoming: IncomingMessage, response: ServerResponse, connection: Connection): void {
    if (connection.isRefused) return
    const admitted = this.#door.admit(request, connection.addr, connection)
    if (admitted instanceof Pass) {
      const caller = new HttpCaller(incoming, response, connection, this.#host.engine.ports.connections.clientMemory)
      this.#collect(request, incoming, response, caller, (body) => {
        const isBehind = connection.behind !== undefined || connection.share.isOver
        if (!isBehind) this.#answer(admitted, request, body, caller, response)
        else this.#putOff(connection, incoming.socket, () => this.#answer(admitted, request, body, caller, response))
      })
    } else if (admitted.holdMs) {
      // The last answer on this connection: what comes behind is dropped.
      connection.isRefused = true
      this.#hold(connection, incoming.socket, admitted.holdMs, () => {
        response.shouldKeepAlive = false
        this.#discard(incoming, response, 0, admitted)
      })
    } else this.#discard(incoming, response, 0, admitted)
  }

  #answer(pass: Pass, request: RestRequest, body: Bytes | Buffer, caller: Caller, response: ServerResponse): void {
    try {
      const answer = this.#door.serve(pass, request, body, caller)
      if (answer instanceof Promise)
        answer.then(
          (late) => this.#send(response, late),
          (e) => this.#fault(response, e),
        )
      else this.#send(response, answer)
    } catch (error) {
      this.#fault(response, error)
    }
  }

  /** A connection that has sent many requests at once has had its time in this turn: the others wait, in order. */
  #putOff(connection: Connection, socket: Socket, answer: () => void): void {
    if (connection.behind !== undefined) {
      connection.behind.push(answer)
      return
    }
    connection.behind = [answer]
    socket.pause()
    this.#host.turn.later(() => this.#goOn(connection, socket))
  }

  #goOn(connection: Connection, socket: Socket): void {
    const behind = connection.behind!
    const endsAt = monotonic() + SLICE_MS
    let served = 0
    while (served < behind.length && !socket.destroyed) {
      behind[served++]()
      if (monotonic() >= endsAt) break
    }
    if (served < behind.length && !socket.destroyed) {
      connection.behind = behind.slice(served)
      this.#host.turn.later(() => this.#goOn(connection, socket))
      return
    }
    connection.behind = undefined
    if (connection.waiting === undefined) socket.resume()
  }

  /** Reads nothing of a connection for a while; what was read already waits. */
  #hold(connection: Connection, socket: Socket, ms: number, then: () => void): void {
    connection.waiting = []
    socket.pause()
    const end = (): void => {
      cancel()
      this.#holds.delete(end)
      const { waiting = [] } = connection
      connection.waiting = undefined
      socket.resume()
      then()
      for (const serve of waiting) serve()
    }
    const cancel = this.#host.engine.clock.after(ms, end, true)
    this.#holds.add(end)
  }

  /** Passes the whole body on, once it is there; also an empty one, so that requests of a connection run in order. */
  #collect(
    request: RestRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    done: (body: Bytes | Buffer) => void,
  ): void {
    const announced = request.header('content-length')
    const max = this.#door.bodyMax
    const parsed = parsedBody(incoming)
    if (parsed !== undefined) {
      if (parsed.length > max) this.#send(response, this.#door.tooLarge())
      else done(parsed)
      return
    }
    if (announced !== undefined && +announced > max) {
      this.#discard(incoming, response, 0, this.#door.tooLarge())
      return
    }
    let size = 0
    let first: Buffer | undefined
    let chunks: Buffer[] | undefined
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (first === undefined) first = chunk
      else if (chunks === undefined) chunks = [first, chunk]
      else chunks.push(chunk)
      if (size > LITTLE_BYTES) caller.holds(size)
      if (size <= max) return
      caller.holds(0)
      incoming.off('data', onData).off('end', onEnd)
      this.#shortcuts?.letGo(incoming)
      first = chunks = undefined
      this.#discard(incoming, response, size, this.#door.tooLarge())
    }
    const onEnd = (): void => {
      const whole = chunks === undefined ? first : Buffer.concat(chunks, size)
      first = chunks = undefined
      done(whole ?? '')
    }
    if (!this.#shortcuts?.take(incoming, onData, onEnd)) incoming.on('data', onData).on('end', onEnd)
  }

  /** Lets the rest of a body go by, then answers; a client that sends without end is answered and cut. */
  #discard(incoming: IncomingMessage, response: ServerResponse, size: number, answer: RestResponse): void {
    const most = this.#door.bodyMax * DISCARD_FACTOR
    let discarded = size
    const onData = (chunk: Buffer): void => {
      discarded += chunk.length
      if (discarded < most) return
      incoming.off('data', onData).off('end', onEnd)
      response.shouldKeepAlive = false
      response.once('finish', () => incoming.socket.destroy())
      this.#send(response, answer)
    }
    const onEnd = (): void => this.#send(response, answer)
    if (incoming.complete) onEnd()
    else incoming.on('data', onData).on('end', onEnd)
  }

  #send(response: ServerResponse, { status, headers, body }: RestResponse): void {
    const { stats } = this.#host.engine
    if (this.#closing) response.shouldKeepAlive = false
    if (typeof body === 'string') {
      stats.sent(body.length)
      if (status !== 204) headers.push('content-length', '' + body.length)
      if (status === 200 && this.#shortcuts?.answer(response, headers, body)) return
      writeHead(response, status, headers)
      // One plain write, as the socket makes of a lone part: `end(body)` would add an empty one, and send both as a vector.
      const { socket } = response
      socket?.cork()
      response.write(body, 'latin1')
      socket?.uncork()
      response.end()
      return
    }
    if ('length' in body && body.length !== undefined) headers.push('content-length', '' + body.length)
    writeHead(response, status, headers)
    if (response.req.method === 'HEAD') {
      if ('start' in body) body.closed()
      response.end()
    } else if ('start' in body) body.start(new ResponseSink(response))
    else this.#stream(response, body[Symbol.iterator]())
  }

  /** Writes part after part, as the client takes them. Past some of them others have their turn: `left` is up to then. */
  #stream(response: ServerResponse, parts: Iterator<Bytes>, left = TURN_BYTES): void {
    const goOn = (): void => this.#stream(response, parts)
    try {
      for (let room = left; !response.destroyed; ) {
        const part = parts.next()
        if (part.done) {
          response.end()
          return
        }
        const { length } = part.value
        this.#host.engine.stats.sent(length)
        room -= length
        if (!response.write(part.value, 'latin1')) {
          response.once('drain', () => (room > 0 ? this.#stream(response, parts, room) : immediately(goOn)))
          return
        }
        if (room <= 0) {
          immediately(goOn)
          return
        }
      }
    } catch (error) {
      this.#fault(response, error)
    }
  }

  #fault(response: ServerResponse, error: unknown): void {
    const { config } = this.#host.engine
    this.#host.log('warning', `REST: ${faultText(error, config)}`)
    if (response.headersSent) response.destroy()
    else this.#send(response, this.#door.refuse(new Refusal(500, INTERNAL)))
  }

  #connect(socket: Socket): Connection {
    const known = connectionOf(socket)
    if (known !== undefined) return known
    const { turn } = this.#host
    const connection = new Connection(socket, turn)
    const { ports, stats } = this.#host.engine
    stats.connections++
    const holdMs = ports.access.authFailures.delayAt(connection.addr)
    if (holdMs > 0) this.#hold(connection, socket, holdMs, () => {})
    return connection
  }
}

/**
 * A host's middleware that puts itself before `writeHead` (compression, in Next too) may not know a flat list of headers. It
 * puts a property on the response. Node's class is not compared with: who imports the store need not load node:http.
 */
function writeHead(response: ServerResponse, status: number, headers: string[]): void {
  if (!Object.hasOwn(response, 'writeHead')) {
    response.writeHead(status, headers)
    return
  }
  for (let i = 0; i < headers.length; i += 2) response.setHeader(headers[i], headers[i + 1])
  response.writeHead(status)
}

/**
 * The body that a parser of the host has taken from the stream and left in `body`, as those of Express do; undefined where
 * nobody has. Numbers past 2^53 and bytes that are no text are lost with such a parser: it is better to stand before it.
 */
function parsedBody(incoming: IncomingMessage): Bytes | undefined {
  if (!incoming.readableEnded) return undefined
  const { body } = incoming as { readonly body?: unknown }
  if (body === undefined || body === null) return ''
  if (body instanceof Uint8Array) return fromArray(body)
  return fromText(typeof body === 'string' ? body : JSON.stringify(body))
}
