/**
 * A command that is refused for want of permission: whether it is, the entry in the log, and the answer. A session of a user
 * who may do everything is never asked about: its gate says so. The guards ask here when a command comes, EXEC and a
 * woken client once more when it runs, and scripts for each command that they call.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  NO_CHANNEL_PERMISSION,
  NO_KEY_PERMISSION,
  noCommandPermission,
  noPermission,
  noPermissionInScript,
  permissionLost,
  readOnlyToken,
} from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import type { DenialContext } from '../session/acl-log.ts'
import type { User } from '../session/acl-user.ts'
import type { Ports } from '../session/ports.ts'
import { Gate, type Session } from '../session/session.ts'
import { clientLine } from './clientline.ts'
import type { Command } from './command.ts'
import { type Denial, denialOf, deniedObject } from './permission.ts'

/** What the session's user lacks to run a command, which is logged; undefined if nothing. */
export function deniedTo(
  session: Session,
  command: Command,
  argv: readonly Bytes[],
  ports: Ports,
  context: DenialContext = session.transaction === undefined ? 'toplevel' : 'multi',
): Denial | undefined {
  if (!(session.gate & Gate.Restricted)) return undefined
  const denial = denialOf(session.user, command, argv)
  if (denial === undefined) return undefined
  ports.access.acl.log.add({
    reason: denial.reason,
    context,
    object: deniedObject(denial, command, argv),
    username: session.user.name,
    clientInfo: clientLine(session, ports.access.acl.log.now, ports, argv),
  })
  return denial
}

/** What a client is answered. */
export function denialError(denial: Denial, command: Command, user: User): ReplyError {
  return noPermission(textOf(denial, command, user))
}

/** What a script is answered. */
export function scriptDenialError(denial: Denial, command: Command, user: User): ReplyError {
  return noPermissionInScript(textOf(denial, command, user))
}

/** Which command it was is told, not which key or channel. */
function textOf({ reason }: Denial, { fullName }: Command, user: User): Bytes {
  if (reason !== 'command') return reason === 'key' ? NO_KEY_PERMISSION : NO_CHANNEL_PERMISSION
  return user.isReader ? readOnlyToken(fullName) : noCommandPermission(user.name, fullName)
}

const LOST = {
  command: permissionLost('no permission to execute the command or subcommand'),
  key: permissionLost('no permission to touch the specified keys'),
  channel: permissionLost('no permission to access one of the channels used as arguments'),
}

/** What EXEC answers for a command that was permitted when it was queued. */
export function lostPermissionError({ reason }: Denial): ReplyError {
  return LOST[reason]
}
