/**
 * XRANGE and XREVRANGE, with arguments by their places in the read buffer: what their handlers in stream.ts do, without a string for a
 * value, nor an array for an entry.
 */
import type { Places } from '../../base/places.ts'
import { NULL_ARRAY } from '../../base/reply.ts'
import { skip } from '../../keyspace/packed/element.ts'
import { checkType } from '../../keyspace/typed.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { formatId, type U64 } from '../../keyspace/values/stream-id.ts'
import type { EntryCursor } from '../../keyspace/values/stream-node.ts'
import type { Answer } from '../../protocol/answer.ts'
import { Args } from '../args.ts'
import { always, type Context, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElements, keyText } from '../placedanswer.ts'
import { type Range, takeRange, takeReverse } from './stream.ts'

/** XRANGE key start end [COUNT count] */
export const placedXrange: PlacedForm = { suits: always, run: (c, p, out) => range(c, p, out, takeRange) }

/** XREVRANGE key end start [COUNT count] */
export const placedXrevrange: PlacedForm = { suits: always, run: (c, p, out) => range(c, p, out, takeReverse) }

const args = new Args()

function range(c: Context, p: Places, out: Answer, take: (a: Args) => Range): PlacedReply {
  args.reset(p.argv(), 2)
  const { start, stop, isReverse, count } = take(args)
  if (args.error !== undefined) return args.error
  const at = c.db.readPlace(p, 1)
  if (at === 0) return []
  const stream = checkType(c.db.table.valueOf(at, keyText(c, p, at)), StreamValue)!
  if (count === 0) return NULL_ARRAY
  const cursors: EntryCursor[] = []
  const offsets: number[] = []
  stream.scan(start, stop, isReverse, (cursor) => {
    cursors.push(cursor)
    return offsets.push(cursor.offset) !== count
  })
  out.array(offsets.length)
  for (let i = 0; i < offsets.length; i++) {
    cursors[i].moveTo(offsets[i])
    answerEntry(cursors[i], out)
  }
  return ANSWERED
}

/** As `entryReply`. */
function answerEntry(cursor: EntryCursor, out: Answer): void {
  const { array, view } = cursor
  out.array(2)
  answerId(cursor.ms, cursor.seq, out)
  const count = cursor.countFields()
  const fields = cursor.sharedFields
  out.array(2 * count)
  let at = cursor.contentAt
  if (fields === undefined) {
    answerElements(array, view, at, 2 * count, out)
    return
  }
  for (let i = 0; i < count; i++) {
    out.add(fields[i])
    answerElements(array, view, at, 1, out)
    at = skip(array, at)
  }
}

/** Where ids are written: the first half ends before the dash, and that of the last one is still there. */
const id = new Uint8Array(32)
const idView = new DataView(id.buffer)
const DASH_AT = 16
const SEQ_AT = DASH_AT + 1
let idStart = DASH_AT
let idMs = -1
/** Halves below are written digit by digit. */
const MS_MAX = 1e15
const SEQ_MAX = 1e9
const MILLION = 1e6
const ZERO = 48
id[DASH_AT] = 45

/** As `formatId`. */
function answerId(ms: U64, seq: U64, out: Answer): void {
  if (typeof ms !== 'number' || ms >= MS_MAX || typeof seq !== 'number' || seq >= SEQ_MAX) {
    out.add(formatId({ ms, seq }))
    return
  }
  if (ms !== idMs) {
    const high = Math.floor(ms / MILLION)
    const low = ms - high * MILLION
    idStart = high === 0 ? writeDigits(low, 1, DASH_AT) : writeDigits(high, 1, writeDigits(low, 6, DASH_AT))
    idMs = ms
  }
  let end = SEQ_AT + 1
  for (let power = 10; power <= seq; power *= 10) end++
  writeDigits(seq, 1, end)
  out.bulk(id, idView, idStart, end)
}

/** Writes an integer below SEQ_MAX before an offset, with at least so many digits. Returns where it begins. */
function writeDigits(integer: number, least: number, end: number): number {
  let at = end
  for (let rest = integer; rest !== 0 || at > end - least; ) {
    const tenth = (rest / 10) | 0
    id[--at] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at
}
