/**
 * A circuit breaker before connecting: where the server could not be reached several times in a row, whoever asks is told so at
 * once for a while, instead of waiting for one more failure. After that time one caller tries again.
 */
import { monotonic } from '../base/runtime.ts'
import type { UpstreamFault } from '../base/upstreamfault.ts'

/** Failures in a row after which it opens. */
const FAILURES = 3

/** For how long it is open, the first time and at most; each failed trial doubles it. */
const OPEN_MS = 100
const OPEN_MAX_MS = 5000

export class Circuit {
  #failures = 0
  #fault: UpstreamFault | undefined
  #closesAt = 0

  /** How often it has opened. */
  opened = 0

  /** What is answered while it is open. */
  get refusal(): UpstreamFault | undefined {
    return this.#fault !== undefined && monotonic() < this.#closesAt ? this.#fault : undefined
  }

  get isOpen(): boolean {
    return this.refusal !== undefined
  }

  succeeded(): void {
    this.#failures = 0
    this.#fault = undefined
  }

  failed(fault: UpstreamFault): void {
    this.#failures++
    if (this.#failures < FAILURES) return
    this.opened++
    this.#fault = fault
    this.#closesAt = monotonic() + Math.min(OPEN_MS * 2 ** (this.#failures - FAILURES), OPEN_MAX_MS)
  }
}
