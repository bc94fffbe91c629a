/** What CLIENT LIST, CLIENT INFO and the log of refusals say of a client. The fields and their order are those of Redis 8. */
import type { Bytes } from '../base/bytes.ts'
import type { Ports } from '../session/ports.ts'
import { type Buffers, Gate, type Session } from '../session/session.ts'

/**
 * One line of CLIENT LIST. `running` is the command that runs, of a client that runs one; of one that waits it is known.
 *
 * Read buffers are shared by all connections, so `qbuf-free` is 0. `rbs` is what a client's replies may come to before they
 * are passed on; `omem` what was passed on and the client has not taken; `tot-mem` all that counts against
 * `maxmemory-clients`.
 */
export function clientLine(
  session: Session,
  now: number,
  { pubsub, connections }: Ports,
  running: readonly Bytes[] = session.parked?.argv ?? [],
): Bytes {
  const { watches, clientMemory } = connections
  const { link, transaction } = session
  const { channels, patterns, shards } = pubsub
  const buffers = link.buffers?.() ?? NO_BUFFERS
  const fields = [
    `id=${session.id} addr=${session.addr} laddr=${session.laddr} fd=${buffers.fd} name=${session.name}`,
    `age=${seconds(now - session.createdAt)} idle=${seconds(now - session.lastActiveAt)} flags=${flagsOf(session)}`,
    `db=${session.db.index} sub=${channels.countOf(session)} psub=${patterns.countOf(session)} ssub=${shards.countOf(session)} multi=${transaction?.queue.length ?? -1} watch=${watches.count(session)}`,
    `qbuf=${Math.max(buffers.queryBytes, link.inputBytes)} qbuf-free=0 argv-mem=${lengthOf(running)} multi-mem=${transaction?.bytes ?? 0}`,
    `rbs=${buffers.replyMax} rbp=${buffers.replyPeak} obl=${buffers.replyBytes} oll=${buffers.waitingParts} omem=${link.outputBytes}`,
    `tot-mem=${clientMemory.of(session)} events=${link.outputBytes > 0 ? 'rw' : 'r'}`,
    `cmd=${session.lastCommand ?? 'NULL'} user=${session.user.name} redir=${session.tracking?.redirect ?? -1} resp=${session.proto}`,
    `lib-name=${session.libName} lib-ver=${session.libVersion} io-thread=0`,
    `tot-net-in=${session.netInputBytes} tot-net-out=${session.netOutputBytes} tot-cmds=${session.commands}`,
  ]
  return fields.join(' ')
}

/** Of a client without a connection that lasts. */
const NO_BUFFERS: Buffers = { fd: -1, queryBytes: 0, replyMax: 0, replyPeak: 0, replyBytes: 0, waitingParts: 0 }

function lengthOf(argv: readonly Bytes[]): number {
  let length = 0
  for (const argument of argv) length += argument.length
  return length
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}

/** The letters of the `flags` field, in Redis's order. */
function flagsOf(session: Session): Bytes {
  let flags = ''
  if (session.replica) flags += 'S'
  if (session.isMaster) flags += 'M'
  if (session.gate & Gate.Monitor) flags += 'O'
  if (session.gate & Gate.Subscriber) flags += 'P'
  if (session.transaction !== undefined) flags += 'x'
  if (session.parked !== undefined) flags += 'b'
  if (session.tracking !== undefined) flags += 't'
  if (session.tracking?.isRedirectBroken) flags += 'R'
  if (session.tracking?.bcast) flags += 'B'
  if (session.watchBroken) flags += 'd'
  if (isUnixSocket(session)) flags += 'U'
  if (session.readsReplicas) flags += 'r'
  if (session.noEvict) flags += 'e'
  if (session.noTouch) flags += 'T'
  return flags === '' ? 'N' : flags
}

/** Both ends of such a connection have one name: the path. */
function isUnixSocket({ door, addr, laddr }: Session): boolean {
  return door === 'tcp' && addr === laddr && addr.endsWith(':0')
}
