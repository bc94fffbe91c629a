/** A stream of events that a page listens to: started, ended by hand, after a time, or when there was much. */
import { Observable } from '../model/observable.ts'
import type { Bytes } from '../wire/bytes.ts'
import type { Rest } from '../wire/rest.ts'

export interface StreamLine {
  readonly id: number
  /** Unix ms. */
  readonly at: number
  readonly text: Bytes
}

export interface StreamBounds {
  /** It ends by itself after so long; undefined for one that goes on. */
  readonly ms?: number
  /** It ends by itself after so many lines. */
  readonly lines?: number
}

/** Lines that are kept. */
const KEPT = 1000
/** The page is told so often. */
const SHOW_MS = 100

export class Stream extends Observable {
  readonly #rest: Rest
  readonly #bounds: StreamBounds
  lines: readonly StreamLine[] = []
  /** All that came, whether it passed or not. */
  count = 0
  isOn = false
  /** Why it has ended. */
  reason = ''
  #fresh: StreamLine[] = []
  #abort: AbortController | undefined

  constructor(rest: Rest, bounds: StreamBounds = {}) {
    super()
    this.#rest = rest
    this.#bounds = bounds
  }

  /** Listens; only what `passes` is kept. Ends what it listened to before. */
  start(command: readonly Bytes[], passes: (text: Bytes) => boolean): void {
    this.stop('')
    const abort = new AbortController()
    this.#abort = abort
    this.isOn = true
    this.reason = ''
    this.lines = []
    this.count = 0
    this.changed()
    const timers = [setInterval(() => this.#show(), SHOW_MS)]
    const { ms } = this.#bounds
    if (ms !== undefined)
      timers.push(setTimeout(() => this.stop(`It has ended by itself after ${ms / 1000} seconds.`), ms))
    this.#listen(command, passes, abort)
      .catch((error: Error) => abort.signal.aborted || this.stop(error.message))
      .finally(() => {
        for (const timer of timers) clearTimeout(timer)
      })
  }

  stop(reason: string): void {
    if (!this.isOn) return
    this.#abort?.abort()
    this.isOn = false
    this.reason = reason
    this.#show()
    this.changed()
  }

  async #listen(
    command: readonly Bytes[],
    passes: (text: Bytes) => boolean,
    { signal }: AbortController,
  ): Promise<void> {
    for await (const text of this.#rest.events(command, signal)) {
      this.count++
      if (passes(text)) this.#fresh.push({ id: this.count, at: Date.now(), text })
      if (this.#bounds.lines !== undefined && this.count >= this.#bounds.lines) {
        return this.stop(`It has ended by itself after ${this.#bounds.lines.toLocaleString('en')} lines.`)
      }
    }
    if (!signal.aborted) this.stop('The host has ended it.')
  }

  #show(): void {
    if (this.#fresh.length === 0) return
    this.lines = [...this.lines, ...this.#fresh].slice(-KEPT)
    this.#fresh = []
    this.changed()
  }
}
