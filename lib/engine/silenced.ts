/** What a client is not told that has asked for silence. */
import { NO_REPLY, Push, type Reply, Sequence } from '../base/reply.ts'
import { ReplyMode, type Session } from '../session/session.ts'

/**
 * CLIENT REPLY: OFF and SKIP answer nothing; the command after SKIP is the one that is silent. Confirmations of
 * subscriptions come all the same, as messages do.
 */
export function silenced(session: Session, reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
  if (session.replyMode === ReplyMode.SkipNext) {
    session.replyMode = ReplyMode.Skip
    return NO_REPLY
  }
  if (session.replyMode === ReplyMode.Skip) session.replyMode = ReplyMode.On
  if (reply instanceof Push || reply instanceof Sequence) return reply
  return reply instanceof Promise ? reply.then(() => NO_REPLY) : NO_REPLY
}
