/**
 * A cluster for tests: several nodes in this process, each with its slots, that answer as those of Redis Cluster do; slots move and
 * masters fail when the test says so. The nodes share a clock.
 */
import { randomBytes } from 'node:crypto'
import { fromText } from '../base/bytes.ts'
import { slotOf } from '../base/slots.ts'
import { Bus } from '../cluster/bus.ts'
import type { Member } from '../cluster/member.ts'
import type { SlotRange } from '../cluster/view.ts'
import { formCluster, linked, memberOf } from '../server/formation.ts'
import { type Connector, connectorOf } from '../transports/connector.ts'
import { TestClock, type TestTime } from './clock.ts'
import { MemorySocket } from './memorysocket.ts'
import { openTestServer, RunningServer, type TestServer, type TestServerOptions } from './server.ts'

/** Directives of all nodes, and how many of them there are. Every node listens on a free port of its own. */
export interface TestClusterOptions extends TestServerOptions {
  /** Default 3. */
  readonly masters?: number
  /** Of each master. Default 0. */
  readonly replicas?: number
}

/** A node: a store as `createTestServer` gives it, and what it is in the cluster. */
export interface TestNode extends TestServer {
  /** As CLUSTER MYID tells it. */
  readonly id: string
  readonly isMaster: boolean
  /** Ranges of slots, first and last: its own, or those of the master that it follows. */
  readonly slots: readonly (readonly [first: number, last: number])[]
}

export interface TestCluster extends AsyncDisposable {
  /** Those that run. */
  readonly nodes: readonly TestNode[]
  readonly masters: readonly TestNode[]
  readonly replicas: readonly TestNode[]
  /** For ioredis: `new Cluster(cluster.addresses)`. */
  readonly addresses: { host: string; port: number }[]
  /** For node-redis: `createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) })`. */
  readonly urls: readonly string[]
  /**
   * For ioredis 5 and 6: with `redisOptions: { Connector: cluster.Connector }` its commands need no socket. What it subscribes to
   * comes over one all the same, as ioredis does not hand the option on there.
   */
  readonly Connector: Connector
  readonly clock: TestTime
  /** The slot of a key. */
  slotOf(key: string): number
  /** The master that has the slot of a key, or a slot. @throws Error if none has it */
  nodeOf(key: string | number): TestNode
  /** Moves slots, with their keys, to another master, as a resharding does. */
  moveSlots(slots: readonly number[], to: TestNode): Promise<void>
  /** Leaves a slot on its way to another master: what it has stays where it is, what is new goes there by ASK. */
  openSlot(slot: number, to: TestNode): void
  /** Moves keys of a slot on its way; without `keys`, all of them. */
  moveKeys(slot: number, keys?: readonly string[]): Promise<void>
  /** The slot on its way has arrived: moves what is left, and then clients are sent to the new node by MOVED. */
  closeSlot(slot: number): Promise<void>
  /**
   * A replica takes over from its master, of which it has all while that lives. `node` is the replica, or a master whose first replica it is to
   * be. Returns the new master. @throws Error where there is no replica
   */
  failover(node: TestNode): Promise<TestNode>
  /** A node ends as one that is killed. Its slots are down until `failover` or `restart`. */
  kill(node: TestNode): Promise<void>
  /** A node that was killed comes back, empty: as a replica of who has its slots, or as what it was. Returns it as it is now. */
  restart(node: TestNode): Promise<TestNode>
  /** Deletes all keys and functions of all nodes, and ends all faults. */
  flush(): void
  /** Ends all nodes. May be called again. */
  close(): Promise<void>
}

/**
 * Creates a cluster whose nodes listen on free ports of 127.0.0.1.
 *
 *     await using cluster = await createTestCluster({ masters: 3, replicas: 1 })
 *     const redis = new Cluster(cluster.addresses)
 */
export async function createTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { masters = 3, replicas = 0, now, frozen = false, ...settings } = options
  if (!(masters >= 1) || !(replicas >= 0)) throw new RangeError('a cluster has at least one master')
  const clock = new TestClock(now === undefined ? undefined : +now, frozen)
  const cluster = new RunningCluster(clock, { 'rest-token': randomBytes(12).toString('base64url'), ...settings })
  try {
    await cluster.open(masters, replicas)
    return cluster
  } catch (error) {
    await cluster.close()
    throw error
  }
}

class RunningNode extends RunningServer implements TestNode {
  readonly member: Member
  /** Where it listened first, and does again when it comes back. */
  readonly firstPort: number

  constructor(...parts: ConstructorParameters<typeof RunningServer>) {
    super(...parts)
    this.member = memberOf(this.server)
    this.firstPort = this.port
  }

  get id(): string {
    return this.member.view.myself.id
  }

  get isMaster(): boolean {
    return this.member.view.myself.isMaster
  }

  get slots(): readonly SlotRange[] {
    const { view } = this.member
    return view.myMaster === undefined ? [] : (view.rangesByOwner().get(view.myMaster) ?? [])
  }
}

class RunningCluster implements TestCluster {
  readonly clock: TestClock
  readonly Connector: Connector
  readonly #settings: TestServerOptions
  readonly #bus = new Bus()
  #nodes: RunningNode[] = []
  #closed: Promise<void> | undefined

