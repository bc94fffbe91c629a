/** Integers of the `struct` library: up to 32 bytes, of which the low eight count, as C's long on x86-64. */
import type { LuaApi } from '../luaapi.ts'
import type { Output } from './output.ts'

const TWO_32 = 2 ** 32
const INT64_END = 2 ** 63
const UINT64_END = 2 ** 64
const HIGH_BIT = 0x80000000

/** Adds the integer part of a number in `size` bytes. What has no 64-bit integer becomes what x86-64 makes of it. */
export function putInteger(out: Output, value: number, size: number, isLittleEndian: boolean): void {
  let high = HIGH_BIT
  let low = 0
  const integer = Math.trunc(value)
  if (integer >= -INT64_END && integer < UINT64_END) {
    high = Math.floor(integer / TWO_32) >>> 0
    low = integer >>> 0
  } else if (integer >= UINT64_END) high = 0
  const beyond = Math.max(0, size - 8)
  if (!isLittleEndian) out.zeros(beyond)
  for (let i = 0; i < size - beyond; i++) {
    const place = isLittleEndian ? i : size - beyond - 1 - i
    out.byte(place < 4 ? low >>> (8 * place) : high >>> (8 * (place - 4)))
  }
  if (isLittleEndian) out.zeros(beyond)
}

/** The integer in `size` bytes of Lua's memory. */
export function getInteger(api: LuaApi, at: number, size: number, isLittleEndian: boolean, isSigned: boolean): number {
  let high = 0
  let low = 0
  for (let place = Math.min(size, 8) - 1; place >= 0; place--) {
    const byte = api.u8[isLittleEndian ? at + place : at + size - 1 - place]
    high = ((high << 8) | (low >>> 24)) >>> 0
    low = ((low << 8) | byte) >>> 0
  }
  if (!isSigned) return high * TWO_32 + low
  return signed(high, low, size)
}

/** Takes the highest bit of `size` bytes for the sign. Of more than eight it is a lower one: C's shift goes modulo 64. */
function signed(high: number, low: number, size: number): number {
  const sign = (8 * size - 1) & 63
  const highMask = sign >= 32 ? -1 << (sign - 32) : -1
  const lowMask = sign >= 32 ? 0 : -1 << sign
  const isNegative = ((high & highMask) | (low & lowMask)) !== 0
  return isNegative ? (high | highMask) * TWO_32 + ((low | lowMask) >>> 0) : high * TWO_32 + low
}
