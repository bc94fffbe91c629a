/**
 * What a connection is while its object sleeps: who it is, what it looks at, what it listens to and what it waits for, kept beside its
 * WebSocket. All that cannot be put into a few lines (a transaction that is being queued, watched keys, a command of which half has come)
 * keeps the object awake instead.
 */
import { type Bytes, toText } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import { Gate, ReplyMode, type Session } from '../session/session.ts'
import type { Connection } from '../transports/websocket.ts'

/** As a value that can be cloned. */
export interface Remembered {
  readonly token: Bytes
  readonly json: boolean
  readonly addr: Bytes
  readonly db: number
  readonly proto: 2 | 3
  readonly names: readonly [name: Bytes, libName: Bytes, libVersion: Bytes]
  readonly noEvict: boolean
  readonly noTouch: boolean
  /** Channels, patterns and shard channels. */
  readonly subscriptions: readonly [readonly Bytes[], readonly Bytes[], readonly Bytes[]]
  /** The command in which it waits, since when and until when; undefined where it waits for nothing. */
  readonly blocked: { readonly argv: readonly Bytes[]; readonly since: number; readonly until: number } | undefined
}

/** How a connection came in. */
export interface Entry {
  readonly token: Bytes
  readonly json: boolean
  readonly addr: Bytes
}

/** States of a session that are told by what is remembered of it. */
const TOLD = Gate.Restricted | Gate.Subscriber

/** What is to be remembered; undefined for a connection that must not be forgotten. */
export function remember(
  { ports, blocking, watches }: Engine,
  connection: Connection,
  entry: Entry,
): Remembered | undefined {
  const { session } = connection
  const until = session.parked === undefined ? undefined : blocking.untilOf(session)
  if (!isPlain(session, connection) || watches.count(session) > 0) return undefined
  if (session.parked !== undefined && until === undefined) return undefined
  const blocked = until === undefined ? undefined : { argv: session.parked!.argv, since: session.lastActiveAt, until }
  // The command of one that speaks JSON is said again as text.
  if (entry.json && blocked?.argv.some((argument) => toText(argument) !== argument)) return undefined
  const { channels, patterns, shards } = ports.pubsub
  return {
    ...entry,
    db: session.db.index,
    proto: session.proto,
    names: [session.name, session.libName, session.libVersion],
    noEvict: session.noEvict,
    noTouch: session.noTouch,
    subscriptions: [[...channels.namesOf(session)], [...patterns.namesOf(session)], [...shards.namesOf(session)]],
    blocked,
  }
}

function isPlain(session: Session, { inputBytes, outputBytes }: Connection): boolean {
  return (
    session.pass !== undefined &&
    session.user === session.pass.user &&
    (session.gate & ~TOLD) === 0 &&
    session.transaction === undefined &&
    session.tracking === undefined &&
    session.fieldsets === undefined &&
    session.trace === undefined &&
    session.replyMode === ReplyMode.On &&
    inputBytes === 0 &&
    outputBytes === 0
  )
}

/** Makes a new connection what the remembered one was. */
export function recall({ keyspace, ports }: Engine, session: Session, remembered: Remembered): void {
  session.db = keyspace.dbs[remembered.db]
  session.proto = remembered.proto
  const [name, libName, libVersion] = remembered.names
  session.name = name
  session.libName = libName
  session.libVersion = libVersion
  session.noEvict = remembered.noEvict
  session.noTouch = remembered.noTouch
  const { channels, patterns, shards } = ports.pubsub
  const kinds = [channels, patterns, shards]
  remembered.subscriptions.forEach((names, i) => {
    for (const each of names) kinds[i].add(session, each)
    if (names.length > 0) session.gate |= Gate.Subscriber
  })
}
