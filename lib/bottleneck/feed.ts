/**
 * The subscriptions of one connection. Platforms allow few requests at a time, so one stream carries the channels of many
 * limiters; a stream's channels are fixed when it is opened, so a new limiter needs a new stream that takes over from the
 * old one. Nothing may be lost or heard twice meanwhile: both streams also hear a channel of their own, and a mark that is
 * published there parts the two. What comes before the mark is heard on the old stream, what comes after on the new one.
 *
 * A stream that breaks is opened again with growing pauses. What was published in between is lost, and `onGap` says so.
 */
import { backOff, type Message, type Wire } from './wire.ts'

/** Longest wait for the mark, after which the new stream takes over without it. Unit: ms. */
const MARK_MS = 5_000

/** A stream that ends before that is opened again only after a pause; hosts end streams in good order every few minutes. */
const SHORT_LIFE_MS = 1_000

export interface FeedEvents {
  onMessage(channel: string, message: string): void
  onError(error: Error): void
  /** Messages may have been lost; from here on they are heard again. */
  onGap(): void
  publish(channel: string, message: string): Promise<unknown>
}

/** All feeds of a connection: as many as the channels need. */
export class Feeds {
  readonly #wire: Wire
  readonly #events: FeedEvents
  readonly #feeds = new Set<Feed>()

  constructor(wire: Wire, events: FeedEvents) {
    this.#wire = wire
    this.#events = events
  }

