/** Consumer groups: making them, acknowledging, and looking at what is pending. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX, subcommandSyntax } from '../../base/errors.ts'
import { NULL_ARRAY, OK, type Reply, ReplyError } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { ConsumerGroup, type Pending, UNKNOWN_ENTRIES_READ } from '../../keyspace/values/stream-group.ts'
import { compareIds, formatId, MIN_ID, type StreamId } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { takeId, takeIdOrEdge, takeIds, takeStart, takeStop } from './arguments.ts'
import { ENTRIES_READ_NEGATIVE, GROUP_EXISTS, GROUP_KEY_MISSING, noGroup, noKeyOrGroup } from './errors.ts'

/** XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD entries-read] */
export function create(c: Context, a: Args): Reply {
  const key = a.next()
  const name = a.next()
  const idAt = a.position
  a.move(1)
  let entriesRead = UNKNOWN_ENTRIES_READ
  let makesStream = false
  while (!a.done) {
    if (a.match('MKSTREAM')) makesStream = true
    else if (a.left >= 2 && a.match('ENTRIESREAD')) entriesRead = takeEntriesRead(a)
    else return subcommandSyntax('xgroup', a.argv[1])
    if (a.error !== undefined) return a.error
  }
  const found = c.db.findTyped(key, StreamValue)
  if (found === undefined && !makesStream) return GROUP_KEY_MISSING
  if (a.argv.length > 8) return subcommandSyntax('xgroup', a.argv[1])
  a.move(idAt - a.position)
  const id = takeLastId(a, found, takeId)
  if (a.error !== undefined) return a.error
  if (found?.group(name) !== undefined) return GROUP_EXISTS
  const stream = found ?? new StreamValue()
  stream.addGroup(new ConsumerGroup(name, id, entriesRead))
  if (found === undefined) {
    c.db.set(key, stream, NO_EXPIRY)
    c.signal(key, Notify.Stream, 'xgroup-create')
  } else {
    c.addDirty(key)
    c.notify(Notify.Stream, 'xgroup-create', key)
  }
  return OK
}

function takeEntriesRead(a: Args): number {
  const entriesRead = a.integer()
  if (entriesRead < 0 && entriesRead !== UNKNOWN_ENTRIES_READ) a.fail(ENTRIES_READ_NEGATIVE)
  return entriesRead
}

/** An id, or `$` for the last of the stream. */
function takeLastId(a: Args, stream: StreamValue | undefined, take: (a: Args) => StreamId): StreamId {
  if (a.peek() !== '$') return take(a)
  a.move(1)
  return stream?.lastId ?? MIN_ID
}

/** XGROUP SETID key group id|$ [ENTRIESREAD entries-read] */
export function setid(c: Context, a: Args): Reply {
  const key = a.next()
  const name = a.next()
  const idAt = a.position
  a.move(1)
  let entriesRead = UNKNOWN_ENTRIES_READ
  while (!a.done) {
    if (a.left < 2 || !a.match('ENTRIESREAD')) return subcommandSyntax('xgroup', a.argv[1])
    entriesRead = takeEntriesRead(a)
    if (a.error !== undefined) return a.error
  }
  const stream = c.db.findTyped(key, StreamValue)
  const group = groupOf(stream, name, key)
  if (group instanceof ReplyError) return group
  if (a.argv.length > 7) return subcommandSyntax('xgroup', a.argv[1])
  a.move(idAt - a.position)
  const id = takeLastId(a, stream, takeIdOrEdge)
  if (a.error !== undefined) return a.error
  group.lastId = id
  group.entriesRead = entriesRead
  c.addDirty(key)
  c.notify(Notify.Stream, 'xgroup-setid', key)
  return OK
}

/** The group for a subcommand that needs one. */
function groupOf(stream: StreamValue | undefined, name: Bytes, key: Bytes): ConsumerGroup | ReplyError {
  if (stream === undefined) return GROUP_KEY_MISSING
  return stream.group(name) ?? noGroup(name, key)
}

/** XGROUP DESTROY key group. Consumers that wait on the group hear of it as an error. */
export function destroy(c: Context, a: Args): Reply {
  const key = a.next()
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return GROUP_KEY_MISSING
  if (!stream.deleteGroup(a.next())) return 0
  c.signal(key, Notify.Stream, 'xgroup-destroy')
  return 1
}

