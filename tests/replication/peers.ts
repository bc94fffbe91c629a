/** Stores of ours and genuine servers as masters and replicas of each other. */
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { type Seen, show } from '../contract/harness/seen.ts'

/** One of them, with a client that asks it. */
export interface Peer {
  readonly port: number
  readonly client: RespClient
  tell(line: string): Promise<string>
  stop(): Promise<void>
}

export interface OwnPeer extends Peer {
  readonly server: Server
  readonly log: string[]
}

export async function startOurs(options: ServerOptions = {}): Promise<OwnPeer> {
  const log: string[] = []
  const server = createServer({
    'http-port': 0,
    'enable-debug-command': 'yes',
    log: (_, message) => void log.push(message),
    ...options,
  })
  const { port } = await server.listen({ port: typeof options.port === 'number' ? options.port : 0 })
  const client = await RespClient.connect({ port, host: '127.0.0.1' })
  return {
    port,
    server,
    log,
    client,
    tell: async (line) => linesOf(await client.send(line.split(' '))),
    async stop() {
      client.close()
      await server.close()
    },
  }
}

export async function startGenuine(...flags: string[]): Promise<Peer> {
  const port = await freePort()
  const genuine = await Genuine.start('--port', `${port}`, '--repl-diskless-sync-delay', '0', ...flags)
  const client = await genuine.connect()
  return {
    port,
    client,
    tell: async (line) => linesOf(await client.send(line.split(' '))),
    async stop() {
      client.close()
      await genuine.stop()
    },
  }
}

function linesOf(reply: Seen): string {
  return show(reply).replaceAll('\\x0d\\x0a', '\n')
}

/** Asks until the answer is as wanted. */
export async function until(peer: Peer, line: string, wanted: RegExp, seconds = 15): Promise<string> {
  const endsAt = Date.now() + seconds * 1000
  for (;;) {
    const answer = await peer.tell(line)
    if (wanted.test(answer)) return answer
    if (Date.now() > endsAt) throw new Error(`${line} is not ${wanted}: ${answer}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export const linked = (peer: Peer): Promise<string> => until(peer, 'INFO replication', /master_link_status:up/)

export async function fieldOf(peer: Peer, name: string, section = 'replication'): Promise<string> {
  return new RegExp(`^${name}:(.*)`, 'm').exec(await peer.tell(`INFO ${section}`))?.[1] ?? ''
}

/** Until a replica has come as far as its master. */
export async function caughtUp(replica: Peer, master: Peer): Promise<void> {
  const offset = await fieldOf(master, 'master_repl_offset')
  const endsAt = Date.now() + 15_000
  while (Number(await fieldOf(replica, 'master_repl_offset')) < Number(offset)) {
    if (Date.now() > endsAt) throw new Error('the replica lags behind')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
