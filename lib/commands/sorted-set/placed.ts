/**
 * ZADD of one entry, ZINCRBY, ZSCORE, ZRANK and ZREVRANK, ZREM of one member, ZRANGE and its kin but those by member, and ZPOPMIN and ZPOPMAX without a count, with
 * arguments by their places in the read buffer: what their handlers do, without a string for most of it where the sorted set is packed, new
 * or large.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { Double, formatDouble } from '../../base/reply.ts'
import type { Ranked } from '../../keyspace/large/ranked.ts'
import { HEADER_BYTES, writePlaced } from '../../keyspace/packed/element.ts'
import { addEntry, updateEntry } from '../../keyspace/packed/entries.ts'
import { endListpack, PACK_MAX } from '../../keyspace/packed/pack.ts'
import { compareScore, scoreAt, writeScore } from '../../keyspace/packed/score.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkType } from '../../keyspace/typed.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { Args } from '../args.ts'
import { always, type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElement, answerElements, answerKey, keyText, leavesAtOnce } from '../placedanswer.ts'
import { SCORE_NAN } from './errors.ts'
import { rankOf } from './sorted-set.ts'
import { addEntriesTo, deleteIfEmpty, removeMembers, type ZaddOptions } from './zadd.ts'
import { type End, pop } from './zpop.ts'
import { By, locate, readSpan, type Span, spanOfRanks, takeRange } from './zrange.ts'

const NO_OPTIONS: ZaddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false }
const INCREMENT: ZaddOptions = { ...NO_OPTIONS, incr: true }

const WITH_SCORES = 'WITHSCORES'
/** Bytes of the longest decimal that is taken, and of the longest that is exact digit by digit. */
const DECIMAL_MAX = 40
const EXACT_MAX = 15
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57

/** What became of an entry. */
const Became = { New: 1, Other: 0, Same: -1 } as const

/** ZADD key score member */
export const placedZadd: PlacedForm = {
  suits: (p) => p.count === 4 && p.length(3) <= PACK_MAX && hasDecimal(p),
  run(c: Context, p: Places): PlacedReply {
    const { table } = c.db
    const at = c.db.findPlace(p, 1)
    const score = scoreIn(p)
    let became: number | undefined
    if (at === 0) became = addPacked(c, p, score)
    else if (table.formOf(at) === Form.ZSet) became = setPacked(c, p, at, score)
    if (became === undefined) {
      const key = keyText(c, p, at)
      const zset = at === 0 ? undefined : checkType(table.valueOf(at, key), ZSetValue)
      if (zset?.large === undefined) return addEntriesTo(c, key, zset, [p.text(3)], [score], NO_OPTIONS)
      return setLarge(c, p, key, zset.large, score)
    }
    if (became === Became.Same) return 0
    c.signalPlace(p, 1, Notify.SortedSet, 'zadd')
    return became
  },
}

function setLarge(c: Context, p: Places, key: Bytes, large: Ranked, score: number): number {
  const at = large.findPlace(p, 3)
  if (at === 0) large.addPlace(p, 3, score)
  else if (large.scoreOf(at) === score) return 0
  else large.setScore(at, score)
  c.signal(key, Notify.SortedSet, 'zadd')
  return at === 0 ? 1 : 0
}

/** ZINCRBY key increment member */
export const placedZincrby: PlacedForm = {
  suits: (p) => p.length(3) <= PACK_MAX && hasDecimal(p),
  run(c: Context, p: Places): PlacedReply {
    const { table } = c.db
    const at = c.db.findPlace(p, 1)
    const key = keyText(c, p, at)
    const zset = at === 0 ? undefined : checkType(table.valueOf(at, key), ZSetValue)
    const large = zset?.large
    const found = large === undefined ? 0 : large.findPlace(p, 3)
    if (large === undefined || found === 0) {
      return addEntriesTo(c, key, zset, [p.text(3)], [scoreIn(p)], INCREMENT)
    }
    const current = large.scoreOf(found)
    const score = current + scoreIn(p)
    if (Number.isNaN(score)) return SCORE_NAN
    if (score !== current) {
      large.setScore(found, score)
      c.signal(key, Notify.SortedSet, 'zincr')
    }
    return scoreReply(c, score)
  },
}

