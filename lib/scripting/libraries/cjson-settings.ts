/**
 * The settings of a cjson table: its `encode_sparse_array` and so on. They are a userdata of Lua that all functions of the
 * table have as their upvalue, so that those of `cjson.new()` go when nobody refers to them any more. As in Redis they
 * last as long as the Lua state: what a script sets, the next one finds.
 */
import { type Address, type LuaApi, type LuaFunction, type LuaState, upvalueIndex } from '../luaapi.ts'
import { checkInteger, checkOption, isNil } from './arguments.ts'

/** Places of the settings, which are 32-bit integers. */
export const Setting = {
  SparseConvert: 0,
  SparseRatio: 1,
  SparseSafe: 2,
  EncodeMaxDepth: 3,
  DecodeMaxDepth: 4,
  EncodeInvalidNumbers: 5,
  DecodeInvalidNumbers: 6,
  NumberPrecision: 7,
  /** Of no effect here: the buffer is kept outside of Lua. */
  KeepBuffer: 8,
} as const

const DEFAULTS = [0, 2, 10, 1000, 1000, 0, 1, 14, 1]

const INT_MAX = 2 ** 31 - 1
const SWITCH = ['off', 'on']
/** The texts of `encode_invalid_numbers`, by the setting's value. */
const INVALID_NUMBERS = ['off', 'on', 'null']

/** Pushes settings with their defaults. */
export function pushSettings(api: LuaApi, L: LuaState): void {
  const settings = api.c.lua_newuserdata(L, 4 * DEFAULTS.length)
  api.i32.set(DEFAULTS, settings >> 2)
}

/** Where the settings of the running function stand. */
export function settingsOf(api: LuaApi, L: LuaState): Address {
  return api.c.lua_touserdata(L, upvalueIndex(1))
}

export function setting(api: LuaApi, settings: Address, which: number): number {
  return api.i32[(settings >> 2) + which]
}

/** The functions that read and change the settings, by their names. */
export function settingFunctions(api: LuaApi): Record<string, LuaFunction> {
  const integer = (which: number, max: number) => (L: LuaState) => {
    const settings = begin(api, L, 1)
    return integerOption(api, L, 1, settings, which, 1, max)
  }
  const choice = (which: number, options: readonly string[]) => (L: LuaState) => {
    const settings = begin(api, L, 1)
    return choiceOption(api, L, 1, settings, which, options)
  }
  return {
    encode_sparse_array(L) {
      const settings = begin(api, L, 3)
      choiceOption(api, L, 1, settings, Setting.SparseConvert, SWITCH)
      integerOption(api, L, 2, settings, Setting.SparseRatio, 0, INT_MAX)
      integerOption(api, L, 3, settings, Setting.SparseSafe, 0, INT_MAX)
      return 3
    },
    encode_max_depth: integer(Setting.EncodeMaxDepth, INT_MAX),
    decode_max_depth: integer(Setting.DecodeMaxDepth, INT_MAX),
    encode_number_precision: integer(Setting.NumberPrecision, 14),
    encode_keep_buffer: choice(Setting.KeepBuffer, SWITCH),
    encode_invalid_numbers: choice(Setting.EncodeInvalidNumbers, INVALID_NUMBERS),
    decode_invalid_numbers: choice(Setting.DecodeInvalidNumbers, SWITCH),
  }
}

/** Sees to it that there are so many arguments, given or nil. */
function begin(api: LuaApi, L: LuaState, args: number): Address {
  if (api.argCount(L) > args) api.argError(L, args + 1, 'found too many arguments')
  api.c.lua_settop(L, args)
  return settingsOf(api, L)
}

/** Sets an integer if the argument is not nil, and pushes what holds now. A number out of bounds is blamed on argument 1, as in cjson. */
function integerOption(
  api: LuaApi,
  L: LuaState,
  arg: number,
  settings: Address,
  which: number,
  min: number,
  max: number,
): number {
  if (!isNil(api, L, arg)) {
    const value = checkInteger(api, L, arg) | 0
    if (value < min || value > max) api.argError(L, 1, `expected integer between ${min} and ${max}`)
    api.i32[(settings >> 2) + which] = value
  }
  api.c.lua_pushnumber(L, setting(api, settings, which))
  return 1
}

/** Sets one of the options if the argument is not nil; true and false are `on` and `off`, and are what is pushed for these. */
function choiceOption(
  api: LuaApi,
  L: LuaState,
  arg: number,
  settings: Address,
  which: number,
  options: readonly string[],
): number {
  if (!isNil(api, L, arg)) api.i32[(settings >> 2) + which] = checkOption(api, L, arg, options)
  const value = setting(api, settings, which)
  if (value <= 1) api.c.lua_pushboolean(L, value)
  else api.pushBytes(L, options[value])
  return 1
}
