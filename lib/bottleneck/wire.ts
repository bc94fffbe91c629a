/**
 * What lies between a connection and its store: a way to run commands in order, and one to hear messages. `RestWire` speaks
 * Upstash's REST, `StoreWire` calls the store of this process; all else is the same for both. Nothing in this folder needs
 * more of its platform than fetch, timers and AbortController.
 */

export type Argument = string | number | boolean | null | undefined

/** What became of one command. */
export interface Outcome {
  readonly result?: unknown
  readonly error?: string
}

export interface Message {
  readonly channel: string
  readonly message: string
}

export interface Wire {
  /** Longest list of channels in one subscription. Unit: characters as they stand in a URL. */
  readonly channelsMax: number
  /** Runs the commands one after another. @throws WireError if it cannot be said that all of them ran */
  send(commands: readonly (readonly Argument[])[], signal: AbortSignal): Promise<readonly Outcome[]>
  /** Settles once the store has confirmed all channels. @throws WireError */
  subscribe(channels: readonly string[], signal: AbortSignal): Promise<AsyncIterable<Message>>
}

/** The store was not reached, or refuses to serve. */
export class WireError extends Error {
  override readonly name = 'WireError'
  /** True if it is sure that nothing was run, and asking again will not help. */
  readonly isRefusal: boolean

  constructor(message: string, isRefusal: boolean, cause?: unknown) {
    super(message, { cause })
    this.isRefusal = isRefusal
  }
}

/** Pauses double from the first to the last, less a random part, so that clients do not all come back at once. */
const FIRST_DELAY_MS = 50
const LAST_DELAY_MS = 2_000

/** Waits before the `attempt`th repetition, counted from 0; ends early with the signal. */
export function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** attempt, LAST_DELAY_MS) * (0.5 + Math.random() / 2)
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, delayMs)
    signal.addEventListener('abort', done)
  })
}
