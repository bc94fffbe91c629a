/**
 * Lua's C API as JavaScript sees it. `c` holds the `lua_*` and `luaL_*` functions of the binary by their C names, which
 * take addresses and integers; the methods beside it pass what those cannot: byte strings, and JavaScript functions that
 * Lua calls. Strings cross as bytes (`Bytes` on this side), never as UTF-8.
 *
 * A JavaScript function for Lua is `(L) => number` as in C: it finds its arguments on the stack of `L` (which is that of
 * a coroutine at times, so never `this.L`), pushes results, and returns how many. It raises an error with `error`, which
 * does not return: it throws what `pcall` will catch. So such a function may not catch around calls of this API, and
 * may not count on `finally` being cheap. Any other exception ends the whole instance, see vm.ts.
 *
 * For speed, arguments and tables are also read straight from Lua's memory: see luamemory.ts.
 *
 * A library is installed by a function `installX(api: LuaApi): void` that leaves its table in the global variable of
 * its name and nothing on the stack; see `register`.
 */
import { type Bytes, copyInto } from '../base/bytes.ts'
import { type Address, LuaMemory, type LuaState, SHORT } from './luamemory.ts'
import { instantiate, LONGJMP, type WasmInstance, wrapFunction } from './wasm.ts'

export type LuaFunction = (L: LuaState) => number

export const REGISTRY_INDEX = -10000
export const GLOBALS_INDEX = -10002
/** The pseudo-index of a C function's n-th upvalue. */
export const upvalueIndex = (n: number): number => GLOBALS_INDEX - n

/** lua_pcall and lua_load: 0 is success. */
export const LuaStatus = { Ok: 0, Yield: 1, RunError: 2, SyntaxError: 3, MemoryError: 4, HandlerError: 5 } as const
/** For the functions with a `length` parameter: the string itself says how long it is. */
const NOWHERE: Address = 0
export const MULTIPLE_RESULTS = -1
/** What lua_gc is asked to do. */
export const Gc = { Stop: 0, Restart: 1, Collect: 2, Count: 3, CountBytes: 4, Step: 5 } as const

/** The functions of lua.h and lauxlib.h. Booleans are 0 and 1; a `name` is the address of a C string, see `name()`. */
export interface LuaFunctions {
  lua_newstate(alloc: number, state: Address): LuaState
  lua_close(L: LuaState): void
  lua_newthread(L: LuaState): LuaState

  lua_gettop(L: LuaState): number
  lua_settop(L: LuaState, index: number): void
  lua_pushvalue(L: LuaState, index: number): void
  lua_remove(L: LuaState, index: number): void
  lua_insert(L: LuaState, index: number): void
  lua_replace(L: LuaState, index: number): void
  lua_checkstack(L: LuaState, slots: number): number

  lua_type(L: LuaState, index: number): number
  lua_typename(L: LuaState, type: number): Address
  lua_isnumber(L: LuaState, index: number): number
  lua_isstring(L: LuaState, index: number): number
  lua_iscfunction(L: LuaState, index: number): number
  lua_rawequal(L: LuaState, a: number, b: number): number
  lua_tonumber(L: LuaState, index: number): number
  lua_tointeger(L: LuaState, index: number): number
  lua_toboolean(L: LuaState, index: number): number
  lua_tolstring(L: LuaState, index: number, length: Address): Address
  lua_objlen(L: LuaState, index: number): number
  lua_touserdata(L: LuaState, index: number): Address
  lua_topointer(L: LuaState, index: number): Address

  lua_pushnil(L: LuaState): void
  lua_pushnumber(L: LuaState, value: number): void
  lua_pushinteger(L: LuaState, value: number): void
  lua_pushlstring(L: LuaState, bytes: Address, length: number): void
  lua_pushboolean(L: LuaState, value: number): void
  lua_pushlightuserdata(L: LuaState, address: Address): void
  lua_pushcclosure(L: LuaState, fn: number, upvalues: number): void

