/** The largest reply of late of one client, which CLIENT LIST shows. */

/** For so long at least a peak is remembered, as in Redis. */
const PEAK_MS = 5000

export class ReplyPeak {
  #bytes = 0
  /** Unix ms. */
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** So many bytes were passed on together. */
  note(bytes: number): void {
    if (bytes > this.#bytes) this.#bytes = bytes
  }

  /** Most bytes since when somebody last asked after `PEAK_MS`. `now` in Unix ms. */
  bytes(now: number): number {
    if (now - this.#since > PEAK_MS) {
      this.#bytes = 0
      this.#since = now
    }
    return this.#bytes
  }
}
