/**
 * The settings of a cjson table: its `encode_sparse_array` and so on. They are a userdata of Lua that all functions of the
 * table have as their upvalue, so that those of `cjson.new()` go when nobody refers to them any more. As in Redis they
 * last as long as the Lua state: what a script sets, the next one finds.
 */
import { type LuaApi, type LuaFunction, upvalueIndex } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
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
  /** Decoded arrays are marked as such: see cjson-array.ts. */
  MarkArrays: 9,
} as const

const DEFAULTS = [0, 2, 10, 1000, 1000, 0, 1, 14, 1, 0]

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
  const integer = (which: number, max: number) => (L: LuaState) => new Change(api, L, 1).integer(1, which, 1, max)
  const choice = (which: number, options: readonly string[]) => (L: LuaState) =>
    new Change(api, L, 1).choice(1, which, options)
  return {
    encode_sparse_array(L) {
      const change = new Change(api, L, 3)
      change.choice(1, Setting.SparseConvert, SWITCH)
      change.integer(2, Setting.SparseRatio, 0, INT_MAX)
      change.integer(3, Setting.SparseSafe, 0, INT_MAX)
      return 3
    },
    encode_max_depth: integer(Setting.EncodeMaxDepth, INT_MAX),
    decode_max_depth: integer(Setting.DecodeMaxDepth, INT_MAX),
    encode_number_precision: integer(Setting.NumberPrecision, 14),
    encode_keep_buffer: choice(Setting.KeepBuffer, SWITCH),
    encode_invalid_numbers: choice(Setting.EncodeInvalidNumbers, INVALID_NUMBERS),
    decode_invalid_numbers: choice(Setting.DecodeInvalidNumbers, SWITCH),
    decode_array_with_array_mt: choice(Setting.MarkArrays, SWITCH),
  }
}

/** A call of such a function: each argument that is given and not nil is set, and what holds then is pushed. */
class Change {
  readonly #api: LuaApi
  readonly #L: LuaState
  readonly #settings: Address

  constructor(api: LuaApi, L: LuaState, args: number) {
    if (api.argCount(L) > args) api.argError(L, args + 1, 'found too many arguments')
    api.c.lua_settop(L, args)
    this.#api = api
    this.#L = L
    this.#settings = settingsOf(api, L)
  }

  /** Whichever argument is out of bounds, cjson blames the first. */
  integer(arg: number, which: number, min: number, max: number): number {
    const api = this.#api
    if (!isNil(api, this.#L, arg)) {
      const value = checkInteger(api, this.#L, arg) | 0
      if (value < min || value > max) api.argError(this.#L, 1, `expected integer between ${min} and ${max}`)
      api.i32[(this.#settings >> 2) + which] = value
    }
    api.c.lua_pushnumber(this.#L, setting(api, this.#settings, which))
    return 1
  }

  /** One of some texts; true and false, which are also pushed for them, stand for the first two, `off` and `on`. */
  choice(arg: number, which: number, options: readonly string[]): number {
    const api = this.#api
    if (!isNil(api, this.#L, arg)) api.i32[(this.#settings >> 2) + which] = checkOption(api, this.#L, arg, options)
    const value = setting(api, this.#settings, which)
    if (value <= 1) api.c.lua_pushboolean(this.#L, value)
    else api.pushBytes(this.#L, options[value])
    return 1
  }
}
