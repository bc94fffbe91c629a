/**
 * What the cases run on. A subject opens a store for each case, fresh and empty, and clients on it. Our own subjects
 * have a clock that a case can move; genuine Redis is one server for all cases of a file, flushed between them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bytes, fromArray, fromText, toArray } from '../../../lib/base/bytes.ts'
import { ManualClock } from '../../../lib/base/clock.ts'
import { formatDouble, Kind, NO_REPLY, type Reply, Sequence } from '../../../lib/base/reply.ts'
import type { Log } from '../../../lib/observability/log.ts'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import type { Link } from '../../../lib/session/session.ts'
import { type TcpHost, TcpListener } from '../../../lib/transports/tcp.ts'
import { CommandError, type Plain } from '../../../lib/transports/values.ts'
import { RespClient } from '../../clients/resp.ts'
import type { SubjectName } from '../dsl.ts'
import { Genuine, genuineVersion, NO_GENUINE } from './genuine.ts'
import type { Mode, Seen } from './seen.ts'

export interface Client {
  send(argv: readonly Bytes[]): Promise<Seen>
  /** Sends a command whose answers come with `push`. */
  tell(argv: readonly Bytes[]): void
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

/** Some commands write files. */
const dir = mkdtempSync(join(tmpdir(), 'zerodis-cases-'))
process.once('exit', () => rmSync(dir, { recursive: true, force: true }))

/** What tests of commands need besides the defaults. */
const SETTINGS = { dir, 'enable-debug-command': 'yes', 'rest-token': 'token' } as const

/** Warnings are worth a look, but for those that a case asks for. */
const log: Log = (level, message) => {
  if (level === 'warning' && !message.startsWith('WARNING: the new maxmemory')) console.warn(`zerodis: ${message}`)
}

/** A subject of ours: a fresh server for each case, on a clock that the case moves, and clients that come by one door. */
function own(
  name: SubjectName,
  seenAs: Mode,
  openDoor: (server: Server) => Promise<{ connect(): Promise<Client>; close(): Promise<void> }>,
  settings: () => ServerOptions = () => ({}),
): Subject {
  return {
    name,
    label: name,
    mode: seenAs,
    movesClock: true,
    async open() {
      const clock = new ManualClock()
      const server = createServer({ ...SETTINGS, clock, log, ...settings() })
      const door = await openDoor(server)
      const clients: Client[] = []
      return {
        async connect() {
          const client = await door.connect()
          clients.push(client)
          return client
        },
        advance(ms) {
          clock.advance(ms)
          server.cron()
        },
        blocked: async () => server.engine.blocking.size + server.engine.pause.held,
        async close() {
          for (const client of clients) client.close()
          await door.close()
        },
      }
    },
  }
}

/**
 * Sessions on the engine, without any door, where an account of memory is kept. `atEnd` is shown each case's server when
 * the case is over.
 */
export const engineSubject = (
  atEnd?: (server: Server) => void | Promise<void>,
  atStart?: (server: Server) => void,
  settings?: () => ServerOptions,
): Subject =>
  own(
    'engine',
    mode(2),
    async (server) => {
      server.engine.keyspace.count()
      atStart?.(server)
      return { connect: async () => engineClient(server), close: async () => atEnd?.(server) }
    },
    settings,
  )

export function engineClient(server: Server): Client {
  const unasked = new Inbox()
  const link: Link = {
    push: (reply) => unasked.put(seenReply(reply, session.proto)),
    closeAfterReply() {},
    close() {},
    inputBytes: 0,
    outputBytes: 0,
  }
  const session = server.openSession('tcp', link, '127.0.0.1:1', '127.0.0.1:6379')
  return {
    send: async (argv) => seenReply(await server.engine.execute(session, argv), session.proto),
    tell(argv) {
      const reply = server.engine.execute(session, argv)
      if (reply instanceof Promise) throw new Error('a command that does not answer in messages')
      for (const item of reply instanceof Sequence ? reply.items : reply === NO_REPLY ? [] : [reply])
        unasked.put(seenReply(item, session.proto))
    },
    push: () => unasked.take(),
    close: () => server.closeSession(session),
  }
}

/** Messages that wait for a reader, or readers for a message. */
class Inbox {
  readonly #messages: Seen[] = []
  readonly #readers: ((seen: Seen) => void)[] = []

  put(message: Seen): void {
    const reader = this.#readers.shift()
    if (reader === undefined) this.#messages.push(message)
    else reader(message)
  }

