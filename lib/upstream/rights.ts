/**
 * What a user may do is checked here, by the commands and keys that it names; the upstream knows one user alone. So a command that
 * reaches further there than its arguments say is for those who may do everything: scripts and functions, which call what they
 * like, and SORT with BY or GET, which reads keys by a pattern.
 */
import type { Bytes } from '../base/bytes.ts'
import { SORT_BY_DENIED, SORT_GET_DENIED, UNCHECKED_AT_UPSTREAM } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import { mayReadAnyKey } from '../commands/permission.ts'
import { Gate, type Session } from '../session/session.ts'

const CALLS_OTHERS: ReadonlySet<Bytes> = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'])

const SORTS: ReadonlySet<Bytes> = new Set(['sort', 'sort_ro'])

/** Why a client may not run a command whose own arguments it may name; undefined if it may. */
export function reachesTooFar(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | undefined {
  if (!(session.gate & Gate.Restricted)) return undefined
  if (CALLS_OTHERS.has(command.fullName)) return UNCHECKED_AT_UPSTREAM
  if (!SORTS.has(command.fullName) || mayReadAnyKey(session.user, command, argv)) return undefined
  const words = argv.slice(2).map((word) => word.toUpperCase())
  if (words.includes('GET')) return SORT_GET_DENIED
  return words.includes('BY') && argv.some((word) => word.includes('*')) ? SORT_BY_DENIED : undefined
}
