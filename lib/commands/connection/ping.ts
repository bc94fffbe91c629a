/** PING, which nearly every client says. */
import { wrongArity } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import { PONG, type Reply } from '../../base/reply.ts'
import { PLACED_TEXT_MAX } from '../../keyspace/table/record.ts'
import type { Answer } from '../../protocol/answer.ts'
import { Gate } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context, PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'

/** PING [message] */
export function ping(c: Context, a: Args): Reply {
  if (a.left > 1) return wrongArity('ping')
  const { session } = c
  // RESP2's subscribers get everything as arrays.
  if (session.gate & Gate.Subscriber && session.proto === 2) return ['pong', a.done ? '' : a.next()]
  return a.done ? PONG : a.next()
}

/** PING [message], by its place in the read buffer; who subscribes does not come here in RESP2 */
export const placedPing: PlacedForm = {
  suits: (p) => p.count === 1 || (p.count === 2 && p.length(1) <= PLACED_TEXT_MAX),
  run(_: Context, p: Places, out: Answer): PlacedReply {
    if (p.count === 1) return PONG
    out.bulk(p.bytes, p.view, p.start(1), p.end(1))
    return ANSWERED
  },
}
