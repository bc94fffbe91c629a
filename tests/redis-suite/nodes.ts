/**
 * The nodes of a cluster, for Redis's suite, which starts a process for each of them: in the place of each stands a small one
 * (`stub.tcl`) that says which configuration it was given, and while it lives the node runs here, beside the others on one bus. Ends with
 * its standard input.
 *
 *   node nodes.js    prints the port at which the small ones connect
 */
import { appendFileSync } from 'node:fs'
import { createServer as createListener, type Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { Bus } from '../../lib/cluster/bus.ts'
import { Config } from '../../lib/config/config.ts'
import { loadConf, readConfFile } from '../../lib/server/configfile.ts'
import { createServer, type Server } from '../../lib/server/server.ts'

const bus = new Bus()
/** Ids of nodes by their files, so that one that comes back is the same. */
const ids = new Map<string, string>()

async function open(path: string): Promise<Server> {
  const config = new Config()
  const fault = loadConf(readConfFile(path), config, {
    accept: () => undefined,
    renameCommand: () => undefined,
    user: () => undefined,
  })
  if (fault !== undefined) throw new Error(fault.reason)
  const { values } = config
  values.dir = resolve(dirname(path), values.dir.startsWith('/') ? values.dir : '.')
  values.appendonly = false
  // The suite looks for signs of a crash there.
  if (values.logfile !== '') appendFileSync(join(values.dir, values.logfile), '')
  values['http-port'] = 0
  const server = createServer({ config, configFile: path, cluster: { bus, id: ids.get(path) }, log: () => {} })
  await server.listen()
  const member = server.engine.ports.cluster!
  if (ids.has(path)) member.rejoin()
  ids.set(path, member.view.myself.id)
  return server
}

async function serve(socket: Socket): Promise<void> {
  const path = await new Promise<string>((resolve) => socket.once('data', (line) => resolve(`${line}`.trim())))
  const server = await open(path)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.write('Ready to accept connections\n')
  await closed
  ids.set(path, server.engine.ports.cluster!.view.myself.id)
  for (const { link } of [...server.engine.ports.connections.clients]) link.close()
  await server.close()
}

const listener = createListener((socket) => {
  serve(socket).catch((error) => socket.end(`${error}\n`))
})
listener.listen(0, '127.0.0.1', () => console.log((listener.address() as { port: number }).port))
process.stdin.resume().once('end', () => process.exit(0))
