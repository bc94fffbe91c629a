/** The global `cmsgpack`: Redis's lua-cmsgpack 0.4.0. */
import type { LuaApi } from '../luaapi.ts'
import type { LuaState } from '../luamemory.ts'
import { checkInteger, optionalInteger } from './arguments.ts'
import { Packer } from './cmsgpack-pack.ts'
import { Unpacker } from './cmsgpack-unpack.ts'
import { Output } from './output.ts'

const CONSTANTS = {
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  _COPYRIGHT: 'Copyright (C) 2012, Salvatore Sanfilippo',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
}

const INT_MAX = 2 ** 31 - 1
/** So few arguments have room on the stack twice. */
const FEW = 10

export function installCmsgpack(api: LuaApi): void {
  const packer = new Packer(api, new Output(api))
  const unpacker = new Unpacker(api)
  const { c } = api

  /** Pushes values of the first argument; before them, unless all are wanted, where the next one begins, or -1 at the end. */
  function unpack(L: LuaState, limit: number, offset: number): number {
    const text = c.luaL_checklstring(L, 1, 0)
    const length = api.stringLengthIn(api.argSlot(L, 1))
    if (offset < 0 || limit < 0)
      api.error(L, `Invalid request to unpack with offset of ${offset | 0} and limit of ${length}.`)
    if (offset > length) api.error(L, `Start offset ${offset | 0} greater than input length ${length}.`)
    if (limit === 0 && offset === 0) return unpacker.unpack(L, text, length, 0, INT_MAX)
    const count = unpacker.unpack(L, text, length, offset, limit)
    unpacker.reserve('in function mp_unpack_full')
    c.lua_pushnumber(L, unpacker.left === 0 ? -1 : length - unpacker.left)
    c.lua_insert(L, 2)
    return count + 1
  }

  function keepFirst(L: LuaState): void {
    if (api.argCount(L) > 1) c.lua_settop(L, 1)
  }

  c.lua_createtable(api.L, 0, 0)
  api.register(api.L, {
    pack(L) {
      const count = api.argCount(L)
      if (count === 0) api.argError(L, 0, 'MessagePack pack needs input.')
      if (count > FEW && c.lua_checkstack(L, count) === 0)
        api.argError(L, 0, 'Too many arguments for MessagePack pack.')
      packer.pack(L, count)
      return 1
    },
    unpack: (L) => unpack(L, 0, 0),
    unpack_one(L) {
      const offset = optionalInteger(api, L, 2, 0)
      keepFirst(L)
      return unpack(L, 1, offset)
    },
    unpack_limit(L) {
      const limit = checkInteger(api, L, 2)
      const offset = optionalInteger(api, L, 3, 0)
      keepFirst(L)
      return unpack(L, limit, offset)
    },
  })
  for (const [name, text] of Object.entries(CONSTANTS)) {
    api.pushBytes(api.L, text)
    c.lua_setfield(api.L, -2, api.name(name))
  }
  api.setGlobal(api.L, CONSTANTS._NAME)
}
