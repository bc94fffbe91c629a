/**
 * The WebSockets of an object. They stay open while it sleeps: what is to be remembered of each is kept beside it at the end of every turn
 * in which it may have changed, and when the object wakes, each is what it was. While there is one that must not be forgotten, a
 * timer keeps the object awake.
 */
import { toArray, toText } from '../base/bytes.ts'
import { immediately, inBackground } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { commandBytes } from '../journal/commandbytes.ts'
import type { Server } from '../server/server.ts'
import { forwardedAddress } from '../transports/endpoint.ts'
import { chooseProtocol, type OpenSocket } from '../transports/websocket.ts'
import { HibernatingSocket } from './hibernating.ts'
import { type Entry, type Remembered, recall, remember } from './memory.ts'
import type { ObjectSocket, ObjectState, WorkerGlobals } from './platform.ts'
import { tokensOf } from './token.ts'

/** An object sleeps when nothing has come for 10 s, unless it has a timer. Unit: ms. */
const AWAKE_MS = 60_000

/** Its token does not let in any more. */
const POLICY_VIOLATION = 1008

export class Sockets {
  readonly #state: ObjectState
  readonly #server: Server
  readonly #open = new Map<ObjectSocket, { readonly socket: HibernatingSocket; readonly entry: Entry; kept: string }>()
  /** Those of which something may have to be remembered anew. */
  readonly #touched = new Set<ObjectSocket>()
  /** Those that must not be forgotten. */
  readonly #unforgettable = new Set<ObjectSocket>()
  #isAwake = false

  constructor(state: ObjectState, server: Server) {
    this.#state = state
    this.#server = server
  }

  /** Answers a request for a WebSocket. */
  fetch(request: Request): Promise<Response> {
    const entry = {
      token: tokensOf(request).find((token) => this.#server.tokens.bearer(token) !== undefined) ?? '',
      json: new URL(request.url).searchParams.get('format')?.toLowerCase() === 'json',
      addr: forwardedAddress(request),
    }
    return this.#server.upgrade(request, async (accept) => {
      const { WebSocketPair } = globalThis as unknown as WorkerGlobals
      const { 0: theirs, 1: ours } = new WebSocketPair()
      this.#state.acceptWebSocket(ours)
      this.#accept(ours, entry, accept)
      const offered =
        request.headers
          .get('sec-websocket-protocol')
          ?.split(',')
          .map((name) => name.trim()) ?? []
      const chosen = chooseProtocol(offered, this.#server.tokens)
      const headers: [string, string][] = chosen === false ? [] : [['sec-websocket-protocol', chosen]]
      const init: ResponseInit & { readonly webSocket: object } = { status: 101, webSocket: theirs, headers }
      return new Response(null, init)
    })
  }

  #accept(ours: ObjectSocket, entry: Entry, accept: (socket: OpenSocket) => void): HibernatingSocket {
    const maxPayload = this.#server.engine.config['websocket-max-payload']
    const socket = new HibernatingSocket(ours, maxPayload, () => this.#touch(ours))
    this.#open.set(ours, { socket, entry, kept: '' })
    accept(socket)
    this.#touch(ours)
    return socket
  }

  /** Makes all that are open what they were before the object slept. */
  wake(): void {
    const waiting: { readonly socket: HibernatingSocket; readonly remembered: Remembered }[] = []
    for (const ours of this.#state.getWebSockets()) {
      const remembered = ours.deserializeAttachment() as Remembered | null
      const socket = remembered === null ? undefined : this.#readmit(ours, remembered)
      if (socket?.connection === undefined) ours.close(POLICY_VIOLATION)
      else {
        recall(this.#server.engine, socket.connection.session, remembered!)
        if (remembered!.blocked !== undefined) waiting.push({ socket, remembered: remembered! })
      }
    }
    waiting.sort((a, b) => a.remembered.blocked!.since - b.remembered.blocked!.since)
    for (const { socket, remembered } of waiting) this.#waitOn(socket, remembered)
  }

  /** By its token, as if it came now; undefined where that does not let in any more. */
  #readmit(ours: ObjectSocket, { token, json, addr }: Remembered): HibernatingSocket | undefined {
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': addr.replace(/:0$/, '') }
    const request = new Request(`http://object/ws${json ? '?format=json' : ''}`, { headers })
    let socket: HibernatingSocket | undefined
    const { engine, log } = this.#server
    const upgraded = this.#server.upgrade(request, async (accept) => {
      socket = this.#accept(ours, { token, json, addr }, accept)
      return new Response(null)
    })
    unawaited(upgraded, engine.config, (message) => log('warning', message))
    return socket
  }

  /** Says the command again in which it waited; that ends when it would have ended. */
  #waitOn({ connection }: HibernatingSocket, { json, blocked }: Remembered): void {
    const { argv, until } = blocked!
    const { engine, turn } = this.#server
    const said = json ? Buffer.from(JSON.stringify(argv.map(toText)), 'utf8') : toArray(commandBytes(argv))
    connection!.receive(said)
    turn.run()
    if (until !== Infinity) engine.blocking.endAt(connection!.session, until)
  }

  received(ours: ObjectSocket, message: string | ArrayBuffer): void {
    this.#open.get(ours)?.socket.received(message)
    // Behind the turn in which it runs: a look that is under way may come before.
    immediately(() => this.#touch(ours))
  }

  closed(ours: ObjectSocket): void {
    this.#open.get(ours)?.socket.closed()
    this.#forget(ours)
  }

  #forget(ours: ObjectSocket): void {
    this.#open.delete(ours)
    this.#unforgettable.delete(ours)
  }

  #touch(ours: ObjectSocket): void {
    if (this.#touched.size === 0) immediately(() => this.#keep())
    this.#touched.add(ours)
  }

  #keep(): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const ours of touched) this.#keepOne(ours)
    this.#stayAwake()
  }

  #keepOne(ours: ObjectSocket): void {
    const open = this.#open.get(ours)
    const connection = open?.socket.connection
    if (open === undefined || connection === undefined || open.socket.readyState !== open.socket.OPEN) {
      this.#forget(ours)
      return
    }
    const remembered = remember(this.#server.engine, connection, open.entry)
    if (remembered !== undefined && this.#attach(ours, open, remembered)) this.#unforgettable.delete(ours)
    else this.#unforgettable.add(ours)
  }

  /** False where it is too much to be kept beside a socket. */
  #attach(ours: ObjectSocket, open: { kept: string }, remembered: Remembered): boolean {
    const text = JSON.stringify(remembered)
    if (text === open.kept) return true
    try {
      ours.serializeAttachment(remembered)
      open.kept = text
      return true
    } catch (error) {
      this.#server.log('verbose', `WebSocket: ${error instanceof Error ? error.message : error}`)
      return false
    }
  }

  #stayAwake(): void {
    if (this.#isAwake || this.#unforgettable.size === 0) return
    this.#isAwake = true
    inBackground(AWAKE_MS, () => {
      this.#isAwake = false
      for (const ours of this.#unforgettable) this.#touch(ours)
    })
  }
}
