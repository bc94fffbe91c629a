/**
 * Bitmaps: strings seen as arrays of bits. A bitmap that is written becomes a StringBuffer and stays one, so SETBIT and
 * GETBIT are O(1); the work on whole arrays is in bits.ts. BITFIELD is in bitfield.ts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_INTEGER, SYNTAX } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import type { Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { checkString } from '../../keyspace/typed.ts'
import type { StringValue } from '../../keyspace/value.ts'
import { StringBuffer, stringBytes, stringLength, stringSlice } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import { parseInteger } from '../number.ts'
import { overwrite } from '../overwriting.ts'
import type { PlacedReply } from '../placed.ts'
import { writable } from '../writable.ts'
import { COMBINATIONS, type Combination, combine, countBits, findBit } from './bits.ts'
import { BIT_ARGUMENT, BIT_OFFSET, BIT_VALUE, BITOP_NOT_ONE_KEY, bitopNeedsTwoKeys } from './errors.ts'

/** SETBIT key offset value */
export function setbit(c: Context, a: Args): Reply {
  const key = a.next()
  const offset = parseBitOffset(c, a.next(), 1)
  if (offset === undefined) return BIT_OFFSET
  const bit = a.integerBetween(0, 1, BIT_VALUE)
  if (a.error !== undefined) return a.error
  const value = c.db.findString(key)
  const grows = value === undefined || stringLength(value) * 8 <= offset
  const buffer = writable(c, key, value)
  const at = offset >>> 3
  const mask = 128 >> (offset & 7)
  const byte = buffer.byteAt(at)
  const old = (byte & mask) === 0 ? 0 : 1
  if (grows || old !== bit) {
    buffer.setByte(at, bit === 1 ? byte | mask : byte & ~mask)
    c.signal(key, Notify.String, 'setbit')
  }
  return old
}

/** GETBIT key offset */
export function getbit(c: Context, a: Args): Reply {
  const key = a.next()
  const offset = parseBitOffset(c, a.next(), 1)
  if (offset === undefined) return BIT_OFFSET
  const value = c.db.readString(key)
  if (value === undefined || offset >= stringLength(value) * 8) return 0
  const at = offset >>> 3
  const byte = value instanceof StringBuffer ? value.byteAt(at) : stringSlice(value, at, at + 1).charCodeAt(0)
  return (byte >>> (7 - (offset & 7))) & 1
}

/** A bit offset within the longest string, in units of `unit` bits; undefined for anything else. */
export function parseBitOffset(c: Context, text: Bytes, unit: number): number | undefined {
  const number = parseInteger(text)
  if (number === undefined || number < 0) return undefined
  const offset = number * unit
  return offset / 8 >= c.config['proto-max-bulk-len'] ? undefined : offset
}

/** The options `start end [BYTE | BIT]` of BITCOUNT and BITPOS as they were given. */
interface Range {
  start: number
  /** undefined: to the end of the string. */
  end: number | undefined
  /** 8 where start and end count bytes. */
  unitBits: 1 | 8
}

const WHOLE: Readonly<Range> = { start: 0, end: undefined, unitBits: 8 }

/** The bits of a string of `length` bytes that a range covers, `from` to `to`, both included; none where from > to. */
function bitsOfRange({ start, end = -1, unitBits }: Range, length: number): { from: number; to: number } {
  const units = unitBits === 8 ? length : length * 8
  if (start < 0) start = Math.max(0, units + start)
  if (end < 0) end = Math.max(0, units + end)
  end = Math.min(end, units - 1)
  return { from: start * unitBits, to: end * unitBits + unitBits - 1 }
}

/** `[BYTE | BIT]` at the end of the arguments. */
function parseUnit(a: Args): 1 | 8 {
  if (a.match('BIT')) return 1
  if (!a.done && !a.match('BYTE')) a.fail(SYNTAX)
  return 8
}

