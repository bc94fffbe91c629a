/** What is used of Cloudflare's runtime; said here, so that users of our types need not have those of `@cloudflare/workers-types`. */
import type { ObjectStorage } from '../stores/object/objectlog.ts'

/** A WebSocket that stays open while the object sleeps. */
export interface ObjectSocket {
  readonly readyState: number
  send(message: string | ArrayBufferView): void
  close(code?: number, reason?: string): void
  /** Keeps something beside it, which must be small. @throws Error for what is not */
  serializeAttachment(value: unknown): void
  deserializeAttachment(): unknown
}

/** What an object is given of itself: its `ctx`. */
export interface ObjectState {
  readonly id: { toString(): string }
  readonly storage: ObjectStorage
  acceptWebSocket(socket: ObjectSocket): void
  getWebSockets(): ObjectSocket[]
  /** Ends the object; the next request begins it anew. */
  abort(reason?: string): void
}

/** The variables and secrets of a Worker, among its other bindings. */
export type Bindings = Readonly<Record<string, unknown>>

/** Where the objects of one class are reached. */
export interface ObjectNamespace {
  idFromName(name: string): object
  get(id: object): { fetch(request: Request): Promise<Response> }
}

interface SocketPair {
  readonly 0: object
  readonly 1: ObjectSocket
}

/** What the runtime has among its globals. */
export interface WorkerGlobals {
  readonly WebSocketPair: new () => SocketPair
}
