/**
 * Tables that a script may read and not change. Redis has patched its Lua for that; here the script gets an empty table in
 * the place of each, whose metatable reads from the real one and raises an error on assignment. The functions that look
 * past metatables (next, pairs, rawget, rawset, getmetatable, setmetatable) are replaced by ones that know these tables.
 * What goes on to write into one all the same (table.insert) writes into the empty table: `intact` tells, and then the
 * whole instance is given up.
 */
import { type LuaApi, type LuaFunction, REGISTRY_INDEX } from './luaapi.ts'
import { type Address, type LuaState, LuaType, NODE_BYTES } from './luamemory.ts'

/** What is raised. */
export const READONLY = 'Attempt to modify a readonly table'

interface Guarded {
  /** The real table, in the registry. */
  readonly real: number
  /** What getmetatable gives of it, in the registry; undefined: nil. */
  readonly metatable: number | undefined
}

export class ReadonlyTables {
  readonly #api: LuaApi
  /** By the address of the table that stands in front. */
  readonly #guarded = new Map<Address, Guarded>()
  /** The same addresses, and the hash parts of those tables when they were last seen to be empty. */
  readonly #addresses: Address[] = []
  readonly #nodes: Address[] = []
  /** The tables in front, in the registry, by the address of the real one. */
  readonly #fronts = new Map<Address, number>()
  readonly #refuse: number
  /** What getmetatable gives of a string. */
  #stringMetatable = 0

  constructor(api: LuaApi) {
    this.#api = api
    this.#refuse = api.addFunction((L) => api.error(L, READONLY))
  }

  /** False once something was written into a table that may not be changed. Looked at after each script. */
  get intact(): boolean {
    const touched = this.#api.firstTouched(this.#addresses, this.#nodes)
    return touched === -1 || this.#areEmpty(touched)
  }

  #areEmpty(from: number): boolean {
    for (let i = from; i < this.#addresses.length; i++) if (!this.#isEmpty(this.#addresses[i], i)) return false
    return true
  }

