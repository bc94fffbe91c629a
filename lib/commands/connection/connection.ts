/**
 * Connection commands: who the client is, what it speaks, which database it looks at. CLIENT and PING stand in files of their own.
 */
import type { Bytes } from '../../base/bytes.ts'
import { DB_OUT_OF_RANGE, NOT_INT32, SYNTAX, WRONG_PASS } from '../../base/errors.ts'
import { MapReply, OK, type Reply, Status } from '../../base/reply.ts'
import { REDIS_VERSION } from '../../base/version.ts'
import { DEFAULT_USER } from '../../session/acl.ts'
import { Gate, ReplyMode } from '../../session/session.ts'
import { endTransaction } from '../../session/transaction.ts'
import type { Args } from '../args.ts'
import { clientLine } from '../clientline.ts'
import type { Context } from '../command.ts'
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

/** ECHO message */
export function echo(_: Context, a: Args): Reply {
  return a.next()
}

/** AUTH [username] password */
export function auth(c: Context, a: Args): Reply {
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
export function hello(c: Context, a: Args): Reply {
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
export function select(c: Context, a: Args): Reply {
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
export function quit(c: Context): Reply {
  c.session.link.closeAfterReply()
  return OK
}

/** RESET. The library's name and version stay, as they speak of the program behind the connection. */
export function reset(c: Context): Reply {
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
