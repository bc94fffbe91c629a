/**
 * A cluster as one of its nodes sees it: which nodes there are, which of them has each slot, which slots are on their way, and
 * whether all of it can be served. Nodes may see different things; what brings them together stands in gossip.ts. The rules are those of the
 * specification of Redis Cluster.
 *
 * Invariants: `owners[slot]` is a node of `nodes`, and `slotCount` of a node the number of slots that it owns; a node is in `replicas`
 * of its `master` and of no other.
 */
import type { Bytes } from '../base/bytes.ts'
import { SLOTS } from '../base/slots.ts'
import { ClusterNode } from './node.ts'

/** First and last slot, both included. */
export type SlotRange = readonly [first: number, last: number]

export class ClusterView {
  readonly myself: ClusterNode
  readonly nodes = new Map<Bytes, ClusterNode>()
  readonly owners: (ClusterNode | undefined)[] = new Array(SLOTS).fill(undefined)
  /** Slots that leave for another node, and those that come from one. */
  readonly migrating = new Map<number, ClusterNode>()
  readonly importing = new Map<number, ClusterNode>()
  /** Slots that their owner says it does not have: whoever claims one gets it. */
  readonly unclaimed = new Set<number>()
  currentEpoch = 0
  isOk = false
  /** Masters with slots. */
  size = 0
  /** Slots that went from this node, or its master, since `takeReleased`. */
  #released = new Set<number>()

  constructor(id: Bytes, shardId: Bytes) {
    this.myself = new ClusterNode(id, shardId)
    this.nodes.set(id, this.myself)
  }

  /** The master of what this node serves: itself, or the one that it follows. */
  get myMaster(): ClusterNode | undefined {
    return this.myself.isMaster ? this.myself : this.myself.master
  }

  add(node: ClusterNode): void {
    this.nodes.set(node.id, node)
  }

  /** Forgets a node and what it had. */
  remove(node: ClusterNode): void {
    this.unassignAll(node)
    for (const slots of [this.migrating, this.importing]) {
      for (const [slot, other] of slots) if (other === node) slots.delete(slot)
    }
    node.master?.replicas.delete(node)
    for (const replica of node.replicas) replica.master = undefined
    this.nodes.delete(node.id)
  }

  /** Gives a slot to a node that nobody has. */
  assign(node: ClusterNode, slot: number): void {
    this.owners[slot] = node
    this.unclaimed.delete(slot)
    node.slotCount++
  }

  unassign(slot: number): void {
    const owner = this.owners[slot]
    if (owner === undefined) return
    if (owner === this.myMaster) this.#released.add(slot)
    this.owners[slot] = undefined
    this.unclaimed.delete(slot)
    owner.slotCount--
  }

  unassignAll(node: ClusterNode): void {
    if (node.slotCount === 0) return
    for (let slot = 0; slot < SLOTS; slot++) if (this.owners[slot] === node) this.unassign(slot)
  }

  /** Gives a slot to a node, whoever has it. */
  move(node: ClusterNode, slot: number): void {
    this.unassign(slot)
    this.assign(node, slot)
  }

  closeSlots(): void {
    this.migrating.clear()
    this.importing.clear()
  }

  /** Makes a node a replica; of a master that is not known, if it is undefined. */
  follow(node: ClusterNode, master: ClusterNode | undefined): void {
    if (!node.isMaster && node.master === master) return
    node.master?.replicas.delete(node)
    node.isMaster = false
    node.master = master
    if (master === undefined) return
    master.replicas.add(node)
    node.shardId = master.shardId
  }

  lead(node: ClusterNode): void {
    if (node.isMaster) return
    node.master?.replicas.delete(node)
    node.master = undefined
    node.isMaster = true
  }

  /** Takes an epoch that is greater than that of all others, unless this node has it already: then false. */
  bumpEpoch(): boolean {
    const { myself } = this
    let greatest = this.currentEpoch
    for (const { configEpoch } of this.nodes.values()) greatest = Math.max(greatest, configEpoch)
    if (myself.configEpoch !== 0 && myself.configEpoch === greatest) return false
    myself.configEpoch = ++this.currentEpoch
    return true
  }

  /** Works out whether the cluster can be served. O(slots). */
  settle(needsAllSlots: boolean): void {
    let isOk = true
    if (needsAllSlots) {
      for (let slot = 0; slot < SLOTS && isOk; slot++) {
        const owner = this.owners[slot]
        isOk = owner !== undefined && !owner.isFailed
      }
    }
    let size = 0
    let reachable = 0
    for (const { isMaster, slotCount, isFailed } of this.nodes.values()) {
      if (!isMaster || slotCount === 0) continue
      size++
      if (!isFailed) reachable++
    }
    this.size = size
    this.isOk = isOk && reachable >= Math.floor(size / 2) + 1
  }

  /** The slots that went from this node, or its master, since the last time. */
  takeReleased(): ReadonlySet<number> {
    const released = this.#released
    if (released.size !== 0) this.#released = new Set()
    return released
  }

  /** All slots that have an owner, as ranges of one owner each, in order. O(slots). */
  *ranges(): IterableIterator<readonly [ClusterNode, ...SlotRange]> {
    let first = 0
    for (let slot = 1; slot <= SLOTS; slot++) {
      const owner = this.owners[first]
      if (slot < SLOTS && this.owners[slot] === owner) continue
      if (owner !== undefined) yield [owner, first, slot - 1]
      first = slot
    }
  }

  /** The same by owner. */
  rangesByOwner(): ReadonlyMap<ClusterNode, readonly SlotRange[]> {
    const byOwner = new Map<ClusterNode, SlotRange[]>()
    for (const [owner, first, last] of this.ranges()) {
      const ranges = byOwner.get(owner)
      if (ranges === undefined) byOwner.set(owner, [[first, last]])
      else ranges.push([first, last])
    }
    return byOwner
  }

  /** Forgets nodes that were only heard of and did not answer in time. */
  forgetUnheard(now: number): void {
    for (const node of this.nodes.values()) if (node.awaitedUntil !== 0 && node.awaitedUntil <= now) this.remove(node)
  }

  /** Gives this node another id. */
  rename(id: Bytes, shardId: Bytes): void {
    this.nodes.delete(this.myself.id)
    this.myself.id = id
    this.myself.shardId = shardId
    this.nodes.set(id, this.myself)
  }
}
