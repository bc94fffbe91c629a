/**
 * Loading a library of functions: its code runs once, and sees nothing but a table `redis` with register_function, log and
 * the version. What it registers is kept by number in the instance. Afterwards, when its functions are called, the same
 * globals show what scripts see.
 */
import type { Bytes } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import {
  FUNCTION_IN_LIBRARY_EXISTS,
  FUNCTION_NAME_MISSING,
  functionArgument,
  INVALID_LIBRARY_NAME,
  libraryCompilation,
  libraryRegistration,
  REGISTER_ARITY,
  REGISTER_OUTSIDE_LOAD,
} from './errors.ts'
import { GLOBALS_INDEX, LuaStatus, REGISTRY_INDEX } from './luaapi.ts'
import { type LuaState, LuaType } from './luamemory.ts'
import { raiseError, registerLog, registerVersion } from './redisapi.ts'
import { pushMissingGlobal } from './sandbox.ts'
import { FLAG_NAMES } from './shebang.ts'
import type { Vm } from './vm.ts'

export interface RegisteredFunction {
  readonly name: Bytes
  readonly description: Bytes | undefined
  readonly flags: number
  /** Its number in the instance. */
  readonly ref: number
}

export class LibraryApi {
  readonly #vm: Vm
  /** The globals while a library is loaded, in the registry. */
  readonly #loadGlobals: number
  /** What the library that is being loaded has registered. */
  #registered: Map<Bytes, RegisteredFunction> | undefined

  constructor(vm: Vm) {
    this.#vm = vm
    const { api, tables } = vm
    const { c, L } = api
    c.lua_createtable(L, 0, 1)
    c.lua_createtable(L, 0, 8)
    api.register(L, { register_function: (L) => this.#registerFunction(L) })
    registerLog(api, vm)
    registerVersion(api)
    this.#refuseMissing()
    tables.guard()
    c.lua_pushvalue(L, -1)
    c.lua_setfield(L, -3, api.name('redis'))
    c.lua_setfield(L, -2, api.name('server'))
    this.#refuseMissing()
    this.#loadGlobals = c.luaL_ref(L, REGISTRY_INDEX)
  }

  /** Gives the table on top of the stack a metatable that raises an error for a field that does not exist. */
  #refuseMissing(): void {
    const { api } = this.#vm
    const { c, L } = api
    c.lua_createtable(L, 0, 1)
    pushMissingGlobal(api)
    c.lua_setfield(L, -2, api.name('__index'))
    c.lua_setmetatable(L, -2)
  }

  /** Runs the code of a library, and returns what it has registered. */
  load(code: Bytes): ReadonlyMap<Bytes, RegisteredFunction> | ReplyError {
    const vm = this.#vm
    const chunk = vm.compile(code, '@user_function', libraryCompilation)
    if (chunk instanceof ReplyError) return chunk
    const registered = new Map<Bytes, RegisteredFunction>()
    this.#registered = registered
    try {
      const error = vm.guarded<ReplyError | undefined>(() => this.#run(chunk), libraryRegistration)
      if (error === undefined) return registered
      for (const { ref } of registered.values()) vm.forget(ref)
      return error
    } finally {
      this.#registered = undefined
      vm.forget(chunk)
    }
  }

  #run(chunk: number): ReplyError | undefined {
    const { api } = this.#vm
    const { c, L } = api
    this.#showGlobals(this.#loadGlobals)
    c.lua_rawgeti(L, REGISTRY_INDEX, chunk)
    const status = c.lua_pcall(L, 0, 0, 0)
    const error = status === LuaStatus.Ok ? undefined : libraryRegistration(this.#vm.raisedText(status))
    this.#showGlobals(undefined)
    return error
  }

  /** Which table is seen through the globals: one of the registry, or that of scripts. */
  #showGlobals(ref: number | undefined): void {
    const { api } = this.#vm
    const { c, L } = api
    c.lua_getmetatable(L, GLOBALS_INDEX)
    if (ref === undefined) this.#vm.pushGlobals()
    else c.lua_rawgeti(L, REGISTRY_INDEX, ref)
    c.lua_setfield(L, -2, api.name('__index'))
    api.pop(L, 1)
  }

  /** redis.register_function(name, callback) or redis.register_function{function_name=…, callback=…, …} */
  #registerFunction(L: LuaState): number {
    const { api } = this.#vm
    const registered = this.#registered
    if (registered === undefined) return raiseError(api, L, REGISTER_OUTSIDE_LOAD)
    const count = api.argCount(L)
    if (count < 1 || count > 2) return raiseError(api, L, REGISTER_ARITY)
    const fn = count === 1 ? this.#readNamed(L) : this.#readPositional(L)
    if (fn instanceof ReplyError) return raiseError(api, L, fn)
    const problem = !isValidName(fn.name)
      ? INVALID_LIBRARY_NAME
      : registered.has(fn.name)
        ? FUNCTION_IN_LIBRARY_EXISTS
        : undefined
    if (problem !== undefined) {
      this.#vm.forget(fn.ref)
      return raiseError(api, L, problem)
    }
    registered.set(fn.name, fn)
    return 0
  }

