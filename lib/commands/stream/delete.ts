/**
 * XDELEX and XACKDEL (Redis 8.2): removing entries with regard to the consumer groups that refer to them. KEEPREF leaves
 * pending entries as they are, as XDEL does; DELREF removes them with the entry, in every group; ACKED removes only
 * entries that every group has read and acknowledged.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NUMIDS_MISMATCH, NUMIDS_NOT_POSITIVE, SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { compareIds, type StreamId } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify } from '../command.ts'
import { takeIds } from './arguments.ts'

/** What the two commands answer for each id. */
const MISSING = -1
const DELETED = 1
const STILL_REFERRED_TO = 2

type Policy = 'KEEPREF' | 'DELREF' | 'ACKED'

interface Deletion {
  readonly policy: Policy
  readonly ids: readonly StreamId[]
}

/** XDELEX key [KEEPREF|DELREF|ACKED] IDS numids id [id …] */
function xdelex(c: Context, a: Args): Reply {
  const key = a.next()
  const { policy, ids } = takeDeletion(a)
  if (a.error !== undefined) return a.error
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return ids.map(() => MISSING)
  const { length } = stream
  const outcomes = ids.map((id) => (stream.has(id) ? remove(stream, id, policy) : MISSING))
  signalDeletion(c, key, length - stream.length)
  return outcomes
}

/** XACKDEL key group [KEEPREF|DELREF|ACKED] IDS numids id [id …] */
function xackdel(c: Context, a: Args): Reply {
  const key = a.next()
  const groupName = a.next()
  const { policy, ids } = takeDeletion(a)
  if (a.error !== undefined) return a.error
  const stream = c.db.findTyped(key, StreamValue)
  const group = stream?.group(groupName)
  if (stream === undefined || group === undefined) return ids.map(() => MISSING)
  const { length } = stream
  const outcomes = ids.map((id) => {
    if (!group.deletePending(id)) return MISSING
    c.addDirty(key)
    return remove(stream, id, policy)
  })
  signalDeletion(c, key, length - stream.length)
  return outcomes
}

function takeDeletion(a: Args): Deletion {
  let policy: Policy = 'KEEPREF'
  let given = false
  while (!a.match('IDS') && a.error === undefined) {
    const word = a.word()
    if (given || (word !== 'KEEPREF' && word !== 'DELREF' && word !== 'ACKED')) a.fail(SYNTAX)
    else policy = word
    given = true
  }
  const count = a.error === undefined ? a.integerBetween(1, Number.MAX_SAFE_INTEGER, NUMIDS_NOT_POSITIVE) : 0
  if (a.error === undefined && count !== a.left) a.fail(NUMIDS_MISMATCH)
  return { policy, ids: takeIds(a) }
}

function remove(stream: StreamValue, id: StreamId, policy: Policy): number {
  if (policy === 'ACKED' && isReferredTo(stream, id)) return STILL_REFERRED_TO
  if (policy === 'DELREF') for (const group of stream.groups()) group.deletePending(id)
  stream.delete(id)
  return DELETED
}

/** True if a group has the entry pending, or has yet to read it. */
function isReferredTo(stream: StreamValue, id: StreamId): boolean {
  return stream.groups().some((group) => compareIds(id, group.lastId) > 0 || group.pending.get(id) !== undefined)
}

function signalDeletion(c: Context, key: Bytes, deleted: number): void {
  if (deleted === 0) return
  c.signal(key, Notify.Stream, 'xdel')
  c.count(deleted)
}

export const streamDeleteCommands: readonly Command[] = [
  command('xdelex', 'stream', -5, 'write fast', [keyAt(1, 'RW delete')], xdelex),
  command('xackdel', 'stream', -6, 'write fast', [keyAt(1, 'RW delete')], xackdel),
]
