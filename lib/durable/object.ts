/**
 * A store in a Durable Object, whatever calls it: the class that Cloudflare makes (lib/cloudflare.ts) hands on what comes. Its keys are in
 * memory while it is awake, and in its storage always; one with the same name is the same everywhere.
 */
import { faultText } from '../base/fault.ts'
import type { DirectiveName } from '../config/directives.ts'
import { configOf, type Environment, readVariables } from '../config/environment.ts'
import { type DurableStore, openDurable } from '../server/durable.ts'
import { buildServer, type Server } from '../server/server.ts'
import { AlarmClock } from '../stores/object/alarmclock.ts'
import type { InProcessDoor } from '../transports/inprocess.ts'
import type { Bindings, ObjectSocket, ObjectState } from './platform.ts'
import { Sockets } from './sockets.ts'

/** Where REST is served, too, as by our own server. */
const REST_BASE = '/api/redis'

/**
 * What is so unless a variable says otherwise. An object has 128 MB for everything, with whatever else runs in its process: the keys, what is
 * read and written for clients, Lua, and as much again of a large value while it is sent. The host pings, and there are no files.
 */
export const DEFAULTS: Environment = {
  ZERODIS_MAXMEMORY: '64mb',
  ZERODIS_PROTO_MAX_BULK_LEN: '16mb',
  ZERODIS_CLIENT_QUERY_BUFFER_LIMIT: '24mb',
  ZERODIS_CLIENT_MEMORY_GUARD: '24mb',
  ZERODIS_LUA_MEMORY_LIMIT: '32mb',
  ZERODIS_SAVE: '',
  ZERODIS_WEBSOCKET_PING_INTERVAL: '0',
  ZERODIS_CONSOLE: 'no',
}

/** What an object cannot do. */
const REFUSED: readonly DirectiveName[] = ['aclfile', 'cluster-enabled', 'preload-file', 'store', 'upstream']

/** Commands about files and other servers, which are not there. */
const REMOVED = ['BACKUP', 'BGREWRITEAOF', 'BGSAVE', 'MIGRATE', 'SAVE'].map((name) => [name, ''] as const)

/** Between two rounds of the background work, which comes with what is asked. Unit: ms. */
const ROUND_MS = 1000

export class StoreObject {
  readonly server: Server
  readonly #state: ObjectState
  readonly #sockets: Sockets
  #store!: DurableStore
  #door: InProcessDoor | undefined
  #roundAt = 0

  /** @throws Error where a variable is nonsense, or what is kept cannot be read */
  constructor(state: ObjectState, bindings: Bindings) {
    this.#state = state
    const clock = new AlarmClock({
      now: () => Date.now(),
      setAlarm: (at) => this.#setAlarm(at),
      onFault: (error) => this.#warn(`Internal error at an alarm: ${faultText(error, config.values)}`),
    })
    const variables = { ...DEFAULTS, ...variablesOf(bindings) }
    for (const [name, { variable }] of readVariables(variables)) {
      if (REFUSED.includes(name)) throw new Error(`${variable} is for other hosts: a Durable Object has no ${name}`)
    }
    const config = configOf(variables)
    const onShutdown = (): void => state.abort('zerodis: a client said SHUTDOWN')
    this.server = buildServer({ config, clock, onShutdown, renamedCommands: REMOVED }, (kept) => {
      this.#store = openDurable(kept, {
        storage: state.storage,
        clock,
        id: state.id.toString().slice(0, 16),
        onLost: (reason) => state.abort(`zerodis: what was done could not be kept: ${reason}`),
      })
      return this.#store
    })
    this.#sockets = new Sockets(state, this.server)
    this.#sockets.wake()
  }

  #setAlarm(at: number): void {
    this.#state.storage.setAlarm(at).catch((error: unknown) => this.#warn(`No alarm can be set: ${error}`))
  }

  #warn(message: string): void {
    this.server.log('warning', message)
  }

  /** REST, streams of events, and WebSockets at `/ws`; below `/` and `/api/redis`. */
  fetch(request: Request): Promise<Response> {
    this.#round()
    if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') return this.#sockets.fetch(request)
    const { pathname } = new URL(request.url)
    const isBelow = pathname === REST_BASE || pathname.startsWith(`${REST_BASE}/`)
    return this.server.fetch(request, isBelow ? REST_BASE : '')
  }

  #round(): void {
    const now = Date.now()
    if (now - this.#roundAt < ROUND_MS) return
    this.#roundAt = now
    this.server.cron()
  }

  alarm(): Promise<void> {
    return this.#store.alarmed()
  }

  received(socket: ObjectSocket, message: string | ArrayBuffer): void {
    this.#round()
    this.#sockets.received(socket, message)
  }

  closed(socket: ObjectSocket): void {
    this.#sockets.closed(socket)
  }

  /** What `@upstash/redis` asks of a requester is answered by it. */
  get door(): InProcessDoor {
    return (this.#door ??= this.server.inProcess())
  }
}

/** Bindings that are text: other ones are databases, buckets and the like. */
function variablesOf(bindings: Bindings): Environment {
  return Object.fromEntries(
    Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
