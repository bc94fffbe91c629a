/**
 * CLIENT: looks at connections, names them, ends them, and holds them back. The line that LIST prints is described at
 * `clientLine` (clientline.ts); its fields and their order are those of Redis 7.4.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_INTEGER, SYNTAX, subcommandSyntax } from '../../base/errors.ts'
import { NO_REPLY, OK, type Reply, ReplyError, Verbatim } from '../../base/reply.ts'
import { Gate, ReplyMode, type Session } from '../../session/session.ts'
import type { Args } from '../args.ts'
import { clientLine } from '../clientline.ts'
import type { Context } from '../command.ts'
import { parseInteger } from '../number.ts'
import { takeTimeoutMs } from '../timeout.ts'
import {
  CLIENT_ID_NOT_POSITIVE,
  INVALID_CLIENT_ID,
  INVALID_CLIENT_NAME,
  invalidClientAttribute,
  MAXAGE_NOT_INTEGER,
  MAXAGE_NOT_POSITIVE,
  NO_SUCH_CLIENT,
  noSuchUser,
  PAUSE_MODE,
  UNBLOCK_REASON,
  unknownClientType,
  unrecognizedOption,
} from './errors.ts'
import { waitedKeys } from './waitedkeys.ts'

/** Kinds of client that LIST and KILL tell apart. */
type ClientType = 'normal' | 'pubsub' | 'master' | 'replica'

/** True for what may be shown in CLIENT LIST: printable ASCII without blanks, so that a line splits at its spaces. */
export function isClientAttribute(text: Bytes): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 33 || code > 126) return false
  }
  return true
}

/** CLIENT ID */
export function id(c: Context): Reply {
  return c.session.id
}

/** CLIENT INFO */
export function info(c: Context, a: Args): Reply {
  return new Verbatim(clientLine(c.session, c.now, c.ports, a.argv) + '\n')
}

/** CLIENT LIST [WITHKEYS] [TYPE NORMAL|MASTER|REPLICA|PUBSUB | ID client-id …]. WITHKEYS is ours: see waitedkeys.ts. */
export function list(c: Context, a: Args): Reply {
  const { clients } = c.ports.connections
  const withKeys = a.match('WITHKEYS')
  if (a.done) return lines(c, a.argv, clients, withKeys)
  if (a.left === 2 && a.match('TYPE')) {
    const type = clientType(a.next())
    if (type instanceof ReplyError) return type
    return lines(
      c,
      a.argv,
      [...clients].filter((session) => typeOf(session) === type),
      withKeys,
    )
  }
  if (a.left < 2 || !a.match('ID')) return SYNTAX
  const chosen: Session[] = []
  while (!a.done) {
    const session = clients.get(a.integer(INVALID_CLIENT_ID))
    if (session !== undefined) chosen.push(session)
  }
  return a.error ?? lines(c, a.argv, chosen, withKeys)
}

function lines(c: Context, argv: readonly Bytes[], sessions: Iterable<Session>, withKeys: boolean): Reply {
  let text = ''
  for (const session of sessions) {
    const line = clientLine(session, c.now, c.ports, session === c.session ? argv : undefined)
    text += withKeys ? `${line} keys=${waitedKeys(session, c.table)}\n` : `${line}\n`
  }
  return new Verbatim(text)
}

function typeOf(session: Session): ClientType {
  if (session.isMaster) return 'master'
  if (session.replica) return 'replica'
  return session.gate & Gate.Subscriber ? 'pubsub' : 'normal'
}

function clientType(word: Bytes): ClientType | ReplyError {
  const type = word.toLowerCase()
  if (type === 'normal' || type === 'pubsub' || type === 'master' || type === 'replica') return type
  return type === 'slave' ? 'replica' : unknownClientType(word)
}

/** CLIENT GETNAME */
export function getname(c: Context): Reply {
  return c.session.name === '' ? null : c.session.name
}

/** CLIENT SETNAME connection-name */
export function setname(c: Context, a: Args): Reply {
  const name = a.next()
  if (!isClientAttribute(name)) return INVALID_CLIENT_NAME
  c.session.name = name
  return OK
}

/** CLIENT SETINFO LIB-NAME libname | LIB-VER libver */
export function setinfo(c: Context, a: Args): Reply {
  const attribute = a.next()
  const value = a.next()
  const word = attribute.toUpperCase()
  if (word !== 'LIB-NAME' && word !== 'LIB-VER') return unrecognizedOption(attribute)
  if (!isClientAttribute(value)) return invalidClientAttribute(attribute)
  if (word === 'LIB-NAME') c.session.libName = value
  else c.session.libVersion = value
  return OK
}

/** What CLIENT KILL selects by; a filter that was not given lets every client pass. */
interface KillFilters {
  ids: Set<number> | undefined
  type: ClientType | undefined
  user: Bytes | undefined
  addr: Bytes | undefined
  laddr: Bytes | undefined
  maxAge: number | undefined
  skipMe: boolean
}

/**
 * CLIENT KILL ip:port | [ID client-id …] [TYPE NORMAL|MASTER|REPLICA|PUBSUB] [USER username] [ADDR ip:port]
 * [LADDR ip:port] [SKIPME YES|NO] [MAXAGE maxage]
 */
