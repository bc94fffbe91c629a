/** What CLIENT LIST, CLIENT INFO and the log of refusals say of a client. The fields and their order are those of Redis 7.4. */
import type { Bytes } from '../base/bytes.ts'
import type { Ports } from '../session/ports.ts'
import { Gate, type Session } from '../session/session.ts'

/**
 * One line of CLIENT LIST. There are no descriptors (`fd`) and no preallocated buffers here, so `qbuf-free`, `rbs` and
 * `rbp` are 0; `omem` is what waits in the socket; `tot-mem` is all that counts against `maxmemory-clients`.
 */
export function clientLine(session: Session, now: number, { pubsub, connections }: Ports): Bytes {
  const { watches, clientMemory } = connections
  const { link, transaction } = session
  const { channels, patterns, shards } = pubsub
  const fields = [
    `id=${session.id} addr=${session.addr} laddr=${session.laddr} fd=-1 name=${session.name}`,
    `age=${seconds(now - session.createdAt)} idle=${seconds(now - session.lastActiveAt)} flags=${flagsOf(session)}`,
    `db=${session.db.index} sub=${channels.countOf(session)} psub=${patterns.countOf(session)} ssub=${shards.countOf(session)} multi=${transaction?.queue.length ?? -1} watch=${watches.count(session)}`,
    `qbuf=${link.inputBytes} qbuf-free=0 argv-mem=0 multi-mem=${transaction?.bytes ?? 0} rbs=0 rbp=0 obl=0 oll=0 omem=${link.outputBytes}`,
    `tot-mem=${clientMemory.of(session)} events=${link.outputBytes > 0 ? 'rw' : 'r'}`,
    `cmd=${session.lastCommand ?? 'NULL'} user=${session.user.name} redir=${session.tracking?.redirect ?? -1} resp=${session.proto}`,
    `lib-name=${session.libName} lib-ver=${session.libVersion}`,
  ]
  return fields.join(' ')
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}

/** The letters of the `flags` field, in Redis's order. */
function flagsOf(session: Session): Bytes {
  let flags = ''
  if (session.replica) flags += 'S'
  if (session.gate & Gate.Monitor) flags += 'O'
  if (session.gate & Gate.Subscriber) flags += 'P'
  if (session.transaction !== undefined) flags += 'x'
  if (session.parked !== undefined) flags += 'b'
  if (session.tracking !== undefined) flags += 't'
  if (session.tracking?.isRedirectBroken) flags += 'R'
  if (session.tracking?.bcast) flags += 'B'
  if (session.watchBroken) flags += 'd'
  if (session.noEvict) flags += 'e'
  if (session.noTouch) flags += 'T'
  return flags === '' ? 'N' : flags
}
