/**
 * The REST door on Request and Response, for Next's route handlers and every host that speaks them. The body is taken in
 * with the same bound as on node:http, and a long answer is a stream that follows the reader.
 */
import type { Bytes } from '../base/bytes.ts'
import { INTERNAL, REST_COMMAND, REST_REQUEST_SIZE } from '../base/errors.ts'
import { faultText } from '../base/fault.ts'
import { immediately } from '../base/runtime.ts'
import { Refusal, type RestRequest, type RestResponse, type StreamBody, type StreamSink } from '../protocol/rest.ts'
import type { ClientMemory } from '../session/clientmemory.ts'
import type { HoldsTexts } from '../session/longtexts.ts'
import { Pass } from '../session/pass.ts'
import type { Caller } from './calls.ts'
import { forwardedAddress } from './endpoint.ts'
import { Held } from './held.ts'
import type { Host } from './host.ts'
import { RestDoor } from './rest.ts'

const TOO_LARGE = new Refusal(413, REST_REQUEST_SIZE)
const BROKEN_OFF = new Refusal(400, REST_COMMAND)

/** Requests that may wait for their refusal; here only the host could stop reading what comes. */
const HELD_MAX = 1000

export class WebDoor {
  readonly #host: Host
  readonly #door: RestDoor
  #held = 0

  constructor(host: Host) {
    this.#host = host
    this.#door = new RestDoor(host)
  }

  /** Answers a request; never rejects. `base` is the path under which REST is served, as in `/api/redis`. */
  async fetch(incoming: Request, base = ''): Promise<Response> {
    const head = incoming.method === 'HEAD'
    try {
      const request = new WebRequest(incoming, base)
      const admitted = this.#door.admit(request, forwardedAddress(incoming))
      if (!(admitted instanceof Pass)) {
        await this.#hold(admitted.holdMs ?? 0)
        return this.#toResponse(admitted, head)
      }
      const caller = new WebCaller(incoming, this.#host.engine.ports.connections.clientMemory)
      try {
        const body = await this.#collect(incoming, caller)
        if (body instanceof Refusal) return this.#toResponse(this.#door.refuse(body), head)
        return this.#toResponse(await this.#door.serve(admitted, request, body, caller), head, caller)
      } finally {
        caller.answered()
      }
    } catch (error) {
      const { config } = this.#host.engine
      this.#host.log('warning', `REST: ${faultText(error, config)}`)
      return this.#toResponse(this.#door.refuse(new Refusal(500, INTERNAL)), head)
    }
  }

  /** Lets a refused caller wait for his answer, unless too many do so already. */
  async #hold(ms: number): Promise<void> {
    if (ms === 0 || this.#held >= HELD_MAX) return
    this.#held++
    await new Promise<void>((resolve) => this.#host.engine.clock.after(ms, resolve, true))
    this.#held--
  }

  /** The whole body; or why it cannot be had: it is too long, or broke off. */
  async #collect(request: Request, caller: WebCaller): Promise<Bytes | Buffer | Refusal> {
    if (request.body === null) return ''
    const max = this.#door.bodyMax
    const announced = request.headers.get('content-length')
    if (announced !== null && +announced > max) return TOO_LARGE
    try {
      if (announced === null) return await this.#collectChunks(request.body, max, caller)
      // Quicker than chunk by chunk, and no more than was announced.
      caller.holds(+announced)
      const bytes = Buffer.from(await request.arrayBuffer())
      if (caller.isCut) return BROKEN_OFF
      return bytes.length > max ? TOO_LARGE : bytes
    } catch {
      return BROKEN_OFF // nobody is there to read this
    }
  }

  async #collectChunks(
    body: ReadableStream<Uint8Array>,
    max: number,
    caller: WebCaller,
  ): Promise<Bytes | Buffer | Refusal> {
    const chunks: Uint8Array[] = []
    let size = 0
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(chunks, size)
      size += value.length
      caller.holds(size)
      if (size > max || caller.isCut) {
        await reader.cancel()
        return caller.isCut ? BROKEN_OFF : TOO_LARGE
      }
      chunks.push(value)
    }
  }

  #toResponse({ status, headers, body }: RestResponse, head: boolean, caller?: WebCaller): Response {
    if (typeof body === 'object' && 'length' in body && body.length !== undefined) {
      headers.push('content-length', '' + body.length)
    }
    const init = { status, headers: pairs(headers) }
    if (typeof body !== 'string') {
      if ('start' in body && !head) return new Response(eventStream(body), init)
      if ('start' in body) {
        body.closed()
        return new Response(null, init)
      }
      return new Response(head ? null : this.#stream(body, caller), init)
    }
    this.#host.engine.stats.sent(body.length)
    if (status === 204 || head) return new Response(null, init)
    // Text is quicker than bytes, and ASCII is the same in both.
    return new Response(isAscii(body) ? body : Buffer.from(body, 'latin1'), init)
  }

  /** Each part is made when the reader has taken the one before, and others have had their turn. */
  #stream(body: Iterable<Bytes>, caller: WebCaller | undefined): ReadableStream<Uint8Array> {
    const parts = body[Symbol.iterator]()
    return new ReadableStream({
      start: (controller) => caller?.answersLong(() => controller.error(new Error('the connection was ended'))),
      pull: async (controller) => {
        await new Promise<void>(immediately)
        if (caller?.isCut) return
        const part = parts.next()
        if (part.done) {
          caller?.done()
          controller.close()
          return
        }
        this.#host.engine.stats.sent(part.value.length)
        controller.enqueue(Buffer.from(part.value, 'latin1'))
      },
      cancel: () => caller?.done(),
    })
  }
}

