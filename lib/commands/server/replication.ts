/**
 * What a replica says to its master: REPLCONF introduces it and acknowledges what it has, SYNC and PSYNC ask for everything.
 * The stream that follows is not a reply: see lib/replication.
 */
import { NOT_0_OR_1, SYNTAX, unknownReplconf } from '../../base/errors.ts'
import { NO_REPLY, OK, type Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import { always, type Command, type Context, command } from '../command.ts'

/** REPLCONF [option value …] */
function replconf(c: Context, a: Args): Reply {
  if (a.left % 2 !== 0) return SYNTAX
  const { replication } = c.ports.persistence
  while (!a.done) {
    const option = a.next()
    switch (option.toLowerCase()) {
      case 'listening-port':
        replication.introduce(c.session, { port: a.integer() })
        break
      case 'ip-address':
        replication.introduce(c.session, { ip: a.next() })
        break
      case 'rdb-only':
        replication.introduce(c.session, { rdbOnly: takeFlag(a) })
        break
      case 'capa':
      case 'version':
        a.next() // what it could do more than is asked of it here
        break
      case 'ack':
        replication.acknowledge(c.session, a.integer())
        return NO_REPLY
      case 'getack':
        return NO_REPLY // for replicas to answer
      default:
        return unknownReplconf(option)
    }
    if (a.error !== undefined) return a.error
  }
  return OK
}

function takeFlag(a: Args): boolean {
  const flag = a.integer()
  if (flag !== 0 && flag !== 1) a.fail(NOT_0_OR_1)
  return flag === 1
}

/** SYNC */
function sync(c: Context): Reply {
  return c.ports.persistence.replication.synchronise(c.session, false)
}

/** PSYNC replicationid offset. Always answered with everything: nothing is kept for those who come back. */
function psync(c: Context, a: Args): Reply {
  a.next()
  a.integer()
  return a.error ?? c.ports.persistence.replication.synchronise(c.session, true)
}

/** ROLE */
function role(c: Context): Reply {
  const { offset, replicas } = c.ports.persistence.replication
  const online = replicas.filter(({ isSending }) => !isSending)
  return ['master', offset, online.map(({ ip, port, ackedOffset }) => [ip, `${port}`, `${ackedOffset}`])]
}

export const replicationCommands: readonly Command[] = [
  command('replconf', 'server', -1, 'admin noscript loading stale allow_busy', [], replconf, {
    ownConnection: 'state',
  }),
  command('psync', 'server', -3, 'admin noscript no_async_loading no_multi', [], psync, {
    ownConnection: 'state',
    tellsKeys: always,
  }),
  command('sync', 'server', 1, 'admin noscript no_async_loading no_multi', [], sync, {
    ownConnection: 'state',
    tellsKeys: always,
  }),
  command('role', 'server', 1, 'noscript loading stale fast @admin @dangerous', [], role),
]