/** ZSCORE key member */
export const placedZscore: PlacedForm = {
  suits: (p) => p.length(2) <= PACK_MAX,
  run(c: Context, p: Places): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return null
    const { table } = c.db
    if (table.formOf(at) === Form.ZSet) {
      const pack = table.packAt(at)
      const found = pack.findPlace(p, 2, 2)
      return found === -1 ? null : scoreReply(c, scoreAt(pack, pack.skip(found)))
    }
    const zset = checkType(table.valueOf(at, keyText(c, p, at)), ZSetValue)!
    const { large } = zset
    const found = large === undefined ? 0 : large.findPlace(p, 2)
    const score = large === undefined ? zset.score(p.text(2)) : found === 0 ? undefined : large.scoreOf(found)
    return score === undefined ? null : scoreReply(c, score)
  },
}

/** ZRANK key member */
export const placedZrank: PlacedForm = { suits: hasNoOption, run: (c, p) => rankPlaced(c, p, false) }

/** ZREVRANK key member */
export const placedZrevrank: PlacedForm = { suits: hasNoOption, run: (c, p) => rankPlaced(c, p, true) }

function hasNoOption(p: Places): boolean {
  return p.count === 3 && p.length(2) <= PACK_MAX
}

function rankPlaced(c: Context, p: Places, down: boolean): PlacedReply {
  const at = c.db.readPlace(p, 1)
  if (at === 0) return null
  const zset = checkType(c.db.table.valueOf(at, keyText(c, p, at)), ZSetValue)!
  const { large } = zset
  if (large === undefined) return rankOf(zset, p.text(2), down)
  const found = large.findPlace(p, 2)
  if (found === 0) return null
  const rank = large.rank(found)
  return down ? large.size - 1 - rank : rank
}

/** ZREM key member */
export const placedZrem: PlacedForm = {
  suits: hasNoOption,
  run(c: Context, p: Places): PlacedReply {
    const at = c.db.findPlace(p, 1)
    if (at === 0) return 0
    const key = keyText(c, p, at)
    const zset = checkType(c.db.table.valueOf(at, key), ZSetValue)!
    const { large } = zset
    if (large === undefined) return removeMembers(c, key, zset, [p.text(2)])
    const found = large.findPlace(p, 2)
    if (found === 0) return 0
    large.remove(found)
    c.signal(key, Notify.SortedSet, 'zrem')
    deleteIfEmpty(c, key, zset)
    return 1
  },
}

/** A score as a whole reply. In RESP2 it is a string. */
function scoreReply(c: Context, score: number): PlacedReply {
  return c.session.replyProto === 3 ? new Double(score) : formatDouble(score)
}

/** Whether the score is a plain decimal, as in -1.50. */
function hasDecimal(p: Places): boolean {
  const { bytes } = p
  const end = p.end(2)
  let i = p.start(2)
  if (bytes[i] === MINUS) i++
  const start = i
  let dot = start
  for (; i < end; i++) {
    const byte = bytes[i]
    if (byte >= ZERO && byte <= NINE) continue
    if (byte !== DOT || dot !== start || i === start || i + 1 === end) return false
    dot = i
  }
  return i > start && i - start <= DECIMAL_MAX
}

/** A plain decimal: few digits, and a power of ten that is exact, have an exact quotient. */
function scoreIn(p: Places): number {
  const { bytes } = p
  const end = p.end(2)
  const start = p.start(2)
  if (end - start > EXACT_MAX) return Number(p.text(2))
  let digits = 0
  let scale = 0
  for (let i = bytes[start] === MINUS ? start + 1 : start; i < end; i++) {
    if (bytes[i] === DOT) scale = 1
    else {
      digits = digits * 10 + bytes[i] - ZERO
      scale *= 10
    }
  }
  const number = scale === 0 ? digits : digits / scale
  return bytes[start] === MINUS ? -number : number
}

/** Undefined, and nothing is changed, if a new sorted set is not to be packed. */
function addPacked(c: Context, p: Places, score: number): number | undefined {
  if (!fits(c, p, 1)) return undefined
  const length = endListpack(writeScore(score, writePlaced(p, 3, HEADER_BYTES)), 2)
  if (length === 0) return undefined
  c.db.addPackedPlace(p, 1, Form.ZSet, length, c.config)
  return Became.New
}

/** Undefined, and nothing is changed, if that is too much for a pack. */
function setPacked(c: Context, p: Places, at: At, score: number): number | undefined {
  // What there is grows by the limits of today.
  if (c.config['zset-max-listpack-entries'] < 1) return undefined
  const pack = c.db.table.packAt(at)
  const found = pack.findPlace(p, 3, 2)
  if (found === -1) {
    return fits(c, p, pack.count / 2 + 1) && addEntry(pack, p.text(3), score) ? Became.New : undefined
  }
  if (compareScore(pack, pack.skip(found), score) === 0) return Became.Same
  return updateEntry(pack, p.text(3), score) ? Became.Other : undefined
}