  take(): Promise<Seen> {
    const message = this.#messages.shift()
    return message === undefined ? new Promise((resolve) => this.#readers.push(resolve)) : Promise.resolve(message)
  }
}

/** A reply value in the shape that the protocol gives it. */
function seenReply(reply: Reply, proto: 2 | 3): Seen {
  if (typeof reply === 'boolean') return proto === 3 ? reply : reply ? 1 : 0
  if (typeof reply === 'bigint') return Number.isSafeInteger(Number(reply)) ? Number(reply) : reply
  if (typeof reply !== 'object' || reply === null) return reply
  if (!('kind' in reply)) return reply.map((item) => seenReply(item, proto))
  const all = (items: readonly Reply[]): Seen[] => items.map((item) => seenReply(item, proto))
  switch (reply.kind) {
    case Kind.Status:
      return { kind: 'status', text: reply.text }
    case Kind.Error:
      return { kind: 'error', text: reply.text }
    case Kind.Double: {
      const text = reply.text ?? formatDouble(reply.value)
      return proto === 3 ? { kind: 'double', text } : text
    }
    case Kind.Map:
      return proto === 3 ? { kind: 'map', flat: all(reply.flat) } : all(reply.flat)
    case Kind.Set:
      return proto === 3 ? { kind: 'set', items: all(reply.items) } : all(reply.items)
    case Kind.Push:
      return proto === 3 ? { kind: 'push', items: all(reply.items) } : all(reply.items)
    case Kind.Verbatim:
      return proto === 3 ? { kind: 'verbatim', text: reply.text } : reply.text
    case Kind.BigNumber:
      return proto === 3 ? { kind: 'bigNumber', text: reply.digits } : reply.digits
    case Kind.Attributed:
      return seenReply(reply.reply, proto)
    case Kind.NullArray:
      return proto === 3 ? null : { kind: 'nilArray' }
    default:
      throw new Error('the engine answered nothing')
  }
}

/** Our TCP door, in either protocol from the start. */
export const resp = (name: 'resp2' | 'resp3', proto: 2 | 3, settings?: () => ServerOptions): Subject =>
  own(
    name,
    mode(proto),
    async (server) => {
      const host: TcpHost = Object.create(server, {
        openSession: {
          value(...args: Parameters<Server['openSession']>) {
            const session = server.openSession(...args)
            session.proto = proto
            return session
          },
        },
      })
      const listener = await TcpListener.listen(host, { host: '127.0.0.1', port: 0 })
      return {
        connect: () => RespClient.connect({ port: listener.port, host: '127.0.0.1' }),
        close: () => listener.close(),
      }
    },
    settings,
  )

function nothingUnasked(): never {
  throw new Error('this door sends nothing unasked')
}

/** Our REST door on Request and Response. Each request is a connection of its own, so a client has no state. */
const rest = own('rest', { ...mode(2, true), upstash: true }, async (server) => ({
  connect: async () => restClient(server),
  close: async () => {},
}))

export function restClient(server: Server): Client {
  return {
    async send(argv) {
      const response = await server.fetch(
        new Request('http://localhost/', {
          method: 'POST',
          headers: { authorization: 'Bearer token', 'upstash-encoding': 'base64' },
          body: Buffer.from(JSON.stringify(argv), 'latin1'),
        }),
      )
      return seenJson(Buffer.from(await response.arrayBuffer()).toString('latin1'))
    },
    tell: nothingUnasked,
    push: nothingUnasked,
    close() {},
  }
}

/** Long integers: JSON.parse would round them. Results in base64 hold nothing that looks like one. */
const LONG_INTEGER = /(?<=[:[,])-?\d{16,}(?=[,\]}])/g

function seenJson(json: string): Seen {
  const { result, error } = JSON.parse(json.replace(LONG_INTEGER, (digits) => `{"integer":"${digits}"}`))
  if (error !== undefined) return { kind: 'error', text: fromText(error) }
  return result === 'OK' ? result : seenResult(result)
}

type JsonResult = string | number | null | JsonResult[] | { integer: string } | { error: string }

function seenResult(result: JsonResult): Seen {
  if (typeof result === 'string') return Buffer.from(result, 'base64').toString('latin1')
  if (typeof result !== 'object' || result === null) return result
  if (Array.isArray(result)) return result.map(seenResult)
  return 'error' in result ? { kind: 'error', text: fromText(result.error) } : BigInt(result.integer)
}

/** Our door for code in the same process. */
const inProcess = own('inprocess', mode(2, true), async (server) => ({
  connect: async () => inProcessClient(server),
  close: async () => {},
}))

export function inProcessClient(server: Server): Client {
  const door = server.inProcess()
  return {
    async send(argv) {
      try {
        return seenPlain(await door.executeBuffer(...argv.map(toArray)))
      } catch (error) {
        if (error instanceof CommandError) return seenPlain(error)
        throw error
      }
    },
    tell: nothingUnasked,
    push: nothingUnasked,
    close: () => door.close(),
  }
}

function seenPlain(plain: Plain<Buffer>): Seen {
  if (Array.isArray(plain)) return plain.map(seenPlain)
  if (plain instanceof CommandError) return { kind: 'error', text: fromText(plain.message) }
  return plain instanceof Uint8Array ? fromArray(plain) : plain
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
      const running = await server
      server = undefined // for the next file
      await running?.stop()
    },
  }
}

/** True if a version is another one or later. */
export function atLeast(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number))
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i]
  return true
}

export const subjects: readonly Subject[] = [
  engineSubject(),
  resp('resp2', 2),
  resp('resp3', 3),
  rest,
  inProcess,
  genuine(2),
  genuine(3),
]
