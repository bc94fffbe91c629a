/**
 * Connections that stay, opened by a token over HTTP (streams of events, WebSockets): `rest-max-streams-per-token` bounds
 * their number, so that the bearer of one token, which may be in a page that anyone can open, does not take all places.
 * All doors of a server count here.
 */
import type { Directives } from '../config/config.ts'

export class Streams {
  readonly #config: Directives
  /** By what the token stands for. */
  readonly #counts = new Map<unknown, number>()

  constructor(config: Directives) {
    this.#config = config
  }

  /** True if the bearer has as many open as one may have. */
  isFull(bearer: unknown): boolean {
    const max = this.#config['rest-max-streams-per-token']
    return max !== 0 && (this.#counts.get(bearer) ?? 0) >= max
  }

  /** Counts one; what is returned is to be called once, at its end. */
  open(bearer: unknown): () => void {
    this.#counts.set(bearer, (this.#counts.get(bearer) ?? 0) + 1)
    return () => {
      const left = this.#counts.get(bearer)! - 1
      if (left === 0) this.#counts.delete(bearer)
      else this.#counts.set(bearer, left)
    }
  }
}
