/**
 * Intersection, union and difference of sets; how many members they have is in cardinality.ts. All keys are looked up and checked before anything is computed; a missing
 * key is an empty set. A …STORE replaces its destination whatever it holds, and deletes it for an empty result.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Reply, SetReply } from '../../base/reply.ts'
import type { Elements } from '../../keyspace/large/elements.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import type { At } from '../../memory/arena.ts'
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
  const { elements } = smallest
  if (elements !== undefined) {
    for (let i = 0; i < elements.size && common.length < limit; i++) {
      const at = elements.atPosition(i)
      if (isInAll(others, elements, at)) common.push(elements.keyOf(at))
    }
    return common
  }
  const members = smallest.members()
  for (let i = 0; i < members.length && common.length < limit; i++) {
    if (others.every((other) => other.has(members[i]))) common.push(members[i])
  }
  return common
}

function isInAll(sets: readonly SetValue[], elements: Elements, at: At): boolean {
  for (let i = 0; i < sets.length; i++) if (!sets[i].hasOf(elements, at)) return false
  return true
}

function isInAny(sets: readonly SetValue[], elements: Elements, at: At): boolean {
  for (let i = 0; i < sets.length; i++) if (sets[i].hasOf(elements, at)) return true
  return false
}

/** Whether a set is large, and its members would make a hashtable of any other. So a copy of it is what gathering them comes to. */
function isTableAnyway({ config }: Context, set: SetValue): boolean {
  const most = Math.max(config['set-max-intset-entries'], config['set-max-listpack-entries'])
  return set.elements !== undefined && set.length > most
}

function union(c: Context, sets: Sets): SetValue {
  const large = sets.find((set) => set !== undefined && isTableAnyway(c, set))
  const result = large?.copy() ?? SetValue.gathering(c.config)
  for (const set of sets) if (set !== undefined && set !== large) addAll(result, set)
  return result
}

function addAll(result: SetValue, set: SetValue): void {
  const { elements } = set
  if (elements === undefined) for (const member of set.members()) result.add(member)
  else for (let i = 0; i < elements.size; i++) result.addOf(elements, elements.atPosition(i))
}

function deleteAll(result: SetValue, set: SetValue): void {
  const { elements } = set
  if (elements === undefined) for (const member of set.members()) result.delete(member)
  else for (let i = 0; i < elements.size; i++) result.deleteOf(elements, elements.atPosition(i))
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
    const { elements } = first
    if (elements !== undefined) {
      for (let i = 0; i < elements.size && result.length < limit; i++) {
        const at = elements.atPosition(i)
        if (!isInAny(others, elements, at)) result.addOf(elements, at)
      }
      return result
    }
    for (const member of first.members()) {
      if (!others.some((set) => set.has(member)) && result.add(member) && result.length >= limit) break
    }
    return result
  }
  const left = isTableAnyway(c, first) ? first.copy() : result
  if (left === result) addAll(result, first)
  for (const set of others) {
    deleteAll(left, set)
    if (left.length === 0) break
  }
  return left
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
