/**
 * ZADD of one entry, ZRANGE by ranks, and ZPOPMIN and ZPOPMAX without a count, with arguments by their places in the read buffer: what their
 * handlers do, without a string for most of it where the sorted set is packed or new.
 */
import type { Places } from '../../base/places.ts'
import { HEADER_BYTES, writePlaced } from '../../keyspace/packed/element.ts'
import { addEntry, updateEntry } from '../../keyspace/packed/entries.ts'
import { endListpack, PACK_MAX } from '../../keyspace/packed/pack.ts'
import { compareScore, writeScore } from '../../keyspace/packed/score.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkType } from '../../keyspace/typed.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElement, answerElements, keyText } from '../placedanswer.ts'
import { addEntriesTo, type ZaddOptions } from './zadd.ts'
import { type End, pop } from './zpop.ts'
import { readSpan, spanOfRanks } from './zrange.ts'

const NO_OPTIONS: ZaddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false }

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
      return addEntriesTo(c, key, zset, [p.text(3)], [score], NO_OPTIONS)
    }
    if (became === Became.Same) return 0
    c.signalPlace(p, 1, Notify.SortedSet, 'zadd')
    return became
  },
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

/** ZRANGE key start stop [WITHSCORES] */
export const placedZrange: PlacedForm = {
  suits: (p) =>
    (p.count === 4 || (p.count === 5 && hasScores(p))) && !Number.isNaN(p.integer(2)) && !Number.isNaN(p.integer(3)),
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return []
    const { table } = c.db
    const withScores = p.count === 5
    // In RESP3 scores are doubles, in pairs with their members.
    if (table.formOf(at) !== Form.ZSet || (withScores && c.session.replyProto === 3)) {
      const zset = checkType(table.valueOf(at, keyText(c, p, at)), ZSetValue)!
      return readSpan(c, zset, spanOfRanks(zset.length, p.integer(2), p.integer(3), false), false, withScores)
    }
    const pack = table.packAt(at)
    const { rank, count } = spanOfRanks(pack.count / 2, p.integer(2), p.integer(3), false)
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
