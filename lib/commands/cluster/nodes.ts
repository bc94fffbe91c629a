/** CLUSTER's subcommands about nodes: who is one, who follows whom, who takes over, and the epochs that say who is right. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX, subcommandSyntax } from '../../base/errors.ts'
import { OK, type Reply, ReplyError, Status } from '../../base/reply.ts'
import type { Member } from '../../cluster/member.ts'
import { BUS_PORT_OFFSET, type ClusterNode } from '../../cluster/node.ts'
import { nodeLine } from '../../cluster/report.ts'
import { isSecureClient } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { parseInteger } from '../number.ts'
import {
  badConfigEpoch,
  badMeetAddress,
  badMeetPort,
  EPOCH_AMONG_OTHERS,
  EPOCH_SET_ALREADY,
  FAILOVER_MASTER_DOWN,
  FAILOVER_OF_MASTER,
  FAILOVER_UNKNOWN_MASTER,
  FORGETS_MASTER,
  FORGETS_MYSELF,
  NOT_A_MASTER,
  REPLICA_NOT_EMPTY,
  REPLICATES_MYSELF,
  REPLICATES_REPLICA,
  RESET_WITH_KEYS,
  unknownNode,
} from './errors.ts'

const PORT_MAX = 65_535

/** The node that the next argument names. */
function takeNode(a: Args, { view }: Member): ClusterNode | ReplyError {
  const id = a.next()
  return view.nodes.get(id) ?? unknownNode(id)
}

/** CLUSTER MEET ip port [bus-port] */
export function meet(_: Context, a: Args, cluster: Member): Reply {
  if (a.left > 3) return subcommandSyntax('cluster', a.argv[1])
  const ip = a.next()
  const portText = a.next()
  const busPortText = a.done ? undefined : a.next()
  const port = parseInteger(portText)
  if (port === undefined) return badMeetPort(portText, 'base')
  const busPort = busPortText === undefined ? port + BUS_PORT_OFFSET : parseInteger(busPortText)
  if (busPort === undefined) return badMeetPort(busPortText!, 'bus')
  if (!isAddress(ip) || !isPort(port) || !isPort(busPort)) return badMeetAddress(ip, portText)
  cluster.meet(ip, port, busPort)
  return OK
}

function isPort(port: number): boolean {
  return port > 0 && port <= PORT_MAX
}

/** An address of IPv4, or one that looks like one of IPv6. */
function isAddress(ip: Bytes): boolean {
  const parts = ip.split('.')
  if (parts.length === 4) return parts.every((part) => /^\d{1,3}$/.test(part) && +part < 256)
  return /^[0-9a-fA-F:]{2,39}$/.test(ip) && ip.includes(':')
}

/** CLUSTER FORGET node-id */
export function forget(_: Context, a: Args, cluster: Member): Reply {
  const node = takeNode(a, cluster)
  if (node instanceof ReplyError) return node
  const { myself } = cluster.view
  if (node === myself) return FORGETS_MYSELF
  if (myself.master === node) return FORGETS_MASTER
  cluster.forget(node)
  return OK
}

/** CLUSTER REPLICATE node-id */
export function replicate(_: Context, a: Args, cluster: Member): Reply {
  const node = takeNode(a, cluster)
  if (node instanceof ReplyError) return node
  const { myself } = cluster.view
  if (node === myself) return REPLICATES_MYSELF
  if (!node.isMaster) return REPLICATES_REPLICA
  if (myself.isMaster && (myself.slotCount !== 0 || cluster.keys !== 0)) return REPLICA_NOT_EMPTY
  cluster.replicate(node)
  return OK
}

/** CLUSTER REPLICAS node-id; SLAVES alike. */
export function replicas(c: Context, a: Args, cluster: Member): Reply {
  const node = takeNode(a, cluster)
  if (node instanceof ReplyError) return node
  if (!node.isMaster) return NOT_A_MASTER
  const isSecure = isSecureClient(c.session, c.config['tls-port'])
  return [...node.replicas].map((replica) => nodeLine(cluster.view, replica, isSecure))
}

/** CLUSTER COUNT-FAILURE-REPORTS node-id. Nobody reports: who is gone is gone for all. */
export function countFailureReports(_: Context, a: Args, cluster: Member): Reply {
  const node = takeNode(a, cluster)
  return node instanceof ReplyError ? node : 0
}

/** CLUSTER FAILOVER [FORCE|TAKEOVER] */
export function failover(_: Context, a: Args, cluster: Member): Reply {
  if (a.left > 1) return subcommandSyntax('cluster', a.argv[1])
  const isForced = !a.done && (a.match('FORCE') || a.match('TAKEOVER'))
  if (!a.done) return SYNTAX
  const { myself } = cluster.view
  if (myself.isMaster) return FAILOVER_OF_MASTER
  if (myself.master === undefined) return FAILOVER_UNKNOWN_MASTER
  if (isForced) cluster.takeOver()
  else if (!cluster.reachesMaster) return FAILOVER_MASTER_DOWN
  else cluster.beginHandOver()
  return OK
}

/** CLUSTER RESET [HARD|SOFT] */
export function reset(_: Context, a: Args, cluster: Member): Reply {
  if (a.left > 1) return subcommandSyntax('cluster', a.argv[1])
  const isHard = !a.done && a.match('HARD')
  if (!isHard && !a.done) a.match('SOFT')
  if (!a.done) return SYNTAX
  if (cluster.view.myself.isMaster && cluster.keys !== 0) return RESET_WITH_KEYS
  cluster.reset(isHard)
  return OK
}

/** CLUSTER BUMPEPOCH */
export function bumpepoch(_: Context, __: Args, cluster: Member): Reply {
  const { view } = cluster
  const isBumped = view.bumpEpoch()
  if (isBumped) cluster.changed()
  return new Status(`${isBumped ? 'BUMPED' : 'STILL'} ${view.myself.configEpoch}`)
}

/** CLUSTER SET-CONFIG-EPOCH config-epoch */
export function setConfigEpoch(_: Context, a: Args, cluster: Member): Reply {
  const epoch = a.integer()
  if (a.error !== undefined) return a.error
  const { view } = cluster
  if (epoch < 0) return badConfigEpoch(epoch)
  if (view.nodes.size > 1) return EPOCH_AMONG_OTHERS
  if (view.myself.configEpoch !== 0) return EPOCH_SET_ALREADY
  view.myself.configEpoch = epoch
  view.currentEpoch = Math.max(view.currentEpoch, epoch)
  cluster.changed()
  return OK
}
