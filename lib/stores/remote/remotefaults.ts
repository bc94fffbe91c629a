/** What a remote store has failed with: what is logged of it, and what those are answered who have waited in vain. */
import { SHARED_BUSY, sharedAway, sharedUnreadable } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { RemoteFault } from './remotelog.ts'

export class RemoteFaults {
  readonly #tell: (level: 'warning', message: string) => void
  /** What it has failed with, if it has not done anything since. */
  #trouble = ''
  /** Tries for the lock that found it taken for too long. */
  busy = 0
  lastError = ''

  constructor(tell: (level: 'warning', message: string) => void) {
    this.#tell = tell
  }

  /** Another failure; returns its kind. */
  note(error: unknown): RemoteFault['kind'] {
    const kind = error instanceof RemoteFault ? error.kind : 'refused'
    if (kind === 'busy') this.busy++
    else {
      this.#trouble = reasonOf(error)
      this.tell(this.#trouble)
    }
    return kind
  }

  /** Logs what is not known already. */
  tell(reason: string): void {
    if (reason !== this.lastError) this.#tell('warning', `The shared store: ${reason}`)
    this.lastError = reason
  }

  /** It does what it is told. */
  clear(): void {
    this.#trouble = ''
  }

  /** For those who wanted to write, and have not. */
  get unwritten(): ReplyError {
    return this.#trouble === '' ? SHARED_BUSY : sharedAway(this.#trouble)
  }

  get unread(): ReplyError {
    return sharedUnreadable(this.#trouble === '' ? 'its database does not answer' : this.#trouble)
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
