/** What the contract's cases run on in front of a genuine Redis: a server of ours without a store, by one of its doors. */
import { createServer } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast, type Client, inProcessClient, restClient, type Subject } from '../contract/harness/subjects.ts'

export type UpstreamDoor = 'rest' | 'inprocess' | 'resp2' | 'resp3'

/** What a case that was broken off may have left. */
const RESET: readonly (readonly string[])[] = [
  ['REPLICAOF', 'NO', 'ONE'],
  ['CONFIG', 'SET', 'min-replicas-to-write', '0', 'maxmemory', '0', 'requirepass', '', 'notify-keyspace-events', ''],
  ['FUNCTION', 'FLUSH'],
  ['SCRIPT', 'FLUSH'],
  ['FLUSHALL'],
]

/** The genuine server behind the door stays from case to case; ours is another one for each. */
export function upstreamSubject(door: UpstreamDoor): Subject {
  let running: Promise<Genuine> | undefined
  const reset = async (genuine: Genuine): Promise<RespClient | undefined> => {
    const control = await genuine.connect()
    const replies = await control.pipeline(RESET)
    if (
      !replies.some((reply) => typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error')
    ) {
      return control
    }
    control.close()
    return undefined
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
      running ??= Genuine.start()
      let genuine = await running
      let cleared = await reset(genuine)
      if (cleared === undefined) {
        await genuine.stop()
        running = Genuine.start()
        genuine = await running
        cleared = await reset(genuine)
      }
      const control = cleared!
      const server = createServer({ upstream: `unix:${genuine.path}`, 'rest-token': 'token', log: () => {} })
      const port = isRest ? 0 : (await server.listen({ port: 0, httpPort: false })).port
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
          await server.close()
        },
      }
    },
    async close() {
      const genuine = await running
      running = undefined
      await genuine?.stop()
    },
  }
}
