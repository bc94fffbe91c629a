/** What the engine asks where the keys are shared with other processes (stores/sqlite/shared.ts). */
import type { Bytes } from '../base/bytes.ts'
import type { ReplyError } from '../base/reply.ts'
import type { Session } from '../session/session.ts'

/** Why a key, or a field, went by itself. */
export type Cause = 'expired' | 'evicted' | 'hexpired'

export interface SharedPort {
  /** What it asks of its database takes a while: calls in process are answered by promises. */
  readonly isRemote: boolean
  /** Of the log, and how far this copy has come in it. */
  readonly id: Bytes
  readonly position: number
  /** A batch is under way: keys may be changed, and go by themselves. */
  readonly isLocked: boolean
  /**
   * Asked before each command of a session. Undefined: it may run, on all that it has to see. An error: it may not. A promise: it is
   * to be asked again when that is settled, or answered the error that it gives.
   */
  ask(session: Session, mayWrite: boolean): ReplyError | Promise<ReplyError | undefined> | undefined
  /** The same without waiting for anything: false where `ask` has to be asked. */
  lets(session: Session, mayWrite: boolean): boolean
  /** A client is about to wait for what others do: it is to hear of that at once. */
  listenSoon(): void
  /** True if keys may be changed now; else `then` is called when they may. */
  lock(then: () => void): boolean
}
