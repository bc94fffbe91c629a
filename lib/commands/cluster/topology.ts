/** CLUSTER's subcommands that tell of the cluster as a whole: INFO, NODES, SLOTS, SHARDS, and who this node is. */
import { MapReply, type Reply, Verbatim } from '../../base/reply.ts'
import type { Member } from '../../cluster/member.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import { endpointOf, infoText, nodesText, portOf } from '../../cluster/report.ts'
import { isSecureClient } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** CLUSTER INFO */
export function info(c: Context, _: Args, { view }: Member): Reply {
  view.forgetUnheard(c.now)
  return new Verbatim(infoText(view))
}

/** CLUSTER NODES */
export function nodes(c: Context, _: Args, { view }: Member): Reply {
  view.forgetUnheard(c.now)
  return new Verbatim(nodesText(view, isSecure(c)))
}

/** CLUSTER MYID */
export function myid(_: Context, __: Args, { view }: Member): Reply {
  return view.myself.id
}

/** CLUSTER MYSHARDID */
export function myshardid(_: Context, __: Args, { view }: Member): Reply {
  return view.myself.shardId
}

/** CLUSTER LINKS. Nodes of one process need none. */
export function links(): Reply {
  return []
}

/** CLUSTER SLOTS: each range with the node that has it, and the replicas that have its data. */
export function slots(c: Context, _: Args, cluster: Member): Reply {
  return [...cluster.view.ranges()].map(([owner, first, last]) => {
    const replicas = [...owner.replicas].filter((replica) => !replica.isFailed && cluster.hasData(replica))
    return [first, last, addressReply(c, owner), ...replicas.map((replica) => addressReply(c, replica))]
  })
}

/** Where a node is, in the way that is preferred, its id, and in which ways it is told besides. */
function addressReply(c: Context, node: ClusterNode): Reply {
  const { 'cluster-preferred-endpoint-type': type } = c.config
  const others: Reply[] = []
  if (type !== 'ip') others.push('ip', node.ip)
  if (type !== 'hostname' && node.hostname !== '') others.push('hostname', node.hostname)
  const endpoint = type === 'unknown-endpoint' ? null : endpointOf(node, type)
  return [endpoint, portOf(node, isSecure(c)), node.id, new MapReply(others)]
}

/** CLUSTER SHARDS: each master with its slots, its replicas, and how each of them is. */
export function shards(c: Context, _: Args, cluster: Member): Reply {
  const { view } = cluster
  const ranges = view.rangesByOwner()
  const masters = [...view.nodes.values()].filter((node) => node.isMaster && node.awaitedUntil === 0)
  return masters.map((master) => {
    const members = [master, ...master.replicas]
    return new MapReply([
      ...['slots', (ranges.get(master) ?? []).flat()],
      ...['nodes', members.map((node) => nodeReply(c, node, cluster))],
    ])
  })
}

function nodeReply(c: Context, node: ClusterNode, cluster: Member): Reply {
  const offset = cluster.offsetOf(node)
  const health = node.isFailed ? 'fail' : !node.isMaster && !cluster.hasData(node) ? 'loading' : 'online'
  return new MapReply([
    ...['id', node.id],
    ...(node.port === 0 ? [] : ['port', node.port]),
    ...(node.tlsPort === 0 ? [] : ['tls-port', node.tlsPort]),
    ...['ip', node.ip, 'endpoint', endpointOf(node, c.config['cluster-preferred-endpoint-type'])],
    ...(node.hostname === '' ? [] : ['hostname', node.hostname]),
    ...['role', node.isMaster ? 'master' : 'replica', 'replication-offset', offset, 'health', health],
  ])
}

function isSecure({ session, config }: Context): boolean {
  return isSecureClient(session, config['tls-port'])
}
