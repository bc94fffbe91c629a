/** Genuine servers together: a Cluster of masters with a replica each, and a master and a replica under three Sentinels. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'

export const isClusterInstalled = spawnSync('redis-cli', ['--version']).status === 0
export const areSentinelsInstalled = spawnSync('redis-sentinel', ['--version']).status === 0

/** What a master or a replica takes besides. */
const COMMON = ['--repl-diskless-sync-delay', '0', '--bind', '127.0.0.1', '--protected-mode', 'no']

/** For how long a silent node is not taken for dead. */
export const NODE_TIMEOUT_MS = 2000

/** The highest port whose bus, ten thousand above it, is below those that the kernel hands out to clients. */
const CLUSTER_PORT_MAX = 22_767

async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port <= CLUSTER_PORT_MAX) return port
  }
}

export class GenuineCluster {
  readonly nodes: readonly Genuine[]
  readonly ports: readonly number[]
  readonly #killed = new Set<Genuine>()

  private constructor(nodes: readonly Genuine[], ports: readonly number[]) {
    this.nodes = nodes
    this.ports = ports
  }

  static async start(masters = 3, replicas = 1): Promise<GenuineCluster> {
    const ports: number[] = []
    while (ports.length < masters * (1 + replicas)) ports.push(await clusterPort())
    const flags = ['--cluster-enabled', 'yes', '--cluster-node-timeout', `${NODE_TIMEOUT_MS}`]
    const start = (port: number): Promise<Genuine> => Genuine.start(...COMMON, '--port', `${port}`, ...flags)
    const nodes = await Promise.all(ports.map(start))
    const addresses = ports.map((port) => `127.0.0.1:${port}`)
    const created = spawnSync(
      'redis-cli',
      ['--cluster', 'create', ...addresses, '--cluster-replicas', `${replicas}`, '--cluster-yes'],
      { encoding: 'utf8', timeout: 30_000 },
    )
    if (created.status !== 0) throw new Error(`redis-cli --cluster create: ${created.stdout}${created.stderr}`)
    const cluster = new GenuineCluster(nodes, ports)
    for (const node of nodes) {
      await cluster.until(node, ['CLUSTER', 'INFO'], /cluster_state:ok/)
      if (replicas > 0)
        await cluster.until(node, ['INFO', 'replication'], /role:master[\s\S]*state=online|master_link_status:up/)
    }
    return cluster
  }

  get url(): string {
    return `redis+cluster://${this.ports.map((port) => `127.0.0.1:${port}`).join(',')}`
  }

  async until(node: Genuine, command: readonly string[], pattern: RegExp): Promise<void> {
    const client = await node.connect()
    for (const end = Date.now() + 20_000; ; ) {
      const seen = await client.send(command)
      if (typeof seen === 'string' && pattern.test(seen)) break
      if (Date.now() > end) throw new Error(`${command.join(' ')}: ${show(seen)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    client.close()
  }

  /** The masters that own slots now. */
  async masters(): Promise<readonly Genuine[]> {
    const masters: Genuine[] = []
    for (const node of this.nodes) {
      const client = await node.connect().catch(() => undefined)
      if (client === undefined) continue
      const role = await client.send(['ROLE'])
      if (Array.isArray(role) && role[0] === 'master') masters.push(node)
      client.close()
    }
    return masters
  }

  async kill(node: Genuine): Promise<void> {
    this.#killed.add(node)
    await node.stop()
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => !this.#killed.has(node)).map((node) => node.stop()))
  }
}

export class SentinelSet {
  readonly ports: readonly number[]
  readonly master: Genuine
  readonly replica: Genuine
  readonly #children: readonly ChildProcess[]
  readonly #folder: string
  #isMasterKilled = false

  private constructor(parts: {
    ports: readonly number[]
    master: Genuine
    replica: Genuine
    children: readonly ChildProcess[]
    folder: string
  }) {
    this.ports = parts.ports
    this.master = parts.master
    this.replica = parts.replica
    this.#children = parts.children
    this.#folder = parts.folder
  }

  static async start(): Promise<SentinelSet> {
    const folder = mkdtempSync(join(tmpdir(), 'sentinels-'))
    const [masterPort, replicaPort, ...ports] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()))
    const master = await Genuine.start(...COMMON, '--port', `${masterPort}`)
    const replica = await Genuine.start(
      ...COMMON,
      '--port',
      `${replicaPort}`,
      '--replicaof',
      '127.0.0.1',
      `${masterPort}`,
    )
    const children = ports.map((port) => {
      const file = join(folder, `${port}.conf`)
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor pair 127.0.0.1 ${masterPort} 2`,
        'sentinel down-after-milliseconds pair 1000',
        'sentinel failover-timeout pair 10000',
      ]
      writeFileSync(file, lines.join('\n'))
      return spawn('redis-sentinel', [file], { stdio: 'ignore', cwd: folder })
    })
    const set = new SentinelSet({ ports, master, replica, children, folder })
    for (const port of ports) await set.#knowsAll(port)
    return set
  }

  get url(): string {
    return `redis+sentinel://${this.ports.map((port) => `127.0.0.1:${port}`).join(',')}/pair`
  }

  async stop(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    if (!this.#isMasterKilled) await this.master.stop()
    await this.replica.stop()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 })
  }

  async killMaster(): Promise<void> {
    this.#isMasterKilled = true
    await this.master.stop()
  }

  /** Has the Sentinels make the replica the master. Settles when each of the two is what the other was. */
  async failover(ms: number): Promise<void> {
    const before = await this.#masterPort()
    const end = Date.now() + ms
    const sentinel = await RespClient.connect({ port: this.ports[0], host: '127.0.0.1' })
    for (;;) {
      const seen = show(await sentinel.send(['SENTINEL', 'FAILOVER', 'pair']))
      if (seen === '+OK') break
      // Shortly after the failover before, its Sentinel may still connect to the server that is the replica now.
      if (!/^-(NOGOODSLAVE|INPROG)/.test(seen) || Date.now() > end) throw new Error(`SENTINEL FAILOVER: ${seen}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    sentinel.close()
    while (Date.now() < end) {
      if ((await this.#masterPort()) !== before && (await this.roles()).join() === 'master,slave') return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('the Sentinels did not change masters')
  }

  /** What the two servers say that they are, in order. */
  async roles(): Promise<readonly string[]> {
    const roles: string[] = []
    for (const server of [this.master, this.replica]) {
      const client = await server.connect()
      const role = await client.send(['ROLE'])
      if (Array.isArray(role) && (role[0] !== 'slave' || role[3] === 'connected')) roles.push(String(role[0]))
      client.close()
    }
    return roles.sort()
  }

  /** As all three Sentinels say; '' while they differ. */
  async #masterPort(): Promise<string> {
    const said = new Set<string>()
    for (const port of this.ports) {
      const client = await RespClient.connect({ port, host: '127.0.0.1' })
      said.add(show(await client.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'pair'])))
      client.close()
    }
    return said.size === 1 ? [...said][0] : ''
  }

  async #knowsAll(port: number): Promise<void> {
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const client = await RespClient.connect({ port, host: '127.0.0.1' }).catch(() => undefined)
      const seen = client === undefined ? '' : show(await client.send(['SENTINEL', 'MASTER', 'pair']))
      client?.close()
      if (/"num-slaves", "1", "num-other-sentinels", "2"/.test(seen)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the Sentinel on port ${port} does not know all others`)
  }
}
