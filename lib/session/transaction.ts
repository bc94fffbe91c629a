/** The end of a transaction, however it comes: EXEC, DISCARD, RESET, or an EXEC that was refused. */
import { Gate, type Session } from './session.ts'
import type { Watches } from './watches.ts'

/** Leaves MULTI and forgets what was queued and watched. */
export function endTransaction(session: Session, watches: Watches): void {
  session.transaction = undefined
  session.gate &= ~Gate.Multi
  watches.clear(session)
}
