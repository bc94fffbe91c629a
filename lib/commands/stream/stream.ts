/**
 * Streams as logs: adding, reading ranges, removing, trimming. Reading from an id on is in stream-read.ts, consumer groups
 * are in stream-group.ts and stream-claim.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NO_SUCH_KEY, SYNTAX, wrongArity } from '../../base/errors.ts'
import { NULL_ARRAY, OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import {
  compareIds,
  formatId,
  isMaxId,
  isZeroId,
  MIN_ID,
  nextId,
  parseId,
  type StreamId,
} from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { entryReply, TrimOptions, takeId, takeIds, takeStart, takeStop } from './arguments.ts'
import {
  ENTRIES_ADDED_NEGATIVE,
  INVALID_STREAM_ID,
  XADD_EXHAUSTED,
  XADD_ID_SMALL,
  XADD_ID_ZERO,
  XADD_TOO_LARGE,
  XSETID_BELOW_DELETED,
  XSETID_BELOW_GIVEN_DELETED,
  XSETID_BELOW_TOP,
  XSETID_ENTRIES_ADDED,
  XTRIM_WITHOUT_STRATEGY,
} from './errors.ts'
import { idempotenceOf, MarkOption, propagateMark } from './idempotence.ts'
import { References } from './references.ts'

/** All strings of an entry together. */
const MAX_ENTRY_BYTES = 2 ** 30
/** `ms-*`: the sequence number is the store's to choose. */
const AUTO_SEQ = '-*'

/** XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMPAUTO producer|IDMP producer mark] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …] */
export function xadd(c: Context, a: Args): Reply {
  const key = a.next()
  const trimming = new TrimOptions(c.session.isMaster)
  const marking = new MarkOption()
  let makesStream = true
  for (;;) {
    if (a.peek() === '*') break
    if (trimming.take(a)) {
      if (a.error !== undefined) return a.error
    } else if (a.match('NOMKSTREAM')) makesStream = false
    else if (marking.take(a)) {
      if (a.error !== undefined) return a.error
    } else break
  }
  const idAt = a.position
  if (!a.done) marking.check(a, a.peek())
  if (a.error !== undefined) return a.error
  const asked = a.done ? undefined : takeNewId(a)
  if (a.error !== undefined) return a.error
  const trim = trimming.result(a, c.config['stream-node-max-entries'])
  if (a.error !== undefined) return a.error
  const pairs = a.rest()
  if (asked === undefined || pairs.length === 0 || pairs.length % 2 === 1) return wrongArity('xadd')
  if (asked !== '*' && !asked.autoSeq && isZeroId(asked.id)) return XADD_ID_ZERO

  const found = c.db.findTyped(key, StreamValue)
  if (found === undefined && !makesStream) return null
  const stream = found ?? new StreamValue()
  const mark = marking.of(pairs)
  if (mark !== undefined) {
    const known = idempotenceOf(stream, c.config)
    const marked = known.find(marking.producer, mark, c.now)
    if (marked !== undefined) {
      known.duplicates++
      return formatId(marked)
    }
  }
  if (isMaxId(stream.lastId)) return XADD_EXHAUSTED
  const id = newId(stream, asked, c.now)
  if (id === undefined || compareIds(id, stream.lastId) <= 0) return XADD_ID_SMALL
  if (totalLength(pairs) > MAX_ENTRY_BYTES) return XADD_TOO_LARGE
  if (found === undefined) c.db.set(key, stream, NO_EXPIRY)
  stream.append(id, pairs, c.config)
  if (mark !== undefined) {
    const known = idempotenceOf(stream, c.config)
    known.expire(c.now)
    known.record(marking.producer, mark, id)
    known.added++
  }
  const references = trimming.policy === 'KEEPREF' ? undefined : new References(stream, trimming.policy)
  const trimmed = trim === undefined ? 0 : stream.trim(trim, references)
  c.signal(key, Notify.Stream, 'xadd')
  if (trimmed > 0) c.notify(Notify.Stream, 'xtrim', key)
  if (c.propagates) {
    const argv = [...a.argv]
    if (asked === '*' || asked.autoSeq) argv[idAt] = formatId(id)
    const plain = references !== undefined || mark !== undefined
    c.propagate(plain ? ['XADD', key, formatId(id), ...pairs] : trimming.exact(argv, stream))
    if (mark !== undefined) {
      propagateMark(c, key, marking.producer, mark, stream)
      if (references === undefined && trimmed > 0) c.propagate(['XTRIM', key, 'MAXLEN', '=', '' + stream.length])
    }
    references?.propagate(c, key)
  }
  return formatId(id)
}

type AskedId = '*' | { readonly id: StreamId; readonly autoSeq: boolean }

function takeNewId(a: Args): AskedId {
  const text = a.next()
  if (text === '*') return '*'
  const autoSeq = text.endsWith(AUTO_SEQ)
  const id = parseId(autoSeq ? text.slice(0, -AUTO_SEQ.length) + '-0' : text, 0)
  if (id === undefined) a.fail(INVALID_STREAM_ID)
  return { id: id ?? MIN_ID, autoSeq }
}

