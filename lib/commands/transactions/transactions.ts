/**
 * Transactions. MULTI makes the guards queue what follows; EXEC runs the queue as one unit, in which no command waits.
 * WATCH makes EXEC answer nil if a watched key changed in between (see session/watches.ts).
 */

import type { Bytes } from '../../base/bytes.ts'
import { NULL_ARRAY, OK, type Reply, ReplyError } from '../../base/reply.ts'
import { PART_BYTES } from '../../protocol/long.ts'
import { RepliesWeight } from '../../protocol/repliesweight.ts'
import { Gate } from '../../session/session.ts'
import { endTransaction } from '../../session/transaction.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { deniedTo, lostPermissionError } from '../denial.ts'
import { DISCARD_WITHOUT_MULTI, EXEC_ABORT, EXEC_WITHOUT_MULTI, NESTED_MULTI, WATCH_IN_MULTI } from './errors.ts'

/** Replies of a transaction between two looks at what all of them weigh; long texts are looked at as they come. */
const WEIGHED_PERIOD = 16

/** MULTI */
export function multi(c: Context): Reply {
  const { session } = c
  if (session.transaction !== undefined) return NESTED_MULTI
  session.transaction = { queue: [], bytes: 0, aborted: false }
  session.gate |= Gate.Multi
  return OK
}

/** EXEC. A refused command outweighs a changed key: the error tells the client more than nil. */
export function exec(c: Context): Reply | Promise<Reply> {
  const { session } = c
  const { transaction } = session
  const { watches } = c.ports.connections
  if (transaction === undefined) return EXEC_WITHOUT_MULTI
  const broken = session.watchBroken || watches.expiredSince(session)
  endTransaction(session, watches)
  if (transaction.aborted) return EXEC_ABORT
  if (broken) return NULL_ARRAY
  const replies = runQueue(c, transaction.queue)
  return isSettled(replies) ? replies : Promise.all(replies)
}

/**
 * Runs the whole queue. A client whose replies come to weigh more than `client-memory-guard` lets all clients hold gets none
 * of them and is cut; what it has queued runs nevertheless, as it does for one that hangs up.
 */
function runQueue(c: Context, queue: readonly (readonly Bytes[])[]): (Reply | Promise<Reply>)[] {
  const { session } = c
  const { clientMemory } = c.ports.connections
  const replies: (Reply | Promise<Reply>)[] = []
  let weight: RepliesWeight | undefined
  let isTooMuch = false
  for (const argv of queue) {
    const reply = callQueued(c, argv)
    if (isTooMuch) continue
    replies.push(reply)
    const isLong = typeof reply === 'string' && reply.length > PART_BYTES
    if (!isLong && replies.length % WEIGHED_PERIOD !== 0) continue
    weight ??= new RepliesWeight(replies as Reply[])
    isTooMuch = session.door !== 'inprocess' && !clientMemory.hasRoomFor(weight.bytes())
    if (isTooMuch) replies.length = 0
  }
  if (isTooMuch) clientMemory.refuse(session)
  return replies
}

/** Runs a command of the queue, if its user still may: rules can have changed since, and AUTH can stand in the queue. */
function callQueued(c: Context, argv: readonly Bytes[]): Reply | Promise<Reply> {
  if (!(c.session.gate & Gate.Restricted)) return c.call(argv)
  const command = c.table.resolve(argv)
  if (command instanceof ReplyError) return command
  const denial = deniedTo(c.session, command, argv, c.ports, 'multi')
  return denial === undefined ? c.call(argv) : lostPermissionError(denial)
}

/** True where every command answered at once; a few (CONFIG SET, COMMAND DOCS) may take until later. */
function isSettled(replies: (Reply | Promise<Reply>)[]): replies is Reply[] {
  return !replies.some((reply) => reply instanceof Promise)
}

/** DISCARD */
export function discard(c: Context): Reply {
  if (c.session.transaction === undefined) return DISCARD_WITHOUT_MULTI
  endTransaction(c.session, c.ports.connections.watches)
  return OK
}

/** WATCH key [key …] */
export function watch(c: Context, a: Args): Reply {
  const { session, db } = c
  if (session.transaction !== undefined) return WATCH_IN_MULTI
  // The next EXEC fails already, whatever else changes.
  if (session.watchBroken) return OK
  while (!a.done) c.ports.connections.watches.add(session, db, a.next())
  return OK
}

/** UNWATCH */
export function unwatch(c: Context): Reply {
  c.ports.connections.watches.clear(c.session)
  return OK
}
