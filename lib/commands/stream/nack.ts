/**
 * XNACK (Redis 8.8): a consumer gives pending entries back to its group. They stay pending, without an owner and as idle as
 * can be, so that whoever claims next gets them, in the order in which they were given back; the number of their
 * deliveries says how the attempt counts.
 *
 * Replicas, which may be older, are told to have them as idle as can be, with the owner that they had.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_INTEGER } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { type ConsumerGroup, MAX_DELIVERIES, type Pending } from '../../keyspace/values/stream-group.ts'
import { formatId, plus, type StreamId, type U64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { takeDeliveries, takeId } from './arguments.ts'
import { propagateClaim } from './deliver.ts'
import {
  noKeyOrGroup,
  unrecognizedXnackOption,
  XNACK_IDS,
  XNACK_MODE,
  XNACK_NUMIDS,
  XNACK_NUMIDS_MISMATCH,
  XNACK_RETRYCOUNT,
} from './errors.ts'

/** What becomes of the number of deliveries: one less, as it is, the greatest. */
type Mode = 'SILENT' | 'FAIL' | 'FATAL'

const MODES: readonly Mode[] = ['SILENT', 'FAIL', 'FATAL']
const MAX_IDS = 2 ** 31 - 1

interface NackOptions {
  ids: readonly StreamId[]
  /** Instead of what the mode says; undefined without RETRYCOUNT. */
  deliveries: U64 | undefined
  force: boolean
}

/** XNACK key group SILENT|FAIL|FATAL IDS numids id [id …] [RETRYCOUNT count] [FORCE] */
export function xnack(c: Context, a: Args): Reply {
  const key = a.next()
  const groupName = a.next()
  const stream = c.db.readTyped(key, StreamValue)
  const group = stream?.group(groupName)
  if (stream === undefined || group === undefined) return noKeyOrGroup(key, groupName)
  const mode = MODES.find((each) => a.match(each))
  if (mode === undefined) return XNACK_MODE
  const options = takeOptions(a)
  if (a.error !== undefined) return a.error

  c.db.beforeChange(key)
  const released: Released[] = []
  for (const id of options.ids) {
    const pending = group.pending.get(id)
    if (pending === undefined && (!options.force || !stream.has(id))) continue
    const deliveries = options.deliveries ?? deliveriesBy(mode, pending)
    if (pending === undefined) group.addReleased(id, deliveries)
    else {
      const owner = pending.consumer
      group.release(pending, deliveries)
      if (owner !== undefined) propagateClaim(c, key, group, pending, owner)
    }
    released.push({ id, deliveries })
  }
  if (released.length === 0) return 0
  c.addDirty(key)
  c.count(released.length)
  c.wake(key)
  if (c.propagates) propagateReleases(c, key, group, released)
  return released.length
}

/** In any order; the ids themselves are looked at when all else is in order. */
function takeOptions(a: Args): NackOptions {
  const options: NackOptions = { ids: [], deliveries: undefined, force: false }
  let idsAt = 0
  let count = 0
  while (!a.done && a.error === undefined) {
    if (a.match('FORCE')) options.force = true
    else if (a.left >= 2 && a.match('IDS')) {
      count = a.integerBetween(1, MAX_IDS, XNACK_NUMIDS)
      if (count > a.left) a.fail(XNACK_NUMIDS_MISMATCH)
      idsAt = a.position
      a.move(count)
    } else if (a.left >= 2 && a.match('RETRYCOUNT')) {
      options.deliveries = takeDeliveries(a, NOT_INTEGER)
      if (options.deliveries < 0) a.fail(XNACK_RETRYCOUNT)
    } else a.fail(unrecognizedXnackOption(a.next()))
  }
  if (idsAt === 0) a.fail(XNACK_IDS)
  if (a.error === undefined) {
    a.move(idsAt - a.position)
    options.ids = Array.from({ length: count }, () => takeId(a))
  }
  return options
}

function deliveriesBy(mode: Mode, pending: Pending | undefined): U64 {
  if (mode === 'FATAL') return MAX_DELIVERIES
  if (pending === undefined || pending.deliveries === 0) return 0
  return mode === 'FAIL' ? pending.deliveries : plus(pending.deliveries, -1)
}

interface Released {
  readonly id: StreamId
  readonly deliveries: U64
}

/** Repeats what was given back in its order, one command for those in a row that were delivered as often. */
function propagateReleases(c: Context, key: Bytes, group: ConsumerGroup, released: readonly Released[]): void {
  for (let from = 0; from < released.length; ) {
    const { deliveries } = released[from]
    let end = from + 1
    while (end < released.length && released[end].deliveries === deliveries) end++
    const ids = released.slice(from, end).map(({ id }) => formatId(id))
    c.propagate([
      'XNACK',
      key,
      group.name,
      'FAIL',
      'IDS',
      '' + ids.length,
      ...ids,
      'RETRYCOUNT',
      '' + deliveries,
      'FORCE',
    ])
    from = end
  }
}
