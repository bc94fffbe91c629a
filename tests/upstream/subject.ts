/** What the contract's cases run on in front of a genuine Redis: a server of ours without a store, by one of its doors. */
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast, type Client, inProcessClient, restClient, type Subject } from '../contract/harness/subjects.ts'

export type UpstreamDoor = 'rest' | 'inprocess' | 'resp2' | 'resp3'

/** A store per case is a FLUSHALL: the genuine server behind the door stays. */
export function upstreamSubject(door: UpstreamDoor): Subject {
  let running: Promise<{ genuine: Genuine; server: Server; port: number }> | undefined
  const start = async () => {
    const genuine = await Genuine.start('--enable-module-command', 'yes')
    const server = createServer({ upstream: `unix:${genuine.path}`, 'rest-token': 'token', log: () => {} })
    const { port } = await server.listen({ port: 0, httpPort: false })
    return { genuine, server, port }
  }
  const isRest = door === 'rest' || door === 'inprocess'
  return {
    name: door,
    label: `${door} in front of genuine Redis ${genuineVersion ?? ''}`,
    mode: {
      proto: door === 'resp3' ? 3 : 2,
      rest: isRest,
      exactDoubles: genuineVersion !== undefined && atLeast(genuineVersion, '7.2'),
      ...(door === 'rest' && { upstash: true }),
    },
    ...(genuineVersion === undefined ? { missing: NO_GENUINE } : { version: genuineVersion }),
    movesClock: false,
    async open() {
      running ??= start()
      const { genuine, server, port } = await running
      const control = await genuine.connect()
      await control.send(['FLUSHALL'])
      const clients: Client[] = []
      const connect = async (): Promise<Client> => {
        if (door === 'rest') return restClient(server)
        if (door === 'inprocess') return inProcessClient(server)
        const client = await RespClient.connect({ host: '127.0.0.1', port })
        if (door === 'resp3') await client.send(['HELLO', '3'])
        return client
      }
      return {
        async connect() {
          const client = await connect()
          clients.push(client)
          return client
        },
        async blocked() {
          const info = (await control.send(['INFO', 'clients'])) as string
          return Number(/blocked_clients:(\d+)/.exec(info)![1])
        },
        async close() {
          for (const client of clients) client.close()
          control.close()
        },
      }
    },
    async close() {
      if (running === undefined) return
      const { genuine, server } = await running
      running = undefined
      await server.close()
      await genuine.stop()
    },
  }
}
