/** The way to a store in the same process: no socket, no JSON. */
import type { InProcessDoor, Messages } from '../transports/inprocess.ts'
import { type Argument, type Message, type Outcome, type Wire, WireError } from './wire.ts'

export class StoreWire implements Wire {
  readonly channelsMax = Infinity
  readonly #door: InProcessDoor

  constructor(door: InProcessDoor) {
    this.#door = door
  }

  /** Takes a turn of the event loop, as every other way to a store does: Bottleneck relies on it for the order of its jobs. */
  async send(commands: readonly (readonly Argument[])[]): Promise<readonly Outcome[]> {
    await new Promise((resolve) => setImmediate(resolve))
    const body = commands.map((argv) => argv.map(String))
    return (await this.#door.request({ path: ['pipeline'], body })) as Outcome[]
  }

  async subscribe(channels: readonly string[], signal: AbortSignal): Promise<AsyncIterable<Message>> {
    let messages: Messages
    try {
      messages = this.#door.subscribe('subscribe', channels)
    } catch (error) {
      throw new WireError((error as Error).message, true, error)
    }
    signal.addEventListener('abort', () => messages.close(), { once: true })
    return messages
  }
}
