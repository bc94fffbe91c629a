/** A store that is looked at from outside, by RESP or by REST: what `zerodis top` and `zerodis tail` stand on. */
import type { Bytes } from '../../base/bytes.ts'
import type { Reply } from '../../base/reply.ts'

export interface Link {
  /** How it is called; holds no secret. */
  readonly label: string
  /** Runs commands one after the other. An error of the store stands in the place of its reply. @throws LinkFault */
  run(commands: readonly (readonly Bytes[])[]): Promise<readonly Reply[]>
  /** Hands on each line of MONITOR until the store ends it or `close` is called. @throws LinkFault */
  monitor(take: (line: Bytes) => void): Promise<void>
  close(): void
}

/** Why a store could not be looked at. `isRefusal`: it has answered, and will say the same again. */
export class LinkFault extends Error {
  readonly isRefusal: boolean
  constructor(message: string, isRefusal: boolean) {
    super(message)
    this.isRefusal = isRefusal
  }
}

/** How long an answer is waited for. */
export const ANSWER_MS = 5000
