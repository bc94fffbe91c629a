/**
 * A WebSocket that outlives the memory of its object, in the place of one of the package `ws`. What the door wants to hear, the object
 * tells it. A message is sent whole, since the host knows no frames; the host does not say either how much of it is unsent.
 */
import { immediately } from '../base/runtime.ts'
import type { Connection, OpenSocket } from '../transports/websocket.ts'
import type { ObjectSocket } from './platform.ts'

type Listener = (argument: never) => void

const OPEN = 1
/** The message was longer than `websocket-max-payload`. */
const TOO_LONG = 1009
const BROKEN_OFF = 1011

export class HibernatingSocket implements OpenSocket {
  readonly OPEN = OPEN
  readonly bufferedAmount = 0
  readonly #socket: ObjectSocket
  readonly #maxPayload: number
  readonly #onSent: () => void
  readonly #listeners = new Map<string, Listener[]>()
  /** Parts of a message that is not at its end. */
  #parts: Buffer[] = []
  #isClosed = false
  /** Who speaks here, since the door has taken it. */
  connection: Connection | undefined

  /** `onSent` hears of each message that is sent, which may have changed what there is to be remembered. */
  constructor(socket: ObjectSocket, maxPayload: number, onSent: () => void) {
    this.#socket = socket
    this.#maxPayload = maxPayload
    this.#onSent = onSent
  }

  get readyState(): number {
    return this.#isClosed ? 3 : this.#socket.readyState
  }

  on(event: string, listen: Listener): void {
    const listeners = this.#listeners.get(event)
    if (listeners === undefined) this.#listeners.set(event, [listen])
    else listeners.push(listen)
  }

  opened(connection: Connection): void {
    this.connection = connection
  }

  send(data: Buffer, { binary, fin }: { binary: boolean; fin: boolean }, sent: () => void): void {
    this.#parts.push(data)
    if (fin) {
      const whole = this.#parts.length === 1 ? data : Buffer.concat(this.#parts)
      this.#parts = []
      this.#socket.send(binary ? whole : whole.toString('utf8'))
      this.#onSent()
    }
    immediately(sent)
  }

  /** The host answers pings, and pings by itself. */
  ping(): void {}

  /** The host goes on reading: what comes meanwhile counts against `client-query-buffer-limit`. */
  pause(): void {}

  resume(): void {}

  close(code: number): void {
    this.#end(code)
  }

  terminate(): void {
    this.#end(BROKEN_OFF)
  }

  #end(code: number): void {
    if (this.#isClosed) return
    this.#socket.close(code)
    // The door hears of it as it does where the end takes its time: behind what it does now.
    immediately(() => this.closed())
  }

  // For the object.

  received(message: string | ArrayBuffer): void {
    const data = typeof message === 'string' ? Buffer.from(message, 'utf8') : Buffer.from(message)
    if (data.length > this.#maxPayload) this.#end(TOO_LONG)
    else if (!this.#isClosed) this.#tell('message', data)
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tell('close', undefined)
  }

  #tell(event: string, argument: unknown): void {
    for (const listen of this.#listeners.get(event) ?? []) listen(argument as never)
  }
}
