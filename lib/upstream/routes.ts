/**
 * Which commands a server with an upstream answers itself, and which way the others go. Ours is what concerns a client's
 * connection to us, who it is and what it may do, and this process; all else is the upstream's.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Command, Flag } from '../commands/command.ts'

export const Route = {
  /** Answered by this process. */
  Here: 0,
  /** On the connection that all share. */
  Shared: 1,
  /** On one of its own, as it may block. */
  Blocking: 2,
  Subscribe: 3,
  Unsubscribe: 4,
  Monitor: 5,
  Watch: 6,
  Unwatch: 7,
  Exec: 8,
  /** Ours, and it ends what a client has at the upstream. */
  Ends: 9,
  Info: 10,
  Config: 11,
  /** Has no sense through an upstream. */
  Refused: 12,
  /** Here where a subscriber could not tell the answer from a message, else shared. */
  Ping: 13,
} as const
export type Route = (typeof Route)[keyof typeof Route]

/** By name; of containers all subcommands go the way of their name. */
const NAMED: ReadonlyMap<Bytes, Route> = new Map<Bytes, Route>([
  ['acl', Route.Here],
  ['shutdown', Route.Here],
  ['multi', Route.Here],
  ['discard', Route.Ends],
  ['reset', Route.Ends],
  ['exec', Route.Exec],
  ['watch', Route.Watch],
  ['unwatch', Route.Unwatch],
  ['subscribe', Route.Subscribe],
  ['psubscribe', Route.Subscribe],
  ['ssubscribe', Route.Subscribe],
  ['unsubscribe', Route.Unsubscribe],
  ['punsubscribe', Route.Unsubscribe],
  ['sunsubscribe', Route.Unsubscribe],
  ['monitor', Route.Monitor],
  ['info', Route.Info],
  ['config|get', Route.Config],
  ['config|set', Route.Config],
  ['ping', Route.Ping],
  ['echo', Route.Shared],
  // WAIT waits for what its own connection has written, and none is its own.
  ['wait', Route.Blocking],
  ['waitaof', Route.Blocking],
  ['sync', Route.Refused],
  ['psync', Route.Refused],
  ['replconf', Route.Refused],
  ['client|tracking', Route.Refused],
  ['client|caching', Route.Refused],
])

/** What this process answers itself to a client whose stream is passed through. */
const OURS_IN_STREAM: ReadonlySet<Bytes> = new Set(['acl', 'auth', 'hello', 'reset', 'shutdown'])

export function isOursInStream({ name, fullName }: Command, argv: readonly Bytes[]): boolean {
  if (name === 'info') return argv.length === 2 && argv[1].toLowerCase() === 'upstream'
  return OURS_IN_STREAM.has(containerOf(name, fullName))
}

/** The name of a command, of subcommands that of their container. */
function containerOf(name: Bytes, fullName: Bytes): Bytes {
  return name === fullName ? name : fullName.slice(0, fullName.indexOf('|'))
}

/** Of commands that have come before. */
const known = new Map<Command, Route>()

export function routeOf(command: Command, argv: readonly Bytes[]): Route {
  let route = known.get(command)
  if (route === undefined) known.set(command, (route = findRoute(command)))
  return route === Route.Blocking && !mayBlock(command, argv) ? Route.Shared : route
}

function findRoute({ fullName, name, group, flags }: Command): Route {
  const named = NAMED.get(fullName) ?? NAMED.get(containerOf(name, fullName))
  if (named !== undefined) return named
  if (group === 'connection') return Route.Here
  return flags & Flag.Blocking ? Route.Blocking : Route.Shared
}

/** What reads a stream blocks only where it says so. */
function mayBlock({ group }: Command, argv: readonly Bytes[]): boolean {
  return group !== 'stream' || argv.some((word) => word.length === 5 && word.toUpperCase() === 'BLOCK')
}
