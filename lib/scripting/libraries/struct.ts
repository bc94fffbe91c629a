/**
 * The global `struct`: Roberto Ierusalimschy's library as in Redis. Its formats are in struct-format.ts, its integers in
 * struct-integer.ts.
 */
import type { LuaApi } from '../luaapi.ts'
import { type Address, type LuaState, LuaType } from '../luamemory.ts'
import { badArgument, checkCString, checkNumber, optionalInteger, toInt64 } from './arguments.ts'
import { floatBitsIn, pushDouble, pushFloat } from './double.ts'
import { Output } from './output.ts'
import { Format } from './struct-format.ts'
import { getInteger, putInteger } from './struct-integer.ts'

const UINT64_END = 2 ** 64
const INTEGERS = 'bBhHlLTiI'
/** Bytes of a string that are a unit of work. Log of 2. */
const SCANNED_BYTES_LOG = 5
const TOO_SHORT = 'data string too short'
/** So few results have room on the stack without asking. */
const FEW_RESULTS = 16

class Struct {
  readonly #api: LuaApi
  readonly #out: Output

  constructor(api: LuaApi) {
    this.#api = api
    this.#out = new Output(api)
  }

  pack(L: LuaState): number {
    const out = this.#out
    const format = new Format(this.#api, L, checkCString(this.#api, L, 1))
    // As in C a nil ends the arguments, so that a missing one is a nil in error texts.
    this.#api.c.lua_pushnil(L)
    out.begin(L)
    let arg = 2
    while (format.next()) {
      out.zeros(format.padding(out.length))
      if (this.#packOne(L, format, arg)) arg++
    }
    out.push()
    return 1
  }

  /** False for an option that takes no argument. */
  #packOne(L: LuaState, format: Format, arg: number): boolean {
    const api = this.#api
    const out = this.#out
    const { option, size, isLittleEndian } = format
    if (INTEGERS.includes(option)) {
      putInteger(out, checkNumber(api, L, arg), size, isLittleEndian)
      return true
    }
    switch (option) {
      case 'f':
        putInteger(out, floatBitsIn(api, this.#numberSlot(L, arg)) >>> 0, 4, isLittleEndian)
        return true
      case 'd':
        if (isLittleEndian) out.copy(this.#numberSlot(L, arg), 8)
        else out.copyReversed(this.#numberSlot(L, arg), 8)
        return true
      case 'c':
      case 's':
        this.#packString(L, format, arg)
        return true
    }
    if (option === 'x') out.byte(0)
    else format.control()
    return false
  }

  #packString(L: LuaState, format: Format, arg: number): void {
    const text = this.#api.c.luaL_checklstring(L, arg, 0)
    const length = this.#api.stringLengthIn(this.#api.argSlot(L, arg))
    // The argument is counted one too high, as in C.
    if (length < format.size) badArgument(this.#api, L, arg + 1, 'string too short')
    this.#out.copy(text, format.size === 0 ? length : format.size)
    if (format.option === 's') this.#out.byte(0)
  }

  /** The slot of an argument that is a number, or a string that reads as one and is replaced. */
  #numberSlot(L: LuaState, arg: number): Address {
    const api = this.#api
    const value = checkNumber(api, L, arg)
    if (api.typeIn(api.argSlot(L, arg)) !== LuaType.Number) {
      api.c.lua_pushnumber(L, value)
      api.c.lua_replace(L, arg)
    }
    return api.argSlot(L, arg)
  }

  unpack(L: LuaState): number {
    const api = this.#api
    const format = new Format(api, L, checkCString(api, L, 1))
    const data = api.c.luaL_checklstring(L, 2, 0)
    const length = api.stringLengthIn(api.argSlot(L, 2))
    // Positions are unsigned in C: one below 0 is far beyond the end.
    let position = optionalInteger(api, L, 3, 1) - 1
    if (position === -1) api.argError(L, 3, 'offset must be 1 or greater')
    let results = 0
    while (format.next()) {
      position += format.padding(position)
      this.#check(L, position, format.size, length)
      if (results > FEW_RESULTS) api.c.luaL_checkstack(L, 2, api.name('too many results'))
      if (format.option === 'c') {
        const size = format.size === 0 ? this.#poppedSize(L, results--) : format.size
        this.#check(L, position, size, length)
        api.c.lua_pushlstring(L, data + position, size)
        position += size
        results++
      } else if (format.option === 's') {
        const end = api.u8.indexOf(0, data + position) - data
        if (end >= length) {
          api.work((length - position) >> SCANNED_BYTES_LOG)
          api.error(L, 'unfinished string in data')
        }
        api.work((end - position) >> SCANNED_BYTES_LOG)
        api.c.lua_pushlstring(L, data + position, end - position)
        position = end + 1
        results++
      } else {
        if (this.#unpackOne(L, format, data + position)) results++
        position += format.size
      }
    }
    api.c.lua_pushnumber(L, position + 1)
    return results + 1
  }

  /** An option of fixed size. False if it gives no result. */
  #unpackOne(L: LuaState, format: Format, at: Address): boolean {
    const api = this.#api
    const { option, size, isLittleEndian } = format
    if (INTEGERS.includes(option)) {
      api.c.lua_pushnumber(L, getInteger(api, at, size, isLittleEndian, option >= 'a'))
      return true
    }
    switch (option) {
      case 'f':
        pushFloat(api, L, getInteger(api, at, 4, isLittleEndian, true))
        return true
      case 'd': {
        const first = getInteger(api, at, 4, isLittleEndian, true)
        const second = getInteger(api, at + 4, 4, isLittleEndian, true)
        if (isLittleEndian) pushDouble(api, L, second, first)
        else pushDouble(api, L, first, second)
        return true
      }
    }
    if (option !== 'x') format.control()
    return false
  }

  #check(L: LuaState, position: number, size: number, length: number): void {
    if (position < 0 || size < 0 || size > length || position > length - size) this.#api.argError(L, 2, TOO_SHORT)
  }

  /** The size for `c0`: the result before it, as C makes a size of it. One below 0 is beyond any end. */
  #poppedSize(L: LuaState, results: number): number {
    const { c } = this.#api
    if (results === 0 || c.lua_isnumber(L, -1) === 0) this.#api.error(L, "format 'c0' needs a previous size")
    const value = c.lua_tonumber(L, -1)
    this.#api.pop(L, 1)
    return value >= UINT64_END ? 0 : toInt64(value)
  }

  size(L: LuaState): number {
    const format = new Format(this.#api, L, checkCString(this.#api, L, 1))
    let position = 0
    while (format.next()) {
      position += format.padding(position)
      if (format.option === 's') this.#api.argError(L, 1, "option 's' has no fixed size")
      if (format.option === 'c' && format.size === 0) this.#api.argError(L, 1, "option 'c0' has no fixed size")
      // A letter that is no option counts for nothing here, as in C.
      if (!/[\da-z]/i.test(format.option)) format.control()
      position += format.size
    }
    this.#api.c.lua_pushnumber(L, position)
    return 1
  }
}

export function installStruct(api: LuaApi): void {
  const struct = new Struct(api)
  api.c.lua_createtable(api.L, 0, 0)
  api.register(api.L, {
    pack: (L) => struct.pack(L),
    unpack: (L) => struct.unpack(L),
    size: (L) => struct.size(L),
  })
  api.setGlobal(api.L, 'struct')
}
