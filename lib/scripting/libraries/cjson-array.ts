/**
 * What tells a table that was an array from one that was an object, where both are empty: a metatable with the field
 * `__is_cjson_array` (Redis 8.4). Decoded arrays have that of this file while `decode_array_with_array_mt` is on; a script may
 * make one of its own.
 */
import { type LuaApi, REGISTRY_INDEX } from '../luaapi.ts'
import { type Address, type LuaState, LuaType } from '../luamemory.ts'
import { Pairs } from './pairs.ts'

const FIELD = '__is_cjson_array'

export class ArrayMark {
  readonly #api: LuaApi
  #ref = 0
  #address: Address = 0

  constructor(api: LuaApi) {
    this.#api = api
  }

  /** Pushes a table with that field. */
  pushTable(): void {
    const api = this.#api
    api.c.lua_createtable(api.L, 0, 1)
    api.c.lua_pushboolean(api.L, 1)
    api.c.lua_setfield(api.L, -2, api.name(FIELD))
  }

  /** Takes the table in front of that one, on top of the stack, for the metatable of arrays; popped. */
  take(): void {
    const api = this.#api
    this.#address = api.objectIn(api.topSlot(api.L))
    this.#ref = api.c.luaL_ref(api.L, REGISTRY_INDEX)
  }

  /** Marks the table on top of the stack. */
  put(L: LuaState): void {
    const { c } = this.#api
    c.lua_rawgeti(L, REGISTRY_INDEX, this.#ref)
    c.lua_setmetatable(L, -2)
  }

  isOn(table: Address): boolean {
    const metatable = this.#api.metatableOf(table)
    return metatable !== 0 && (metatable === this.#address || this.#hasField(metatable))
  }

  #hasField(metatable: Address): boolean {
    const api = this.#api
    const pairs = new Pairs(api, metatable)
    while (pairs.next()) {
      if (pairs.keyType !== LuaType.String || api.bytesIn(pairs.keySlot) !== FIELD) continue
      return api.typeIn(pairs.valueSlot) !== LuaType.Boolean || api.booleanIn(pairs.valueSlot)
    }
    return false
  }
}
