/**
 * Intsets where they lie: the width of each integer, their number, then the integers in ascending order. Widths are 2, 4 or 8 bytes; the
 * integers are those of values/intset.ts. What needs a greater width than there is, is left to that.
 */
import { scratchView } from './element.ts'
import type { Integer } from './integer.ts'
import { PACK_MAX, type Pack } from './pack.ts'

const COUNT = 4
const HEADER_BYTES = 8
const TWO_32 = 2 ** 32

/** Writes the intset of integers in ascending order into the scratch array. Returns its length; 0 if it is too large. */
export function writeIntset(integers: readonly Integer[]): number {
  const { length } = integers
  const width = Math.max(widthOf(integers[0]), widthOf(integers[length - 1]))
  const bytes = HEADER_BYTES + width * length
  if (bytes > PACK_MAX) return 0
  scratchView.setUint32(0, width, true)
  scratchView.setUint32(COUNT, length, true)
  for (let i = 0; i < length; i++) writeInteger(integers[i], HEADER_BYTES + i * width, width)
  return bytes
}

export function countOf(pack: Pack): number {
  pack.open()
  return pack.view.getUint32(pack.start + COUNT, true)
}

export function integerAt(pack: Pack, index: number): Integer {
  pack.open()
  return read(pack, widthIn(pack), index)
}

export function integersOf(pack: Pack): Integer[] {
  const count = countOf(pack)
  const width = widthIn(pack)
  const integers = new Array<Integer>(count)
  for (let i = 0; i < count; i++) integers[i] = read(pack, width, i)
  return integers
}

/** The index of an integer; below 0 if it is not there. */
export function indexOf(pack: Pack, integer: Integer): number {
  const index = lowerBound(pack, integer)
  return index < countOf(pack) && integerAt(pack, index) === integer ? index : -1
}

/** True if the integer is new; undefined, and nothing is changed, if there is no room for it, or not in this width. */
export function addInteger(pack: Pack, integer: Integer): boolean | undefined {
  const index = lowerBound(pack, integer)
  const count = countOf(pack)
  if (index < count && integerAt(pack, index) === integer) return false
  const width = widthIn(pack)
  if (widthOf(integer) > width) return undefined
  writeInteger(integer, 0, width)
  if (!pack.splice(pack.start + HEADER_BYTES + index * width, 0, 0, width)) return undefined
  pack.view.setUint32(pack.start + COUNT, count + 1, true)
  return true
}

export function removeAt(pack: Pack, index: number): void {
  const count = countOf(pack)
  const width = widthIn(pack)
  pack.splice(pack.start + HEADER_BYTES + index * width, width, 0, 0)
  pack.view.setUint32(pack.start + COUNT, count - 1, true)
}

/** The first index whose integer is not below this one. */
function lowerBound(pack: Pack, integer: Integer): number {
  let low = 0
  let high = countOf(pack)
  const width = widthIn(pack)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (read(pack, width, middle) < integer) low = middle + 1
    else high = middle
  }
  return low
}

function widthIn({ bytes, start }: Pack): number {
  return bytes[start]
}

function read({ view, start }: Pack, width: number, index: number): Integer {
  const at = start + HEADER_BYTES + index * width
  if (width === 2) return view.getInt16(at, true)
  if (width === 4) return view.getInt32(at, true)
  const value = view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
  return Number.isSafeInteger(value) ? value : view.getBigInt64(at, true)
}

/** Into the scratch array. */
function writeInteger(integer: Integer, at: number, width: number): void {
  if (typeof integer === 'bigint') scratchView.setBigInt64(at, integer, true)
  else if (width === 2) scratchView.setInt16(at, integer, true)
  else {
    scratchView.setInt32(at, integer | 0, true)
    if (width === 8) scratchView.setInt32(at + 4, Math.floor(integer / TWO_32), true)
  }
}

function widthOf(integer: Integer): number {
  if (typeof integer === 'bigint') return 8
  return integer === (integer << 16) >> 16 ? 2 : integer === (integer | 0) ? 4 : 8
}