  /** An assignment that was refused leaves its key, without a value. */
  #isEmpty(front: Address, i: number): boolean {
    const api = this.#api
    if (api.arraySizeOf(front) !== 0) return false
    const nodes = api.nodesOf(front)
    for (let i = 0, count = api.nodeCountOf(front); i < count; i++) {
      if (api.typeIn(nodes + i * NODE_BYTES) !== LuaType.Nil) return false
    }
    this.#nodes[i] = nodes
    return true
  }

  /**
   * Puts tables in front of the one on top of the stack and of all that can be reached from it, and leaves the new top
   * there. `metatable`, an index, is shown as its metatable.
   */
  guard(metatable?: number): void {
    const api = this.#api
    const { c, L } = api
    const shown = metatable === undefined ? undefined : this.#ref(metatable)
    const real = api.objectIn(api.topSlot(L))
    c.lua_createtable(L, 0, 0) // the front
    c.lua_createtable(L, 0, 2) // its metatable
    c.lua_pushvalue(L, -3)
    c.lua_setfield(L, -2, api.name('__index'))
    c.lua_pushcclosure(L, this.#refuse, 0)
    c.lua_setfield(L, -2, api.name('__newindex'))
    c.lua_setmetatable(L, -2)
    const front = api.objectIn(api.topSlot(L))
    this.#fronts.set(real, this.#ref(-1))
    c.lua_insert(L, -2) // front, real
    this.#guarded.set(front, { real: this.#ref(-1), metatable: shown })
    this.#addresses.push(front)
    this.#nodes.push(api.nodesOf(front))
    this.#guardFields()
    api.pop(L, 1)
  }

  /** Replaces the tables in the one on top of the stack by those in front of them. */
  #guardFields(): void {
    const api = this.#api
    const { c, L } = api
    c.lua_pushnil(L)
    while (c.lua_next(L, -2) !== 0) {
      const slot = api.topSlot(L)
      if (api.typeIn(slot) !== LuaType.Table || this.#guarded.has(api.objectIn(slot))) {
        api.pop(L, 1)
        continue
      }
      const front = this.#fronts.get(api.objectIn(slot))
      if (front === undefined) this.guard()
      else c.lua_rawgeti(L, REGISTRY_INDEX, front)
      c.lua_pushvalue(L, front === undefined ? -2 : -3)
      c.lua_insert(L, -2) // …, key, front: assigned to a key that is there, so `next` may go on
      c.lua_rawset(L, front === undefined ? -4 : -5)
      if (front !== undefined) api.pop(L, 1)
    }
  }

  /** Remembers how the metatable of strings is shown: on top of the stack, popped. */
  showStringMetatable(): void {
    this.#stringMetatable = this.#api.c.luaL_ref(this.#api.L, REGISTRY_INDEX)
  }

  #ref(index: number): number {
    const { c, L } = this.#api
    c.lua_pushvalue(L, index)
    return c.luaL_ref(L, REGISTRY_INDEX)
  }

  #at(L: LuaState, arg: number): Guarded | undefined {
    const api = this.#api
    if (api.argCount(L) < arg) return undefined
    const slot = api.argSlot(L, arg)
    return api.typeIn(slot) === LuaType.Table ? this.#guarded.get(api.objectIn(slot)) : undefined
  }

  /** Puts the real table in the place of an argument. */
  #unveil(L: LuaState, arg: number, guarded: Guarded): void {
    const { c } = this.#api
    c.lua_rawgeti(L, REGISTRY_INDEX, guarded.real)
    c.lua_replace(L, arg)
  }

  /** Raises without a position, as Redis's Lua does from within a C function. */
  #raise(L: LuaState): never {
    this.#api.pushBytes(L, READONLY)
    return this.#api.raise(L)
  }

  /** The functions that look past metatables, by the names of those that they replace. */
  functions(): Record<string, LuaFunction> {
    const api = this.#api
    const { c } = api
    c.lua_getfield(api.L, -1, api.name('next'))
    const plainNext = c.luaL_ref(api.L, REGISTRY_INDEX)
    const next = api.addFunction((L) => this.#next(L))
    return {
      next: (L) => this.#next(L),
      pairs: (L) => {
        c.luaL_checktype(L, 1, LuaType.Table)
        if (this.#at(L, 1) === undefined) c.lua_rawgeti(L, REGISTRY_INDEX, plainNext)
        else c.lua_pushcclosure(L, next, 0)
        c.lua_pushvalue(L, 1)
        c.lua_pushnil(L)
        return 3
      },
      rawget: (L) => {
        c.luaL_checktype(L, 1, LuaType.Table)
        c.luaL_checkany(L, 2)
        c.lua_settop(L, 2)
        const guarded = this.#at(L, 1)
        if (guarded !== undefined) this.#unveil(L, 1, guarded)
        c.lua_rawget(L, 1)
        return 1
      },
      rawset: (L) => {
        c.luaL_checktype(L, 1, LuaType.Table)
        c.luaL_checkany(L, 2)
        c.luaL_checkany(L, 3)
        c.lua_settop(L, 3)
        if (this.#at(L, 1) !== undefined) this.#raise(L)
        c.lua_rawset(L, 1)
        return 1
      },
      getmetatable: (L) => this.#getmetatable(L),
      setmetatable: (L) => {
        const type = c.lua_type(L, 2)
        c.luaL_checktype(L, 1, LuaType.Table)
        if (type !== LuaType.Nil && type !== LuaType.Table) api.argError(L, 2, 'nil or table expected')
        if (c.luaL_getmetafield(L, 1, api.name('__metatable')) !== 0)
          api.error(L, 'cannot change a protected metatable')
        c.lua_settop(L, 2)
        if (this.#at(L, 1) !== undefined) this.#raise(L)
        c.lua_setmetatable(L, 1)
        return 1
      },
    }
  }

  #next(L: LuaState): number {
    const { c } = this.#api
    c.luaL_checktype(L, 1, LuaType.Table)
    c.lua_settop(L, 2)
    const guarded = this.#at(L, 1)
    if (guarded !== undefined) this.#unveil(L, 1, guarded)
    if (c.lua_next(L, 1) !== 0) return 2
    c.lua_pushnil(L)
    return 1
  }

  #getmetatable(L: LuaState): number {
    const api = this.#api
    const { c } = api
    c.luaL_checkany(L, 1)
    const guarded = this.#at(L, 1)
    if (guarded !== undefined) {
      if (guarded.metatable === undefined) c.lua_pushnil(L)
      else c.lua_rawgeti(L, REGISTRY_INDEX, guarded.metatable)
    } else if (c.lua_type(L, 1) === LuaType.String) c.lua_rawgeti(L, REGISTRY_INDEX, this.#stringMetatable)
    else if (c.lua_getmetatable(L, 1) === 0) c.lua_pushnil(L)
    else c.luaL_getmetafield(L, 1, api.name('__metatable'))
    return 1
  }
}
