/**
 * Intersection, union and difference of sets; how many members they have is in cardinality.ts. All keys are looked up and checked before anything is computed; a missing
 * key is an empty set. A …STORE replaces its destination whatever it holds, and deletes it for an empty result.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Reply, SetReply } from '../../base/reply.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { storeResult } from '../store-result.ts'

export type Sets = (SetValue | undefined)[]

export function readSets(c: Context, keys: readonly Bytes[]): Sets {
  return keys.map((key) => c.db.readTyped(key, SetValue))
}

/** The sets of an intersection, the smallest first; undefined if one is missing, and so the intersection empty. */
export function readSmallestFirst(c: Context, keys: readonly Bytes[]): SetValue[] | undefined {
  const sets = readSets(c, keys)
  return sets.includes(undefined) ? undefined : (sets as SetValue[]).sort((a, b) => a.length - b.length)
}

/** The members that all sets have, at most `limit` of them. O(smallest · sets) at worst. */
export function intersection(sets: readonly SetValue[] | undefined, limit = Infinity): Bytes[] {
  const common: Bytes[] = []
  if (sets === undefined) return common
  const [smallest, ...others] = sets
  const members = smallest.members()
  for (let i = 0; i < members.length && common.length < limit; i++) {
    if (others.every((other) => other.has(members[i]))) common.push(members[i])
  }
  return common
}

function union(c: Context, sets: Sets): SetValue {
  const result = SetValue.gathering(c.config)
  for (const set of sets) if (set !== undefined) for (const member of set.members()) result.add(member)
  return result
}

/**
 * The members of the first set that no other has. As in Redis one of two algorithms, by estimated work: ask all other
 * sets for each member of the first, O(first · sets), or take each member of the others from a copy of the first, O(sum of
 * lengths). The former has less to do where there is much in common, so its work counts half, and it may end at a limit.
 */
export function difference(c: Context, [first, ...rest]: Sets, limit = Infinity): SetValue {
  const result = SetValue.gathering(c.config)
  if (first === undefined || rest.includes(first)) return result
  const others = rest.filter((set) => set !== undefined)
  const askingWork = (first.length * (others.length + 1)) / 2
  const removingWork = others.reduce((sum, set) => sum + set.length, first.length)
  if (Math.floor(askingWork) <= removingWork) {
    others.sort((a, b) => b.length - a.length)
    for (const member of first.members()) {
      if (!others.some((set) => set.has(member)) && result.add(member) && result.length >= limit) break
    }
    return result
  }
  for (const member of first.members()) result.add(member)
  for (const set of others) {
    for (const member of set.members()) result.delete(member)
    if (result.length === 0) break
  }
  return result
}

/** SINTER key [key …] */
export function sinter(c: Context, a: Args): Reply {
  return new SetReply(intersection(readSmallestFirst(c, a.rest())))
}

/** SINTERSTORE destination key [key …] */
export function sinterstore(c: Context, a: Args): Reply {
  const destination = a.next()
  const sets = readSmallestFirst(c, a.rest())
  const result = new SetValue(c.config, sets?.[0].encoding === 'intset' ? '0' : undefined, 0)
  for (const member of intersection(sets)) result.add(member)
  result.shrinkToIntset()
  return storeResult(c, destination, result, Notify.Set, 'sinterstore')
}

/** SUNION key [key …] */
export function sunion(c: Context, a: Args): Reply {
  return new SetReply(union(c, readSets(c, a.rest())).members())
}

/** SUNIONSTORE destination key [key …] */
export function sunionstore(c: Context, a: Args): Reply {
  const destination = a.next()
  return storeResult(c, destination, union(c, readSets(c, a.rest())), Notify.Set, 'sunionstore')
}

/** SDIFF key [key …] */
export function sdiff(c: Context, a: Args): Reply {
  return new SetReply(difference(c, readSets(c, a.rest())).members())
}

/** SDIFFSTORE destination key [key …] */
export function sdiffstore(c: Context, a: Args): Reply {
  const destination = a.next()
  return storeResult(c, destination, difference(c, readSets(c, a.rest())), Notify.Set, 'sdiffstore')
}
