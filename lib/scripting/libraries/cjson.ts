/** The global `cjson`: Redis's lua-cjson 2.1.0, with what Redis 8 added to it. */
import type { LuaApi, LuaFunction } from '../luaapi.ts'
import type { LuaState } from '../luamemory.ts'
import { ArrayMark } from './cjson-array.ts'
import { JsonKernel } from './cjson-kernel.ts'
import { pushSettings, settingFunctions, settingsOf } from './cjson-settings.ts'

const NAME = 'cjson'
const VERSION = '2.1.0'

/** Returns the mark of arrays, which must be given its table. */
export function installCjson(api: LuaApi): ArrayMark {
  const arrays = new ArrayMark(api)
  let kernel: JsonKernel | undefined
  const functions: Record<string, LuaFunction> = {
    encode(L) {
      if (api.argCount(L) !== 1) api.argError(L, 1, 'expected 1 argument')
      kernel ??= new JsonKernel(api, arrays, L)
      kernel.encode(L, settingsOf(api, L), api.argSlot(L, 1))
      return 1
    },
    decode(L) {
      if (api.argCount(L) !== 1) api.argError(L, 1, 'expected 1 argument')
      const text = api.c.luaL_checklstring(L, 1, 0)
      if (api.stringLengthIn(api.argSlot(L, 1)) >= 2 && (api.u8[text] === 0 || api.u8[text + 1] === 0))
        api.error(L, 'JSON parser does not support UTF-16 or UTF-32')
      kernel ??= new JsonKernel(api, arrays, L)
      kernel.decode(L, settingsOf(api, L))
      return 1
    },
    ...settingFunctions(api),
    new(L) {
      pushTable(L)
      return 1
    },
  }
  // Made once: each cjson.new() makes closures over these.
  const numbers = Object.entries(functions).map(([name, fn]) => [name, api.addFunction(fn)] as const)

  /** Pushes a table of the functions, with settings of its own. */
  function pushTable(L: LuaState): void {
    const { c } = api
    c.lua_createtable(L, 0, 0)
    pushSettings(api, L)
    for (const [name, number] of numbers) {
      c.lua_pushvalue(L, -1)
      c.lua_pushcclosure(L, number, 1)
      c.lua_setfield(L, -3, api.name(name))
    }
    api.pop(L, 1)
    c.lua_pushlightuserdata(L, 0)
    c.lua_setfield(L, -2, api.name('null'))
    for (const [name, text] of [
      ['_NAME', NAME],
      ['_VERSION', VERSION],
    ]) {
      api.pushBytes(L, text)
      c.lua_setfield(L, -2, api.name(name))
    }
  }

  pushTable(api.L)
  api.setGlobal(api.L, NAME)
  return arrays
}