/** As `ZSetValue.expect` asks. */
function fits({ config }: Context, p: Places, count: number): boolean {
  return count <= config['zset-max-listpack-entries'] && p.length(3) <= config['zset-max-listpack-value']
}

/** Whether the fifth argument is WITHSCORES, in any case. */
function hasScores(p: Places): boolean {
  return p.length(4) === WITH_SCORES.length && p.text(4).toUpperCase() === WITH_SCORES
}

/** ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES] */
export const placedZrange: PlacedForm = {
  suits: always,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const withScores = p.count === 5 && hasScores(p)
    const start = p.integer(2)
    const stop = p.count === 4 || withScores ? p.integer(3) : Number.NaN
    if (Number.isNaN(start) || Number.isNaN(stop)) return range(c, p, out)
    const at = c.db.readPlace(p, 1)
    if (at === 0) return []
    const { table } = c.db
    // In RESP3 scores are doubles, in pairs with their members.
    if (table.formOf(at) !== Form.ZSet || (withScores && c.session.replyProto === 3)) {
      const zset = checkType(table.valueOf(at, keyText(c, p, at)), ZSetValue)!
      return answerSpan(c, zset, spanOfRanks(zset.length, start, stop, false), false, withScores, out)
    }
    const pack = table.packAt(at)
    const { rank, count } = spanOfRanks(pack.count / 2, start, stop, false)
    if (count <= 0) return []
    out.array(withScores ? 2 * count : count)
    let element = pack.seek(2 * rank)
    if (withScores) {
      answerElements(pack.bytes, pack.view, element, 2 * count, out)
      return ANSWERED
    }
    for (let i = 0; i < count; i++) {
      answerElement(pack, element, out)
      element = pack.skip(pack.skip(element))
    }
    return ANSWERED
  },
}

/** ZREVRANGE key start stop [WITHSCORES] */
export const placedZrevrange: PlacedForm = { suits: always, run: (c, p, out) => range(c, p, out, By.Rank, true) }

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count] */
export const placedZrangebyscore: PlacedForm = { suits: always, run: (c, p, out) => range(c, p, out, By.Score, false) }

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count] */
export const placedZrevrangebyscore: PlacedForm = {
  suits: always,
  run: (c, p, out) => range(c, p, out, By.Score, true),
}

const args = new Args()

function range(c: Context, p: Places, out: Answer, by?: By, down?: boolean): PlacedReply {
  args.reset(p.argv(), 2)
  const range = takeRange(args, false, by, down)
  if (args.error !== undefined) return args.error
  const at = c.db.readPlace(p, 1)
  if (at === 0) return []
  const zset = checkType(c.db.table.valueOf(at, keyText(c, p, at)), ZSetValue)!
  return answerSpan(c, zset, locate(zset, range), range.down, range.withScores, out)
}

/** As `readSpan`; without strings where the sorted set is large. */
function answerSpan(
  c: Context,
  zset: ZSetValue,
  span: Span,
  down: boolean,
  withScores: boolean,
  out: Answer,
): PlacedReply {
  const { large } = zset
  const isPairs = withScores && c.session.replyProto === 3
  const { rank, count } = span
  if (large === undefined || isPairs || rank < 0 || rank >= large.size || count <= 0) {
    return readSpan(c, zset, span, down, withScores)
  }
  const length = Math.min(count, down ? rank + 1 : large.size - rank)
  const { elements } = large
  if (!leavesAtOnce(elements, length)) return readSpan(c, zset, span, down, withScores)
  out.array(withScores ? 2 * length : length)
  large.walk(rank, length, down, (at, score) => {
    answerKey(elements, at, out)
    if (withScores) out.add(formatDouble(score))
  })
  return ANSWERED
}

/** ZPOPMIN key */
export const placedZpopmin: PlacedForm = { suits: hasNoCount, run: (c, p) => popOne(c, p, 'min') }

/** ZPOPMAX key */
export const placedZpopmax: PlacedForm = { suits: hasNoCount, run: (c, p) => popOne(c, p, 'max') }

function hasNoCount(p: Places): boolean {
  return p.count === 2
}

function popOne(c: Context, p: Places, end: End): PlacedReply {
  const at = c.db.findPlace(p, 1)
  if (at === 0) return []
  const key = keyText(c, p, at)
  return pop(c, key, checkType(c.db.table.valueOf(at, key), ZSetValue)!, end, 1)[0]
}
