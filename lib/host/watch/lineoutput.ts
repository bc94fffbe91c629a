/**
 * Lines for whoever reads them at his own pace. What the system has not taken is gathered up to a bound; past it lines are left out, and
 * it is said how many: a store that has to keep them for us would be worse.
 */
import type { Writable } from 'node:stream'

const GATHERED_MAX = 4 * 1024 * 1024

export class LineOutput {
  readonly #out: Writable
  #leftOut = 0
  /** Whoever reads it has gone. */
  isClosed = false

  /** `onClosed` is called when nobody reads any more. @throws what else the stream throws */
  constructor(out: Writable, onClosed: () => void) {
    this.#out = out
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      this.isClosed = true
      onClosed()
    })
  }

  /** `note` says how many lines were left out before this one. */
  write(line: string, note: (count: number) => string): void {
    if (this.isClosed) return
    if (this.#out.writableLength > GATHERED_MAX) {
      this.#leftOut++
      return
    }
    if (this.#leftOut > 0) this.#out.write(`${note(this.#leftOut)}\n`)
    this.#leftOut = 0
    this.#out.write(`${line}\n`)
  }
}
