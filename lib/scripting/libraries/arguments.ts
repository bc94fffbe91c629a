/** Arguments of library functions, as lauxlib checks them in the 64-bit builds of Redis: integers have 64 bits there. */
import type { Bytes } from '../../base/bytes.ts'
import type { LuaApi } from '../luaapi.ts'
import { type LuaState, LuaType } from '../luamemory.ts'

const INT64_MIN = -(2 ** 63)
const UINT64_END = 2 ** 64

/** What C makes of a double that becomes an int64 on x86-64: towards zero, and the least integer for what does not fit. */
export function toInt64(value: number): number {
  const integer = Math.trunc(value)
  return integer >= INT64_MIN && integer < -INT64_MIN ? integer + 0 : INT64_MIN
}

/** The same for an unsigned one: what is negative wraps round, what is too large is 0. */
export function toUint64(value: number): bigint {
  if (value >= UINT64_END) return 0n
  return value >= -INT64_MIN ? BigInt(value) : BigInt.asUintN(64, BigInt(toInt64(value)))
}

/** True for an argument that is there and nil. */
export function isNil(api: LuaApi, L: LuaState, arg: number): boolean {
  return api.typeIn(api.argSlot(L, arg)) === LuaType.Nil
}

/** A number, or a string that reads as one. */
export function checkNumber(api: LuaApi, L: LuaState, arg: number): number {
  if (arg <= api.argCount(L)) {
    const slot = api.argSlot(L, arg)
    if (api.typeIn(slot) === LuaType.Number) return api.numberIn(slot)
  }
  return api.c.luaL_checknumber(L, arg)
}

export function checkInteger(api: LuaApi, L: LuaState, arg: number): number {
  return toInt64(checkNumber(api, L, arg))
}

/** An integer, or what stands for one that is nil or absent. */
export function optionalInteger(api: LuaApi, L: LuaState, arg: number, otherwise: number): number {
  return arg > api.argCount(L) || isNil(api, L, arg) ? otherwise : checkInteger(api, L, arg)
}

/** The bytes of a string as far as C sees them: up to a NUL. */
export function checkCString(api: LuaApi, L: LuaState, arg: number): Bytes {
  const bytes = api.checkBytes(L, arg)
  const end = bytes.indexOf('\0')
  return end === -1 ? bytes : bytes.slice(0, end)
}

/** The place in a list of texts, or of a boolean in [off, on]. */
export function checkOption(api: LuaApi, L: LuaState, arg: number, options: readonly string[]): number {
  const slot = api.argSlot(L, arg)
  if (api.typeIn(slot) === LuaType.Boolean) return api.booleanIn(slot) ? 1 : 0
  const name = checkCString(api, L, arg)
  const option = options.indexOf(name)
  return option === -1 ? badArgument(api, L, arg, `invalid option '${name}'`) : option
}

/** `bad argument #1 to 'name' (message)`, for a message that holds data. */
export function badArgument(api: LuaApi, L: LuaState, arg: number, message: Bytes): never {
  api.pushBytes(L, message)
  api.c.luaL_argerror(L, arg, api.stringIn(api.topSlot(L)))
  return api.raise(L)
}