/** XGROUP CREATECONSUMER key group consumer */
export function createconsumer(c: Context, a: Args): Reply {
  const key = a.next()
  const group = groupOf(c.db.findTyped(key, StreamValue), a.next(), key)
  if (group instanceof ReplyError) return group
  const name = a.next()
  if (group.consumer(name) !== undefined) return 0
  group.addConsumer(name, c.now)
  c.addDirty(key)
  c.notify(Notify.Stream, 'xgroup-createconsumer', key)
  return 1
}

/** XGROUP DELCONSUMER key group consumer */
export function delconsumer(c: Context, a: Args): Reply {
  const key = a.next()
  const group = groupOf(c.db.findTyped(key, StreamValue), a.next(), key)
  if (group instanceof ReplyError) return group
  const consumer = group.consumer(a.next())
  if (consumer === undefined) return 0
  group.deleteConsumer(consumer)
  c.addDirty(key)
  c.notify(Notify.Stream, 'xgroup-delconsumer', key)
  return consumer.pending.size
}

/** XACK key group id [id …] */
export function xack(c: Context, a: Args): Reply {
  const key = a.next()
  const group = c.db.readTyped(key, StreamValue)?.group(a.next())
  if (group === undefined) return 0
  const ids = takeIds(a)
  if (a.error !== undefined) return a.error
  c.db.beforeChange(key)
  let acknowledged = 0
  for (const id of ids) if (group.deletePending(id)) acknowledged++
  if (acknowledged > 0) {
    c.addDirty(key)
    c.count(acknowledged)
  }
  return acknowledged
}

/** XPENDING key group [[IDLE min-idle-time] start end count [consumer]] */
export function xpending(c: Context, a: Args): Reply {
  const { length } = a.argv
  if (length !== 3 && (length < 6 || length > 9)) return SYNTAX
  const key = a.next()
  const name = a.next()
  const query = length === 3 ? undefined : takePendingQuery(a)
  if (a.error !== undefined) return a.error
  const group = c.db.readTyped(key, StreamValue)?.group(name)
  if (group === undefined) return noKeyOrGroup(key, name)
  return query === undefined ? pendingSummary(group) : pendingList(c, group, query)
}

interface PendingQuery {
  readonly minIdleMs: number
  readonly start: StreamId
  readonly stop: StreamId
  readonly count: number
  readonly consumer: Bytes | undefined
}

/** The count is read before the ids, as in Redis. */
function takePendingQuery(a: Args): PendingQuery {
  let minIdleMs = 0
  if (a.match('IDLE')) {
    minIdleMs = a.integer()
    if (a.argv.length < 8) a.fail(SYNTAX)
  }
  a.move(2)
  const count = Math.max(0, a.integer())
  a.move(-3)
  const start = takeStart(a)
  const stop = takeStop(a)
  a.move(1)
  return { minIdleMs, start, stop, count, consumer: a.done ? undefined : a.next() }
}

function pendingSummary(group: ConsumerGroup): Reply {
  const first = group.pending.first()
  const last = group.pending.last()
  if (first === undefined || last === undefined) return [0, null, null, NULL_ARRAY]
  const consumers: Reply[] = []
  for (const { name, pending } of group.consumers()) if (pending.size > 0) consumers.push([name, '' + pending.size])
  return [group.pending.size, formatId(first.id), formatId(last.id), consumers]
}

function pendingList(c: Context, group: ConsumerGroup, query: PendingQuery): Reply {
  const { minIdleMs, start, stop, count } = query
  const consumer = query.consumer === undefined ? undefined : group.consumer(query.consumer)
  if (query.consumer !== undefined && consumer === undefined) return []
  const { pending } = consumer ?? group
  const list: Reply[] = []
  for (let at = pending.ceiling(start); at !== undefined && list.length < count; at = pending.above(at.id)) {
    if (compareIds(at.id, stop) > 0) break
    if (minIdleMs === 0 || c.now - at.deliveredAt >= minIdleMs) list.push(pendingReply(at, c.now))
  }
  return list
}

function pendingReply({ id, consumer, deliveredAt, deliveries }: Pending, now: number): Reply {
  if (consumer === undefined) return [formatId(id), '', -1, deliveries]
  return [formatId(id), consumer.name, Math.max(0, now - deliveredAt), deliveries]
}