/** BITCOUNT key [start end [BYTE | BIT]] */
export function bitcount(c: Context, a: Args): Reply {
  const key = a.next()
  const range: Range = { start: 0, end: undefined, unitBits: 8 }
  if (!a.done) {
    if (a.left === 1 || a.left > 3) return SYNTAX
    range.start = a.integer()
    range.end = a.integer()
    range.unitBits = parseUnit(a)
    if (a.error !== undefined) return a.error
  }
  const value = c.db.readString(key)
  if (value === undefined) return 0
  if (range.end !== undefined && range.start < 0 && range.end < 0 && range.start > range.end) return 0
  const { from, to } = bitsOfRange(range, stringLength(value))
  if (from > to) return 0
  return countBits(contentOf(value), from, to)
}

/** BITPOS key bit [start [end [BYTE | BIT]]]. As in Redis the unit is judged before `end`. */
export function bitpos(c: Context, a: Args): Reply {
  const key = a.next()
  const bit = a.integer()
  if (a.error !== undefined) return a.error
  if (bit !== 0 && bit !== 1) return BIT_ARGUMENT
  if (a.left > 3) return SYNTAX
  const range: Range = { start: 0, end: undefined, unitBits: 8 }
  if (!a.done) range.start = a.integer()
  if (!a.done) {
    const end = a.next()
    range.unitBits = parseUnit(a)
    range.end = parseInteger(end)
    if (range.end === undefined) a.fail(NOT_INTEGER)
  }
  if (a.error !== undefined) return a.error
  return positionIn(c.db.readString(key), bit, range)
}

/** BITPOS key bit, with arguments by their places in the read buffer. */
export const placedBitpos: PlacedForm = {
  suits: (p) => p.count === 3 && (p.integer(2) === 0 || p.integer(2) === 1),
  run(c: Context, p: Places): PlacedReply {
    const at = c.db.readPlace(p, 1)
    return positionIn(at === 0 ? undefined : checkString(c.db.table.valueOf(at)), p.integer(2), WHOLE)
  },
}

function positionIn(value: StringValue | undefined, bit: number, range: Readonly<Range>): number {
  if (value === undefined) return bit === 1 ? -1 : 0
  const length = stringLength(value)
  const { from, to } = bitsOfRange(range, length)
  if (from > to) return -1
  const position = findBit(contentOf(value), bit, from, to)
  if (position !== -1) return position
  // Without an end the string counts as followed by zeros.
  return bit === 0 && range.end === undefined ? 8 * length : -1
}

/** The content as it is kept, to be read at once. */
function contentOf(value: StringValue): Bytes | Uint8Array {
  return value instanceof StringBuffer ? value.content : stringBytes(value)
}

/** BITOP <AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [key …] */
export function bitop(c: Context, a: Args): Reply {
  const word = a.word()
  const operation = COMBINATIONS.find((each) => each === word)
  if (operation === undefined) return SYNTAX
  const destination = a.next()
  if (operation === 'NOT' && a.left !== 1) return BITOP_NOT_ONE_KEY
  if (NEEDS_TWO_KEYS.has(operation) && a.left === 1) return bitopNeedsTwoKeys(operation)
  const sources: (Bytes | Uint8Array)[] = []
  let length = 0
  while (!a.done) {
    const value = c.db.readString(a.next())
    const source = value === undefined ? '' : contentOf(value)
    sources.push(source)
    if (source.length > length) length = source.length
  }
  if (length > 0) {
    const result = combine(operation, sources, length, replacedArray(c, destination, length))
    overwrite(c, destination, StringBuffer.adopt(result), NO_EXPIRY)
    c.signal(destination, Notify.String, 'set')
  } else if (c.db.delete(destination)) c.signal(destination, Notify.Generic, 'del')
  return length
}

/**
 * The array of the string that goes, if it has this length: pages that are there already are written in a quarter of the time.
 * That it may be one of the sources does no harm.
 */
function replacedArray(c: Context, key: Bytes, length: number): Uint8Array | undefined {
  const value = c.db.find(key)
  if (!(value instanceof StringBuffer) || value.length !== length || value.capacity !== length) return undefined
  const { content } = value
  return typeof content === 'string' ? undefined : content
}

const NEEDS_TWO_KEYS: ReadonlySet<Combination> = new Set(['DIFF', 'DIFF1', 'ANDOR'])
