/** What the contract's cases run on in front of genuine servers: a server of ours without a store, by one of its doors. */
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast, type Client, inProcessClient, restClient, type Subject } from '../contract/harness/subjects.ts'
import type { Behind } from './behind.ts'
import { streamClient, webSocketClient } from './doors.ts'

export type UpstreamDoor = 'rest' | 'inprocess' | 'resp2' | 'resp3' | 'websocket' | 'streams'

/** Under which name a door stands in the reasons why a case is not for it. */
const NAMES = {
  rest: 'rest',
  inprocess: 'inprocess',
  resp2: 'resp2',
  resp3: 'resp3',
  websocket: 'resp2',
  streams: 'resp2',
} as const

export interface UpstreamSubject extends Subject {
  /** The server of the case at hand. */
  readonly server: () => Server
}

/**
 * `behind` is started with the first case, and stays; of ours there is another one for each case, or with `isShared` one for all, which
 * saves the time in which connections are made.
 */
export function upstreamSubject(
  door: UpstreamDoor,
  what: string,
  start: () => Promise<Behind>,
  isShared = false,
): UpstreamSubject {
  let running: Promise<Behind> | undefined
  let server: Server | undefined
  let port = 0
  const isRest = door === 'rest' || door === 'inprocess' || door === 'streams'
  const open = async (url: string): Promise<void> => {
    // A busy machine may take long.
    server = createServer({ upstream: url, 'upstream-timeout': '30000', 'rest-token': 'token', log: () => {} })
    if (isRest) return
    ;({ port } = await server.listen({ port: 0, httpPort: 0 }))
  }
  const connect = async (): Promise<Client> => {
    if (door === 'rest') return restClient(server!)
    if (door === 'inprocess') return inProcessClient(server!)
    if (door === 'streams') return streamClient(server!)
    const client =
      door === 'websocket' ? await webSocketClient(server!) : await RespClient.connect({ host: '127.0.0.1', port })
    if (door === 'resp3') await client.send(['HELLO', '3'])
    return client
  }
  return {
    name: NAMES[door],
    label: `${door} in front of ${what} ${genuineVersion ?? ''}`,
    mode: {
      proto: door === 'resp3' ? 3 : 2,
      rest: isRest,
      exactDoubles: genuineVersion !== undefined && atLeast(genuineVersion, '7.2'),
      ...((door === 'rest' || door === 'streams') && { upstash: true }),
    },
    ...(genuineVersion === undefined ? { missing: NO_GENUINE } : { version: genuineVersion }),
    movesClock: false,
    server: () => server!,
    async open() {
      running ??= start()
      const behind = await running
      if (server === undefined) await open(behind.url)
      await behind.reset(server!)
      const clients: Client[] = []
      return {
        async connect() {
          const client = await connect()
          clients.push(client)
          return client
        },
        blocked: () => behind.blocked(server!),
        async close() {
          for (const client of clients) client.close()
          // What waits on takes what the next case puts there.
          if (isShared && (await behind.blocked(server!)) === 0) return
          await server!.close()
          server = undefined
        },
      }
    },
    async close() {
      await server?.close()
      server = undefined
      const behind = await running
      running = undefined
      await behind?.stop()
    },
  }
}
