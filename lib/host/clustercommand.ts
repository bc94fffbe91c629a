/**
 * `zerodis cluster --nodes 3 [--replicas 1] [--port 7000] [--directive value …]`: a cluster in this process, for development against one.
 * Its nodes listen on ports in a row and keep nothing on disk; directives hold for all of them.
 */
import { fromText } from '../base/bytes.ts'
import { Bus } from '../cluster/bus.ts'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { formCluster } from '../server/formation.ts'
import { createServer, type Server } from '../server/server.ts'
import { clientHost } from './banner.ts'
import { Host } from './host.ts'
import { parseArguments, StartupError, startUp } from './startup.ts'

const USAGE = 'usage: zerodis cluster [--nodes 3] [--replicas 0] [--port 7000] [--directive value …]'

const NODES_MAX = 1000
/** Replicas are there at once. */
const DEFAULTS = { 'repl-diskless-sync-delay': '0' }

interface Shape {
  nodes: number
  /** Of each master. */
  replicas: number
  port: number
}

/** @throws StartupError for arguments that make no sense, DoorError for a port that is taken */
export async function runCluster(words: readonly string[], environment: Environment): Promise<void> {
  const { shape, rest } = shapeOf(words)
  const bus = new Bus()
  const count = shape.nodes * (1 + shape.replicas)
  const configs = Array.from({ length: count }, (_, index) => configOf(rest, environment, shape.port + index))
  const host = new Host(configs[0], true)
  const { log } = host
  const servers = configs.map((config) => createServer({ config, cluster: { bus }, log: quietly(log) }))
  for (const server of servers) await server.listen()
  await formCluster(servers, shape.nodes)
  const [first, ...others] = servers
  host.run(first, first.doors, async () => {
    await Promise.all(others.map((server) => server.close()))
  })
  log('notice', `Ready to accept connections tcp (a cluster of ${count} nodes)`)
  for (const server of servers) host.write(`  ${lineOf(server)}\n`)
}

/** Of the nodes' messages, what is worth a line here. */
function quietly(log: Host['log']): Host['log'] {
  return (level, message) => {
    if (level === 'warning') log(level, message)
  }
}

function lineOf({ engine, doors, config }: Server): string {
  const { view } = engine.ports.cluster!
  const address = `redis://${clientHost(config.values)}:${doors.port}`
  const ranges = view.rangesByOwner().get(view.myself) ?? []
  const what = view.myself.isMaster
    ? `slots ${ranges.map(([from, to]) => `${from}-${to}`).join(' ')}`
    : `replica of ${view.myself.master!.ip}:${view.myself.master!.port}`
  return `${address}  ${what}`
}

/** Takes what is the cluster's from the arguments; the rest are directives of its nodes. */
function shapeOf(words: readonly string[]): { readonly shape: Shape; readonly rest: readonly string[] } {
  const shape: Shape = { nodes: 3, replicas: 0, port: 7000 }
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const [, name, joined] = /^--(nodes|replicas|port)(?:=(.*))?$/.exec(words[i]) ?? []
    if (name === undefined) {
      rest.push(words[i])
      continue
    }
    const value = Number(joined ?? words[++i])
    if (name === 'nodes') shape.nodes = value
    else if (name === 'replicas') shape.replicas = value
    else shape.port = value
  }
  const { nodes, replicas, port } = shape
  const isSensible = [nodes, replicas, port].every(Number.isInteger) && nodes >= 1 && replicas >= 0 && port >= 1
  if (!isSensible || nodes * (1 + replicas) > NODES_MAX || (rest.length > 0 && !rest[0].startsWith('--'))) {
    throw new StartupError(USAGE)
  }
  return { shape, rest }
}

/** A node is configured as any server, but for what makes it one of these. */
function configOf(rest: readonly string[], environment: Environment, port: number): Config {
  const fixed = ['--port', `${port}`, '--http-port', '0', '--cluster-enabled', 'yes']
  const { config } = startUp(parseArguments([...rest, ...fixed]), environment, DEFAULTS)
  if (config.values.dir === '') config.values.dir = fromText(process.cwd())
  return config
}
