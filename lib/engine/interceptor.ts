/** Faults that a store under test is told to have: the engine asks before it runs a command. */
import type { Bytes } from '../base/bytes.ts'
import type { ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import type { Session } from '../session/session.ts'

/** What stands between commands and their runs where a store under test is to fail. */
export interface Interceptor {
  /** Instead of a client's command: an error, or that it runs only once a promise is settled. */
  instead(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | Promise<void> | undefined
  /** Instead of a command that a script calls. */
  insteadInScript(command: Command): ReplyError | undefined
}
