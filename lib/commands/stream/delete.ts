/** XDELEX and XACKDEL (Redis 8.2): removing entries with regard to the consumer groups that refer to them. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import type { StreamId } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { takeId } from './arguments.ts'
import { IDS_MISSING, NUMIDS_MISMATCH, NUMIDS_NOT_POSITIVE } from './errors.ts'
import { type Policy, References, takePolicy } from './references.ts'

/** What the two commands answer for each id. */
const MISSING = -1
const DELETED = 1
const STILL_REFERRED_TO = 2

interface Deletion {
  readonly policy: Policy
  readonly ids: readonly StreamId[]
}

/** XDELEX key [KEEPREF|DELREF|ACKED] IDS numids id [id …] */
export function xdelex(c: Context, a: Args): Reply {
  const key = a.next()
  const { policy, ids } = takeDeletion(a)
  if (a.error !== undefined) return a.error
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return ids.map(() => MISSING)
  return removeAll(c, key, stream, policy, ids, (id, references) => {
    if (!references.release(id)) return STILL_REFERRED_TO
    if (!stream.delete(id)) return MISSING
    references.removed(id)
    return DELETED
  })
}

/** XACKDEL key group [KEEPREF|DELREF|ACKED] IDS numids id [id …]. What is acknowledged may be gone from the stream. */
export function xackdel(c: Context, a: Args): Reply {
  const key = a.next()
  const groupName = a.next()
  const { policy, ids } = takeDeletion(a)
  if (a.error !== undefined) return a.error
  const stream = c.db.findTyped(key, StreamValue)
  if (stream?.group(groupName) === undefined) return ids.map(() => MISSING)
  return removeAll(c, key, stream, policy, ids, (id, references) => {
    if (!references.acknowledge(groupName, id)) return MISSING
    if (!references.release(id)) return STILL_REFERRED_TO
    if (stream.delete(id)) references.removed(id)
    return DELETED
  })
}

type Removal = (id: StreamId, references: References) => number

function removeAll(
  c: Context,
  key: Bytes,
  stream: StreamValue,
  policy: Policy,
  ids: readonly StreamId[],
  remove: Removal,
): Reply {
  const references = new References(stream, policy)
  const { length } = stream
  const outcomes = ids.map((id) => remove(id, references))
  if (references.changed) c.addDirty(key)
  signalDeletion(c, key, length - stream.length)
  references.propagate(c, key)
  return outcomes
}

/** The policy may stand before or behind the ids. */
function takeDeletion(a: Args): Deletion {
  let policy: Policy | undefined
  let ids: StreamId[] | undefined
  while (!a.done && a.error === undefined) {
    const word = takePolicy(a)
    if (word !== undefined && policy === undefined) policy = word
    else if (word === undefined && ids === undefined && a.left >= 2 && a.match('IDS')) ids = takeCountedIds(a)
    else a.fail(SYNTAX)
  }
  if (ids === undefined) a.fail(IDS_MISSING)
  return { policy: policy ?? 'KEEPREF', ids: ids ?? [] }
}

function takeCountedIds(a: Args): StreamId[] {
  const count = a.integerBetween(1, Number.MAX_SAFE_INTEGER, NUMIDS_NOT_POSITIVE)
  if (a.error === undefined && count > a.left) a.fail(NUMIDS_MISMATCH)
  const ids: StreamId[] = []
  while (a.error === undefined && ids.length < count) ids.push(takeId(a))
  return ids
}

function signalDeletion(c: Context, key: Bytes, deleted: number): void {
  if (deleted === 0) return
  c.signal(key, Notify.Stream, 'xdel')
  c.count(deleted)
}
