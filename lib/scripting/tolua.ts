/**
 * Replies as Lua sees them, pushed on its stack. In RESP2 what a script gets is numbers, strings, tables and `false` for
 * nil; a status is a table with `ok`, an error one with `err`. A script that called redis.setresp(3) gets booleans, nil, and
 * tables with `map`, `set`, `double`, `big_number` and `verbatim_string` besides.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  type BigNumber,
  type Double,
  formatDouble,
  Kind,
  type MapReply,
  type Reply,
  type ReplyError,
  type SetReply,
  type TaggedReply,
  type Verbatim,
} from '../base/reply.ts'
import type { LuaApi } from './luaapi.ts'
import type { LuaState } from './luamemory.ts'

/** Units of work of each value. */
const VALUE_WORK = 16
/** Slots that one level of a reply needs at most: tables, a key and a value. */
const SLOTS = 6

/** Pushes a reply. What comes here was made by a command, so it is not deep. */
export function pushReply(api: LuaApi, L: LuaState, reply: Reply, resp: 2 | 3): void {
  if (typeof reply === 'string') api.pushBytes(L, reply)
  else if (typeof reply === 'number') api.pushNumber(L, reply)
  else if (reply === null) pushNull(api, L, resp)
  else if (Array.isArray(reply)) pushArray(api, L, reply, resp)
  else if (typeof reply === 'bigint') api.pushNumber(L, Number(reply))
  else if (typeof reply === 'boolean') {
    if (resp === 3) api.pushBoolean(L, reply)
    else api.pushNumber(L, reply ? 1 : 0)
  } else pushTagged(api, L, reply as TaggedReply, resp)
}

function pushNull(api: LuaApi, L: LuaState, resp: 2 | 3): void {
  if (resp === 3) api.c.lua_pushnil(L)
  else api.pushBoolean(L, false)
}

function pushArray(api: LuaApi, L: LuaState, items: readonly Reply[], resp: 2 | 3): void {
  const { length } = items
  api.beginTable(L, length)
  for (let i = 0; i < length; ) {
    api.work(VALUE_WORK)
    pushReply(api, L, items[i], resp)
    api.addElement(L, length, ++i)
  }
  api.endTable(L, length)
}

function pushTagged(api: LuaApi, L: LuaState, reply: TaggedReply, resp: 2 | 3): void {
  switch (reply.kind) {
    case Kind.Status:
      pushField(api, L, 'ok', reply.text)
      break
    case Kind.Error:
      pushError(api, L, reply, true)
      break
    case Kind.Push:
    case Kind.Sequence:
      pushArray(api, L, reply.items, resp)
      break
    case Kind.Attributed:
      pushReply(api, L, reply.reply, resp)
      break
    case Kind.NullArray:
    case Kind.NoReply:
      pushNull(api, L, resp)
      break
    default:
      if (resp === 3) pushTagged3(api, L, reply)
      else pushReply(api, L, inResp2(reply), 2)
  }
}

type OfResp3 = Double | MapReply | SetReply | Verbatim | BigNumber

/** What stands in RESP2 for the kinds that only RESP3 has. */
function inResp2(reply: OfResp3): Reply {
  switch (reply.kind) {
    case Kind.Double:
      return reply.text ?? formatDouble(reply.value)
    case Kind.Map:
      return reply.flat
    case Kind.Set:
      return reply.items
    case Kind.Verbatim:
      return reply.text
    case Kind.BigNumber:
      return reply.digits
  }
}

function pushTagged3(api: LuaApi, L: LuaState, reply: OfResp3): void {
  switch (reply.kind) {
    case Kind.Double:
      pushField(api, L, 'double', reply.value)
      break
    case Kind.Map:
      pushMap(api, L, reply.flat)
      break
    case Kind.Set:
      pushSet(api, L, reply.items)
      break
    case Kind.Verbatim:
      openField(api, L)
      setField(api, L, 'format', reply.format)
      setField(api, L, 'string', reply.text)
      closeField(api, L, 'verbatim_string')
      break
    case Kind.BigNumber:
      pushField(api, L, 'big_number', reply.digits)
  }
}

/** A table with `err`; `counted` says that the statistics know of this error. */
export function pushError(api: LuaApi, L: LuaState, error: ReplyError, counted: boolean): void {
  const { c } = api
  c.luaL_checkstack(L, SLOTS, api.name('too many results'))
  c.lua_createtable(L, 0, 2)
  setField(api, L, 'err', error.text)
  if (!counted) return
  c.lua_pushboolean(L, 1)
  c.lua_setfield(L, -2, api.name('ignore_error_stats_update'))
}

function pushMap(api: LuaApi, L: LuaState, flat: readonly Reply[]): void {
  openField(api, L)
  for (let i = 0; i < flat.length; i += 2) {
    api.work(2 * VALUE_WORK)
    pushReply(api, L, flat[i], 3)
    pushReply(api, L, flat[i + 1], 3)
    api.c.lua_rawset(L, -3)
  }
  closeField(api, L, 'map')
}

function pushSet(api: LuaApi, L: LuaState, items: readonly Reply[]): void {
  openField(api, L)
  for (const item of items) {
    api.work(VALUE_WORK)
    pushReply(api, L, item, 3)
    api.c.lua_pushboolean(L, 1)
    api.c.lua_rawset(L, -3)
  }
  closeField(api, L, 'set')
}

function pushField(api: LuaApi, L: LuaState, name: string, value: Bytes | number): void {
  api.c.luaL_checkstack(L, SLOTS, api.name('too many results'))
  api.c.lua_createtable(L, 0, 1)
  setField(api, L, name, value)
}

function setField(api: LuaApi, L: LuaState, name: string, value: Bytes | number): void {
  if (typeof value === 'number') api.c.lua_pushnumber(L, value)
  else api.pushBytes(L, value)
  api.c.lua_setfield(L, -2, api.name(name))
}

/** A table, and above it one that will be its field. It grows as in Redis, for the order of its pairs depends on that. */
function openField(api: LuaApi, L: LuaState): void {
  api.c.luaL_checkstack(L, SLOTS, api.name('too many results'))
  api.c.lua_createtable(L, 0, 1)
  api.c.lua_createtable(L, 0, 0)
}

function closeField(api: LuaApi, L: LuaState, name: string): void {
  api.c.lua_setfield(L, -2, api.name(name))
}
