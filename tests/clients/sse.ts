/** A reader of Server-Sent Events, from a connection of bare bytes or from a body of `fetch`. */
export class EventReader {
  /** The data of the events that have come, in order. */
  readonly events: string[] = []
  comments = 0
  /** Settles when the stream ends, or is cut. */
  readonly ended: Promise<void>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #wake: () => void = () => {}
  #paused = false

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
    this.ended = this.#read()
  }

  async next(): Promise<string> {
    while (this.events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.events.shift()!
  }

  /** Reads nothing more. */
  pause(): void {
    this.#paused = true
  }

  /** Hangs up. */
  cancel(): Promise<void> {
    return this.#reader.cancel()
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    try {
      while (!this.#paused) {
        const { done, value } = await this.#reader.read()
        if (done) break
        text += decoder.decode(value, { stream: true })
        const events = text.split('\n\n')
        text = events.pop()!
        for (const event of events) this.#take(event)
        this.#wake()
      }
    } catch {
      // cut
    }
  }

  #take(event: string): void {
    if (event.startsWith(':')) {
      this.comments++
      return
    }
    const lines = event.split('\n').map((line) => {
      if (!line.startsWith('data: ')) throw new Error(`not a line of data: ${line}`)
      return line.slice(6)
    })
    this.events.push(lines.join('\n'))
  }
}
