/** A store for unit tests: each request waits until the test answers it, and streams say what the test says. */
import { type Argument, type Message, type Outcome, type Wire, WireError } from '../../lib/bottleneck/wire.ts'

export class Request {
  readonly commands: readonly (readonly Argument[])[]
  readonly answer: (outcomes: readonly Outcome[]) => void
  readonly fail: (error: WireError) => void

  constructor(
    commands: readonly (readonly Argument[])[],
    answer: (outcomes: readonly Outcome[]) => void,
    fail: (error: WireError) => void,
  ) {
    this.commands = commands
    this.answer = answer
    this.fail = fail
  }

  /** The names of the commands; of scripts those, which are their own digests here. */
  get names(): string[] {
    return this.commands.map(([name, first]) => (name === 'EVALSHA' ? `${first}` : `${name}`))
  }

  ok(): void {
    this.answer(this.commands.map(() => ({ result: 'OK' })))
  }
}

export class StreamOfTest implements AsyncIterable<Message> {
  readonly channels: readonly string[]
  readonly signal: AbortSignal
  #messages: Message[] = []
  #isOver = false
  #wake: (() => void) | undefined

  constructor(channels: readonly string[], signal: AbortSignal) {
    this.channels = channels
    this.signal = signal
    signal.addEventListener('abort', () => this.break())
  }

  /** The channel on which marks come. */
  get markChannel(): string {
    return this.channels.find((channel) => channel.startsWith('b_mark_'))!
  }

  say(channel: string, message: string): void {
    this.#messages.push({ channel, message })
    this.#wake?.()
  }

  break(): void {
    this.#isOver = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Message> {
    for (;;) {
      for (const message of this.#messages.splice(0)) yield message
      if (this.#isOver) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

export class WireOfTest implements Wire {
  channelsMax = 6_000
  readonly requests: Request[] = []
  readonly streams: StreamOfTest[] = []
  /** Why subscribing fails, as long as it does. */
  refusal: WireError | undefined

  send(commands: readonly (readonly Argument[])[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => this.requests.push(new Request(commands, resolve, reject)))
  }

  async subscribe(channels: readonly string[], signal: AbortSignal): Promise<AsyncIterable<Message>> {
    if (this.refusal !== undefined) throw this.refusal
    const stream = new StreamOfTest(channels, signal)
    this.streams.push(stream)
    return stream
  }
}

export const unreached = (): WireError => new WireError('not reached', false)

/** Lets everything go on that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}
