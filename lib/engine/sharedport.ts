/** What the engine asks where the keys are shared with other processes (stores/shared.ts). */
import type { ReplyError } from '../base/reply.ts'
import type { Session } from '../session/session.ts'

/** Why a key, or a field, went by itself. */
export type Cause = 'expired' | 'evicted' | 'hexpired'

export interface SharedPort {
  /** What it asks of its database takes a while: calls in process are answered by promises. */
  readonly isRemote: boolean
  /** A batch is under way: keys may be changed, and go by themselves. */
  readonly isLocked: boolean
  /**
   * Asked before each command. Undefined: it may run, on what everybody has written. An error: it may not. A promise: it is to be
   * asked again when that is settled, or answered the error that it gives. `isCall`: its caller would rather be held for a
   * moment than given a promise.
   */
  ask(session: Session, mayWrite: boolean): ReplyError | Promise<ReplyError | undefined> | undefined
  /** A client is about to wait for what others do: it is to hear of that at once. */
  listenSoon(): void
  /** True if keys may be changed now; else `then` is called when they may. */
  lock(then: () => void): boolean
}
