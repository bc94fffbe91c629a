/**
 * This process's node of a cluster: what commands do to its view, and what follows from it for the store: whom it follows, who waits
 * in vain, whose subscriptions end. Each change is settled and told to the other nodes of the process before it returns.
 */
import type { Bytes } from '../base/bytes.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Directives } from '../config/directives.ts'
import type { Bus, Peer } from './bus.ts'
import { audienceOf, hear, type Listener } from './gossip.ts'
import { BUS_PORT_OFFSET, ClusterNode } from './node.ts'
import { ClusterView } from './view.ts'

/** A replica that takes over has so long to get what its master has; between two looks at it. */
const HAND_OVER_MS = 5000
const LOOK_MS = 5
/** A node that one was told to meet is waited for at least so long. */
const LEAST_WAIT_MS = 1000

export interface MemberParts {
  readonly config: Directives
  /** Unix ms. */
  readonly now: () => number
  readonly randomId: () => Bytes
  /** Where clients are listened for; 0 for a port that is not open. */
  readonly ports: () => { readonly port: number; readonly tlsPort: number }
  readonly offset: () => number
  /** The link to the master stands: what it has comes here. */
  readonly isLinked: () => boolean
  readonly countKeys: (slot: number) => number
  readonly deleteKeys: (slots: readonly number[]) => void
  readonly countAllKeys: () => number
  readonly follow: (host: Bytes, port: number) => void
  readonly lead: () => void
  /** Deletes all keys. */
  readonly empty: () => void
  /** The slots are served here no longer: subscriptions to their channels end, and what was counted of them is forgotten. */
  readonly dropSlots: (slots: ReadonlySet<number>) => void
  /** Who serves what has changed: who waits here for keys of others, waits no longer. */
  readonly endWaits: () => void
  readonly deliver: (channel: Bytes, message: Bytes, isSharded: boolean) => void
  readonly holdWrites: (holds: boolean) => void
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Member implements Peer, Listener {
  readonly view: ClusterView
  readonly #parts: MemberParts
  readonly #bus: Bus | undefined
  #isClosed = false

  /** `bus`: that of the nodes of this process, where there are others. */
  constructor(parts: MemberParts, bus: Bus | undefined, id: Bytes = parts.randomId()) {
    this.#parts = parts
    this.#bus = bus
    this.view = new ClusterView(id, parts.randomId())
    this.#readFacts()
    bus?.join(this)
  }

  get now(): number {
    return this.#parts.now()
  }

  get offset(): number {
    return this.#parts.offset()
  }

  get isLinked(): boolean {
    return this.#parts.isLinked()
  }

  get followsLastSlot(): boolean {
    return this.#parts.config['cluster-allow-replica-migration']
  }

  countKeys(slot: number): number {
    return this.#parts.countKeys(slot)
  }

  /** Keys of this node. */
  get keys(): number {
    return this.#parts.countAllKeys()
  }

  /** How far a node has come, as far as it is known here. */
  offsetOf(node: ClusterNode): number {
    return node === this.view.myself ? this.offset : (this.#bus?.of(node.id)?.offset ?? 0)
  }

  /** True if a replica has the data of its master, or had it. */
  hasData(replica: ClusterNode): boolean {
    const peer = replica === this.view.myself ? this : this.#bus?.of(replica.id)
    return peer !== undefined && (peer.isLinked || peer.offset !== 0)
  }

  /** Where this node is, by directives and doors, may have changed. */
  announce(): void {
    if (this.#readFacts()) this.changed()
  }

  #readFacts(): boolean {
    const { config, ports } = this.#parts
    const { myself } = this.view
    const before = JSON.stringify([myself.ip, myself.port, myself.tlsPort, myself.busPort, myself.hostname])
    const refusedBefore = myself.refusesFailover
    const { port, tlsPort } = ports()
    myself.ip = config['cluster-announce-ip'] || addressOf(config.bind)
    myself.port = config['cluster-announce-port'] || port
    myself.tlsPort = config['cluster-announce-tls-port'] || tlsPort
    const busPort = config['cluster-announce-bus-port'] || config['cluster-port']
    myself.busPort = busPort || (port || tlsPort) + BUS_PORT_OFFSET
    myself.hostname = config['cluster-announce-hostname']
    myself.refusesFailover = config['cluster-replica-no-failover']
    const after = JSON.stringify([myself.ip, myself.port, myself.tlsPort, myself.busPort, myself.hostname])
    return before !== after || refusedBefore !== myself.refusesFailover
  }

  /** To be called after each change of the view that commands make. */
  changed(): void {
    this.settle()
    this.#bus?.tell(this)
  }

  /** What follows from the view for those who are here. */
  settle(): void {
    const { config, dropSlots, endWaits, log } = this.#parts
    const wasOk = this.view.isOk
    this.view.settle(config['cluster-require-full-coverage'])
    if (wasOk !== this.view.isOk) log('notice', `Cluster state changed: ${wasOk ? 'fail' : 'ok'}`)
    const released = this.view.takeReleased()
    if (released.size !== 0) dropSlots(released)
    endWaits()
  }

  hear(from: ClusterView): void {
    if (hear(this, from)) this.changed()
    else this.settle()
  }

  lost(id: Bytes): void {
    const node = this.view.nodes.get(id)
    if (node === undefined) return
    node.isFailed = true
    this.settle()
  }

  lostKeys(slots: readonly number[]): void {
    this.#parts.deleteKeys(slots)
  }

  replaced(by: ClusterNode): void {
    this.#parts.log('notice', `Configuration change detected. Reconfiguring myself as a replica of ${by.id}`)
    this.#follow(by)
  }

  #follow(master: ClusterNode): void {
    const { view } = this
    if (view.myself.isMaster) view.closeSlots()
    view.follow(view.myself, master)
    this.#parts.follow(master.ip, this.#parts.config['tls-replication'] ? master.tlsPort : master.port)
  }

  deliver(channel: Bytes, message: Bytes, isSharded: boolean): void {
    this.#parts.deliver(channel, message, isSharded)
  }

  /** Brings a message that was published here to the other nodes: those of the shard, or all. */
  publish(channel: Bytes, message: Bytes, isSharded: boolean): void {
    if (this.#bus !== undefined) this.#bus.publish(audienceOf(this.view, isSharded), channel, message, isSharded)
  }

  holdWrites(holds: boolean): void {
    this.#parts.holdWrites(holds)
  }

  // What commands do.

  /** Gets to know a node at an address, and all whom that one knows; one of another process is only waited for. */
  meet(ip: Bytes, port: number, busPort: number): void {
    const { view, now } = this
    const other = this.#bus?.at(ip, port)
    if (other === this) return
    if (other !== undefined) {
      this.#bus!.introduce(this, other)
      return
    }
    view.forgetUnheard(now)
    for (const node of view.nodes.values()) {
      if (node.awaitedUntil !== 0 && node.ip === ip && node.busPort === busPort) return
    }
    const node = new ClusterNode(this.#parts.randomId(), this.#parts.randomId())
    node.ip = ip
    node.port = port
    node.busPort = busPort
    node.awaitedUntil = now + Math.max(LEAST_WAIT_MS, this.#parts.config['cluster-node-timeout'])
    view.add(node)
  }

  forget(node: ClusterNode): void {
    this.view.remove(node)
    this.settle()
  }

  replicate(master: ClusterNode): void {
    this.#follow(master)
    this.changed()
  }

  /** Leaves the others, and all slots; `isHard`: as another node than before. */
  reset(isHard: boolean): void {
    const { view } = this
    const { randomId, lead, empty } = this.#parts
    if (!view.myself.isMaster) {
      view.lead(view.myself)
      lead()
      empty()
    }
    view.closeSlots()
    for (const node of view.nodes.values()) {
      view.unassignAll(node)
      if (node !== view.myself) view.remove(node)
    }
    if (isHard) {
      view.currentEpoch = 0
      view.myself.configEpoch = 0
      view.rename(randomId(), randomId())
    }
    this.settle()
  }

  /** The slot belongs to a node from now on, by a word of who manages the cluster. */
  setOwner(slot: number, owner: ClusterNode): void {
    const { view } = this
    const { myself } = view
    const wasMine = view.owners[slot] === myself
    if (this.countKeys(slot) === 0) view.migrating.delete(slot)
    view.move(owner, slot)
    if (wasMine && owner !== myself && myself.slotCount === 0 && this.followsLastSlot) this.replaced(owner)
    if (owner === myself && view.importing.delete(slot)) view.bumpEpoch()
    this.changed()
  }

  /** True if the master of this node can be spoken to. */
  get reachesMaster(): boolean {
    const { master } = this.view.myself
    return master !== undefined && !master.isFailed && this.#bus?.of(master.id) !== undefined
  }

  /** Takes the place of the master of this node, at once. */
  takeOver(): void {
    const { view } = this
    const before = view.myself.master
    if (before === undefined) return
    view.bumpEpoch()
    view.lead(view.myself)
    this.#parts.lead()
    for (const [slot, owner] of view.owners.entries()) if (owner === before) view.move(view.myself, slot)
    this.changed()
  }

  /** Takes its place once this node has all that it has, which lets nobody write until then. Whether it came to that. */
  async handOver(): Promise<boolean> {
    const master = this.#bus?.of(this.view.myself.master?.id ?? '')
    if (master === undefined) return false
    master.holdWrites(true)
    try {
      const startedAt = monotonic()
      while (!this.isLinked || this.offset !== master.offset) {
        if (monotonic() - startedAt > HAND_OVER_MS || this.#isClosed) return false
        await new Promise<void>((resolve) => inBackground(LOOK_MS, resolve))
      }
      if (this.view.myself.master?.id !== master.view.myself.id) return false
      this.takeOver()
      return true
    } finally {
      master.holdWrites(false)
    }
  }

  /** A node that was gone is here again: as a replica of who has its slots now, or as what it was. */
  rejoin(): void {
    const { view } = this
    const { myself } = view
    const peer = this.#bus?.whoKnows(myself.id)
    if (peer === undefined) return
    const known = peer.view.nodes.get(myself.id)!
    myself.shardId = known.shardId
    if (known.isMaster) myself.configEpoch = known.configEpoch
    for (const [slot, owner] of peer.view.owners.entries()) if (owner === known) view.assign(myself, slot)
    const leader = known.isMaster && known.slotCount === 0 ? successorOf(known, peer.view) : known.master
    this.#bus!.introduce(this, peer)
    if (leader !== undefined) this.replicate(view.nodes.get(leader.id)!)
  }

  /** `handOver` for which nobody waits. */
  beginHandOver(): void {
    const { config, log } = this.#parts
    unawaited(this.handOver(), config, (message) => log('warning', message))
  }

  close(): void {
    this.#isClosed = true
    this.#bus?.leave(this)
  }
}

/** The master that has taken over from a node. */
function successorOf(node: ClusterNode, { nodes }: ClusterView): ClusterNode | undefined {
  for (const other of nodes.values()) {
    if (other !== node && other.isMaster && other.shardId === node.shardId) return other
  }
  return undefined
}

/** The first address of `bind`; '' where that is any. */
function addressOf(bind: readonly string[]): Bytes {
  const first = (bind[0] ?? '').replace(/^-/, '')
  if (first === 'localhost') return '127.0.0.1'
  return ['*', '0.0.0.0', '::', '::*'].includes(first) ? '' : first
}