  /** Settles when the store has confirmed them. */
  add(channels: readonly string[]): Promise<void> {
    const length = lengthOf(channels)
    let feed = [...this.#feeds].find((each) => each.length + length <= this.#wire.channelsMax)
    if (feed === undefined) {
      feed = new Feed(this.#wire, this.#events)
      this.#feeds.add(feed)
    }
    return feed.add(channels)
  }

  remove(channels: readonly string[]): void {
    for (const feed of this.#feeds) {
      feed.remove(channels)
      if (feed.length > 0) continue
      feed.close()
      this.#feeds.delete(feed)
    }
  }

  close(): void {
    for (const feed of this.#feeds) feed.close()
    this.#feeds.clear()
  }
}

class Feed {
  readonly #wire: Wire
  readonly #events: FeedEvents
  readonly #ended = new AbortController()
  readonly #markChannel = `b_mark_${Math.random().toString(36).slice(2)}`
  readonly #wanted = new Set<string>()
  #waiting: { readonly channels: readonly string[]; readonly resolve: () => void }[] = []
  #current: Stream | undefined
  #isOpening = false
  /** True if messages may have been lost since the last time that was said. */
  #hasGap = false
  #marks = 0
  /** Streams that broke soon, one after another. */
  #breaks = 0

  constructor(wire: Wire, events: FeedEvents) {
    this.#wire = wire
    this.#events = events
  }

  /** Of the wanted channels, in a URL. */
  get length(): number {
    return lengthOf([...this.#wanted])
  }

  add(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#wanted.add(channel)
    return new Promise((resolve) => {
      this.#waiting.push({ channels, resolve })
      // Limiters that are made within one turn come into one stream.
      queueMicrotask(() => this.#openSoon())
    })
  }

  /** They stay in the stream, which costs less than another one. */
  remove(channels: readonly string[]): void {
    for (const channel of channels) this.#wanted.delete(channel)
  }

  close(): void {
    this.#ended.abort()
  }

  #openSoon(): void {
    this.#open().catch((error: Error) => this.#events.onError(error))
  }

  /** Opens streams until there is one with all wanted channels. */
  async #open(): Promise<void> {
    if (this.#isOpening) return
    this.#isOpening = true
    while (!this.#ended.signal.aborted && this.#lacksChannels) {
      const stream = await this.#reach()
      if (stream !== undefined) await this.#takeOver(stream)
    }
    this.#isOpening = false
    this.#confirm()
  }

  get #lacksChannels(): boolean {
    for (const channel of this.#wanted) if (this.#current?.channels.has(channel) !== true) return true
    return false
  }

  /** Settles `add` for channels that are heard. */
  #confirm(): void {
    this.#waiting = this.#waiting.filter(({ channels, resolve }) => {
      if (!channels.every((channel) => this.#current?.channels.has(channel))) return true
      resolve()
      return false
    })
  }

  async #reach(): Promise<Stream | undefined> {
    const { signal } = this.#ended
    for (let attempt = 0; ; attempt++) {
      const stream = new Stream([...this.#wanted], signal)
      try {
        stream.messages = await this.#wire.subscribe([...stream.channels, this.#markChannel], stream.signal)
        return stream
      } catch (error) {
        stream.end()
        if (signal.aborted) return undefined
        this.#events.onError(error as Error)
        await backOff(attempt, signal)
      }
    }
  }

  async #takeOver(stream: Stream): Promise<void> {
    const old = this.#current
    stream.muted = old?.channels
    this.#current = stream
    this.#read(stream).catch((error: Error) => this.#events.onError(error))
    this.#confirm()
    if (old !== undefined && !(await this.#part(old, stream))) this.#hasGap = true
    stream.muted = undefined
    old?.end()
    if (!this.#hasGap || this.#current !== stream) return
    this.#hasGap = false
    this.#events.onGap()
  }

  /** Publishes a mark; true once both streams have heard it. */
  #part(old: Stream, next: Stream): Promise<boolean> {
    const mark = `mark:${++this.#marks}`
    return new Promise((resolve) => {
      let missing = 2
      const heard = (isMark: boolean): void => {
        if (isMark && --missing > 0) return
        clearTimeout(timer)
        resolve(isMark)
      }
      const timer = setTimeout(heard, MARK_MS, false)
      old.onMark(mark, heard)
      next.onMark(mark, heard)
      this.#events.publish(this.#markChannel, mark).catch(() => heard(false))
    })
  }

  async #read(stream: Stream): Promise<void> {
    const openedAt = Date.now()
    try {
      for await (const { channel, message } of stream.messages!) {
        if (channel === this.#markChannel) stream.mark(message)
        else if (stream.speaksFor(channel)) this.#events.onMessage(channel, message)
      }
    } catch (error) {
      if (!stream.signal.aborted) this.#events.onError(error as Error)
    }
    if (stream.signal.aborted) return
    stream.end()
    if (this.#current !== stream) return
    this.#current = undefined
    this.#hasGap = true
    this.#breaks = Date.now() - openedAt < SHORT_LIFE_MS ? this.#breaks + 1 : 0
    if (this.#breaks > 0) await backOff(this.#breaks, this.#ended.signal)
    this.#openSoon()
  }
}

/** One subscription. */
class Stream {
  readonly channels: ReadonlySet<string>
  readonly #ended = new AbortController()
  readonly #outer: AbortSignal
  messages: AsyncIterable<Message> | undefined
  /** Channels that an older stream still speaks for. */
  muted: ReadonlySet<string> | undefined
  #isOver = false
  #mark = ''
  #heard: ((isMark: boolean) => void) | undefined
  readonly end = (): void => {
    this.#ended.abort()
    this.#outer.removeEventListener('abort', this.end)
    this.#heard?.(false)
  }

  constructor(channels: readonly string[], outer: AbortSignal) {
    this.channels = new Set(channels)
    this.#outer = outer
    outer.addEventListener('abort', this.end)
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  speaksFor(channel: string): boolean {
    return !this.#isOver && this.muted?.has(channel) !== true
  }

  /** Calls back with true at the mark, and with false if the stream ends before. */
  onMark(mark: string, heard: (isMark: boolean) => void): void {
    this.#mark = mark
    this.#heard = heard
  }

  /** At the mark an old stream has said all that it had to say, and a new one begins. */
  mark(text: string): void {
    if (text !== this.#mark) return
    if (this.muted === undefined) this.#isOver = true
    else this.muted = undefined
    this.#heard?.(true)
    this.#heard = undefined
  }
}

function lengthOf(channels: readonly string[]): number {
  return channels.reduce((length, channel) => length + encodeURIComponent(channel).length + 1, 0)
}