/** The id of the next entry; undefined where the sequence numbers of the asked ms are used up. */
function newId({ lastId }: StreamValue, asked: AskedId, now: number): StreamId | undefined {
  if (asked === '*') return now > lastId.ms ? { ms: now, seq: 0 } : nextId(lastId)
  if (!asked.autoSeq || asked.id.ms !== lastId.ms) return asked.id
  const id = nextId(lastId)
  return id?.ms === lastId.ms ? id : undefined
}

function totalLength(strings: readonly Bytes[]): number {
  let length = 0
  for (const string of strings) length += string.length
  return length
}

/** XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT count] [KEEPREF|DELREF|ACKED] */
export function xtrim(c: Context, a: Args): Reply {
  const key = a.next()
  const trimming = new TrimOptions(c.session.isMaster)
  while (!a.done && a.error === undefined) if (!trimming.take(a)) a.fail(SYNTAX)
  if (a.error !== undefined) return a.error
  const trim = trimming.result(a, c.config['stream-node-max-entries'])
  if (a.error !== undefined) return a.error
  if (trim === undefined) return XTRIM_WITHOUT_STRATEGY
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return 0
  const references = trimming.policy === 'KEEPREF' ? undefined : new References(stream, trimming.policy)
  const removed = stream.trim(trim, references)
  if (removed === 0) return 0
  if (references !== undefined) references.propagate(c, key)
  else if (c.propagates) c.propagate(trimming.exact([...a.argv], stream))
  c.signal(key, Notify.Stream, 'xtrim')
  c.count(removed)
  return removed
}

/** XLEN key */
export function xlen(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), StreamValue)?.length ?? 0
}

/** XRANGE key start end [COUNT count] */
export const xrange = (c: Context, a: Args): Reply => rangeGeneric(c, a.next(), takeRange(a), a)

/** XREVRANGE key end start [COUNT count] */
export const xrevrange = (c: Context, a: Args): Reply => rangeGeneric(c, a.next(), takeReverse(a), a)

/** What XRANGE and XREVRANGE ask for, behind the key. */
export interface Range {
  readonly start: StreamId
  readonly stop: StreamId
  readonly isReverse: boolean
  /** -1 for no bound. */
  readonly count: number
}

export function takeRange(a: Args): Range {
  const start = takeStart(a)
  const stop = takeStop(a)
  return { start, stop, isReverse: false, count: takeCount(a) }
}

export function takeReverse(a: Args): Range {
  // Mistakes in the start are reported first, although it comes last.
  a.move(1)
  const start = takeStart(a)
  a.move(-2)
  const stop = takeStop(a)
  a.move(1)
  return { start, stop, isReverse: true, count: takeCount(a) }
}

function takeCount(a: Args): number {
  let count = -1
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('COUNT')) count = Math.max(0, a.integer())
    else a.fail(SYNTAX)
  }
  return count
}

function rangeGeneric(c: Context, key: Bytes, { start, stop, isReverse, count }: Range, a: Args): Reply {
  if (a.error !== undefined) return a.error
  const stream = c.db.readTyped(key, StreamValue)
  if (stream === undefined) return []
  if (count === 0) return NULL_ARRAY
  const entries: Reply[] = []
  stream.range(start, stop, isReverse, (id, pairs) => entries.push(entryReply(id, pairs)) !== count)
  return entries
}

/** XDEL key id [id …] */
export function xdel(c: Context, a: Args): Reply {
  const key = a.next()
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return 0
  const ids = takeIds(a)
  if (a.error !== undefined) return a.error
  let deleted = 0
  for (const id of ids) if (stream.delete(id)) deleted++
  if (deleted > 0) {
    c.signal(key, Notify.Stream, 'xdel')
    c.count(deleted)
  }
  return deleted
}

/** XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id] */
export function xsetid(c: Context, a: Args): Reply {
  const key = a.next()
  const id = takeId(a)
  let entriesAdded = -1
  let maxDeletedId = MIN_ID
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('ENTRIESADDED')) {
      entriesAdded = a.integer()
      if (entriesAdded < 0) a.fail(ENTRIES_ADDED_NEGATIVE)
    } else if (a.left >= 2 && a.match('MAXDELETEDID')) {
      maxDeletedId = takeId(a)
      if (compareIds(id, maxDeletedId) < 0) a.fail(XSETID_BELOW_GIVEN_DELETED)
    } else a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return NO_SUCH_KEY
  if (compareIds(id, stream.maxDeletedId) < 0) return XSETID_BELOW_DELETED
  if (stream.length > 0) {
    if (compareIds(id, stream.edgeId(false)) < 0) return XSETID_BELOW_TOP
    if (entriesAdded !== -1 && stream.length > entriesAdded) return XSETID_ENTRIES_ADDED
  }
  stream.lastId = id
  if (entriesAdded !== -1) stream.entriesAdded = entriesAdded
  if (!isZeroId(maxDeletedId)) stream.maxDeletedId = maxDeletedId
  c.addDirty(key)
  c.notify(Notify.Stream, 'xsetid', key)
  return OK
}
