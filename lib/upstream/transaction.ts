/**
 * A transaction at the upstream: MULTI, the commands and EXEC leave in one write, on a connection of their own, so MULTI never
 * nests however many callers there are. Where the connection is lost nothing is sent again, unless all of it only reads.
 */
import { NULL_ARRAY, type Reply, ReplyError } from '../base/reply.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import type { Connection } from './connection.ts'
import { type Leases, selectOn } from './leases.ts'
import { codeOf, isNotYet, type Node, namesServer, speaksOfServer } from './node.ts'
import { ASKING, REDIRECTIONS, type Redirected, type Request, type Servers } from './servers.ts'

const MULTI = ['MULTI']
const EXEC = ['EXEC']

const WAIT_MS = 50
const LOSSES_MAX = 3

/** What came of it: the reply to EXEC, and what was said when the commands were queued. */
interface Outcome {
  readonly reply: Reply
  readonly queued: readonly Reply[]
}

/** Runs commands in a transaction on the connection of a client that watches keys there. */
export async function runWatched(connection: Connection, requests: readonly Request[], label: string): Promise<Reply> {
  const [first] = requests
  if (first !== undefined) selectOn(connection, first.db)
  const outcome = await send(connection, requests)
  connection.db = -1
  return told(outcome, label)
}

/** Runs commands in a transaction; one that the server did not take yet is tried again for `timeoutMs`. */
export async function runTransaction(
  servers: Servers,
  leases: Leases,
  requests: readonly Request[],
  timeoutMs: number,
): Promise<Reply> {
  const startedAt = monotonic()
  const onlyReads = requests.every(({ isRead }) => isRead)
  let losses = 0
  let redirections = 0
  let target: Redirected | undefined
  for (;;) {
    const node: Node | ReplyError = target?.node ?? (await servers.home(requests))
    if (node instanceof ReplyError) return node
    const lease = await leases.take(node, requests[0].db)
    if (lease instanceof ReplyError) return lease
    const outcome = await send(lease.connection, requests, target?.isAsked)
    const { reply, queued } = outcome
    const isElsewhere = servers.wasMaster(reply) || queued.some((each) => servers.wasMaster(each))
    if (isElsewhere) lease.connection.close()
    if (requests.some(({ argv }) => argv[0].toLowerCase() === 'select')) lease.connection.db = -1
    leases.give(lease)
    target = undefined
    if (reply instanceof UpstreamFault) {
      if ((!onlyReads && reply.mayHaveRun) || ++losses > LOSSES_MAX) return reply
    } else {
      for (const each of queued) target ??= servers.follow(each)
      if (target !== undefined && ++redirections > REDIRECTIONS) return told(outcome, node.label)
      if (target === undefined && !isElsewhere && !queued.some(isNotYet) && !isNotYet(reply))
        return told(outcome, node.label)
      if (timeoutMs !== 0 && monotonic() - startedAt > timeoutMs) return told(outcome, node.label)
      if (target === undefined) await new Promise<void>((resolve) => inBackground(WAIT_MS, resolve))
    }
  }
}

/** `isAsked`: the node has the slot for who asks so. */
function send(connection: Connection, requests: readonly Request[], isAsked = false): Promise<Outcome> {
  return new Promise((resolve) => {
    const queued: Reply[] = []
    const note = (reply: Reply): void => {
      queued.push(reply)
    }
    if (isAsked) connection.ask(ASKING, note)
    connection.ask(MULTI, note)
    for (const { argv } of requests) connection.ask(argv, note)
    connection.ask(EXEC, (reply) => resolve({ reply, queued }))
  })
}

/** A watched key has changed: nil is an array's. EXECABORT says nothing of why, so what is wrong with the server is told instead. */
function told({ reply, queued }: Outcome, label: string): Reply {
  if (reply === null) return NULL_ARRAY
  if (!(reply instanceof ReplyError)) return reply
  return namesServer((codeOf(reply) === 'EXECABORT' && queued.find(speaksOfServer)) || reply, label)
}

/** What is answered at the place of each command, those among it that were not sent: `at` are the places of the others. */
export function spread(reply: Reply, at: readonly number[], others: ReadonlyMap<number, Reply>): Reply {
  if (!Array.isArray(reply) || others.size === 0) return reply
  const replies: Reply[] = []
  at.forEach((place, i) => {
    replies[place] = reply[i]
  })
  for (const [place, other] of others) replies[place] = other
  return replies
}
