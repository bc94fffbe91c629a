/** XINFO: what a stream, its groups and their consumers look like. */
import type { Bytes } from '../../base/bytes.ts'
import { NO_SUCH_KEY, subcommandSyntax } from '../../base/errors.ts'
import { MapReply, type Reply } from '../../base/reply.ts'
import type { IdList } from '../../keyspace/values/id-list.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import {
  type Consumer,
  type ConsumerGroup,
  type Pending,
  UNKNOWN_ENTRIES_READ,
} from '../../keyspace/values/stream-group.ts'
import { formatId, MAX_ID, MIN_ID } from '../../keyspace/values/stream-id.ts'
import type { Idempotence } from '../../keyspace/values/stream-idempotence.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { entryReply } from './arguments.ts'
import { noGroup } from './errors.ts'

const DEFAULT_COUNT = 10

/** XINFO STREAM key [FULL [COUNT count]] */
export function stream(c: Context, a: Args): Reply {
  const value = c.db.readTyped(a.next(), StreamValue)
  if (value === undefined) return NO_SUCH_KEY
  if (a.done) return new MapReply([...commonFields(value, c.now), ...briefFields(value)])
  const { length } = a.argv
  const complete = a.match('FULL') && (length === 4 || (length === 6 && a.match('COUNT')))
  if (!complete) return subcommandSyntax('xinfo', a.argv[1])
  const given = a.done ? DEFAULT_COUNT : a.integer()
  if (a.error !== undefined) return a.error
  const count = given < 0 ? DEFAULT_COUNT : given
  return new MapReply([
    ...commonFields(value, c.now),
    'entries',
    entries(value, false, count),
    'groups',
    value.groups().map((group) => fullGroup(value, group, count)),
  ])
}

/** Of the radix tree that Redis has, zerodis prints what it would be at least: a leaf a node, and the root. */
function commonFields(value: StreamValue, now: number): Reply[] {
  return [
    'length',
    value.length,
    'radix-tree-keys',
    value.nodeCount,
    'radix-tree-nodes',
    value.nodeCount + 1,
    'last-generated-id',
    formatId(value.lastId),
    'max-deleted-entry-id',
    formatId(value.maxDeletedId),
    'entries-added',
    value.entriesAdded,
    'recorded-first-entry-id',
    formatId(value.firstId),
    ...(value.idempotence === undefined ? [] : idempotenceFields(value.idempotence, now)),
  ]
}

/** Redis 8.6 tells it of every stream; here of those only that know producers, so that others look as in 7.4. */
function idempotenceFields(known: Idempotence, now: number): Reply[] {
  const { producers, marks } = known.tracked(now)
  return [
    'idmp-duration',
    known.duration,
    'idmp-maxsize',
    known.maxSize,
    'pids-tracked',
    producers,
    'iids-tracked',
    marks,
    'iids-added',
    known.added,
    'iids-duplicates',
    known.duplicates,
  ]
}

function briefFields(value: StreamValue): Reply[] {
  const [first = null] = entries(value, false, 1)
  const [last = null] = entries(value, true, 1)
  return ['groups', value.groupCount, 'first-entry', first, 'last-entry', last]
}

/** `count` 0: all. */
function entries(value: StreamValue, reverse: boolean, count: number): Reply[] {
  const found: Reply[] = []
  value.range(MIN_ID, MAX_ID, reverse, (id, pairs) => found.push(entryReply(id, pairs)) !== count)
  return found
}

/** Redis 8.8 counts of every group what was given back; here of those only that have some, so that others look as in 7.4. */
function fullGroup(value: StreamValue, group: ConsumerGroup, count: number): Reply {
  return new MapReply([
    'name',
    group.name,
    'last-delivered-id',
    formatId(group.lastId),
    'entries-read',
    entriesRead(group),
    'lag',
    lag(value, group),
    'pel-count',
    group.pending.size,
    ...(group.releasedCount === 0 ? [] : ['nacked-count', group.releasedCount]),
    'pending',
    pendingEntries(group.pending, count, ({ id, consumer, deliveredAt, deliveries }) => [
      formatId(id),
      consumer?.name ?? '',
      deliveredAt,
      deliveries,
    ]),
    'consumers',
    group.consumers().map((consumer) => fullConsumer(consumer, count)),
  ])
}

function fullConsumer({ name, seenAt, activeAt, pending }: Consumer, count: number): Reply {
  return new MapReply([
    'name',
    name,
    'seen-time',
    seenAt,
    'active-time',
    activeAt,
    'pel-count',
    pending.size,
    'pending',
    pendingEntries(pending, count, ({ id, deliveredAt, deliveries }) => [formatId(id), deliveredAt, deliveries]),
  ])
}

function pendingEntries(list: IdList<Pending>, count: number, show: (pending: Pending) => Reply): Reply[] {
  const shown: Reply[] = []
  for (const pending of list) if (shown.push(show(pending)) === count) break
  return shown
}

function entriesRead(group: ConsumerGroup): Reply {
  return group.entriesRead === UNKNOWN_ENTRIES_READ ? null : group.entriesRead
}

/** How many entries a group has still to read, or nil where removals keep it from being told. */
function lag(value: StreamValue, group: ConsumerGroup): Reply {
  if (value.entriesAdded === 0) return 0
  const known = group.entriesRead !== UNKNOWN_ENTRIES_READ && !value.hasGapFrom(group.lastId)
  const read = known ? group.entriesRead : value.entriesUpTo(group.lastId)
  return read === UNKNOWN_ENTRIES_READ ? null : value.entriesAdded - read
}

/** XINFO GROUPS key */
export function groups(c: Context, a: Args): Reply {
  const value = c.db.readTyped(a.next(), StreamValue)
  if (value === undefined) return NO_SUCH_KEY
  return value
    .groups()
    .map(
      (group) =>
        new MapReply([
          'name',
          group.name,
          'consumers',
          group.consumerCount,
          'pending',
          group.pending.size,
          'last-delivered-id',
          formatId(group.lastId),
          'entries-read',
          entriesRead(group),
          'lag',
          lag(value, group),
        ]),
    )
}

/** XINFO CONSUMERS key group */
export function consumers(c: Context, a: Args): Reply {
  const key: Bytes = a.next()
  const name: Bytes = a.next()
  const value = c.db.readTyped(key, StreamValue)
  if (value === undefined) return NO_SUCH_KEY
  const group = value.group(name)
  if (group === undefined) return noGroup(name, key)
  return group.consumers().map((consumer) => {
    const { pending, seenAt, activeAt } = consumer
    const idle = Math.max(0, c.now - seenAt)
    const inactive = activeAt === -1 ? -1 : c.now - activeAt
    return new MapReply(['name', consumer.name, 'pending', pending.size, 'idle', idle, 'inactive', inactive])
  })
}