  #readPositional(L: LuaState): RegisteredFunction | ReplyError {
    const { api } = this.#vm
    const name = this.#text(L, 1)
    if (name === undefined) return functionArgument('first argument to redis.register_function must be a string')
    if (api.c.lua_type(L, 2) !== LuaType.Function) {
      return functionArgument('second argument to redis.register_function must be a function')
    }
    return { name, description: undefined, flags: 0, ref: api.c.luaL_ref(L, REGISTRY_INDEX) }
  }

  #readNamed(L: LuaState): RegisteredFunction | ReplyError {
    const { api } = this.#vm
    const { c } = api
    if (c.lua_type(L, 1) !== LuaType.Table) {
      return functionArgument(
        'calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
      )
    }
    const found: NamedArguments = { flags: 0 }
    c.lua_pushnil(L)
    while (c.lua_next(L, 1) !== 0) {
      const error = this.#readArgument(L, found)
      if (error !== undefined) return this.#withoutCallback(found, error)
      c.lua_settop(L, 2)
    }
    const { name, description, flags, ref } = found
    if (name === undefined) return this.#withoutCallback(found, FUNCTION_NAME_MISSING)
    if (ref === undefined) return functionArgument('redis.register_function must get a callback argument')
    return { name, description, flags, ref }
  }

  #withoutCallback({ ref }: NamedArguments, error: ReplyError): ReplyError {
    if (ref !== undefined) this.#vm.forget(ref)
    return error
  }

  /** One named argument: the key below the top of the stack, the value at it. */
  #readArgument(L: LuaState, found: NamedArguments): ReplyError | undefined {
    const { api } = this.#vm
    const { c } = api
    if (c.lua_type(L, -2) !== LuaType.String) {
      return functionArgument('named argument key given to redis.register_function is not a string')
    }
    switch ((api.toBytes(L, -2) ?? '').toLowerCase()) {
      case 'function_name':
        found.name = this.#text(L, -1)
        return found.name === undefined
          ? functionArgument('function_name argument given to redis.register_function must be a string')
          : undefined
      case 'description':
        found.description = this.#text(L, -1)
        return found.description === undefined
          ? functionArgument('description argument given to redis.register_function must be a string')
          : undefined
      case 'callback':
        if (c.lua_type(L, -1) !== LuaType.Function) {
          return functionArgument('callback argument given to redis.register_function must be a function')
        }
        c.lua_pushvalue(L, -1)
        found.ref = c.luaL_ref(L, REGISTRY_INDEX)
        return undefined
      case 'flags': {
        if (c.lua_type(L, -1) !== LuaType.Table) {
          return functionArgument(
            'flags argument to redis.register_function must be a table representing function flags',
          )
        }
        const flags = this.#readFlags(L)
        if (flags === undefined) return functionArgument('unknown flag given')
        found.flags = flags
        return undefined
      }
      default:
        return functionArgument('unknown argument given to redis.register_function')
    }
  }

  /** The flags of the table on top of the stack; undefined if one is not known. */
  #readFlags(L: LuaState): number | undefined {
    const { c } = this.#vm.api
    let flags = 0
    for (let i = 1; ; i++) {
      c.lua_rawgeti(L, -1, i)
      if (c.lua_type(L, -1) === LuaType.Nil) break
      const name = this.#text(L, -1)?.toLowerCase()
      const known = FLAG_NAMES.find(([flag]) => flag === name)
      if (known === undefined) return undefined
      flags |= known[1]
      c.lua_settop(L, -2)
    }
    c.lua_settop(L, -2)
    return flags
  }

  /** A string or a number. */
  #text(L: LuaState, index: number): Bytes | undefined {
    return this.#vm.api.c.lua_isstring(L, index) === 0 ? undefined : this.#vm.api.toBytes(L, index)
  }
}

interface NamedArguments {
  name?: Bytes | undefined
  description?: Bytes | undefined
  flags: number
  ref?: number
}

/** Of libraries and functions. */
export function isValidName(name: Bytes): boolean {
  return /^[a-zA-Z0-9_]+$/.test(name)
}
