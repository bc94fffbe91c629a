/**
 * Union, intersection and difference of sorted sets. Plain sets take part as sorted sets with all scores 1. As in Redis
 * the keys are looked up before the options are read, union and intersection go through their inputs from the smallest to the
 * largest, and inf - inf comes out as 0.
 */
import type { Bytes } from '../../base/bytes.ts'
import { LIMIT_NEGATIVE, SYNTAX, WRONG_TYPE } from '../../base/errors.ts'
import { formatDouble, type Reply } from '../../base/reply.ts'
import { ScoreTree, type Visit } from '../../keyspace/values/score-tree.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { storeResult } from '../store-result.ts'
import { atLeastOneKey, WEIGHT_NOT_FLOAT } from './errors.ts'
import { ScoredReply } from './scored-reply.ts'

type Aggregate = (target: number, value: number) => number

/** Counts the sets that have a member, whatever its scores: each adds its weight (Redis 8.8). */
const COUNT = 'COUNT'

const sum: Aggregate = (target, value) => zeroForNan(target + value)

const AGGREGATES: ReadonlyMap<Bytes, Aggregate> = new Map<Bytes, Aggregate>([
  ['SUM', sum],
  [COUNT, sum],
  // Not Math.min and Math.max: a value that is NaN (0 · inf) leaves the target as it is.
  // biome-ignore lint/complexity/useMathMinMax: see above
  ['MIN', (target, value) => (value < target ? value : target)],
  // biome-ignore lint/complexity/useMathMinMax: see above
  ['MAX', (target, value) => (value > target ? value : target)],
])

