/**
 * Requests of node:http and the connections that they come by, as the REST door sees them: what is read of a request, where
 * its answer goes, and what is known of a socket over all of its requests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import type { RestRequest, StreamSink } from '../protocol/rest.ts'
import { type ClientMemory, LITTLE_BYTES } from '../session/clientmemory.ts'
import type { HoldsTexts } from '../session/longtexts.ts'
import type { Caller } from './calls.ts'
import { endpoint } from './endpoint.ts'
import { Held } from './held.ts'
import { Proof } from './rest.ts'
import { type Turn, TurnShare } from './turn.ts'

/** Where REST is served besides `/`. */
const REST_BASE = '/api/redis'

/** Requests that may wait on a connection that is held. */
const WAITING_MAX = 16

/** What is known of a socket over all of its requests. */
export class Connection extends Proof {
  readonly addr: Bytes
  readonly laddr: Bytes
  /** The requests that wait while the connection is held; undefined while it is not. */
  waiting: (() => void)[] | undefined
  readonly share: TurnShare
  /** The requests that are served in the turns to come, for the connection has had its time; undefined while there are none. */
  behind: (() => void)[] | undefined
  /** It has had its last answer, or will: a wrong token. */
  isRefused = false

  /** Nothing more is to be read of it. */
  get isFull(): boolean {
    return this.isRefused || (this.waiting !== undefined && this.waiting.length >= WAITING_MAX)
  }

  constructor(socket: Socket, turn: Turn) {
    super()
    this.share = new TurnShare(turn)
    connections.set(socket, this)
    this.addr = endpoint(socket.remoteAddress, socket.remotePort)
    this.laddr = endpoint(socket.localAddress, socket.localPort)
  }
}

const connections = new WeakMap<Socket, Connection>()

/** What is known of a socket; undefined before its first request. */
export function connectionOf(socket: Socket): Connection | undefined {
  return connections.get(socket)
}

export class HttpRequest implements RestRequest {
  readonly #incoming: IncomingMessage
  readonly method: string
  readonly path: string
  readonly query: string
  /** The path began with the base. */
  readonly based: boolean

  /** `base` is a path below which REST is served, besides `/`. */
  constructor(incoming: IncomingMessage, base = REST_BASE) {
    this.#incoming = incoming
    this.method = incoming.method!
    const url = incoming.url!
    const question = url.indexOf('?')
    let path = question === -1 ? url : url.slice(0, question)
    // A proxy's client may name the host again: GET http://host/path.
    if (path.charCodeAt(0) !== 47) path = path.replace(/^https?:\/\/[^/]*/i, '') || '/'
    this.based = path.startsWith(base) && (path.length === base.length || path[base.length] === '/')
    this.path = this.based ? path.slice(base.length) : path
    this.query = question === -1 ? '' : url.slice(question + 1)
  }

  /** Reads the list as it came: making `incoming.headers` of it would cost more than the command. */
  header(name: string): string | undefined {
    const { rawHeaders } = this.#incoming
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const candidate = rawHeaders[i]
      if (candidate.length !== name.length) continue
      if (candidate === name || candidate.toLowerCase() === name) return rawHeaders[i + 1]
    }
    return undefined
  }
}

export class ResponseSink implements StreamSink {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get unsentBytes(): number {
    return this.#response.writableLength
  }

  write(part: Bytes): boolean {
    return this.#response.write(part, 'latin1')
  }

  end(): void {
    this.#response.end()
  }

  destroy(): void {
    this.#response.destroy()
  }
}

export class HttpCaller implements Caller {
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly #memory: ClientMemory
  #held: Held | undefined
  readonly addr: Bytes
  readonly laddr: Bytes
  readonly inputBytes = 0

  constructor(incoming: IncomingMessage, response: ServerResponse, { addr, laddr }: Connection, memory: ClientMemory) {
    this.#memory = memory
    this.#incoming = incoming
    this.#response = response
    this.addr = addr
    this.laddr = laddr
  }

  get outputBytes(): number {
    return this.#response.writableLength
  }

  /** There is no way to send what was not asked for. */
  push(): void {}

  closeAfterReply(): void {}

  close(): void {
    this.#incoming.socket.destroy()
  }

  whenGone(run: () => void): void {
    this.#response.on('close', run)
  }

  holds(bytes: number, texts?: HoldsTexts): void {
    if (this.#held === undefined) {
      if (bytes <= LITTLE_BYTES || this.#response.closed) return
      const held = new Held(this.#memory, this.addr, () => this.close())
      this.#held = held
      this.#response.on('close', () => held.end())
    }
    this.#held.set(bytes, texts)
  }
}