  constructor(clock: TestClock, settings: TestServerOptions) {
    this.clock = clock
    this.#settings = settings
    clock.onAdvanced = () => {
      for (const node of this.#nodes) node.expire()
    }
    this.Connector = connectorOf((event, { port }) => {
      const node = this.#nodes.find((each) => each.port === port)
      if (node !== undefined) return node.openSocket(event)
      // A port at which nobody listens: the first node stands for the machine.
      return new MemorySocket(this.#nodes[0].server, port ?? 0, event, false)
    })
  }

  async open(masters: number, replicas: number): Promise<void> {
    for (let count = masters * (1 + replicas); count > 0; count--) this.#nodes.push(await this.#openNode())
    await formCluster(
      this.#nodes.map(({ server }) => server),
      masters,
    )
  }

  async #openNode(port = 0, id?: string): Promise<RunningNode> {
    const settings = { ...SETTINGS, ...this.#settings, port, 'cluster-enabled': true, 'http-port': 0 }
    return openTestServer(settings, this.clock, RunningNode, { bus: this.#bus, id })
  }

  get nodes(): readonly RunningNode[] {
    return this.#nodes
  }

  get masters(): readonly RunningNode[] {
    return this.#nodes.filter(({ isMaster }) => isMaster)
  }

  get replicas(): readonly RunningNode[] {
    return this.#nodes.filter(({ isMaster }) => !isMaster)
  }

  get addresses(): { host: string; port: number }[] {
    return this.#nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  get urls(): readonly string[] {
    return this.#nodes.map(({ url }) => url)
  }

  slotOf(key: string): number {
    return slotOf(fromText(key))
  }

  nodeOf(key: string | number): RunningNode {
    const slot = typeof key === 'number' ? key : this.slotOf(key)
    const node = this.#nodes.find(({ member: { view } }) => view.owners[slot] === view.myself)
    if (node === undefined) throw new Error(`no node has slot ${slot}`)
    return node
  }

  async moveSlots(slots: readonly number[], to: TestNode): Promise<void> {
    for (const slot of slots) {
      if (this.nodeOf(slot) === to) continue
      this.openSlot(slot, to)
      await this.closeSlot(slot)
    }
  }

  openSlot(slot: number, to: TestNode): void {
    const from = this.nodeOf(slot)
    run(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
    run(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
  }

  async moveKeys(slot: number, keys?: readonly string[]): Promise<void> {
    const from = this.nodeOf(slot)
    const to = this.#targetOf(from, slot)
    const names = keys ?? from.server.engine.keyspace.dbs[0].slotKeys!.first(slot, Infinity)
    if (names.length === 0) return
    const words = names.map((name) => (keys === undefined ? Buffer.from(name, 'latin1') : name))
    await from.execute('MIGRATE', '127.0.0.1', to.port, '', 0, MIGRATE_MS, 'REPLACE', 'KEYS', ...words)
  }

  async closeSlot(slot: number): Promise<void> {
    const from = this.nodeOf(slot)
    const to = this.#targetOf(from, slot)
    await this.moveKeys(slot)
    run(to, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
    // With its last slot it has become a replica already.
    if (from.isMaster) run(from, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
  }

  /** Where a slot is on its way to. */
  #targetOf(from: RunningNode, slot: number): RunningNode {
    const id = from.member.view.migrating.get(slot)?.id
    const to = this.#nodes.find((node) => node.id === id)
    if (to === undefined) throw new Error(`slot ${slot} is not on its way to another node`)
    return to
  }

  async failover(node: TestNode): Promise<TestNode> {
    const { isMaster, id } = node
    const wanted = isMaster || !this.#nodes.includes(node as RunningNode)
    const replica = wanted
      ? this.#nodes.find(({ member }) => member.view.myself.master?.id === id)
      : (node as RunningNode)
    if (replica === undefined) throw new Error('there is no replica that could take over')
    const { member } = replica
    if (!member.reachesMaster) member.takeOver()
    else if (!(await member.handOver())) throw new Error('the replica did not get all that its master has')
    return replica
  }

  async kill(node: TestNode): Promise<void> {
    const index = this.#nodes.indexOf(node as RunningNode)
    if (index === -1) return
    const [killed] = this.#nodes.splice(index, 1)
    for (const { link } of [...killed.server.engine.ports.connections.clients]) link.close()
    await killed.close()
  }

  async restart(node: TestNode): Promise<TestNode> {
    if (this.#nodes.includes(node as RunningNode)) throw new Error('the node runs')
    const before = node as RunningNode
    const again = await this.#openNode(before.firstPort, before.id)
    this.#nodes.push(again)
    const { member } = again
    member.rejoin()
    if (!again.isMaster) await linked(member)
    return again
  }

  flush(): void {
    for (const node of this.#nodes) {
      node.faults.clear()
      if (node.isMaster) node.flush()
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()))
    this.clock.stop()
  }
}

/** Replicas are there at once. */
const SETTINGS = { 'repl-diskless-sync-delay': 0 }
const MIGRATE_MS = 5000

/** Runs a command that does not wait. */
function run(node: TestNode, ...words: readonly (string | number)[]): void {
  const reply = node.execute(...words)
  if (reply instanceof Promise) throw new Error(`${words[0]} waits`)
}