/** Unread bytes from which a reader is slow. */
const HIGH_WATER_BYTES = 64 * 1024

/** A body that comes as things happen; what is not read of it piles up here, where it counts as unsent. */
function eventStream(body: StreamBody): ReadableStream<Uint8Array> {
  let sink: ControllerSink
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        sink = new ControllerSink(controller)
        body.start(sink)
      },
      cancel() {
        sink.cancelled()
        body.closed()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
  )
}

class ControllerSink implements StreamSink {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  #ended = false

  constructor(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#controller = controller
  }

  get unsentBytes(): number {
    return this.#ended ? 0 : HIGH_WATER_BYTES - this.#controller.desiredSize!
  }

  write(part: Bytes): boolean {
    if (this.#ended) return true
    this.#controller.enqueue(Buffer.from(part, 'latin1'))
    return this.#controller.desiredSize! > 0
  }

  end(): void {
    if (!this.#ended) this.#controller.close()
    this.#ended = true
  }

  destroy(): void {
    if (!this.#ended) this.#controller.error(new Error('the connection was ended'))
    this.#ended = true
  }

  cancelled(): void {
    this.#ended = true
  }
}

class WebRequest implements RestRequest {
  readonly #headers: Headers
  readonly method: string
  readonly path: string
  readonly query: string

  constructor({ method, url, headers }: Request, base: string) {
    this.#headers = headers
    this.method = method
    const start = url.indexOf('/', url.indexOf('://') + 3)
    const hash = url.indexOf('#', start)
    const whole = hash === -1 ? url.slice(start) : url.slice(start, hash)
    const question = whole.indexOf('?')
    const path = question === -1 ? whole : whole.slice(0, question)
    this.path = path.startsWith(base) ? path.slice(base.length) || '/' : path
    this.query = question === -1 ? '' : whole.slice(question + 1)
  }

  header(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }
}

class WebCaller implements Caller {
  readonly #request: Request
  readonly addr: Bytes
  readonly laddr = ''
  readonly inputBytes = 0
  readonly outputBytes = 0
  readonly #memory: ClientMemory
  #gone: (() => void) | undefined
  #held: Held | undefined
  /** Ends the answer that is on its way. */
  #cutAnswer: (() => void) | undefined
  /** What it held was too much. */
  isCut = false

  constructor(request: Request, memory: ClientMemory) {
    this.#request = request
    this.#memory = memory
    this.addr = forwardedAddress(request)
  }

  holds(bytes: number, texts?: HoldsTexts): void {
    this.#held ??= new Held(this.#memory, this.addr, () => {
      this.isCut = true
      this.#cutAnswer?.()
      this.close()
    })
    this.#held.set(bytes, texts)
  }

  /** A long answer is on its way. */
  answersLong(cut: () => void): void {
    this.#cutAnswer = cut
    this.#request.signal.addEventListener('abort', () => this.done(), { once: true })
  }

  /** The host has the answer; what is short is its affair from here on. */
  answered(): void {
    if (this.#cutAnswer === undefined) this.done()
  }

  /** Nothing more is held. */
  done(): void {
    this.#held?.end()
  }

  push(): void {}

  closeAfterReply(): void {}

  /** The host owns the connection; what can be ended is the wait. */
  close(): void {
    this.#gone?.()
  }

  whenGone(run: () => void): void {
    this.#gone = run
    this.#request.signal.addEventListener('abort', run, { once: true })
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]])
  return pairs
}

function isAscii(bytes: Bytes): boolean {
  return !/[\x80-\xff]/.test(bytes)
}
