/**
 * What is answered in the place of a real Redis that stands behind the doors and has not answered: it could not be reached, or
 * not in time. An error for the caller as any other; over HTTP it has a status of its own, so that nobody takes it for the
 * answer of a Redis.
 */
import type { Bytes } from './bytes.ts'
import { ReplyError } from './reply.ts'

export class UpstreamFault extends ReplyError {
  /** Of HTTP: 502 where nobody answered, 504 where nobody answered in time. */
  readonly status: 502 | 504
  /** The command left, and nobody knows whether it has run. */
  readonly mayHaveRun: boolean

  constructor(text: Bytes, status: 502 | 504, mayHaveRun: boolean) {
    super(text)
    this.status = status
    this.mayHaveRun = mayHaveRun
  }
}
