/**
 * Reading as a consumer of a group. XREADGROUP never reaches the stream of effects as such: each delivery is repeated by an
 * XCLAIM that sets it, and the whole by the group's last id and count. (Redis leaves out the count, and deliveries of the
 * consumer's own history.)
 */
import type { Bytes } from '../../base/bytes.ts'
import { NULL_ARRAY, type Reply } from '../../base/reply.ts'
import type { Db } from '../../keyspace/db.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import {
  type Consumer,
  type ConsumerGroup,
  type Pending,
  UNKNOWN_ENTRIES_READ,
} from '../../keyspace/values/stream-group.ts'
import { compareIds, formatId, MAX_ID, nextId, type StreamId, type U64 } from '../../keyspace/values/stream-id.ts'
import { type Context, Notify } from '../command.ts'
import { entryReply } from './arguments.ts'
import type { ReadOptions } from './readoptions.ts'

/** Reads from one stream as a consumer of a group, which is made if it is new. */
export class GroupReader {
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

  /** Delivers what was idle for as long as CLAIM says, then what was never delivered; undefined if there is nothing. */
  readNew(): Reply[] | undefined {
    const group = this.#group
    const stream = this.#stream
    const { count, noAck, claimIdleMs, budget } = this.#options
    const entries: Reply[] = []
    if (claimIdleMs >= 0) this.#claim(entries)
    const claimed = entries.length
    const start = nextId(group.lastId)
    if (start !== undefined && (count === 0 || claimed < count) && !budget.spent) {
      stream.range(start, MAX_ID, false, (id, pairs) => {
        advance(stream, group, id)
        if (!noAck) this.#deliver(id)
        budget.spend(formatId(id), pairs)
        return entries.push(this.#entry(id, pairs, 0, 0)) !== count && !budget.spent
      })
    }
    if (entries.length === 0) return undefined
    this.#c.addDirty(this.#key)
    if (entries.length > claimed) propagateGroupId(this.#c, this.#key, group)
    return entries
  }

  /** Takes over entries that were idle for long enough, those of the longest first, as far as they are still there. */
  #claim(entries: Reply[]): void {
    const c = this.#c
    const { count, claimIdleMs, budget } = this.#options
    for (const pending of claimable(this.#group, claimIdleMs, c.now)) {
      if ((count > 0 && entries.length === count) || budget.spent) return
      const pairs = this.#stream.get(pending.id)
      if (pairs === undefined) continue
      budget.spend(formatId(pending.id), pairs)
      entries.push(this.#entry(pending.id, pairs, idleMs(pending, c.now), pending.deliveries))
      this.#group.assign(pending, this.#consumer)
      this.#group.redeliver(pending, c.now, pending.nextDelivery)
      this.#consumer.activeAt = c.now
      propagateClaim(c, this.#key, this.#group, pending, this.#consumer)
    }
  }

  /** With CLAIM an entry tells how long it was idle and how often it was delivered before. */
  #entry(id: StreamId, pairs: Bytes[], idle: number, deliveries: U64): Reply {
    if (this.#options.claimIdleMs < 0) return entryReply(id, pairs)
    return [formatId(id), pairs, idle, deliveries]
  }

  /** Pending entries of this consumer after an id; those that are gone from the stream as nil. */
  readHistory(after: StreamId): Reply[] {
    const { count, budget } = this.#options
    const { pending } = this.#consumer
    const entries: Reply[] = []
    const { now } = this.#c
    for (let at = pending.above(after); at !== undefined; at = pending.above(at.id)) {
      const pairs = this.#stream.get(at.id)
      budget.spend(formatId(at.id), pairs ?? [])
      if (pairs === undefined) entries.push([formatId(at.id), NULL_ARRAY])
      else {
        entries.push(entryReply(at.id, pairs))
        this.#group.redeliver(at, now, at.nextDelivery)
      }
      if (entries.length === count || budget.spent) break
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
      group.redeliver(pending, c.now, 1)
    }
    consumer.activeAt = c.now
    propagateClaim(c, this.#key, group, pending, consumer)
  }
}

/** What of a group was given back or idle for long enough, the longest first. O(n log n) with what is pending. */
function claimable(group: ConsumerGroup, minIdleMs: number, now: number): Pending[] {
  const found: Pending[] = []
  for (const pending of group.pending) {
    if (pending.consumer !== undefined && idleMs(pending, now) >= minIdleMs) found.push(pending)
  }
  return [...group.released(), ...found.sort((a, b) => a.deliveredAt - b.deliveredAt)]
}

function idleMs({ deliveredAt }: Pending, now: number): number {
  return Math.max(0, now - deliveredAt)
}

/** Whoever waits looks again no sooner than so, for what others read meanwhile. */
const LEAST_RETRY_MS = 10

/** When something of these streams may be idle for long enough. What is delivered from now on is so after `minIdleMs`. */
export function msUntilClaimable(db: Db, keys: readonly Bytes[], name: Bytes, minIdleMs: number, now: number): number {
  let ms = Math.max(minIdleMs, LEAST_RETRY_MS)
  for (const key of keys) {
    const stream = db.peek(key)
    if (!(stream instanceof StreamValue)) continue
    for (const pending of stream.group(name)?.pending ?? []) {
      const left = minIdleMs - idleMs(pending, now)
      if (left > 0 && left < ms) ms = left
    }
  }
  return ms
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

/** Repeats the state of a pending entry of a consumer, and the group's last id with it. */
export function propagateClaim(
  c: Context,
  key: Bytes,
  group: ConsumerGroup,
  pending: Pending,
  consumer: Consumer,
): void {
  if (!c.propagates) return
  const { id, deliveredAt, deliveries } = pending
  const state = ['TIME', '' + deliveredAt, 'RETRYCOUNT', '' + deliveries, 'FORCE', 'JUSTID']
  c.propagate(['XCLAIM', key, group.name, consumer.name, '0', formatId(id), ...state, 'LASTID', formatId(group.lastId)])
}

export function propagateGroupId(c: Context, key: Bytes, group: ConsumerGroup): void {
  if (!c.propagates) return
  const read = '' + group.entriesRead
  c.propagate(['XGROUP', 'SETID', key, group.name, formatId(group.lastId), 'ENTRIESREAD', read])
}
