/**
 * Set commands on one key, and SMOVE. What combines several sets is in set-algebra.ts. Whatever is drawn at random
 * travels in the stream of effects as the SREM that it comes to.
 */
import type { Bytes } from '../../base/bytes.ts'
import { MUST_BE_POSITIVE, SYNTAX } from '../../base/errors.ts'
import { type Reply, SetReply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { checkDrawCount, drawnReply, takeDrawCount } from '../random-draw.ts'
import { EMPTY_SCAN, ScanKind, scanGeneric, takeCursor } from '../scan.ts'

const EMPTY_SET = new SetReply([])
/** Members in one SREM of the stream of effects, as in Redis. */
const SREM_BATCH = 1024
/** SPOP builds the set anew when it keeps fewer members than this share of those it takes. */
const KEEP_FACTOR = 5

/** SADD key member [member …] */
export function sadd(c: Context, a: Args): Reply {
  const key = a.next()
  return addMembers(c, key, c.db.findTyped(key, SetValue), a.argv)
}

/** Adds the members of a command to the set of its key, if there is one, or to a new one. Returns how many are new. */
export function addMembers(c: Context, key: Bytes, found: SetValue | undefined, argv: readonly Bytes[]): number {
  const count = argv.length - 2
  const set = found ?? new SetValue(c.config, argv[2], count)
  if (found === undefined) c.db.set(key, set, NO_EXPIRY)
  else if (count > 1) set.expect(count)
  let added = 0
  for (let i = 2; i < argv.length; i++) if (set.add(argv[i])) added++
  if (added > 0) {
    c.signal(key, Notify.Set, 'sadd')
    c.count(added)
  }
  return added
}

/** SREM key member [member …] */
export function srem(c: Context, a: Args): Reply {
  const key = a.next()
  const set = c.db.findTyped(key, SetValue)
  if (set === undefined) return 0
  let removed = 0
  while (!a.done && set.length > 0) if (set.delete(a.next())) removed++
  if (removed > 0) {
    c.signal(key, Notify.Set, 'srem')
    c.count(removed)
    deleteIfEmpty(c, key, set)
  }
  return removed
}

/** SISMEMBER key member */
export function sismember(c: Context, a: Args): Reply {
  const set = c.db.readTyped(a.next(), SetValue)
  return set?.has(a.next()) ? 1 : 0
}

/** SMISMEMBER key member [member …] */
export function smismember(c: Context, a: Args): Reply {
  const set = c.db.readTyped(a.next(), SetValue)
  return a.rest().map((member) => (set?.has(member) ? 1 : 0))
}

/** SCARD key */
export function scard(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), SetValue)?.length ?? 0
}

/** SMEMBERS key */
export function smembers(c: Context, a: Args): Reply {
  return allMembers(c.db.readTyped(a.next(), SetValue))
}

/** The reply of SMEMBERS. */
export function allMembers(set: SetValue | undefined): Reply {
  return set === undefined ? EMPTY_SET : new SetReply(set.members().slice())
}

/** SMOVE source destination member */
export function smove(c: Context, a: Args): Reply {
  const sourceKey = a.next()
  const destinationKey = a.next()
  const member = a.next()
  const source = c.db.findTyped(sourceKey, SetValue)
  if (source === undefined) return 0
  let destination = c.db.findTyped(destinationKey, SetValue)
  if (source === destination) return source.has(member) ? 1 : 0
  if (!source.delete(member)) return 0
  c.signal(sourceKey, Notify.Set, 'srem')
  deleteIfEmpty(c, sourceKey, source)
  if (destination === undefined) {
    destination = new SetValue(c.config, member, 1)
    c.db.set(destinationKey, destination, NO_EXPIRY)
  }
  if (destination.add(member)) c.signal(destinationKey, Notify.Set, 'sadd')
  return 1
}

/** SPOP key [count] */
export function spop(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.left > 1) return a.fail(SYNTAX)
  if (!a.done) return spopCount(c, a, key)
  const set = c.db.findTyped(key, SetValue)
  return set === undefined ? null : popMember(c, key, set)
}

/** Takes a member that is drawn at random out of a set. */
export function popMember(c: Context, key: Bytes, set: SetValue): Bytes {
  const member = set.popRandom()
  c.signal(key, Notify.Set, 'spop')
  if (c.propagates) c.propagate(['SREM', key, member])
  deleteIfEmpty(c, key, set)
  return member
}

function spopCount(c: Context, a: Args, key: Bytes): Reply {
  const count = a.integerBetween(0, Infinity, MUST_BE_POSITIVE)
  if (a.error !== undefined) return a.error
  const set = c.db.findTyped(key, SetValue)
  if (set === undefined || count === 0) return EMPTY_SET
  const keep = set.length - count
  if (keep <= 0) {
    const members = set.members()
    c.db.delete(key)
    c.signal(key, Notify.Set, 'spop')
    c.count(members.length)
    c.notify(Notify.Generic, 'del', key)
    if (c.propagates) c.propagate([c.config['lazyfree-lazy-server-del'] ? 'UNLINK' : 'DEL', key])
    return new SetReply(members)
  }
  let popped: Bytes[]
  if (keep * KEEP_FACTOR <= count) {
    popped = set.popAllBut(keep)
  } else {
    popped = []
    for (let i = 0; i < count; i++) popped.push(set.popRandom())
  }
  c.signal(key, Notify.Set, 'spop')
  c.count(popped.length)
  if (c.propagates) {
    for (let i = 0; i < popped.length; i += SREM_BATCH) c.propagate(['SREM', key, ...popped.slice(i, i + SREM_BATCH)])
  }
  return new SetReply(popped)
}

/** SRANDMEMBER key [count] */
export function srandmember(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.left > 1) return a.fail(SYNTAX)
  if (a.done) return c.db.readTyped(key, SetValue)?.randomMember() ?? null
  const count = takeDrawCount(a)
  checkDrawCount(a, count, false)
  if (a.error !== undefined) return a.error
  const set = c.db.readTyped(key, SetValue)
  if (set === undefined) return []
  if (count >= set.length) return set.members().slice()
  return drawnReply(set.length, count, (reply, position) => reply.push(set.memberAt(position)))
}

/** SSCAN key cursor [MATCH pattern] [COUNT count] */
export function sscan(c: Context, a: Args): Reply {
  const key = a.next()
  const cursor = takeCursor(a)
  if (a.error !== undefined) return a.error
  const set = c.db.readTyped(key, SetValue)
  return set === undefined ? EMPTY_SCAN : scanGeneric(a, cursor, set, ScanKind.Other)
}

function deleteIfEmpty(c: Context, key: Bytes, set: SetValue): void {
  if (set.length > 0) return
  c.db.delete(key)
  c.notify(Notify.Generic, 'del', key)
}
