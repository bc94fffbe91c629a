/** Replies that are returned and not sent, where what they speak of may have to be made safe first: see gate.ts. */
import { INTERNAL } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import type { Host } from './host.ts'

/** A reply for a caller that waits. What was changed is written before, whether or not it must be on disk. */
export function onceSafe(host: Host, reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
  if (reply instanceof Promise) return reply.then((late) => onceSafe(host, late))
  const { gate, engine } = host
  const lost = gate.isPending ? gate.commit() : undefined
  if (lost !== undefined) return lost
  if (!gate.isShut) return reply
  return new Promise((resolve) => {
    gate.whenSafe(
      () => resolve(reply),
      (error) => resolve(error ?? engine.writes.error ?? INTERNAL),
    )
  })
}

/** A reply for a caller that does not wait, unless its command does. */
export function safeNow(host: Host, reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
  if (reply instanceof Promise) return reply.then((late) => onceSafe(host, late))
  if (!host.gate.isShut) return reply
  try {
    host.gate.commitSync()
    return reply
  } catch (error) {
    return error instanceof ReplyError ? error : (host.engine.writes.error ?? INTERNAL)
  }
}
