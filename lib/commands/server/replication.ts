/**
 * Masters and replicas. What a replica says to its master: REPLCONF introduces it and acknowledges what it has, SYNC and PSYNC ask for everything.
 * The stream that follows is not a reply: see lib/replication.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_0_OR_1, SYNTAX } from '../../base/errors.ts'
import { NO_REPLY, OK, type Reply, Status } from '../../base/reply.ts'
import { splitWords } from '../../base/words.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { parseInteger } from '../number.ts'
import {
  BAD_MASTER_PORT,
  FAILOVER_FORCE,
  FAILOVER_IN_CLUSTER,
  FAILOVER_ON_REPLICA,
  FAILOVER_RUNS,
  FAILOVER_TARGET,
  FAILOVER_TARGET_OFFLINE,
  FAILOVER_TIMEOUT,
  FAILOVER_WITHOUT_REPLICAS,
  longReplicaAddress,
  NO_FAILOVER_RUNS,
  NO_SNAPSHOT_FILTER,
  REPLICAOF_BY_REPLICA,
  REPLICAOF_IN_CLUSTER,
  REPLICAOF_IN_FAILOVER,
  unknownReplconf,
  unknownSnapshotFilter,
} from './errors.ts'

const HOST_BYTES_MAX = 255

const ALREADY_FOLLOWING = new Status('OK Already connected to specified master')

/** REPLCONF [option value …] */
export function replconf(c: Context, a: Args): Reply {
  if (a.left % 2 !== 0) return SYNTAX
  const { replication } = c.ports.persistence
  while (!a.done) {
    const option = a.next()
    switch (option.toLowerCase()) {
      case 'listening-port':
        replication.introduce(c.session, { port: a.integer() })
        break
      case 'ip-address':
        takeAddress(c, a)
        break
      case 'rdb-only':
        replication.introduce(c.session, { rdbOnly: takeFlag(a) })
        break
      case 'rdb-filter-only':
        takeFilter(c, a)
        break
      case 'capa':
        takeCapability(c, a.next())
        break
      case 'version':
        a.next()
        break
      case 'ack': {
        const offset = a.integer()
        replication.acknowledge(c.session, offset, !a.done && a.match('FACK') ? a.integer() : 0)
        return NO_REPLY
      }
      case 'getack':
        if (c.session.isMaster) c.ports.persistence.following.askAck()
        return NO_REPLY
      default:
        return unknownReplconf(option)
    }
    if (a.error !== undefined) return a.error
  }
  return OK
}

/** As in Redis, no address or name of a host is longer. */
function takeAddress(c: Context, a: Args): void {
  const ip = a.next()
  if (ip.length > HOST_BYTES_MAX) a.fail(longReplicaAddress(ip.length))
  else c.ports.persistence.replication.introduce(c.session, { ip })
}

/** What a replica can do; what is not known does not matter. */
function takeCapability({ ports, session }: Context, name: Bytes): void {
  const { replication } = ports.persistence
  if (name.toLowerCase() === 'eof') replication.introduce(session, { takesMark: true })
  else if (name.toLowerCase() === 'psync2') replication.introduce(session, { takesNewId: true })
}

/** The parts of a snapshot that are wanted, as words of one argument: Redis knows of `functions`. */
function takeFilter(c: Context, a: Args): void {
  const parts = splitWords(a.next())
  const unknown = parts?.find((part) => part.toLowerCase() !== 'functions')
  if (parts === undefined) a.fail(NO_SNAPSHOT_FILTER)
  else if (unknown !== undefined) a.fail(unknownSnapshotFilter(unknown))
  else c.ports.persistence.replication.introduce(c.session, { filter: { functions: parts.length > 0, data: false } })
}

function takeFlag(a: Args): boolean {
  const flag = a.integer()
  if (flag !== 0 && flag !== 1) a.fail(NOT_0_OR_1)
  return flag === 1
}

/** SYNC */
export function sync(c: Context): Reply {
  return c.ports.persistence.replication.synchronise(c.session, undefined)
}

/** PSYNC replicationid offset [FAILOVER] */
export function psync(c: Context, a: Args): Reply {
  const id = a.next()
  const from = a.integer()
  if (a.error !== undefined) {
    c.ports.process.log(`Replica ${c.session.addr} asks for synchronization but with a wrong offset`)
    return a.error
  }
  const takesOver = !a.done && a.match('FAILOVER')
  return c.ports.persistence.replication.synchronise(c.session, { id, from, takesOver })
}

/** ROLE */
export function role(c: Context): Reply {
  const { replication, following } = c.ports.persistence
  const { history, replicas } = replication
  const { master } = following
  if (master !== undefined) {
    return ['slave', master.host, master.port, master.link, master.link === 'connected' ? history.offset : -1]
  }
  const online = replicas.filter(({ state }) => state === 'online')
  return ['master', history.offset, online.map(({ ip, port, ackedOffset }) => [ip, `${port}`, `${ackedOffset}`])]
}

/** REPLICAOF host port | NO ONE; SLAVEOF alike. */
export function replicaof(c: Context, a: Args): Reply {
  const { following, failover } = c.ports.persistence
  if (c.ports.cluster !== undefined) return REPLICAOF_IN_CLUSTER
  if (failover.state !== 'no-failover') return REPLICAOF_IN_FAILOVER
  const [, host, word] = a.argv
  if (host.toLowerCase() === 'no' && word.toLowerCase() === 'one') {
    following.lead()
    return OK
  }
  if (c.session.replica) return REPLICAOF_BY_REPLICA
  const port = parseInteger(word)
  if (port === undefined || port < 0 || port > 65535) return BAD_MASTER_PORT
  const { master } = following
  if (master !== undefined && master.port === port && master.host.toLowerCase() === host.toLowerCase()) {
    return ALREADY_FOLLOWING
  }
  following.follow(host, port)
  return OK
}

/** FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds] */
export function failoverTo(c: Context, a: Args): Reply {
  const { replication, following, failover } = c.ports.persistence
  if (c.ports.cluster !== undefined) return FAILOVER_IN_CLUSTER
  if (a.left === 1 && a.match('ABORT')) return failover.abort() ? OK : NO_FAILOVER_RUNS
  let timeoutMs = 0
  let host: Bytes | undefined
  let port = 0
  let forces = false
  while (!a.done) {
    if (a.left >= 2 && timeoutMs === 0 && a.match('TIMEOUT')) {
      timeoutMs = a.integer()
      if (a.error === undefined && timeoutMs <= 0) a.fail(FAILOVER_TIMEOUT)
    } else if (a.left >= 3 && host === undefined && a.match('TO')) {
      host = a.next()
      port = a.integer()
    } else if (!forces && a.match('FORCE')) forces = true
    else return SYNTAX
    if (a.error !== undefined) return a.error
  }
  if (failover.state !== 'no-failover') return FAILOVER_RUNS
  if (following.master !== undefined) return FAILOVER_ON_REPLICA
  const { replicas } = replication
  if (replicas.length === 0) return FAILOVER_WITHOUT_REPLICAS
  if (forces && (timeoutMs === 0 || host === undefined)) return FAILOVER_FORCE
  if (host !== undefined) {
    const found = replicas.find((replica) => replica.ip === host && replica.port === port)
    if (found === undefined) return FAILOVER_TARGET
    if (found.state !== 'online') return FAILOVER_TARGET_OFFLINE
  }
  failover.begin({ target: host === undefined ? undefined : { host, port }, timeoutMs, forces })
  return OK
}
