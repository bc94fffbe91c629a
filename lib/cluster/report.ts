/** What a node says of its cluster in the words of CLUSTER NODES and CLUSTER INFO (Redis 7.4). */
import type { Bytes } from '../base/bytes.ts'
import type { ClusterNode } from './node.ts'
import type { ClusterView, SlotRange } from './view.ts'

/** A line for each node that is known. `isSecure`: whoever asks does so over TLS. */
export function nodesText(view: ClusterView, isSecure: boolean): Bytes {
  const ranges = view.rangesByOwner()
  let text = ''
  for (const node of view.nodes.values()) text += `${nodeLine(view, node, isSecure, ranges)}\n`
  return text
}

export function nodeLine(
  view: ClusterView,
  node: ClusterNode,
  isSecure: boolean,
  ranges: ReadonlyMap<ClusterNode, readonly SlotRange[]> = view.rangesByOwner(),
): Bytes {
  const isMyself = node === view.myself
  const hostname = node.hostname === '' ? '' : `,${node.hostname}`
  const fields = [
    node.id,
    `${node.ip}:${portOf(node, isSecure)}@${node.busPort}${hostname}`,
    flagsOf(view, node),
    node.master?.id ?? '-',
    isMyself ? 0 : node.askedAt,
    isMyself ? 0 : node.answeredAt,
    node.epoch,
    isMyself || (node.awaitedUntil === 0 && !node.isFailed) ? 'connected' : 'disconnected',
    ...(ranges.get(node) ?? []).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)),
  ]
  if (isMyself) {
    const open = [
      ...[...view.migrating].map(([slot, to]) => [slot, `[${slot}->-${to.id}]`] as const),
      ...[...view.importing].map(([slot, from]) => [slot, `[${slot}-<-${from.id}]`] as const),
    ]
    fields.push(...open.sort(([a], [b]) => a - b).map(([, text]) => text))
  }
  return fields.join(' ')
}

function flagsOf(view: ClusterView, node: ClusterNode): Bytes {
  const flags: string[] = []
  if (node === view.myself) flags.push('myself')
  if (node.awaitedUntil !== 0) flags.push('handshake')
  else flags.push(node.isMaster ? 'master' : 'slave')
  if (node.isFailed) flags.push('fail')
  if (node.refusesFailover) flags.push('nofailover')
  return flags.join(',')
}

/** The port for clients that come over TLS, or do not. */
export function portOf(node: ClusterNode, isSecure: boolean): number {
  return isSecure && node.tlsPort !== 0 ? node.tlsPort : node.port || node.tlsPort
}

/** CLUSTER INFO. Messages between the nodes of one process are not counted. */
export function infoText(view: ClusterView): Bytes {
  let assigned = 0
  let failed = 0
  for (const owner of view.owners) {
    if (owner === undefined) continue
    assigned++
    if (owner.isFailed) failed++
  }
  const fields: readonly (readonly [name: string, value: number | string])[] = [
    ['cluster_state', view.isOk ? 'ok' : 'fail'],
    ['cluster_slots_assigned', assigned],
    ['cluster_slots_ok', assigned - failed],
    ['cluster_slots_pfail', 0],
    ['cluster_slots_fail', failed],
    ['cluster_known_nodes', view.nodes.size],
    ['cluster_size', view.size],
    ['cluster_current_epoch', view.currentEpoch],
    ['cluster_my_epoch', view.myself.epoch],
    ['cluster_stats_messages_sent', 0],
    ['cluster_stats_messages_received', 0],
    ['total_cluster_links_buffer_limit_exceeded', 0],
  ]
  return fields.map(([name, value]) => `${name}:${value}\r\n`).join('')
}

/** Where clients are sent, in the way that `cluster-preferred-endpoint-type` names. */
export function endpointOf(node: ClusterNode, type: Bytes): Bytes {
  if (type === 'ip') return node.ip
  return type === 'hostname' ? node.hostname || '?' : ''
}
