/**
 * The globals of a script: the base, string, table, math and coroutine libraries without what reaches outside or past the
 * rules (files, print, environments), cjson, cmsgpack, struct, bit, os.clock, and the table `redis`, which is also called
 * `server`. All of it can be read and nothing changed; a global that does not exist is an error.
 */
import type { Bytes } from '../base/bytes.ts'
import { monotonic } from '../base/runtime.ts'
import { installBit } from './libraries/bit.ts'
import { installCjson } from './libraries/cjson.ts'
import { installCmsgpack } from './libraries/cmsgpack.ts'
import { installStringFormat } from './libraries/string-format.ts'
import { installStruct } from './libraries/struct.ts'
import { installToNumber } from './libraries/tonumber.ts'
import { GLOBALS_INDEX, type LuaApi, LuaStatus, MULTIPLE_RESULTS } from './luaapi.ts'
import { type LuaState, LuaType } from './luamemory.ts'
import { mathRandom, mathRandomSeed, type Random } from './random.ts'
import { ReadonlyTables } from './readonly.ts'

/** What the base library has and a script may not. */
const REMOVED = ['dofile', 'loadfile', 'print', 'getfenv', 'setfenv', 'newproxy']

/**
 * Makes of whatever was raised a table that says where: of an error in a C function, where that was called. Written in Lua,
 * for only Lua's debug library sees the stack at that time.
 */
const ERROR_HANDLER = `
local getinfo, type, tostring = debug.getinfo, type, tostring
return function(err)
  local at = getinfo(2, 'nSl')
  if at and at.what == 'C' then at = getinfo(3, 'nSl') end
  if type(err) ~= 'table' then err = { err = 'ERR ' .. tostring(err) } end
  if at then
    err.source = at.source
    err.line = at.currentline
  end
  return err
end`

/**
 * Fills the globals of a fresh state, locks them, and leaves two things on the stack: the table with the real globals, in
 * which KEYS and ARGV are set, and the error handler. `installRedis` pushes the table `redis`.
 */
export function installSandbox(api: LuaApi, random: Random, installRedis: () => void): ReadonlyTables {
  const { c, L } = api
  openLibraries(api)
  const arrays = installCjson(api)
  installCmsgpack(api)
  installStruct(api)
  installBit(api)
  installStringFormat(api)
  installToNumber(api)
  installRedis()
  c.lua_pushvalue(L, -1)
  api.setGlobal(L, 'redis')
  api.setGlobal(L, 'server')
  installOs(api)
  c.lua_pushvalue(L, GLOBALS_INDEX)
  pushErrorHandler(api)
  c.lua_pushvalue(L, -1)
  api.setGlobal(L, '__redis__err__handler')
  c.lua_insert(L, -2)
  // Stack: error handler, globals.
  const tables = replaceFunctions(api, random)
  lock(api, tables)
  arrays.pushTable()
  tables.guard()
  arrays.take()
  c.lua_insert(L, -2)
  return tables
}

function openLibraries(api: LuaApi): void {
  const { c, L } = api
  for (const open of [c.luaopen_base, c.luaopen_table, c.luaopen_string, c.luaopen_math, c.luaopen_debug]) {
    api.pushBytes(L, '')
    open(L)
    c.lua_settop(L, 0)
  }
  for (const name of REMOVED) setNil(api, name)
}

function setNil(api: LuaApi, name: Bytes): void {
  api.c.lua_pushnil(api.L)
  api.setGlobal(api.L, name)
}

function installOs(api: LuaApi): void {
  const { c, L } = api
  c.lua_createtable(L, 0, 1)
  api.register(L, {
    clock: (L) => {
      c.lua_pushnumber(L, monotonic() / 1000)
      return 1
    },
  })
  api.setGlobal(L, 'os')
}

function pushErrorHandler(api: LuaApi): void {
  const { c, L } = api
  if (api.load(L, ERROR_HANDLER, '@err_handler_def') !== LuaStatus.Ok || c.lua_pcall(L, 0, 1, 0) !== LuaStatus.Ok) {
    throw new Error(`the error handler of scripts: ${api.toBytes(L, -1)}`)
  }
  setNil(api, 'debug')
}