function zeroForNan(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

/** One input. */
class Source {
  weight = 1
  /** All scores count as 1. */
  ignoresScores = false
  readonly value: SetValue | ZSetValue | undefined

  constructor(value: SetValue | ZSetValue | undefined) {
    this.value = value
  }

  get length(): number {
    return this.value?.length ?? 0
  }

  /** The score without the weight. */
  score(member: Bytes): number | undefined {
    if (this.value instanceof SetValue) return this.value.has(member) ? 1 : undefined
    const score = this.value?.score(member)
    return score !== undefined && this.ignoresScores ? 1 : score
  }

  /** Sees the entries, the scores without the weight; false ends it. */
  walk(visit: Visit): void {
    const { value } = this
    if (value instanceof ZSetValue) {
      const seen: Visit = this.ignoresScores ? (member) => visit(member, 1) : visit
      value.walk(value.length - 1, value.length, true, seen)
    } else if (value !== undefined) for (const member of value.members()) if (visit(member, 1) === false) return
  }
}

/** What a result is gathered in, in any order. */
class Entries {
  readonly members: Bytes[] = []
  readonly scores: number[] = []

  add(member: Bytes, score: number): void {
    this.members.push(member)
    this.scores.push(score)
  }

  addAll(entries: ReadonlyMap<Bytes, number>): Entries {
    for (const [member, score] of entries) this.add(member, score)
    return this
  }
}

type Operation = 'union' | 'inter' | 'diff'

interface Request {
  readonly sources: readonly Source[]
  readonly aggregate: Aggregate
  readonly withScores: boolean
  /** Of ZINTERCARD; 0 is none. */
  readonly limit: number
}

/** What may follow the keys. */
interface Allowed {
  readonly weights?: boolean
  readonly withScores?: boolean
  readonly limit?: boolean
}

/** Takes `numkeys key [key …]` and options, and looks the keys up. */
function takeRequest(c: Context, a: Args, allowed: Allowed): Request {
  let aggregate = sum
  let withScores = false
  let limit = 0
  const sources = takeSources(c, a)
  while (!a.done && a.error === undefined) {
    if (allowed.weights && a.left > sources.length && a.match('WEIGHTS')) {
      for (const source of sources) source.weight = a.float(WEIGHT_NOT_FLOAT)
    } else if (allowed.weights && a.left >= 2 && a.match('AGGREGATE')) {
      const word = a.word()
      const named = AGGREGATES.get(word)
      if (named === undefined) a.fail(SYNTAX)
      else aggregate = named
      for (const source of sources) source.ignoresScores = word === COUNT
    } else if (allowed.withScores && a.match('WITHSCORES')) {
      withScores = true
    } else if (allowed.limit && a.left >= 2 && a.match('LIMIT')) {
      limit = a.integerBetween(0, Infinity, LIMIT_NEGATIVE)
    } else {
      a.fail(SYNTAX)
    }
  }
  return { sources, aggregate, withScores, limit }
}

function takeSources(c: Context, a: Args): Source[] {
  const numkeys = a.integer()
  if (a.error === undefined && numkeys < 1) a.fail(atLeastOneKey(c.command.fullName))
  if (a.error === undefined && numkeys > a.left) a.fail(SYNTAX)
  if (a.error !== undefined) return []
  return a.take(numkeys).map((key) => {
    const value = c.db.read(key)
    if (value === undefined || value instanceof ZSetValue || value instanceof SetValue) return new Source(value)
    throw WRONG_TYPE
  })
}

function smallestFirst(sources: readonly Source[]): Source[] {
  return sources.toSorted((a, b) => a.length - b.length)
}

function compute(operation: Operation, { sources, aggregate }: Request): Entries {
  if (operation === 'union') return union(smallestFirst(sources), aggregate)
  return operation === 'inter' ? intersection(smallestFirst(sources), aggregate, Infinity) : difference(sources)
}

function union(sources: readonly Source[], aggregate: Aggregate): Entries {
  const entries = new Map<Bytes, number>()
  for (const source of sources) {
    source.walk((member, unweighted) => {
      const score = zeroForNan(source.weight * unweighted)
      const known = entries.get(member)
      entries.set(member, known === undefined ? score : aggregate(known, score))
    })
  }
  return new Entries().addAll(entries)
}

/** Walks the smallest source and asks the others. At most `limit` entries. */
function intersection([smallest, ...others]: readonly Source[], aggregate: Aggregate, limit: number): Entries {
  const entries = new Entries()
  smallest.walk((member, unweighted) => {
    let score = zeroForNan(smallest.weight * unweighted)
    for (const other of others) {
      const found = other.score(member)
      if (found === undefined) return true
      score = aggregate(score, found * other.weight)
    }
    entries.add(member, score)
    return entries.members.length < limit
  })
  return entries
}

/** By one of two algorithms, as SDIFF: see `difference` in set-algebra.ts. */
function difference([first, ...others]: readonly Source[]): Entries {
  if (first.value === undefined || others.some((other) => other.value === first.value)) return new Entries()
  const askingWork = (first.length * (others.length + 1)) / 2
  const removingWork = others.reduce((sum, other) => sum + other.length, first.length)
  if (Math.floor(askingWork) <= removingWork) {
    const entries = new Entries()
    const largestFirst = others.toSorted((a, b) => b.length - a.length)
    first.walk((member, score) => {
      if (!largestFirst.some((other) => other.score(member) !== undefined)) entries.add(member, score)
    })
    return entries
  }
  const left = new Map<Bytes, number>()
  first.walk((member, score) => left.set(member, score))
  for (const other of others) {
    other.walk((member) => {
      left.delete(member)
      return left.size > 0
    })
  }
  return new Entries().addAll(left)
}

function read(c: Context, a: Args, operation: Operation): Reply {
  const request = takeRequest(c, a, { weights: operation !== 'diff', withScores: true })
  if (a.error !== undefined) return a.error
  const { scores, members } = compute(operation, request)
  const reply = new ScoredReply(c, request.withScores)
  const tree = ScoreTree.sorting(scores, members)
  tree.walk(0, tree.size, false, reply.add)
  return reply.items
}

function store(c: Context, a: Args, operation: Operation, event: Bytes): Reply {
  const destination = a.next()
  const request = takeRequest(c, a, { weights: operation !== 'diff' })
  if (a.error !== undefined) return a.error
  const { scores, members } = compute(operation, request)
  const result = ZSetValue.of(c.config, members, scores)
  if (c.propagates && request.sources.some(({ ignoresScores }) => ignoresScores)) {
    // A Redis of before 8.8 does not know how to count.
    c.propagate(['DEL', destination])
    if (members.length > 0) c.propagate(['ZADD', destination, ...scored(members, scores)])
  }
  return storeResult(c, destination, result, Notify.SortedSet, event)
}

/** Score, member, … as ZADD takes them. */
function scored(members: readonly Bytes[], scores: readonly number[]): Bytes[] {
  return members.flatMap((member, i) => [formatDouble(scores[i]), member])
}

/** ZUNION numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX|COUNT] [WITHSCORES] */
export function zunion(c: Context, a: Args): Reply {
  return read(c, a, 'union')
}

/** ZINTER numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX|COUNT] [WITHSCORES] */
export function zinter(c: Context, a: Args): Reply {
  return read(c, a, 'inter')
}

/** ZDIFF numkeys key [key …] [WITHSCORES] */
export function zdiff(c: Context, a: Args): Reply {
  return read(c, a, 'diff')
}

/** ZUNIONSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX|COUNT] */
export function zunionstore(c: Context, a: Args): Reply {
  return store(c, a, 'union', 'zunionstore')
}

/** ZINTERSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX|COUNT] */
export function zinterstore(c: Context, a: Args): Reply {
  return store(c, a, 'inter', 'zinterstore')
}

/** ZDIFFSTORE destination numkeys key [key …] */
export function zdiffstore(c: Context, a: Args): Reply {
  return store(c, a, 'diff', 'zdiffstore')
}

/** ZINTERCARD numkeys key [key …] [LIMIT limit] */
export function zintercard(c: Context, a: Args): Reply {
  const { sources, aggregate, limit } = takeRequest(c, a, { limit: true })
  if (a.error !== undefined) return a.error
  return intersection(smallestFirst(sources), aggregate, limit || Infinity).members.length
}
