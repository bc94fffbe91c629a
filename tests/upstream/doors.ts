/** Clients of the contract's cases that come by doors of which only a server with an address has: WebSockets, and streams of events. */
import type { Socket } from 'node:net'
import { createWebSocketStream, WebSocket } from 'ws'
import type { Bytes } from '../../lib/base/bytes.ts'
import type { Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { EventReader } from '../clients/sse.ts'
import type { Case } from '../contract/dsl.ts'
import { argvOf } from '../contract/harness/line.ts'
import type { Seen } from '../contract/harness/seen.ts'
import { type Client, restClient } from '../contract/harness/subjects.ts'

/** RESP in the frames of a WebSocket. */
export async function webSocketClient(server: Server): Promise<RespClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.doors.httpPort}/ws?token=token`)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return new RespClient(createWebSocketStream(socket) as unknown as Socket)
}

const OPENS_STREAM = /^(subscribe|psubscribe|monitor)$/
const NEEDS_MORE = /^(s(un)?subscribe|p?unsubscribe|multi|exec|discard|hello|reset|quit|select|auth|client|watch)$/

/** Whether all of a case can be done by REST and by streams of events, one for each client that listens. */
export function isForStreams({ steps }: Case): boolean {
  const streams = new Set<string>()
  let listens = false
  for (const step of steps) {
    const client = 'does' in step && 'client' in step ? step.client : 'main'
    const command = 'does' in step ? ('command' in step ? step.command : undefined) : step[0]
    const name = command === undefined ? '' : argvOf(command)[0].toLowerCase()
    if (NEEDS_MORE.test(name)) return false
    if (OPENS_STREAM.test(name)) {
      if (streams.has(client)) return false
      streams.add(client)
      listens = true
    } else if (name !== '' && streams.has(client)) return false
  }
  return listens
}

/** REST, whose SUBSCRIBE, PSUBSCRIBE and MONITOR open a stream of events. */
export function streamClient(server: Server): Client {
  const rest = restClient(server)
  let stream: Promise<EventReader> | undefined
  const open = (argv: readonly Bytes[]): Promise<EventReader> => {
    const path = argv.map((word) => encodeURIComponent(Buffer.from(word, 'latin1').toString())).join('/')
    const request = new Request(`http://localhost/${path}`, { headers: { authorization: 'Bearer token' } })
    return server.fetch(request).then((response) => new EventReader(response.body!))
  }
  return {
    async send(argv) {
      if (argv[0].toLowerCase() !== 'monitor') return rest.send(argv)
      stream = open(argv)
      return JSON.parse(await (await stream).next())
    },
    tell(argv) {
      stream = open(argv)
    },
    async push() {
      return seenEvent(await (await stream!).next())
    },
    close() {
      if (stream !== undefined) void stream.then((reader) => reader.cancel()).catch(() => {})
    },
  }
}

/** `message,channel,text` and its like; the text may hold commas. */
function seenEvent(event: string): Seen {
  const [kind] = event.split(',', 1)
  const bytes = (text: string): Seen => Buffer.from(text).toString('latin1')
  const cut = (parts: number): string[] => {
    const words = event.split(',')
    return [...words.slice(0, parts - 1), words.slice(parts - 1).join(',')]
  }
  switch (kind) {
    case 'message':
      return cut(3).map(bytes)
    case 'pmessage':
      return cut(4).map(bytes)
    case 'subscribe':
    case 'psubscribe': {
      const words = event.split(',')
      return [kind, bytes(words.slice(1, -1).join(',')), Number(words.at(-1))]
    }
    default:
      return { kind: 'status', text: event }
  }
}
