/** One node of a cluster, as a node sees it (itself included): who it is, where it is, what it does. */
import type { Bytes } from '../base/bytes.ts'

/** The port of the bus is so far from that of clients, where nothing else is said. */
export const BUS_PORT_OFFSET = 10_000

export class ClusterNode {
  /** 40 hexadecimal digits, as are ids of shards: those of a master and its replicas. */
  id: Bytes
  shardId: Bytes
  ip: Bytes = ''
  /** Ports of clients, without and with TLS (0 for none), and the one of the bus, at which nobody listens here. */
  port = 0
  tlsPort = 0
  busPort = 0
  hostname: Bytes = ''
  /** Undefined for a master, and for a replica of a node that is not known. */
  master: ClusterNode | undefined
  isMaster = true
  readonly replicas = new Set<ClusterNode>()
  configEpoch = 0
  /** Slots that it has. */
  slotCount = 0
  isFailed = false
  /** `cluster-replica-no-failover` */
  refusesFailover = false
  /** Unix ms until when it is waited for, while it was only heard of (CLUSTER MEET); 0 for a node that is known. */
  awaitedUntil = 0
  /** Unix ms at which it was last asked and has last answered; 0 of this node itself. */
  askedAt = 0
  answeredAt = 0

  constructor(id: Bytes, shardId: Bytes) {
    this.id = id
    this.shardId = shardId
  }

  /** The epoch of what it serves: that of its master, for a replica. */
  get epoch(): number {
    return this.isMaster || this.master === undefined ? this.configEpoch : this.master.configEpoch
  }
}
