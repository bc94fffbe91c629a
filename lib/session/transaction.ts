/** The life of a transaction: what is queued, and its end, however it comes: EXEC, DISCARD, RESET, a refused EXEC. */
import type { Bytes } from '../base/bytes.ts'
import { Gate, type Session, type Transaction } from './session.ts'
import type { Watches } from './watches.ts'

/** What a command in the queue takes besides its arguments, and an argument besides its bytes. */
const COMMAND_BYTES = 80
const ARGUMENT_BYTES = 24

export function enqueue(transaction: Transaction, argv: readonly Bytes[]): void {
  transaction.queue.push(argv)
  transaction.bytes += COMMAND_BYTES
  for (const argument of argv) transaction.bytes += argument.length + ARGUMENT_BYTES
}

/** Leaves MULTI and forgets what was queued and watched. */
export function endTransaction(session: Session, watches: Watches): void {
  session.transaction = undefined
  session.gate &= ~Gate.Multi
  watches.clear(session)
}
