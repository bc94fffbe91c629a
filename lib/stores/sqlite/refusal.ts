/**
 * Writes that are refused: for ever, because the database can only be read, or because it could not keep a batch, as on a full disk. What each further one would lose is known before
 * it runs, and its client gets an error instead of an end of its connection. Now and then it is tried whether as much is kept again.
 */

import { SHARED_READ_ONLY } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { monotonic } from '../../base/runtime.ts'

/** Between two tries. Unit: ms. */
const RETRY_MS = 100
/** Most that is tried with: a batch that is larger takes its chance. */
const TRIED_BYTES_MAX = 1 << 20

export class Refusal {
  readonly #attempt: (bytes: number) => boolean
  readonly #isLasting: boolean
  #error: ReplyError | undefined
  #bytes = 0
  #triedAt = 0

  /** `attempt` writes so many bytes, and takes them out again; false if it cannot now. */
  constructor(isReadOnly: boolean, attempt: (bytes: number) => boolean) {
    this.#attempt = attempt
    this.#isLasting = isReadOnly
    if (isReadOnly) this.#error = SHARED_READ_ONLY
  }

  /** A batch of so many bytes was not kept. */
  begin(error: ReplyError, bytes: number): void {
    this.#error = error
    this.#bytes = Math.min(bytes, TRIED_BYTES_MAX)
    this.#triedAt = -RETRY_MS
  }

  /** What a write is answered with; undefined if it may run. */
  get answer(): ReplyError | undefined {
    if (this.#error === undefined || this.#isLasting) return this.#error
    const now = monotonic()
    if (now - this.#triedAt < RETRY_MS) return this.#error
    this.#triedAt = now
    if (this.#attempt(this.#bytes)) this.#error = undefined
    return this.#error
  }
}
