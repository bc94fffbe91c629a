/**
 * cmsgpack.pack: MessagePack byte for byte as Redis's lua-cmsgpack 0.4.0 writes it. A number is an integer if it has no
 * fraction, else a float if that loses nothing, else a double; a table is an array if its keys are 1 to n, else a map. What
 * MessagePack or the depth does not allow is nil. Tables are read from Lua's memory, see pairs.ts.
 */
import type { LuaApi } from '../luaapi.ts'
import { type Address, type LuaState, LuaType } from '../luamemory.ts'
import { floatBitsIn } from './double.ts'
import { Elements } from './elements.ts'
import type { Output } from './output.ts'
import { Pairs } from './pairs.ts'

/** Deeper tables are packed as nil; so is a table that holds itself. */
const MAX_NESTING = 16
const INT32_MAX = 2 ** 31 - 1
const INT64_END = 2 ** 63

/** Units of work of each value. */
const VALUE_WORK = 8

const NIL = 0xc0
const FALSE = 0xc2
const TRUE = 0xc3

export class Packer {
  readonly #api: LuaApi
  readonly #out: Output

  constructor(api: LuaApi, out: Output) {
    this.#api = api
    this.#out = out
  }

  /** Pushes the arguments from the first to the `count`th, one after the other in one string. */
  pack(L: LuaState, count: number): void {
    this.#out.begin(L)
    for (let arg = 1; arg <= count; arg++) this.#value(this.#api.argSlot(L, arg), 0)
    this.#out.push()
  }

  #value(slot: Address, level: number): void {
    const api = this.#api
    api.work(VALUE_WORK)
    const type = api.typeIn(slot)
    if (type === LuaType.String) this.#string(slot)
    else if (type === LuaType.Number) this.#number(slot)
    else if (type === LuaType.Boolean) this.#out.byte(api.booleanIn(slot) ? TRUE : FALSE)
    else if (type === LuaType.Table && level < MAX_NESTING) this.#table(api.objectIn(slot), level + 1)
    else this.#out.byte(NIL)
  }

  #string(slot: Address): void {
    const length = this.#api.stringLengthIn(slot)
    if (length < 32) this.#out.byte(0xa0 | length)
    else if (length <= 0xff) this.#head(0xd9, length, 1)
    else if (length <= 0xffff) this.#head(0xda, length, 2)
    else this.#head(0xdb, length, 4)
    this.#out.copy(this.#api.stringIn(slot), length)
  }

  #number(slot: Address): void {
    const value = this.#api.numberIn(slot)
    if (Math.trunc(value) === value && value >= -INT64_END && value < INT64_END) this.#integer(value)
    else if (Math.fround(value) === value) this.#head(0xca, floatBitsIn(this.#api, slot), 4)
    else {
      this.#out.byte(0xcb)
      this.#out.copyReversed(slot, 8)
    }
  }

  #integer(value: number): void {
    if (value >= 0) {
      if (value <= 127) this.#out.byte(value)
      else if (value <= 0xff) this.#head(0xcc, value, 1)
      else if (value <= 0xffff) this.#head(0xcd, value, 2)
      else if (value <= 0xffffffff) this.#head(0xce, value, 4)
      else this.#integer64(0xcf, value)
    } else if (value >= -32) this.#out.byte(value)
    else if (value >= -128) this.#head(0xd0, value, 1)
    else if (value >= -32768) this.#head(0xd1, value, 2)
    else if (value >= -(2 ** 31)) this.#head(0xd2, value, 4)
    else this.#integer64(0xd3, value)
  }

  #integer64(type: number, value: number): void {
    this.#head(type, Math.floor(value / 2 ** 32), 4)
    this.#out.integer(value, 4)
  }

  #head(type: number, value: number, size: number): void {
    this.#out.byte(type)
    this.#out.integer(value, size)
  }

  #table(table: Address, level: number): void {
    const length = this.#arrayLength(table)
    if (length === -1) this.#map(table, level)
    else this.#array(new Elements(this.#api, table, length), level)
  }

  #array(elements: Elements, level: number): void {
    this.#count(0x90, 0xdc, elements.length)
    for (let index = 1; index <= elements.length; index++) this.#value(elements.slot(index)!, level)
  }

  /** How many elements a table has whose keys are just the integers from 1 on; -1 for any other. */
  #arrayLength(table: Address): number {
    const pairs = new Pairs(this.#api, table)
    let count = 0
    let max = 0
    while (pairs.next()) {
      const key = pairs.keyType === LuaType.Number ? pairs.numberKey : 0
      if (key <= 0 || key > INT32_MAX || Math.trunc(key) !== key) return -1
      if (key > max) max = key
      count++
    }
    return count === max ? count : -1
  }

  #map(table: Address, level: number): void {
    let count = 0
    for (const pairs = new Pairs(this.#api, table); pairs.next(); ) count++
    this.#count(0x80, 0xde, count)
    for (const pairs = new Pairs(this.#api, table); pairs.next(); ) {
      if (pairs.index > 0) this.#integer(pairs.index)
      else this.#value(pairs.keySlot, level)
      this.#value(pairs.valueSlot, level)
    }
  }

  /** The head of an array or map; the type for a 32-bit count follows that for a 16-bit one. */
  #count(short: number, type: number, count: number): void {
    if (count <= 15) this.#out.byte(short | count)
    else if (count <= 0xffff) this.#head(type, count, 2)
    else this.#head(type + 1, count, 4)
  }
}
