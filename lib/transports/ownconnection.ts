/**
 * Where a caller has no connection that stays: what is answered to a command that would need one. The table says which do
 * (`Command.ownConnection`); the texts say what to do instead.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import { type Command, type OwnConnection, ownConnectionOf } from '../commands/command.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'

/** The answers, by what a connection is needed for. */
export type NeedsConnection = Readonly<Record<OwnConnection, (command: Bytes) => ReplyError>>

/** Undefined where a command may run. `mayHold`: others come behind it, for which it can hold. */
export function connectionRefusal(
  engine: Engine,
  session: Session,
  command: Command,
  argv: readonly Bytes[],
  texts: NeedsConnection,
  mayHold: boolean,
): Reply | undefined {
  const need = ownConnectionOf(command, argv)
  if (need === undefined || (need === 'scope' && mayHold)) return undefined
  // Who may not run it at all is told so.
  const denied = engine.denied(session, command, argv)
  if (denied !== undefined) return denied
  const refusal = texts[need](command.fullName)
  engine.stats.countRefused(refusal, command.id)
  return refusal
}
