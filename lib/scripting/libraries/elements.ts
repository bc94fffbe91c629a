/**
 * The elements of a table by their indexes, read from Lua's memory: those of the array part stand there in a row, the others
 * are looked for once. The same conditions hold as for pairs.ts.
 */
import type { LuaApi } from '../luaapi.ts'
import { type Address, VALUE_BYTES } from '../luamemory.ts'
import { Pairs } from './pairs.ts'

export class Elements {
  readonly length: number
  readonly #array: Address
  readonly #arraySize: number
  readonly #beyond: Map<number, Address> | undefined

  /** @param length how many elements will be asked for */
  constructor(api: LuaApi, table: Address, length: number) {
    this.length = length
    this.#array = api.arrayOf(table)
    this.#arraySize = api.arraySizeOf(table)
    if (length <= this.#arraySize) return
    this.#beyond = new Map()
    const pairs = new Pairs(api, table)
    while (pairs.next()) if (pairs.index === 0) this.#beyond.set(pairs.numberKey, pairs.valueSlot)
  }

  /** The slot of an element, counted from 1; undefined where there is none. */
  slot(index: number): Address | undefined {
    return index <= this.#arraySize ? this.#array + (index - 1) * VALUE_BYTES : this.#beyond?.get(index)
  }
}
