/**
 * Keys with strings and small collections as Redis's snapshots hold them. They are gathered one behind the other as words of 32
 * bits (persistence/snapshot/recordbatch.ts): a shape, the length of the value, what the shape says there is, then key and value,
 * filled up to a whole word. The shape is that of a record (keyspace/table/record.ts) with two more bits.
 */
import { compress } from './lzf.ts'

const KEY_LENGTH = 0xffff
const FORM_SHIFT = 16
const FORM_MASK = 7
/** Two words: unix ms. */
const HAS_TIME = 1 << 19
/** A word: seconds, or the counter of LFU. */
export const HAS_IDLE = 1 << 20
export const HAS_FREQUENCY = 1 << 21

const [TEXT, NUMBER, LIST] = [0, 1, 7]
/** Of text, number, nothing, hash, intset, set, sorted set, list. */
const TYPES = [0, 0, 0, 16, 11, 20, 17, 18]

const [EXPIRE_MS, IDLE, FREQUENCY, LZF] = [252, 248, 249, 0xc3]
/** Of a list: it has one node, which is packed. */
const [NODES, PACKED] = [1, 2]

const COMPRESSED_MIN = 20
const SAVED_MIN = 4
/** What stands before compressed bytes at the most. */
const HEAD = 5
const INTEGER_LENGTH_MAX = 11
const [MINUS, ZERO] = [45, 48]

/** Writes all keys of so many words at `from` to `into`; returns the bytes written. Keys and values are shorter than 16 KB. */
export function writeRecords(
  buffer: ArrayBuffer,
  from: number,
  words: number,
  into: number,
  compresses: boolean,
): number {
  const view = new DataView(buffer)
  const u8 = new Uint8Array(buffer)
  const end = from + 4 * words
  let at = from
  let out = into
  while (at < end) {
    const shape = view.getInt32(at, true)
    const valueLength = view.getInt32(at + 4, true)
    at += 8
    if (shape & HAS_TIME) {
      u8[out] = EXPIRE_MS
      u8.copyWithin(out + 1, at, at + 8)
      out += 9
      at += 8
    }
    if (shape & HAS_IDLE) {
      u8[out] = IDLE
      out = putCount(view, out + 1, view.getUint32(at, true))
      at += 4
    } else if (shape & HAS_FREQUENCY) {
      u8[out] = FREQUENCY
      u8[out + 1] = u8[at]
      out += 2
      at += 4
    }
    const form = (shape >> FORM_SHIFT) & FORM_MASK
    u8[out] = TYPES[form]
    const keyLength = shape & KEY_LENGTH
    out = putString(view, u8, out + 1, at, keyLength, compresses)
    const value = at + keyLength
    if (form === TEXT) out = putString(view, u8, out, value, valueLength, compresses)
    else if (form === NUMBER) out = putNumber(view, u8, out, view.getFloat64(value, true))
    else {
      if (form === LIST) {
        u8[out++] = NODES
        u8[out++] = PACKED
      }
      out = putBytes(view, u8, out, value, valueLength, compresses)
    }
    at += (keyLength + valueLength + 3) & ~3
  }
  return out - into
}

function putCount(view: DataView, out: number, value: number): number {
  if (value < 64) {
    view.setUint8(out, value)
    return out + 1
  }
  if (value < 16384) {
    view.setUint16(out, 0x4000 | value)
    return out + 2
  }
  view.setUint8(out, 0x80)
  view.setUint32(out + 1, value)
  return out + 5
}

function putInteger(view: DataView, out: number, number: number): number {
  const width = number === (number << 24) >> 24 ? 0 : number === (number << 16) >> 16 ? 1 : 2
  view.setUint8(out, 0xc0 | width)
  view.setInt32(out + 1, number, true)
  return out + 1 + (1 << width)
}

function putNumber(view: DataView, u8: Uint8Array, out: number, number: number): number {
  if (number === (number | 0)) return putInteger(view, out, number)
  const text = '' + number
  let to = putCount(view, out, text.length)
  for (let i = 0; i < text.length; i++) u8[to++] = text.charCodeAt(i)
  return to
}

/** A string, as an integer if it spells one of 32 bits in its shortest form. */
function putString(
  view: DataView,
  u8: Uint8Array,
  out: number,
  from: number,
  length: number,
  compresses: boolean,
): number {
  const number = length <= INTEGER_LENGTH_MAX ? spelled(u8, from, length) : NaN
  if (number === (number | 0)) return putInteger(view, out, number)
  return putBytes(view, u8, out, from, length, compresses)
}

/** NaN for none. */
function spelled(u8: Uint8Array, from: number, length: number): number {
  const sign = length > 1 && u8[from] === MINUS ? 1 : 0
  if (length === 0 || (u8[from + sign] === ZERO && length > 1)) return NaN
  let number = 0
  for (let i = sign; i < length; i++) {
    const digit = u8[from + i] - ZERO
    if (digit < 0 || digit > 9) return NaN
    number = number * 10 + digit
  }
  return sign === 1 ? -number : number
}

function putBytes(
  view: DataView,
  u8: Uint8Array,
  out: number,
  from: number,
  length: number,
  compresses: boolean,
): number {
  if (compresses && length > COMPRESSED_MIN) {
    const room = length - SAVED_MIN
    const body = out + HEAD
    const count = compress(u8.subarray(from, from + length), u8.subarray(body, body + room + 8), room)
    if (count !== 0) {
      u8[out] = LZF
      const to = putCount(view, putCount(view, out + 1, count), length)
      u8.copyWithin(to, body, body + count)
      return to + count
    }
  }
  const to = putCount(view, out, length)
  u8.copyWithin(to, from, from + length)
  return to + length
}
