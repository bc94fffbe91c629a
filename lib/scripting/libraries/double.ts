/** Doubles by their bits. JavaScript knows but one NaN, while Lua shows the sign that C's has and packs all of its bits. */
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'

const QUIET_NAN = 0x7ff80000
const SIGN = 0x80000000

/** Pushes a number given as two words. */
export function pushDouble(api: LuaApi, L: LuaState, high: number, low: number): void {
  api.c.lua_pushnumber(L, 0)
  const word = api.topSlot(L) >> 2
  api.i32[word] = low
  api.i32[word + 1] = high
}

export function pushNaN(api: LuaApi, L: LuaState, isNegative: boolean): void {
  pushDouble(api, L, isNegative ? QUIET_NAN | SIGN : QUIET_NAN, 0)
}

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)

/** Pushes the number that the bits of a single-precision float say. */
export function pushFloat(api: LuaApi, L: LuaState, bits: number): void {
  floatBits[0] = bits
  const value = float[0]
  if (Number.isNaN(value)) pushDouble(api, L, (bits & SIGN) | QUIET_NAN | ((bits & 0x7fffff) >>> 3), bits << 29)
  else api.c.lua_pushnumber(L, value)
}

/** The bits of the single-precision float that is nearest to the number in a slot. */
export function floatBitsIn(api: LuaApi, slot: Address): number {
  const value = api.numberIn(slot)
  if (Number.isNaN(value)) {
    const high = api.i32[(slot >> 2) + 1]
    return (high & SIGN) | 0x7fc00000 | ((high & 0x7ffff) << 3) | (api.i32[slot >> 2] >>> 29)
  }
  float[0] = value
  return floatBits[0]
}
