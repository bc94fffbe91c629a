/**
 * tonumber as in the 64-bit builds of Redis: with a base, C's strtoul reads the text, whose unsigned long has only 32 bits in
 * our binary.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { LuaApi, LuaFunction } from '../luaapi.ts'
import { type LuaState, LuaType } from '../luamemory.ts'
import { checkCString, optionalInteger } from './arguments.ts'

/** Units of work of each digit. */
const DIGIT_WORK = 8
const UINT64_MAX = 2n ** 64n - 1n

/** Puts it in the place of the global one. */
export function installToNumber(api: LuaApi): void {
  const tonumber: LuaFunction = (L) => {
    const base = api.argCount(L) < 2 ? 10 : optionalInteger(api, L, 2, 10) | 0
    const value = base === 10 ? decimal(api, L) : inBase(api, L, base)
    if (value === undefined) api.c.lua_pushnil(L)
    else api.c.lua_pushnumber(L, value)
    return 1
  }
  api.pushFunction(api.L, tonumber)
  api.setGlobal(api.L, 'tonumber')
}

/** The first argument as Lua itself takes it for a number. */
function decimal(api: LuaApi, L: LuaState): number | undefined {
  const { c } = api
  if (api.argCount(L) === 0) c.luaL_checkany(L, 1)
  const slot = api.argSlot(L, 1)
  if (api.typeIn(slot) === LuaType.Number) return api.numberIn(slot)
  const value = c.lua_tonumber(L, 1)
  return value !== 0 || c.lua_isnumber(L, 1) !== 0 ? value : undefined
}

function inBase(api: LuaApi, L: LuaState, base: number): number | undefined {
  const text = checkCString(api, L, 1)
  if (base < 2 || base > 36) api.argError(L, 2, 'base out of range')
  api.work(DIGIT_WORK * text.length)
  return strtoul(text, base)
}

/** An unsigned integer of 64 bits, the largest if there is none so large; a negative one wraps round. Blanks may be around it. */
function strtoul(text: Bytes, base: number): number | undefined {
  const [, sign, digits] = /^[\t-\r ]*([-+]?)(\w+)[\t-\r ]*$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const isPrefixed = base === 16 && /^0x[\da-f]/i.test(digits)
  let value = 0n
  for (let i = isPrefixed ? 2 : 0; i < digits.length; i++) {
    const digit = Number.parseInt(digits[i], 36)
    if (!(digit < base)) return undefined
    if (value <= UINT64_MAX) value = value * BigInt(base) + BigInt(digit)
  }
  if (value > UINT64_MAX) return Number(UINT64_MAX)
  return Number(sign === '-' ? BigInt.asUintN(64, -value) : value)
}
