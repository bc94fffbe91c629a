/**
 * What a node makes of what another says of itself. The rules are those of Redis Cluster: of two who claim a slot, the one with the greater
 * epoch has it; a master whose last slot went to another becomes a replica of that one, as do the replicas that it had; two masters
 * of one epoch part, as the one with the lesser id takes a greater one.
 */
import type { Bytes } from '../base/bytes.ts'
import { SLOTS } from '../base/slots.ts'
import { ClusterNode } from './node.ts'
import type { ClusterView } from './view.ts'

export interface Listener {
  readonly view: ClusterView
  readonly now: number
  readonly followsLastSlot: boolean
  countKeys(slot: number): number
  /** The slots went to another while they had keys. */
  lostKeys(slots: readonly number[]): void
  /** This node, or its master, has lost its last slot to another. */
  replaced(by: ClusterNode): void
}

/** Takes what another node says of itself; true if this node has something to tell because of that. */
export function hear(listener: Listener, from: ClusterView): boolean {
  const { view, now } = listener
  const { myself } = view
  const node = nodeOf(view, from)
  copyFacts(node, from.myself, now)
  view.currentEpoch = Math.max(view.currentEpoch, from.currentEpoch)
  node.configEpoch = Math.max(node.configEpoch, from.myself.configEpoch)
  if (from.myself.isMaster) {
    view.lead(node)
    node.shardId = from.myself.shardId
  } else {
    view.unassignAll(node)
    const master = from.myself.master
    view.follow(node, master === undefined ? undefined : view.nodes.get(master.id))
  }
  const before = view.myMaster
  if (node.isMaster) takeSlots(listener, node, from)
  const isReplaced = view.myMaster !== before
  if (!node.isMaster || !myself.isMaster || node.configEpoch !== myself.configEpoch || node.id <= myself.id) {
    return isReplaced
  }
  myself.configEpoch = ++view.currentEpoch
  return true
}

/** The node that speaks, as it is known here. */
function nodeOf(view: ClusterView, { myself }: ClusterView): ClusterNode {
  let node = view.nodes.get(myself.id)
  if (node === undefined) view.add((node = new ClusterNode(myself.id, myself.shardId)))
  return node
}

function copyFacts(node: ClusterNode, theirs: ClusterNode, now: number): void {
  node.ip = theirs.ip
  node.port = theirs.port
  node.tlsPort = theirs.tlsPort
  node.busPort = theirs.busPort
  node.hostname = theirs.hostname
  node.refusesFailover = theirs.refusesFailover
  node.isFailed = false
  node.awaitedUntil = 0
  node.answeredAt = now
}

function takeSlots(listener: Listener, node: ClusterNode, from: ClusterView): void {
  const { view } = listener
  const master = view.myMaster
  const keyed: number[] = []
  let claimed = 0
  let fromMine = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    const owner = view.owners[slot]
    if (from.owners[slot] !== from.myself) {
      if (owner === node) view.unclaimed.add(slot)
      continue
    }
    claimed++
    if (owner === node) {
      view.unclaimed.delete(slot)
      continue
    }
    // A slot that is on its way here is for whoever moves it to say where it is.
    if (view.importing.has(slot)) continue
    if (owner !== undefined && !view.unclaimed.has(slot) && owner.configEpoch >= node.configEpoch) continue
    if (owner === view.myself && listener.countKeys(slot) > 0) keyed.push(slot)
    if (owner !== undefined && owner === master) fromMine++
    view.migrating.delete(slot)
    view.move(node, slot)
  }
  if (fromMine > 0 && master!.slotCount === 0 && (listener.followsLastSlot || claimed === fromMine)) {
    listener.replaced(node)
  } else if (keyed.length > 0) listener.lostKeys(keyed)
}

/** The ids of those that hear what is published at a node: in its shard, or anywhere. */
export function* audienceOf({ myself, nodes, myMaster }: ClusterView, isSharded: boolean): IterableIterator<Bytes> {
  for (const node of nodes.values()) {
    if (node === myself || node.awaitedUntil !== 0) continue
    if (!isSharded || node === myMaster || node.master === myMaster) yield node.id
  }
}
