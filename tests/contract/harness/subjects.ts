/**
 * What the cases run on. A subject opens a store for each case, fresh and empty, and clients on it. Our own subjects
 * have a clock that a case can move; genuine Redis is one server for all cases of a file, flushed between them.
 */
import type { Bytes } from '../../../lib/bytes.ts'
import { ManualClock } from '../../../lib/clock.ts'
import { formatDouble, Kind, type Reply } from '../../../lib/reply.ts'
import { createServer } from '../../../lib/server.ts'
import type { DoorName, Link } from '../../../lib/session/session.ts'
import { TcpListener } from '../../../lib/transports/tcp.ts'
import { RespClient } from '../../clients/resp.ts'
import type { SubjectName } from '../dsl.ts'
import { Genuine, genuineVersion, NO_GENUINE } from './genuine.ts'
import type { Mode, Seen } from './seen.ts'

export interface Client {
  send(argv: readonly Bytes[]): Promise<Seen>
  /** The next thing sent without being asked. */
  push(): Promise<Seen>
  close(): void
}

/** One case's store. */
export interface Store {
  connect(): Promise<Client>
  /** Moves the clock, where it can be moved. */
  readonly advance?: (ms: number) => void
  /** Number of clients that wait in a blocking command. */
  blocked(): Promise<number>
  close(): Promise<void>
}

export interface Subject {
  readonly name: SubjectName
  /** For the report: the name, and what distinguishes subjects of the same name. */
  readonly label: string
  readonly mode: Mode
  /** Why it is not here; undefined if it is. */
  readonly missing?: string
  /** Set on a genuine Redis, which knows only what its version knows. */
  readonly version?: string
  readonly movesClock: boolean
  open(): Promise<Store>
  /** After the last case. */
  close?(): Promise<void>
}

const mode = (proto: 2 | 3, rest = false, exactDoubles = true): Mode => ({ proto, rest, exactDoubles })

/** A session on the engine, without any door. */
const engine: Subject = {
  name: 'engine',
  label: 'engine',
  mode: mode(2),
  movesClock: true,
  async open() {
    const clock = new ManualClock()
    const server = createServer({ clock })
    return {
      async connect() {
        return engineClient(server)
      },
      advance: (ms) => clock.advance(ms),
      blocked: async () => server.engine.blocking.size,
      async close() {},
    }
  },
}

export function engineClient(server: ReturnType<typeof createServer>): Client {
  const pushes: Seen[] = []
  const listeners: ((seen: Seen) => void)[] = []
  const link: Link = {
    push(reply) {
      const listener = listeners.shift()
      if (listener !== undefined) listener(seenReply(reply))
      else pushes.push(seenReply(reply))
    },
    closeAfterReply() {},
    close() {},
    inputBytes: 0,
    outputBytes: 0,
  }
  const session = server.openSession('tcp', link, '127.0.0.1:1', '127.0.0.1:6379')
  return {
    send: async (argv) => seenReply(await server.engine.execute(session, argv)),
    push: () => {
      const first = pushes.shift()
      return first !== undefined ? Promise.resolve(first) : new Promise((resolve) => listeners.push(resolve))
    },
    close: () => server.closeSession(session),
  }
}

/** A reply value in the shape that RESP2 gives it. */
function seenReply(reply: Reply): Seen {
  if (typeof reply === 'boolean') return reply ? 1 : 0
  if (typeof reply === 'bigint') return Number.isSafeInteger(Number(reply)) ? Number(reply) : reply
  if (typeof reply !== 'object' || reply === null) return reply
  if (!('kind' in reply)) return reply.map(seenReply)
  switch (reply.kind) {
    case Kind.Status:
      return { kind: 'status', text: reply.text }
    case Kind.Error:
      return { kind: 'error', text: reply.text }
    case Kind.Double:
      return formatDouble(reply.value)
    case Kind.Map:
      return reply.flat.map(seenReply)
    case Kind.Set:
    case Kind.Push:
      return reply.items.map(seenReply)
    case Kind.Verbatim:
      return reply.text
    case Kind.BigNumber:
      return reply.digits
    case Kind.NullArray:
      return { kind: 'nilArray' }
    default:
      throw new Error('the engine answered nothing')
  }
}

/** Our TCP door, in either protocol. */
function tcp(name: 'resp2' | 'resp3', proto: 2 | 3): Subject {
  return {
    name,
    label: name,
    mode: mode(proto),
    movesClock: true,
    async open() {
      const clock = new ManualClock()
      const server = createServer({ clock })
      const host = {
        ...server,
        clientCount: 0,
        open: true,
        log() {},
        openSession(door: DoorName, link: Link, addr: string, laddr: string) {
          const session = server.openSession(door, link, addr, laddr)
          session.proto = proto
          return session
        },
      }
      const listener = await TcpListener.listen(host, { port: 0, host: '127.0.0.1' })
      const { port } = listener
      const clients: RespClient[] = []
      return {
        async connect() {
          const client = await RespClient.connect({ port, host: '127.0.0.1' })
          clients.push(client)
          return client
        },
        advance: (ms) => clock.advance(ms),
        blocked: async () => server.engine.blocking.size,
        async close() {
          for (const client of clients) client.close()
          await listener.close()
        },
      }
    },
  }
}

/** Genuine Redis: the judge. */
function genuine(proto: 2 | 3): Subject {
  let server: Promise<Genuine> | undefined
  const newerThan72 = genuineVersion !== undefined && atLeast(genuineVersion, '7.2')
  return {
    name: 'genuine',
    label: `genuine Redis ${genuineVersion ?? ''} RESP${proto}`,
    mode: mode(proto, false, newerThan72),
    missing: genuineVersion === undefined ? NO_GENUINE : undefined,
    version: genuineVersion,
    movesClock: false,
    async open() {
      server ??= Genuine.start()
      const running = await server
      const control = await running.connect()
      await control.send(['FLUSHALL'])
      const clients: RespClient[] = []
      return {
        async connect() {
          const client = await running.connect()
          if (proto === 3) await client.send(['HELLO', '3'])
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
      await (await server)?.stop()
      server = undefined
    },
  }
}

/** True if a version is another one or later. */
export function atLeast(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number))
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i]
  return true
}

export const subjects: readonly Subject[] = [engine, tcp('resp2', 2), tcp('resp3', 3), genuine(2), genuine(3)]
export const engineSubject = engine
