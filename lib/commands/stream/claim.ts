/**
 * XCLAIM and XAUTOCLAIM: pending entries change hands. An entry that is gone from the stream cannot be claimed; it stops
 * being pending instead. Each claim is repeated in the stream of effects by an XCLAIM that sets its outcome.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import type { Consumer, ConsumerGroup, Pending } from '../../keyspace/values/stream-group.ts'
import { compareIds, formatId, MIN_ID, parseId, type StreamId, type U64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { entryReply, takeDeliveries, takeId, takeStart } from './arguments.ts'
import { propagateClaim, propagateGroupId, touchConsumer } from './deliver.ts'
import {
  noKeyOrGroup,
  unrecognizedXclaimOption,
  XAUTOCLAIM_COUNT,
  XAUTOCLAIM_MIN_IDLE,
  XCLAIM_IDLE,
  XCLAIM_MIN_IDLE,
  XCLAIM_RETRYCOUNT,
  XCLAIM_TIME,
} from './errors.ts'

const DEFAULT_COUNT = 100
/** Redis's bound: as many ids as fit its memory. */
const MAX_COUNT = 2 ** 63 / 16
/** Pending entries that XAUTOCLAIM looks at for each that it may claim. */
const ATTEMPTS_PER_CLAIM = 10

interface ClaimOptions {
  /** Unix ms to which the delivery is set. */
  deliveredAt: number
  /** -1: one more than before. */
  deliveries: U64
  force: boolean
  justId: boolean
  lastId: StreamId
}

/** XCLAIM key group consumer min-idle-time id [id …] [IDLE ms] [TIME unix-ms] [RETRYCOUNT n] [FORCE] [JUSTID] [LASTID id] */
export function xclaim(c: Context, a: Args): Reply {
  const key = a.next()
  const groupName = a.next()
  const stream = c.db.readTyped(key, StreamValue)
  const group = stream?.group(groupName)
  if (stream === undefined || group === undefined) return noKeyOrGroup(key, groupName)
  const consumerName = a.next()
  const minIdleMs = a.integer(XCLAIM_MIN_IDLE)
  const ids = takeLeadingIds(a)
  const options = takeClaimOptions(a, c.now)
  if (a.error !== undefined) return a.error

  c.db.beforeChange(key)
  const claimer = new Claimer(c, key, stream, group, consumerName, minIdleMs)
  const movesLastId = compareIds(options.lastId, group.lastId) > 0
  if (movesLastId) group.lastId = options.lastId
  const claimed: Reply[] = []
  for (const id of ids) {
    const reply = claimer.claim(id, options)
    if (reply !== undefined) claimed.push(reply)
  }
  if (movesLastId && !claimer.changed) {
    c.addDirty(key)
    propagateGroupId(c, key, group)
  }
  return claimed
}

/** Whatever reads as an id is one; the options begin where the ids end. */
function takeLeadingIds(a: Args): StreamId[] {
  const ids: StreamId[] = []
  while (!a.done) {
    const id = parseId(a.peek(), 0)
    if (id === undefined) break
    a.move(1)
    ids.push(id)
  }
  return ids
}

/** A delivery time in the future or below 0 means now: clients reckon with clocks of their own. */
function takeClaimOptions(a: Args, now: number): ClaimOptions {
  const options: ClaimOptions = { deliveredAt: now, deliveries: -1, force: false, justId: false, lastId: MIN_ID }
  while (!a.done && a.error === undefined) {
    if (a.match('FORCE')) options.force = true
    else if (a.match('JUSTID')) options.justId = true
    else if (a.left >= 2 && a.match('IDLE')) options.deliveredAt = now - a.integer(XCLAIM_IDLE)
    else if (a.left >= 2 && a.match('TIME')) options.deliveredAt = a.integer(XCLAIM_TIME)
    else if (a.left >= 2 && a.match('RETRYCOUNT')) options.deliveries = takeDeliveries(a, XCLAIM_RETRYCOUNT)
    else if (a.left >= 2 && a.match('LASTID')) options.lastId = takeId(a)
    else a.fail(unrecognizedXclaimOption(a.next()))
  }
  if (options.deliveredAt < 0 || options.deliveredAt > now) options.deliveredAt = now
  return options
}

/** XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID] */
export function xautoclaim(c: Context, a: Args): Reply {
  const key = a.next()
  const groupName = a.next()
  const consumerName = a.next()
  const minIdleMs = a.integer(XAUTOCLAIM_MIN_IDLE)
  const start = takeStart(a)
  let count = DEFAULT_COUNT
  let justId = false
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('COUNT')) {
      count = a.integerBetween(1, MAX_COUNT - 1, XAUTOCLAIM_COUNT)
    } else if (a.match('JUSTID')) justId = true
    else a.fail(SYNTAX)
  }
  // The type is checked after the arguments here.
  if (a.error !== undefined) return a.error
  const stream = c.db.readTyped(key, StreamValue)
  const group = stream?.group(groupName)
  if (stream === undefined || group === undefined) return noKeyOrGroup(key, groupName)

  c.db.beforeChange(key)
  const claimer = new Claimer(c, key, stream, group, consumerName, minIdleMs)
  const options: ClaimOptions = { deliveredAt: c.now, deliveries: -1, force: false, justId, lastId: MIN_ID }
  const claimed: Reply[] = []
  const gone: Reply[] = []
  let at: Pending | undefined = group.pending.ceiling(start)
  for (let attempts = count * ATTEMPTS_PER_CLAIM; attempts > 0 && at !== undefined; attempts--) {
    if (claimed.length + gone.length === count) break
    const { id } = at
    const reply = claimer.claim(id, options)
    if (reply !== undefined) claimed.push(reply)
    at = group.pending.above(id)
    if (reply === undefined && group.pending.get(id) === undefined) gone.push(formatId(id))
  }
  return [formatId(at?.id ?? MIN_ID), claimed, gone]
}

/** Claims entries of one group for one consumer, which is made if it is new. */
class Claimer {
  readonly #c: Context
  readonly #key: Bytes
  readonly #stream: StreamValue
  readonly #group: ConsumerGroup
  readonly #consumer: Consumer
  readonly #minIdleMs: number
  /** An entry was claimed or dropped. */
  changed = false

  constructor(
    c: Context,
    key: Bytes,
    stream: StreamValue,
    group: ConsumerGroup,
    consumerName: Bytes,
    minIdleMs: number,
  ) {
    this.#c = c
    this.#key = key
    this.#stream = stream
    this.#group = group
    this.#minIdleMs = minIdleMs
    this.#consumer = touchConsumer(c, key, group, consumerName, false)
  }

  /** Claims one entry. Undefined if it is not pending, not idle enough, or gone. */
  claim(id: StreamId, options: ClaimOptions): Reply | undefined {
    const group = this.#group
    const { justId, deliveredAt } = options
    let pending = group.pending.get(id)
    if (pending === undefined && !options.force) return undefined
    const pairs = this.#stream.get(id)
    if (pairs === undefined) {
      if (pending !== undefined) this.#drop(pending)
      return undefined
    }
    if (pending === undefined) pending = group.addPending(id, this.#consumer, deliveredAt, 1)
    else if (this.#minIdleMs > 0 && this.#c.now - pending.deliveredAt < this.#minIdleMs) return undefined
    group.assign(pending, this.#consumer)
    const deliveries = justId ? pending.deliveries : pending.nextDelivery
    group.redeliver(pending, deliveredAt, options.deliveries >= 0 ? options.deliveries : deliveries)
    this.#consumer.activeAt = this.#c.now
    this.#count(pending)
    return justId ? formatId(id) : entryReply(id, pairs)
  }

  #drop(pending: Pending): void {
    this.#group.deletePending(pending.id)
    this.#count(pending)
  }

  #count(pending: Pending): void {
    this.changed = true
    this.#c.addDirty(this.#key)
    propagateClaim(this.#c, this.#key, this.#group, pending, pending.consumer ?? this.#consumer)
  }
}