export function kill(c: Context, a: Args): Reply {
  const filters: KillFilters = {
    ids: undefined,
    type: undefined,
    user: undefined,
    addr: undefined,
    laddr: undefined,
    maxAge: undefined,
    skipMe: true,
  }
  if (a.left === 1) {
    filters.addr = a.next()
    filters.skipMe = false
    return killMatching(c, filters) === 0 ? NO_SUCH_CLIENT : OK
  }
  while (!a.done) {
    const error = a.left === 1 ? SYNTAX : readKillFilter(c, a, filters)
    if (error !== undefined) return error
  }
  return killMatching(c, filters)
}

function readKillFilter(c: Context, a: Args, filters: KillFilters): ReplyError | undefined {
  switch (a.word()) {
    case 'ID':
      filters.ids = new Set()
      do filters.ids.add(a.integerBetween(1, Number.MAX_VALUE, CLIENT_ID_NOT_POSITIVE))
      while (!a.done && parseInteger(a.peek()) !== undefined)
      return a.error
    case 'MAXAGE':
      filters.maxAge = a.integer(MAXAGE_NOT_INTEGER)
      return a.error ?? (filters.maxAge <= 0 ? MAXAGE_NOT_POSITIVE : undefined)
    case 'TYPE': {
      const type = clientType(a.next())
      if (type instanceof ReplyError) return type
      filters.type = type
      return undefined
    }
    case 'ADDR':
      filters.addr = a.next()
      return undefined
    case 'LADDR':
      filters.laddr = a.next()
      return undefined
    case 'USER':
      filters.user = a.next()
      return c.ports.access.acl.get(filters.user) === undefined ? noSuchUser(filters.user) : undefined
    case 'SKIPME':
      filters.skipMe = a.match('YES')
      return filters.skipMe || a.match('NO') ? undefined : SYNTAX
    default:
      return SYNTAX
  }
}

/** Ends the clients that match; this one only after it has had its reply. Returns their number. */
function killMatching(c: Context, filters: KillFilters): number {
  const { ids, type, user, addr, laddr, maxAge, skipMe } = filters
  const matching = [...c.ports.connections.clients].filter(
    (session) =>
      (addr === undefined || session.addr === addr) &&
      (laddr === undefined || session.laddr === laddr) &&
      (type === undefined || typeOf(session) === type) &&
      (ids === undefined || ids.has(session.id)) &&
      (user === undefined || session.user.name === user) &&
      (!skipMe || session !== c.session) &&
      (maxAge === undefined || Math.floor(c.now / 1000) - Math.floor(session.createdAt / 1000) >= maxAge),
  )
  for (const session of matching) {
    if (session === c.session) session.link.closeAfterReply()
    else session.link.close()
  }
  return matching.length
}

/** CLIENT NO-EVICT ON|OFF */
export function noEvict(c: Context, a: Args): Reply {
  const on = a.match('ON')
  if (!on && !a.match('OFF')) return SYNTAX
  c.session.noEvict = on
  c.ports.connections.clientMemory.note(c.session)
  return OK
}

/** CLIENT NO-TOUCH ON|OFF */
export function noTouch(c: Context, a: Args): Reply {
  const on = a.match('ON')
  if (!on && !a.match('OFF')) return SYNTAX
  c.session.noTouch = on
  return OK
}

/** CLIENT PAUSE timeout [WRITE|ALL] */
export function pause(c: Context, a: Args): Reply {
  if (a.left > 2) return subcommandSyntax('client', a.argv[1])
  a.move(1)
  const mode = a.done || a.match('ALL') ? 'all' : a.match('WRITE') ? 'write' : undefined
  if (mode === undefined) return PAUSE_MODE
  a.reset(a.argv, 2)
  const timeoutMs = takeTimeoutMs(c, a)
  if (a.error !== undefined) return a.error
  c.ports.connections.pause.pause(mode, c.now + timeoutMs)
  return OK
}

/** CLIENT UNPAUSE */
export function unpause(c: Context): Reply {
  c.ports.connections.pause.unpause()
  return OK
}

/** CLIENT REPLY ON|OFF|SKIP */
export function reply(c: Context, a: Args): Reply {
  const { session } = c
  switch (a.word()) {
    case 'ON':
      session.replyMode = ReplyMode.On
      return OK
    case 'OFF':
      session.replyMode = ReplyMode.Off
      return NO_REPLY
    case 'SKIP':
      if (session.replyMode !== ReplyMode.Off) session.replyMode = ReplyMode.SkipNext
      return NO_REPLY
    default:
      return SYNTAX
  }
}

/** CLIENT UNBLOCK client-id [TIMEOUT|ERROR] */
export function unblock(c: Context, a: Args): Reply {
  if (a.left > 2) return subcommandSyntax('client', a.argv[1])
  const target = parseInteger(a.next())
  const withError = a.match('ERROR')
  if (!a.done && !withError && !a.match('TIMEOUT')) return UNBLOCK_REASON
  if (target === undefined) return NOT_INTEGER
  const session = c.ports.connections.clients.get(target)
  return session !== undefined && c.ports.connections.blocked.unblock(session, withError) ? 1 : 0
}
