/**
 * The places of a sorted set within a shape: the ranges of scores that cover it are read, each place in them is asked whether
 * it is inside, and what is found is put in order where that is asked for. Where only the nearest are wanted, the circle becomes
 * smaller with what is found.
 */
import type { Bytes } from '../../base/bytes.ts'
import { ScoreCut } from '../../keyspace/values/cut.ts'
import type { RunMembers } from '../../keyspace/values/score-tree.ts'
import type { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Place } from '../../memory/twin/geo.ts'
import { orderOf } from '../sorting.ts'
import { distancesWithin } from './distances.ts'
import { coveringRanges, type Shape } from './geohash.ts'

/** What is asked for. */
export interface Wanted {
  readonly centre: Place
  readonly shape: Shape
  /** 0: all. */
  readonly count: number
  /** Enough is found once `count` are, whichever they are. */
  readonly any: boolean
  readonly order: 'asc' | 'desc' | undefined
  readonly distances: boolean
  readonly scores: boolean
}

/** The places found, each at one place of the arrays: an object for each would be most of the work. */
export interface Found {
  members: Bytes[]
  /** Empty where nobody asks for them. */
  scores: number[]
  /** In metres, from the centre; empty where nobody asks for them. */
  distances: number[]
}

/** Places that are read before the first are asked whether they are inside, and at most at once; those of one leaf more. */
const FIRST_BATCH = 64
const LAST_BATCH = 8192
const LEAF_MAX = 64
/** So many that may be the nearest are gathered before they are looked through, or so many times what is wanted. */
const GATHERED_MIN = 256
const GATHERED_FACTOR = 4

const scoresRead = new Float64Array(LAST_BATCH + LEAF_MAX)

/** Places that are looked at together, where they stand. */
class Batch {
  readonly members: RunMembers[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []
  count = 0
  /** No more places are below the greatest score. */
  isLast = true

  /** Adds a leaf's places from `start` on, below a score. False if there are others in it, or enough. */
  add(
    members: RunMembers,
    scores: ArrayLike<number>,
    start: number,
    length: number,
    max: number,
    enough: number,
  ): boolean {
    let end = length
    while (end > start && scores[end - 1] >= max) end--
    for (let i = start; i < end; i++) scoresRead[this.count++] = scores[i]
    if (end > start) {
      this.members.push(members)
      this.starts.push(start)
      this.ends.push(end)
    }
    this.isLast = end < length || this.count < enough
    return end === length && this.count < enough
  }
}

/** Each place may be asked for once. `wanted.order` decides which `count` they are, unless any will do. */
export function search(zset: ZSetValue, wanted: Wanted): Found {
  const { centre, shape, any, count, order } = wanted
  const tells = order !== undefined || wanted.distances
  const enough = any ? count : Infinity
  const gathered = order === 'asc' && count !== 0 && 'radius' in shape ? nearEnough(count) : Infinity
  const found: Found = { members: [], scores: [], distances: [] }
  let within = shape
  for (const { min, max } of coveringRanges(shape, centre)) {
    let rank = zset.rankOfCut(new ScoreCut(min, false))
    for (let read = FIRST_BATCH; found.members.length < enough; read = Math.min(LAST_BATCH, 2 * read)) {
      const batch = new Batch()
      zset.walkRuns(rank, (members, scores, start, end) => batch.add(members, scores, start, end, max, read))
      const distances = distancesWithin(within, centre, scoresRead.subarray(0, batch.count), tells)
      addWithin(found, enough, batch, distances, tells, wanted.scores)
      if (found.members.length >= gathered) {
        keepFirst(found, 'asc', count)
        within = { radius: found.distances[count - 1] }
      }
      if (batch.isLast) break
      rank += batch.count
    }
  }
  if (order !== undefined) keepFirst(found, order, count === 0 ? found.members.length : count)
  return found
}

function nearEnough(count: number): number {
  return Math.max(GATHERED_MIN, GATHERED_FACTOR * count)
}

/** Adds those that are inside, until there are enough. */
function addWithin(
  { members, scores, distances }: Found,
  enough: number,
  batch: Batch,
  within: Float64Array,
  tells: boolean,
  keepsScores: boolean,
): void {
  for (let run = 0, at = 0; run < batch.members.length; run++) {
    const its = batch.members[run]
    const end = batch.ends[run]
    for (let i = batch.starts[run]; i < end; i++, at++) {
      const distance = within[at]
      if (distance < 0) continue
      if (members.length >= enough) return
      members.push(its.at(i)!)
      if (tells) distances.push(distance)
      if (keepsScores) scores.push(scoresRead[at])
    }
  }
}

/** Leaves the first `count` in an order, or all that there are. */
function keepFirst(found: Found, order: 'asc' | 'desc', count: number): void {
  const { members, scores, distances } = found
  const keys = Float64Array.from(distances)
  if (order === 'desc') for (let i = 0; i < keys.length; i++) keys[i] = 0 - keys[i]
  const places = orderOf(keys).subarray(0, count)
  found.members = taken(members, places)
  found.distances = taken(distances, places)
  if (scores.length > 0) found.scores = taken(scores, places)
}

function taken<Element>(elements: readonly Element[], places: Uint32Array): Element[] {
  const result: Element[] = []
  for (let i = 0; i < places.length; i++) result.push(elements[places[i]])
  return result
}
