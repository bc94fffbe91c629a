/** The life of a transaction: what is queued, and its end, however it comes: EXEC, DISCARD, RESET, a refused EXEC. */
import type { Bytes } from '../base/bytes.ts'
import { Gate, type Session, type Transaction } from './session.ts'
import type { Watches } from './watches.ts'

export function enqueue(transaction: Transaction, argv: readonly Bytes[]): void {
  transaction.queue.push(argv)
  for (const argument of argv) transaction.bytes += argument.length
}

/** Leaves MULTI and forgets what was queued and watched. */
export function endTransaction(session: Session, watches: Watches): void {
  session.transaction = undefined
  session.gate &= ~Gate.Multi
  watches.clear(session)
}
