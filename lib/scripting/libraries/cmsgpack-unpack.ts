/**
 * cmsgpack.unpack and its companions, as Redis's lua-cmsgpack 0.4.0: values that follow each other in one string. Tables
 * are filled in the order of the input, which settles the order of their pairs. The tables that are open are kept in a
 * list of our own, since the input alone says how deep they nest; Lua's stack bounds them, at the depth where it does in C.
 */
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
import { pushDouble, pushFloat } from './double.ts'

/** lua_checkstack refuses more slots than this to a C function (LUAI_MAXCSTACK). */
const STACK_SLOTS = 8000
/** Slots that Lua gives every C function beyond its arguments (LUA_MINSTACK). */
const FREE_SLOTS = 20
/** Units of work of each value. */
const VALUE_WORK = 16
const TOO_MANY_VALUES = 'too many return values at once; use unpack_one or unpack_limit instead.'

/** A table that is being filled. */
interface OpenTable {
  isMap: boolean
  /** Elements or pairs that are still to come. */
  left: number
  /** Of an array: how many elements it has. */
  length: number
  /** Of a map: the key of the next value is on the stack. */
  hasKey: boolean
}

export class Unpacker {
  readonly #api: LuaApi
  #L: LuaState
  #at: Address = 0
  #end: Address = 0
  /** The first `#depth` are open; those behind are there to be used again. */
  readonly #open: OpenTable[] = []
  #depth = 0
  /** Slots that C's decoder would have in use: it keeps the index of the element at hand on the stack. */
  #slots = 0

  constructor(api: LuaApi) {
    this.#api = api
    this.#L = api.L
  }

  /** Pushes at most `limit` values from `offset` bytes on into the string at hand. Returns their number. */
  unpack(L: LuaState, text: Address, length: number, offset: number, limit: number): number {
    this.#L = L
    this.#at = text + offset
    this.#end = text + length
    this.#slots = this.#api.argCount(L)
    let count = 0
    for (; this.#at < this.#end && count < limit; count++) this.#whole()
    return count
  }

  /** How many bytes the last call has left. */
  get left(): number {
    return this.#end - this.#at
  }

  /** Raises an error if C could not push one value more. */
  reserve(message: string): void {
    if (this.#slots < FREE_SLOTS) return
    if (this.#slots + 1 > STACK_SLOTS || this.#api.c.lua_checkstack(this.#L, 1) === 0)
      this.#api.error(this.#L, `stack overflow (${message})`)
  }

  /** Pushes one value with all that is in it. */
  #whole(): void {
    this.#depth = 0
    for (;;) {
      if (!this.#value()) continue
      do if (this.#depth === 0) return
      while (this.#store())
    }
  }

  /** Puts a value into the innermost table. True if that is full then, and so a whole value itself. */
  #store(): boolean {
    const table = this.#open[this.#depth - 1]
    const { c } = this.#api
    if (!table.isMap) {
      c.lua_rawseti(this.#L, -2, ++table.length)
      this.#slots--
    } else if (table.hasKey) {
      c.lua_rawset(this.#L, -3)
      table.hasKey = false
      this.#slots -= 2
    } else {
      table.hasKey = true
      return false
    }
    if (--table.left > 0) return false
    this.#depth--
    if (!table.isMap) this.#slots--
    return true
  }

  /** Pushes a value. False if it is a table with something in it, which comes next. */
  #value(): boolean {
    this.#api.work(VALUE_WORK)
    this.#need(1)
    this.reserve(TOO_MANY_VALUES)
    this.#slots++
    const type = this.#api.u8[this.#at]
    if (type >= 0xe0) return this.#number(type - 0x100, 1)
    if (type < 0x80) return this.#number(type, 1)
    if (type < 0x90) return this.#table(true, type & 15, 1)
    if (type < 0xa0) return this.#table(false, type & 15, 1)
    if (type < 0xc0) return this.#string(type & 31, 1)
    return this.#typed(type)
  }

  /** What has a type byte of its own, followed by a number, or by a length and so many bytes or values. */
  #typed(type: number): boolean {
    switch (type) {
      case 0xc0:
        this.#api.c.lua_pushnil(this.#L)
        return this.#pushed(1)
      case 0xc2:
      case 0xc3:
        this.#api.pushBoolean(this.#L, type === 0xc3)
        return this.#pushed(1)
      case 0xca:
        pushFloat(this.#api, this.#L, this.#unsigned(1, 4) | 0)
        return this.#pushed(5)
      case 0xcb:
        pushDouble(this.#api, this.#L, this.#unsigned(1, 4), this.#unsigned(5, 4))
        return this.#pushed(9)
      case 0xcc:
        return this.#number(this.#unsigned(1, 1), 2)
      case 0xcd:
        return this.#number(this.#unsigned(1, 2), 3)
      case 0xce:
        return this.#number(this.#unsigned(1, 4), 5)
      case 0xd0:
        return this.#number((this.#unsigned(1, 1) << 24) >> 24, 2)
      case 0xd1:
        return this.#number((this.#unsigned(1, 2) << 16) >> 16, 3)
      case 0xd2:
        return this.#number(this.#unsigned(1, 4) | 0, 5)
      // Lua's integers are signed, so an unsigned one of 64 bits may come out negative.
      case 0xcf:
      case 0xd3:
        return this.#number((this.#unsigned(1, 4) | 0) * 2 ** 32 + this.#unsigned(5, 4), 9)
      case 0xd9:
        return this.#string(this.#unsigned(1, 1), 2)
      case 0xda:
        return this.#string(this.#unsigned(1, 2), 3)
      case 0xdb:
        return this.#string(this.#unsigned(1, 4), 5)
      case 0xdc:
      case 0xde:
        return this.#table(type === 0xde, this.#unsigned(1, 2), 3)
      case 0xdd:
      case 0xdf:
        return this.#table(type === 0xdf, this.#unsigned(1, 4), 5)
    }
    return this.#api.error(this.#L, 'Bad data format in input.')
  }

  #number(value: number, bytes: number): boolean {
    this.#api.pushNumber(this.#L, value)
    return this.#pushed(bytes)
  }

  #string(length: number, head: number): boolean {
    this.#need(head + length)
    this.#api.c.lua_pushlstring(this.#L, this.#at + head, length)
    return this.#pushed(head + length)
  }

  #pushed(bytes: number): true {
    this.#at += bytes
    return true
  }

  #table(isMap: boolean, count: number, head: number): boolean {
    this.#at += head
    this.#api.c.lua_createtable(this.#L, 0, 0)
    if (!isMap) this.reserve('in function mp_decode_to_lua_array')
    if (count === 0) return true
    if (!isMap) this.#slots++
    this.#openTable(isMap, count)
    return false
  }

  #openTable(isMap: boolean, count: number): void {
    const depth = this.#depth++
    if (depth === this.#open.length) this.#open.push({ isMap, left: count, length: 0, hasKey: false })
    else {
      const table = this.#open[depth]
      table.isMap = isMap
      table.left = count
      table.length = 0
      table.hasKey = false
    }
  }

  /** An integer of `size` bytes, so many bytes on from here. */
  #unsigned(from: number, size: number): number {
    this.#need(from + size)
    const { u8 } = this.#api
    let value = 0
    for (let i = from; i < from + size; i++) value = (value << 8) | u8[this.#at + i]
    return value >>> 0
  }

  #need(bytes: number): void {
    if (this.#end - this.#at < bytes) this.#api.error(this.#L, 'Missing bytes in input.')
  }
}