/** Puts our own functions among the globals, which are on top of the stack. */
function replaceFunctions(api: LuaApi, random: Random): ReadonlyTables {
  const { c, L } = api
  const tables = new ReadonlyTables(api)
  api.register(L, {
    ...tables.functions(),
    pcall: (L) => pcall(api, L),
    load: (L) => load(api, L),
    loadstring: (L) => {
      const code = api.checkBytes(L, 1)
      return loaded(api, L, code, api.argCount(L) > 1 ? api.checkBytes(L, 2) : code)
    },
  })
  c.lua_getfield(L, -1, api.name('math'))
  api.register(L, { random: mathRandom(api, random), randomseed: mathRandomSeed(api, random) })
  api.pop(L, 1)
  return tables
}

/** Turns the globals on top of the stack, where they stay, into what a script may only read. */
function lock(api: LuaApi, tables: ReadonlyTables): void {
  const { c, L } = api
  // A string's methods are found in a table that nobody sees; what is seen of it is in front.
  c.lua_pushvalue(L, -1)
  c.lua_createtable(L, 0, 1)
  pushMissingGlobal(api)
  c.lua_setfield(L, -2, api.name('__index'))
  c.lua_pushvalue(L, -1)
  c.lua_setmetatable(L, -3) // globals, globals, metatable
  tables.guard() // its front: what getmetatable shows
  c.lua_insert(L, -2) // globals, shown metatable, globals
  tables.guard(-2)
  c.lua_replace(L, GLOBALS_INDEX)
  api.pop(L, 1)
  c.lua_createtable(L, 0, 1)
  c.lua_getfield(L, -2, api.name('string'))
  c.lua_setfield(L, -2, api.name('__index'))
  tables.guard()
  tables.showStringMetatable()
}

/** Pushes an `__index` that raises an error for a global that does not exist. */
export function pushMissingGlobal(api: LuaApi): void {
  api.pushFunction(api.L, (L) => {
    if (api.argCount(L) !== 2) api.error(L, 'Wrong number of arguments to luaProtectedTableError')
    const name = api.toBytes(L, 2)
    if (name === undefined) return api.error(L, 'Second argument to luaProtectedTableError must be a string or number')
    return api.error(L, `Script attempted to access nonexistent global variable '${name}'`)
  })
}

/** pcall(f, …). Redis gives of its error objects the text alone, as before it had such objects. */
function pcall(api: LuaApi, L: LuaState): number {
  const { c } = api
  const args = api.argCount(L)
  c.luaL_checkany(L, 1)
  c.lua_pushboolean(L, 1)
  c.lua_insert(L, 1)
  if (c.lua_pcall(L, args - 1, MULTIPLE_RESULTS, 0) !== LuaStatus.Ok) {
    c.lua_remove(L, 1)
    if (c.lua_type(L, -1) === LuaType.Table) {
      c.lua_getfield(L, -1, api.name('err'))
      if (c.lua_isstring(L, -1) !== 0) c.lua_replace(L, -2)
    }
    c.lua_pushboolean(L, 0)
    c.lua_insert(L, 1)
  }
  return c.lua_gettop(L)
}

/** load(f [, name]): compiles what a function gives piece by piece. */
function load(api: LuaApi, L: LuaState): number {
  const { c } = api
  c.luaL_checktype(L, 1, LuaType.Function)
  const name = api.argCount(L) > 1 ? api.checkBytes(L, 2) : '=(load)'
  let code = ''
  for (;;) {
    c.lua_pushvalue(L, 1)
    if (c.lua_pcall(L, 0, 1, 0) !== LuaStatus.Ok) return refused(api, L)
    const type = c.lua_type(L, -1)
    if (type === LuaType.Nil) break
    const piece = type === LuaType.String || type === LuaType.Number ? api.toBytes(L, -1) : undefined
    if (piece === undefined) {
      api.pushBytes(L, 'reader function must return a string')
      return refused(api, L)
    }
    api.pop(L, 1)
    if (piece === '') break
    if (code.length + piece.length > api.maxBytes) api.memoryError(L)
    code += piece
  }
  return loaded(api, L, code, name)
}

function loaded(api: LuaApi, L: LuaState, code: Bytes, name: Bytes): number {
  // Compiled code is refused, as in Redis: behind a blank, Lua reads it as text.
  const text = code.charCodeAt(0) === 27 ? ' ' + code : code
  return api.load(L, text, name) === LuaStatus.Ok ? 1 : refused(api, L)
}

/** nil, and the message on top of the stack. */
function refused(api: LuaApi, L: LuaState): number {
  api.c.lua_pushnil(L)
  api.c.lua_insert(L, -2)
  return 2
}
