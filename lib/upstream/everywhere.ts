/**
 * Commands that concern all nodes of a Cluster: they are asked of every master, and their replies become one. SCAN goes through one
 * node after the other, with the node in its cursor.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'

/** What becomes of the replies of all masters, none of which is an error. */
export type Merge = (replies: readonly Reply[]) => Reply

const first: Merge = ([reply]) => reply
const sum: Merge = (replies) => replies.reduce<number>((total, reply) => total + Number(reply), 0)
const together: Merge = (replies) => replies.flat() as Reply[]
const union: Merge = (replies) => [...new Set(replies.flat() as Reply[])]
/** Pairs of a name and a number, in the order of the question. */
const sumOfPairs: Merge = (replies) => {
  const [counts] = replies as (readonly Reply[])[]
  return counts.map((each, i) => (i % 2 === 0 ? each : sum(replies.map((reply) => (reply as readonly Reply[])[i]))))
}
/** For each script, whether all nodes have it. */
const everywhere: Merge = (replies) => {
  const [known] = replies as (readonly Reply[])[]
  return known.map((_, i) => (replies.every((reply) => (reply as readonly Reply[])[i] === 1) ? 1 : 0))
}
const anyKey: Merge = (replies) => {
  const keys = replies.filter((reply) => reply !== null)
  return keys.length === 0 ? null : keys[Math.floor(Math.random() * keys.length)]
}

const MERGES: ReadonlyMap<Bytes, Merge> = new Map([
  ['dbsize', sum],
  ['keys', together],
  ['randomkey', anyKey],
  ['flushall', first],
  ['flushdb', first],
  ['script|load', first],
  ['script|flush', first],
  ['script|exists', everywhere],
  ['function|load', first],
  ['function|delete', first],
  ['function|flush', first],
  ['function|restore', first],
  ['pubsub|channels', union],
  ['pubsub|shardchannels', union],
  ['pubsub|numsub', sumOfPairs],
  ['pubsub|shardnumsub', sumOfPairs],
  ['pubsub|numpat', sum],
  ['config|set', first],
  ['config|resetstat', first],
])

export function mergeOf(fullName: Bytes): Merge | undefined {
  return MERGES.get(fullName)
}

/** The replies as one; the first error among them, if there is one. */
export function merged(merge: Merge, replies: readonly Reply[]): Reply {
  return replies.find((reply) => reply instanceof ReplyError) ?? merge(replies)
}

/** Nodes that a cursor can name. */
const NODES = 1024n

/** Where a SCAN goes on: which master, and with which cursor of its own. Undefined for what is no cursor. */
export function cursorOf(cursor: Bytes): { readonly node: number; readonly cursor: Bytes } | undefined {
  if (!/^\d{1,24}$/.test(cursor)) return undefined
  const whole = BigInt(cursor)
  return { node: Number(whole % NODES), cursor: `${whole / NODES}` }
}

/** The cursor for the next call: on the same master, or on the next one, or the end. */
export function nextCursor(cursor: Bytes, node: number, masters: number): Bytes {
  if (cursor !== '0') return `${BigInt(cursor) * NODES + BigInt(node)}`
  return node + 1 < masters ? `${node + 1}` : '0'
}
