/**
 * XREAD and XREADGROUP: what comes after an id, from several streams at once, waiting for it if need be. `$` and `+` mean
 * the state at the time of the command, so a command that waits is run again with the ids that they stood for.
 *
 * XREADGROUP never reaches the stream of effects as such: each delivery is repeated by an XCLAIM that sets it, and the
 * whole by the group's last id and count. (Redis leaves out the count, and deliveries of the consumer's own history.)
 */
import type { Bytes } from '../../base/bytes.ts'
import {
  INVALID_STREAM_ID,
  meaninglessId,
  noKeyOrGroupToRead,
  SYNTAX,
  unbalancedStreams,
  XREAD_NEW_ID,
  XREAD_WITH_GROUP,
  XREAD_WITH_NOACK,
  XREADGROUP_WITHOUT_GROUP,
} from '../../base/errors.ts'
import { MapReply, NULL_ARRAY, type Reply, type ReplyError } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import {
  type Consumer,
  type ConsumerGroup,
  type Pending,
  UNKNOWN_ENTRIES_READ,
} from '../../keyspace/values/stream-group.ts'
import {
  compareIds,
  formatId,
  MAX_ID,
  MIN_ID,
  nextId,
  parseId,
  previousId,
  type StreamId,
} from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, type KeySpec, Notify, type PARKED } from '../command.ts'
import { takeTimeoutMs } from '../timeout.ts'
import { entryReply } from './arguments.ts'

type Outcome = Reply | typeof PARKED

interface ReadOptions {
  count: number
  /** -1 without BLOCK. */
  timeoutMs: number
  group: Bytes | undefined
  consumer: Bytes
  noAck: boolean
  keys: Bytes[]
  /** The ids as they were written, in the order of the keys. */
  ids: Bytes[]
}

/** XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key …] id [id …] */
function xread(c: Context, a: Args): Outcome {
  const options = takeReadOptions(c, a, false)
  if (a.error !== undefined) return a.error
  const { keys } = options
  const after: StreamId[] = []
  for (let i = 0; i < keys.length; i++) {
    const id = startOf(c.db.readTyped(keys[i], StreamValue), options.ids[i])
    if ('kind' in id) return id
    after.push(id)
  }
  const found: Found[] = []
  for (let i = 0; i < keys.length; i++) {
    const stream = c.db.readTyped(keys[i], StreamValue)
    const start = nextId(after[i])
    if (stream === undefined || stream.length === 0 || start === undefined) continue
    const entries: Reply[] = []
    stream.range(start, MAX_ID, false, (id, pairs) => entries.push(entryReply(id, pairs)) !== options.count)
    if (entries.length > 0) found.push([keys[i], entries])
  }
  if (found.length > 0) return streamsReply(c, found)
  if (options.timeoutMs === -1) return NULL_ARRAY
  return c.park(keys, 'stream', options.timeoutMs, NULL_ARRAY, false, withIds(a.argv, after))
}

/** The id behind which XREAD reads. */
function startOf(stream: StreamValue | undefined, text: Bytes): StreamId | ReplyError {
  if (text === '$') return stream?.lastId ?? MIN_ID
  if (text === '+') {
    if (stream === undefined || stream.length === 0) return stream?.lastId ?? MIN_ID
    return previousId(stream.edgeId(false)) ?? MIN_ID
  }
  if (text === '>') return XREAD_NEW_ID
  return parseId(text, 0) ?? INVALID_STREAM_ID
}

/** The command with ids in place of `$` and `+`. */
function withIds(argv: readonly Bytes[], ids: readonly StreamId[]): Bytes[] {
  return [...argv.slice(0, argv.length - ids.length), ...ids.map(formatId)]
}

/**
 * XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key …] id [id …]
 *
 * `>` asks for entries that were never delivered, any other id for the consumer's own pending ones after it.
 */