  lua_gettable(L: LuaState, index: number): void
  lua_getfield(L: LuaState, index: number, name: Address): void
  lua_rawget(L: LuaState, index: number): void
  lua_rawgeti(L: LuaState, index: number, n: number): void
  lua_createtable(L: LuaState, arraySize: number, hashSize: number): void
  lua_newuserdata(L: LuaState, bytes: number): Address
  lua_getmetatable(L: LuaState, index: number): number
  lua_getfenv(L: LuaState, index: number): void

  lua_settable(L: LuaState, index: number): void
  lua_setfield(L: LuaState, index: number, name: Address): void
  lua_rawset(L: LuaState, index: number): void
  lua_rawseti(L: LuaState, index: number, n: number): void
  lua_setmetatable(L: LuaState, index: number): number
  lua_setfenv(L: LuaState, index: number): number

  lua_call(L: LuaState, args: number, results: number): void
  lua_pcall(L: LuaState, args: number, results: number, handler: number): number
  lua_error(L: LuaState): number
  lua_next(L: LuaState, index: number): number
  lua_concat(L: LuaState, n: number): void
  lua_gc(L: LuaState, what: number, data: number): number
  lua_getstack(L: LuaState, level: number, record: Address): number
  lua_getinfo(L: LuaState, what: Address, record: Address): number
  lua_atpanic(L: LuaState, fn: number): number

  luaL_loadbuffer(L: LuaState, bytes: Address, length: number, name: Address): number
  luaL_ref(L: LuaState, index: number): number
  luaL_unref(L: LuaState, index: number, ref: number): void
  luaL_where(L: LuaState, level: number): void
  luaL_checktype(L: LuaState, arg: number, type: number): void
  luaL_checkany(L: LuaState, arg: number): void
  luaL_checknumber(L: LuaState, arg: number): number
  luaL_optnumber(L: LuaState, arg: number, otherwise: number): number
  luaL_checkinteger(L: LuaState, arg: number): number
  luaL_optinteger(L: LuaState, arg: number, otherwise: number): number
  luaL_checklstring(L: LuaState, arg: number, length: Address): Address
  luaL_argerror(L: LuaState, arg: number, message: Address): number
  luaL_typerror(L: LuaState, arg: number, typeName: Address): number
  luaL_checkstack(L: LuaState, slots: number, message: Address): void
  luaL_getmetafield(L: LuaState, index: number, name: Address): number

  luaopen_base(L: LuaState): number
  luaopen_table(L: LuaState): number
  luaopen_string(L: LuaState): number
  luaopen_math(L: LuaState): number
  luaopen_debug(L: LuaState): number

  malloc(bytes: number): Address
  realloc(address: Address, bytes: number): Address
  free(address: Address): void
}

/** Room for the strings that cross; longer ones take memory of their own for the moment. Unit: bytes. */
const SCRATCH_BYTES = 65536
/** Bytes that are copied for a unit of work. Log of 2. */
const COPIED_BYTES_LOG = 5
/** From this length on a string of JavaScript's may be a slice of a longer one. */
const SLICED_LENGTH = 13
/** What Lua's allocator keeps of itself (allocator.wat). */
const ALLOCATOR_STATE_BYTES = 72
/** Values that are pushed before a table is made of them; larger tables are filled one by one. */
const GATHERED_MAX = 128
/** Room on the stack for what a value takes while it is made: tables, a key and a value. */
const FEW_SLOTS = 6

export class LuaApi extends LuaMemory {
  readonly c: LuaFunctions
  /** The main state. */
  readonly L: LuaState
  /** Bound on Lua's memory, and so on any one string. */
  readonly maxBytes: number
  readonly #wasm: WasmInstance
  readonly #scratch: Address
  readonly #names = new Map<Bytes, Address>()

