/**
 * The elements of a listpack, Redis's compact list of strings and integers: written into a scratch array, and passed over and read where
 * they lie. An element is its kind and length, its bytes, and the length of both once more for readers that come from behind: seven bits
 * a byte, the highest first. What is an integer in its shortest form is written as one, so an element has one form only, and two
 * elements are equal exactly if their bytes are.
 *
 * Nothing here knows elements of 4096 bytes and more: they are never packed (packable.ts). Snapshots, which hold any, are read and written by
 * persistence/format/listpack.ts.
 */
import { type Bytes, copyInto, sliceOf } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { isInteger } from './integer.ts'

/** Before the first element stand the bytes in all and the number of elements, behind the last one stands END. */
export const HEADER_BYTES = 6
export const END = 255
/** Bytes of a listpack without elements. */
export const EMPTY_BYTES = HEADER_BYTES + 1
/** An element takes at most so many bytes beside its own. */
export const ELEMENT_EXTRA = 12

const SHORT_MAX = 127
const SAFE_DIGITS = 15
const TWO_32 = 2 ** 32

/** Where elements are written before they are compared with others or put into a pack. */
export const scratch = new Uint8Array(16_384)
export const scratchView = new DataView(scratch.buffer)

/** Writes an element into the scratch array. Returns the offset behind it. */
export function writeElement(element: Bytes, at: number): number {
  if (startsAsInteger(element) && isInteger(element)) {
    return element.length <= SAFE_DIGITS ? writeInteger(+element, at) : writeLongInteger(element, at)
  }
  const to = writeHead(element.length, at)
  copyInto(scratch, to, element)
  return writeBackLength(at, to + element.length)
}

/** The same of an argument that stands in a read buffer. */
export function writePlaced(p: Places, index: number, at: number): number {
  const { bytes } = p
  const start = p.start(index)
  const length = p.length(index)
  if (length !== 0 && bytes[start] <= 57 && (bytes[start] >= 48 || bytes[start] === 45)) {
    const integer = p.integer(index)
    if (!Number.isNaN(integer)) return writeInteger(integer, at)
    if (length > SAFE_DIGITS) return writeElement(p.text(index), at)
  }
  const to = writeHead(length, at)
  for (let i = 0; i < length; i++) scratch[to + i] = bytes[start + i]
  return writeBackLength(at, to + length)
}

/** A safe integer. */
export function writeInteger(value: number, at: number): number {
  if (value >= 0 && value < 128) {
    scratch[at] = value
    scratch[at + 1] = 1
    return at + 2
  }
  if (value >= -4096 && value < 4096) {
    scratch[at] = 0xc0 | ((value >> 8) & 31)
    scratch[at + 1] = value & 255
    scratch[at + 2] = 2
    return at + 3
  }
  if (value !== (value | 0)) {
    scratch[at] = 0xf4
    scratchView.setInt32(at + 1, value | 0, true)
    scratchView.setInt32(at + 5, Math.floor(value / TWO_32), true)
    scratch[at + 9] = 9
    return at + 10
  }
  const width = value >= -32_768 && value < 32_768 ? 2 : value >= -8_388_608 && value < 8_388_608 ? 3 : 4
  scratch[at] = 0xef + width
  for (let i = 0; i < width; i++) scratch[at + 1 + i] = value >> (8 * i)
  scratch[at + 1 + width] = 1 + width
  return at + 2 + width
}

/** The offset of the element behind one; END stands there if that is the last. */
export function skip(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]
  if (lead < 0x80) return at + 2
  if (lead < 0xc0) return at + (lead & 63) + 2
  if (lead < 0xe0) return at + 3
  if (lead >= 0xf0) return at + (lead === 0xf4 ? 10 : lead - 0xef + 2)
  const length = 2 + (((lead & 15) << 8) | bytes[at + 1])
  return at + length + (length <= SHORT_MAX ? 1 : 2)
}

/** The offset of the element before one, or before END. */
export function back(bytes: Uint8Array, at: number): number {
  const last = bytes[at - 1]
  return last < 128 ? at - 1 - last : at - 2 - ((bytes[at - 2] << 7) | (last & 127))
}

export function isString(lead: number): boolean {
  return (lead >= 0x80 && lead < 0xc0) || (lead >= 0xe0 && lead < 0xf0)
}

export function readElement(bytes: Uint8Array, view: DataView, at: number): Bytes {
  const lead = bytes[at]
  if (lead >= 0x80 && lead < 0xc0) return sliceOf(bytes, at + 1, at + 1 + (lead & 63))
  if (lead >= 0xe0 && lead < 0xf0) return sliceOf(bytes, at + 2, at + 2 + (((lead & 15) << 8) | bytes[at + 1]))
  if (lead === 0xf4) return readLongInteger(view, at + 1)
  return '' + readInteger(bytes, view, at)
}

/** Of an element that is an integer: its value, for those past 2^53 the nearest double. */
export function readInteger(bytes: Uint8Array, view: DataView, at: number): number {
  const lead = bytes[at]
  if (lead < 0x80) return lead
  if (lead < 0xe0) return ((((lead & 31) << 8) | bytes[at + 1]) << 19) >> 19
  if (lead === 0xf1) return view.getInt16(at + 1, true)
  if (lead === 0xf2) return ((bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16)) << 8) >> 8
  if (lead === 0xf3) return view.getInt32(at + 1, true)
  return view.getInt32(at + 5, true) * TWO_32 + view.getUint32(at + 1, true)
}

/** False for most of what is no integer, at a glance. */
function startsAsInteger(element: Bytes): boolean {
  const lead = element.charCodeAt(0)
  return (lead <= 57 && lead >= 48) || lead === 45
}

function readLongInteger(view: DataView, at: number): Bytes {
  const value = view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
  return Number.isSafeInteger(value) ? '' + value : '' + view.getBigInt64(at, true)
}

/** An integer of 64 bits. */
function writeLongInteger(element: Bytes, at: number): number {
  scratch[at] = 0xf4
  scratchView.setBigInt64(at + 1, BigInt(element), true)
  scratch[at + 9] = 9
  return at + 10
}

/** What stands before the bytes of a string. Returns the offset behind it. */
function writeHead(length: number, at: number): number {
  if (length < 64) {
    scratch[at] = 0x80 | length
    return at + 1
  }
  scratch[at] = 0xe0 | (length >> 8)
  scratch[at + 1] = length & 255
  return at + 2
}

function writeBackLength(start: number, end: number): number {
  const length = end - start
  if (length <= SHORT_MAX) {
    scratch[end] = length
    return end + 1
  }
  scratch[end] = length >> 7
  scratch[end + 1] = (length & 127) | 128
  return end + 2
}