function xreadgroup(c: Context, a: Args): Outcome {
  const options = takeReadOptions(c, a, true)
  if (a.error !== undefined) return a.error
  const { keys, ids } = options
  const groupName = options.group!
  const after: (StreamId | undefined)[] = []
  for (let i = 0; i < keys.length; i++) {
    if (c.db.readTyped(keys[i], StreamValue)?.group(groupName) === undefined) {
      return noKeyOrGroupToRead(keys[i], groupName)
    }
    if (ids[i] === '$' || ids[i] === '+') return meaninglessId(ids[i])
    const id = ids[i] === '>' ? undefined : parseId(ids[i], 0)
    if (id === undefined && ids[i] !== '>') return INVALID_STREAM_ID
    after.push(id)
  }
  const found: Found[] = []
  for (let i = 0; i < keys.length; i++) {
    const stream = c.db.readTyped(keys[i], StreamValue)!
    const reader = new GroupReader(c, keys[i], stream, groupName, options)
    const from = after[i]
    const entries = from === undefined ? reader.readNew() : reader.readHistory(from)
    if (entries !== undefined) found.push([keys[i], entries])
  }
  if (found.length > 0) return streamsReply(c, found)
  return options.timeoutMs === -1 ? NULL_ARRAY : c.park(keys, 'stream', options.timeoutMs, NULL_ARRAY, true)
}

/** Reads from one stream as a consumer of a group, which is made if it is new. */
class GroupReader {
  readonly #c: Context
  readonly #key: Bytes
  readonly #stream: StreamValue
  readonly #group: ConsumerGroup
  readonly #consumer: Consumer
  readonly #options: ReadOptions

  constructor(c: Context, key: Bytes, stream: StreamValue, groupName: Bytes, options: ReadOptions) {
    this.#c = c
    this.#key = key
    this.#stream = stream
    this.#group = stream.group(groupName)!
    this.#options = options
    this.#consumer = touchConsumer(c, key, this.#group, options.consumer, options.noAck)
  }