  /**
   * @param maxBytes bound on Lua's memory; past it Lua raises "not enough memory"
   * @param onLook called now and then while Lua or JavaScript works for a script. What it throws ends the instance.
   */
  constructor(maxBytes: number, onLook: () => void = () => {}) {
    super()
    this.maxBytes = maxBytes
    this.onLook = onLook
    this.#wasm = instantiate(maxBytes, () => this.view(this.#wasm.memory.buffer), onLook)
    this.view(this.#wasm.memory.buffer)
    this.c = this.#wasm.exports as unknown as LuaFunctions
    this.#scratch = this.c.malloc(SCRATCH_BYTES)
    const state = this.c.malloc(ALLOCATOR_STATE_BYTES)
    this.u8.fill(0, state, state + ALLOCATOR_STATE_BYTES)
    this.L = this.c.lua_newstate(this.#addToTable(this.#wasm.exports['alloc']), state)
  }

  /** The functions of a module that works in Lua's memory and calls its C API, and what `host` has. */
  beside(module: WebAssembly.Module, host: WebAssembly.ModuleImports): WebAssembly.Exports {
    const { exports, memory } = this.#wasm
    return new WebAssembly.Instance(module, { env: { memory }, lua: exports, host }).exports
  }

  /** Bytes of memory that the instance has taken, in use or not; it never gives any back. */
  get memoryBytes(): number {
    return this.u8.length
  }

  /** Bytes that Lua itself has in use. */
  get usedBytes(): number {
    return this.c.lua_gc(this.L, Gc.Count, 0) * 1024 + this.c.lua_gc(this.L, Gc.CountBytes, 0)
  }

  // Functions and tables.

  /** The number under which Lua can call a JavaScript function: a lua_CFunction. Never given back. */
  addFunction(fn: LuaFunction): number {
    return this.#addToTable(wrapFunction(fn))
  }

  #addToTable(fn: unknown): number {
    const { table } = this.#wasm
    const index = table.grow(1)
    table.set(index, fn)
    return index
  }

  pushFunction(L: LuaState, fn: LuaFunction, upvalues = 0): void {
    this.c.lua_pushcclosure(L, this.addFunction(fn), upvalues)
  }

  /** Adds functions to the table on top of the stack, under their names. */
  register(L: LuaState, functions: Readonly<Record<string, LuaFunction>>): void {
    for (const [name, fn] of Object.entries(functions)) {
      this.pushFunction(L, fn)
      this.c.lua_setfield(L, -2, this.name(name))
    }
  }

  /** Pops a value into a global variable. */
  setGlobal(L: LuaState, name: Bytes): void {
    this.c.lua_setfield(L, GLOBALS_INDEX, this.name(name))
  }

  getGlobal(L: LuaState, name: Bytes): void {
    this.c.lua_getfield(L, GLOBALS_INDEX, this.name(name))
  }

  /** Compiles code to a function on the stack, or leaves the message there. @returns a LuaStatus */
  load(L: LuaState, code: Bytes, chunkName: Bytes): number {
    this.pushBytes(L, chunkName)
    const name = this.stringIn(this.topSlot(L))
    this.pushBytes(L, code)
    const status = this.c.luaL_loadbuffer(L, this.stringIn(this.topSlot(L)), code.length, name)
    this.c.lua_replace(L, -3)
    this.c.lua_settop(L, -2)
    return status
  }

  /**
   * Begins a table with elements 1 to `count`, each of which is to be pushed and then added by `addElement`; `endTable` leaves
   * the table on top. Elements that are few stay on the stack and are moved into the table at the end: it is so new then that
   * the collector cannot have come by.
   */
  beginTable(L: LuaState, count: number): void {
    const slots = count > GATHERED_MAX ? FEW_SLOTS : count + FEW_SLOTS
    if (!this.hasRoom(L, slots)) this.c.luaL_checkstack(L, slots, this.name('too many results'))
    if (count > GATHERED_MAX) this.c.lua_createtable(L, count, 0)
  }

  /** Adds what is on top, as the element of an index from 1 on. */
  addElement(L: LuaState, count: number, index: number): void {
    if (count > GATHERED_MAX) this.c.lua_rawseti(L, -2, index)
  }

  endTable(L: LuaState, count: number): void {
    if (count > GATHERED_MAX) return
    this.c.lua_createtable(L, count, 0)
    this.gather(L, count)
  }

  /**
   * In the place of `endTable`: makes the elements those of the table in a slot, which must not be in use any more, and pops
   * them. False, and nothing is done, if that table does not suit.
   */
  endInTable(L: LuaState, count: number, slot: Address): boolean {
    const table = this.objectIn(slot)
    if (count > GATHERED_MAX || !this.canRefill(table, count)) return false
    this.refill(L, table, count)
    return true
  }

  /** What `#` says of a table. */
  lengthOf(L: LuaState, table: Address): number {
    this.c.lua_pushnil(L)
    this.makeTable(this.topSlot(L), table)
    const length = this.c.lua_objlen(L, -1)
    this.pop(L, 1)
    return length
  }

  pop(L: LuaState, count: number): void {
    this.c.lua_settop(L, -count - 1)
  }

  // Strings.

  /** The address of a C string that lasts: for names that are known beforehand, not for data. */
  name(name: Bytes): Address {
    let address = this.#names.get(name)
    if (address === undefined) {
      address = this.c.malloc(name.length + 1)
      copyInto(this.u8, address, name)
      this.u8[address + name.length] = 0
      this.#names.set(name, address)
    }
    return address
  }

  pushBytes(L: LuaState, bytes: Bytes): void {
    const { length } = bytes
    if (length > SCRATCH_BYTES) {
      this.#pushLong(L, bytes)
      return
    }
    copyInto(this.u8, this.#scratch, bytes)
    this.c.lua_pushlstring(L, this.#scratch, length)
    // A script is likely to pass it on to a command. Longer ones may be V8's slices, and hold on to what they were cut from.
    if (length < SLICED_LENGTH) this.keepTopString(L, bytes)
  }

  /** The same for a string that is no slice of a longer one, or may hold on to that. */
  pushWhole(L: LuaState, bytes: Bytes): void {
    this.pushBytes(L, bytes)
    if (bytes.length >= SLICED_LENGTH && bytes.length <= SHORT) this.keepTopString(L, bytes)
  }

  #pushLong(L: LuaState, bytes: Bytes): void {
    this.work(bytes.length >> COPIED_BYTES_LOG)
    const address = this.c.malloc(bytes.length)
    if (address === 0) this.error(L, 'not enough memory')
    copyInto(this.u8, address, bytes)
    this.c.lua_pushlstring(L, address, bytes.length)
    this.c.free(address)
  }

  /** The first `length` bytes of an array that is not Lua's. */
  pushArray(L: LuaState, array: Uint8Array, length: number): void {
    const isShort = length <= SCRATCH_BYTES
    const address = isShort ? this.#scratch : this.c.malloc(length)
    if (address === 0) this.memoryError(L)
    this.work(length >> COPIED_BYTES_LOG)
    this.u8.set(array.subarray(0, length), address)
    this.c.lua_pushlstring(L, address, length)
    if (!isShort) this.c.free(address)
  }

  /** The bytes of a string, or of a number (which becomes a string on the stack, as in C); undefined for other types. */
  toBytes(L: LuaState, index: number): Bytes | undefined {
    const address = this.c.lua_tolstring(L, index, NOWHERE)
    return address === 0 ? undefined : this.stringAt(address)
  }

  /** The bytes of an argument that must be a string or a number. */
  checkBytes(L: LuaState, arg: number): Bytes {
    return this.stringAt(this.c.luaL_checklstring(L, arg, NOWHERE))
  }

  // Errors.

  /** Raises an error with the position of the caller in front, as luaL_error does. */
  error(L: LuaState, message: Bytes): never {
    this.c.luaL_where(L, 1)
    this.pushBytes(L, message)
    this.c.lua_concat(L, 2)
    return this.raise(L)
  }

  /** What Lua raises where it gets no memory: without a position. */
  memoryError(L: LuaState): never {
    this.pushBytes(L, 'not enough memory')
    return this.raise(L)
  }

  /** `bad argument #1 to 'name' (message)` */
  argError(L: LuaState, arg: number, message: Bytes): never {
    this.c.luaL_argerror(L, arg, this.name(message))
    throw LONGJMP
  }

  /** Raises the value on top of the stack. */
  raise(L: LuaState): never {
    this.c.lua_error(L)
    throw LONGJMP // lua_error has thrown it already; this is for the type
  }
}
