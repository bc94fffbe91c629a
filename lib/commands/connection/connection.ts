/**
 * Connection commands: who the client is, what it speaks, which database it looks at. CLIENT stands in a file of its own.
 */
import type { Bytes } from '../../base/bytes.ts'
import { DB_OUT_OF_RANGE, NOT_INT32, SYNTAX, WRONG_PASS, wrongArity } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import { MapReply, OK, PONG, type Reply, Status } from '../../base/reply.ts'
import { REDIS_VERSION } from '../../base/version.ts'
import { PLACED_TEXT_MAX } from '../../keyspace/table/record.ts'
import type { Answer } from '../../protocol/answer.ts'
import { DEFAULT_USER } from '../../session/acl.ts'
import { Gate, ReplyMode } from '../../session/session.ts'
import { endTransaction } from '../../session/transaction.ts'
import type { Args } from '../args.ts'
import { clientLine } from '../clientline.ts'
import { type Command, type Context, command, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { isClientAttribute } from './client.ts'
import {
  HELLO_UNAUTHENTICATED,
  helloSyntax,
  INVALID_CLIENT_NAME,
  NO_PASSWORD_CONFIGURED,
  NO_PROTO,
  PROTOCOL_NOT_INTEGER,
  SELECT_IN_CLUSTER,
} from './errors.ts'

const RESET = new Status('RESET')

/** PING [message] */
function ping(c: Context, a: Args): Reply {
  if (a.left > 1) return wrongArity('ping')
  const { session } = c
  // RESP2's subscribers get everything as arrays.
  if (session.gate & Gate.Subscriber && session.proto === 2) return ['pong', a.done ? '' : a.next()]
  return a.done ? PONG : a.next()
}

/** PING [message], by its place in the read buffer; who subscribes does not come here in RESP2 */
const placedPing: PlacedForm = {
  suits: (p) => p.count === 1 || (p.count === 2 && p.length(1) <= PLACED_TEXT_MAX),
  run(_: Context, p: Places, out: Answer): PlacedReply {
    if (p.count === 1) return PONG
    out.bulk(p.bytes, p.view, p.start(1), p.end(1))
    return ANSWERED
  },
}

/** ECHO message */
function echo(_: Context, a: Args): Reply {
  return a.next()
}

/** AUTH [username] password */
function auth(c: Context, a: Args): Reply {
  if (a.left > 2) return SYNTAX
  if (a.left === 1 && c.ports.access.acl.default.nopass) return NO_PASSWORD_CONFIGURED
  const user = a.left === 2 ? a.next() : DEFAULT_USER
  return authenticate(c, user, a.next(), a.argv) ? OK : WRONG_PASS
}

/**
 * Lets the session in if the password is right; else the log remembers who was tried by which command, and it costs him time.
 */
function authenticate(c: Context, user: Bytes, password: Bytes, argv: readonly Bytes[]): boolean {
  const { session, ports } = c
  const { acl, authFailures } = ports.access
  if (!authFailures.mayTry(session)) return false
  if (acl.authenticate(session, user, password)) return true
  acl.log.add({
    reason: 'auth',
    context: c.mayBlock ? 'toplevel' : 'multi', // EXEC alone runs it where it could not wait
    object: argv[0],
    username: user,
    clientInfo: clientLine(session, acl.log.now, ports, argv),
  })
  authFailures.failed(session)
  return false
}

/** HELLO [protover [AUTH username password] [SETNAME clientname]] */
function hello(c: Context, a: Args): Reply {
  const { session } = c
  let proto = 0
  let user: Bytes | undefined
  let password = ''
  let name: Bytes | undefined
  if (!a.done) {
    proto = a.integer(PROTOCOL_NOT_INTEGER)
    if (a.error !== undefined) return a.error
    if (proto !== 2 && proto !== 3) return NO_PROTO
  }
  while (!a.done) {
    if (a.left > 2 && a.match('AUTH')) {
      user = a.next()
      password = a.next()
    } else if (a.left > 1 && a.match('SETNAME')) {
      name = a.next()
      if (!isClientAttribute(name)) return INVALID_CLIENT_NAME
    } else return helloSyntax(a.next())
  }
  if (user !== undefined && !authenticate(c, user, password, a.argv)) return WRONG_PASS
  if (session.gate & Gate.Unauthenticated) return HELLO_UNAUTHENTICATED
  if (name !== undefined) session.name = name
  if (proto !== 0) session.proto = proto as 2 | 3
  return new MapReply([
    ...['server', 'redis', 'version', REDIS_VERSION, 'proto', session.proto, 'id', session.id],
    ...[
      'mode',
      c.ports.cluster === undefined ? 'standalone' : 'cluster',
      'role',
      c.ports.persistence.following.master === undefined ? 'master' : 'replica',
      'modules',
      [],
    ],
  ])
}

/** SELECT index */
function select(c: Context, a: Args): Reply {
  const index = a.integer()
  if (a.error !== undefined) return a.error
  if (index < -(2 ** 31) || index >= 2 ** 31) return NOT_INT32
  if (index !== 0 && c.ports.cluster !== undefined) return SELECT_IN_CLUSTER
  const db = c.keyspace.dbs[index]
  if (db === undefined) return DB_OUT_OF_RANGE
  c.session.db = db
  return OK
}

/** QUIT */
function quit(c: Context): Reply {
  c.session.link.closeAfterReply()
  return OK
}

/** RESET. The library's name and version stay, as they speak of the program behind the connection. */
function reset(c: Context): Reply {
  const { session } = c
  endTransaction(session, c.ports.connections.watches)
  session.gate &= ~(Gate.Subscriber | Gate.Monitor)
  c.ports.connections.monitors.remove(session.link)
  c.ports.connections.tracking.disable(session)
  c.ports.pubsub.forget(session)
  session.db = c.keyspace.dbs[0]
  session.proto = 2
  c.ports.access.acl.admit(session)
  session.fieldsets = undefined
  session.name = ''
  session.replyMode = ReplyMode.On
  session.noEvict = false
  session.noTouch = false
  session.readsReplicas = false
  session.asking = 0
  return RESET
}

const REDACTED = '(redacted)'

function redactAuth(argv: readonly Bytes[]): readonly Bytes[] {
  return argv.map((argument, i) => (i === 0 ? argument : REDACTED))
}

/** User and password behind AUTH. */
function redactHello(argv: readonly Bytes[]): readonly Bytes[] {
  const at = argv.findIndex((argument, i) => i >= 2 && argument.toUpperCase() === 'AUTH')
  return at === -1 ? argv : argv.map((argument, i) => (i === at + 1 || i === at + 2 ? REDACTED : argument))
}

export const connectionCommands: readonly Command[] = [
  command('auth', 'connection', -2, 'noscript loading stale fast no_auth allow_busy', [], auth, {
    ownConnection: 'scope',
    redact: redactAuth,
  }),
  command('echo', 'connection', 2, 'loading stale fast', [], echo),
  command('hello', 'connection', -1, 'noscript loading stale fast no_auth allow_busy', [], hello, {
    ownConnection: (argv) => (argv.length > 1 ? 'state' : undefined),
    redact: redactHello,
  }),
  command('ping', 'connection', -1, 'fast subscriber shows_disk', [], ping, { placed: placedPing }),
  command(
    'quit',
    'connection',
    -1,
    'noscript loading stale fast no_auth allow_busy subscriber now leaves_multi',
    [],
    quit,
    { ownConnection: 'state' },
  ),
  command(
    'reset',
    'connection',
    1,
    'noscript loading stale fast no_auth allow_busy subscriber now leaves_multi',
    [],
    reset,
    { ownConnection: 'state' },
  ),
  command('select', 'connection', 2, 'loading stale fast', [], select, { ownConnection: 'scope' }),
]