  /** Delivers what was never delivered; undefined if there is nothing. */
  readNew(): Reply[] | undefined {
    const group = this.#group
    const stream = this.#stream
    const { count, noAck } = this.#options
    const start = nextId(group.lastId)
    if (stream.length === 0 || start === undefined) return undefined
    const entries: Reply[] = []
    stream.range(start, MAX_ID, false, (id, pairs) => {
      advance(stream, group, id)
      if (!noAck) this.#deliver(id)
      return entries.push(entryReply(id, pairs)) !== count
    })
    if (entries.length === 0) return undefined
    this.#c.addDirty(this.#key)
    propagateGroupId(this.#c, this.#key, group)
    return entries
  }

  /** Pending entries of this consumer after an id; those that are gone from the stream as nil. */
  readHistory(after: StreamId): Reply[] {
    const { count } = this.#options
    const { pending } = this.#consumer
    const entries: Reply[] = []
    const { now } = this.#c
    for (let at = pending.above(after); at !== undefined; at = pending.above(at.id)) {
      const pairs = this.#stream.get(at.id)
      if (pairs === undefined) entries.push([formatId(at.id), NULL_ARRAY])
      else {
        entries.push(entryReply(at.id, pairs))
        at.deliveredAt = now
        at.deliveries++
      }
      if (entries.length === count) break
    }
    return entries
  }

  /** After XGROUP SETID an entry may be pending already, for whomever: it starts over with this consumer. */
  #deliver(id: StreamId): void {
    const c = this.#c
    const group = this.#group
    const consumer = this.#consumer
    let pending = group.pending.get(id)
    if (pending === undefined) pending = group.addPending(id, consumer, c.now, 1)
    else {
      group.assign(pending, consumer)
      pending.deliveredAt = c.now
      pending.deliveries = 1
    }
    consumer.activeAt = c.now
    propagateClaim(c, this.#key, group, pending)
  }
}

/** Moves a group's last id on to an entry that is delivered, and counts it if the count can be kept. */
function advance(stream: StreamValue, group: ConsumerGroup, id: StreamId): void {
  const counts =
    group.entriesRead !== UNKNOWN_ENTRIES_READ &&
    compareIds(group.lastId, stream.firstId) >= 0 &&
    !stream.hasGapFrom(group.lastId)
  if (counts) group.entriesRead++
  else if (stream.entriesAdded > 0) group.entriesRead = stream.entriesUpTo(id)
  group.lastId = id
}

/**
 * The consumer of a name, made if it is new, and seen now. What is claimed for it makes it elsewhere; only where nothing is
 * claimed (NOACK) need its making be passed on, as since Redis 7.2.
 */
export function touchConsumer(
  c: Context,
  key: Bytes,
  group: ConsumerGroup,
  name: Bytes,
  propagates: boolean,
): Consumer {
  const found = group.consumer(name)
  if (found !== undefined) {
    found.seenAt = c.now
    return found
  }
  const consumer = group.addConsumer(name, c.now)
  c.addDirty(key)
  c.notify(Notify.Stream, 'xgroup-createconsumer', key)
  if (!propagates) c.propagateNothing()
  else if (c.propagates) c.propagate(['XGROUP', 'CREATECONSUMER', key, group.name, name])
  return consumer
}

/** Repeats the state of a pending entry, and the group's last id with it. */
export function propagateClaim(c: Context, key: Bytes, group: ConsumerGroup, pending: Pending): void {
  if (!c.propagates) return
  const { id, consumer, deliveredAt, deliveries } = pending
  const state = ['TIME', '' + deliveredAt, 'RETRYCOUNT', '' + deliveries, 'FORCE', 'JUSTID']
  c.propagate(['XCLAIM', key, group.name, consumer.name, '0', formatId(id), ...state, 'LASTID', formatId(group.lastId)])
}

export function propagateGroupId(c: Context, key: Bytes, group: ConsumerGroup): void {
  if (!c.propagates) return
  const read = '' + group.entriesRead
  c.propagate(['XGROUP', 'SETID', key, group.name, formatId(group.lastId), 'ENTRIESREAD', read])
}

type Found = readonly [key: Bytes, entries: Reply[]]

/** A map in RESP3, pairs in arrays of their own in RESP2. */
function streamsReply(c: Context, found: readonly Found[]): Reply {
  return c.session.replyProto === 3 ? new MapReply(found.flat()) : found
}

function takeReadOptions(c: Context, a: Args, grouped: boolean): ReadOptions {
  const options: ReadOptions = {
    count: 0,
    timeoutMs: -1,
    group: undefined,
    consumer: '',
    noAck: false,
    keys: [],
    ids: [],
  }
  while (a.error === undefined) {
    if (a.left >= 2 && a.match('BLOCK')) options.timeoutMs = takeTimeoutMs(c, a)
    else if (a.left >= 2 && a.match('COUNT')) options.count = Math.max(0, a.integer())
    else if (a.left >= 2 && a.match('STREAMS')) {
      if (a.left % 2 === 1) a.fail(unbalancedStreams(c.command.name, grouped ? '>' : '$'))
      options.keys = a.take(a.left >> 1)
      options.ids = a.rest()
      break
    } else if (a.left >= 3 && a.match('GROUP')) {
      if (!grouped) a.fail(XREAD_WITH_GROUP)
      options.group = a.next()
      options.consumer = a.next()
    } else if (a.match('NOACK')) {
      if (!grouped) a.fail(XREAD_WITH_NOACK)
      options.noAck = true
    } else a.fail(SYNTAX)
  }
  if (grouped && options.group === undefined) a.fail(XREADGROUP_WITHOUT_GROUP)
  return options
}

const streamsFrom = (startFrom: number): KeySpec => ({
  flags: 'RO access',
  begin: { keyword: 'STREAMS', startFrom },
  find: { lastKey: -1, step: 1, limit: 2 },
})

export const streamReadCommands: readonly Command[] = [
  command('xread', 'stream', -4, 'readonly blocking movablekeys', [streamsFrom(1)], xread),
  command('xreadgroup', 'stream', -7, 'write blocking movablekeys', [streamsFrom(4)], xreadgroup),
]
