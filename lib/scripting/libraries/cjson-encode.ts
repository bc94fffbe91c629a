/**
 * cjson.encode: JSON text byte for byte as Redis's lua-cjson 2.1.0 writes it. A table is an array if all its keys are
 * integers from 1 and it is not too sparse, an empty one an object unless it is marked (cjson-array.ts). Tables are read
 * where they stand in Lua's memory, see pairs.ts, and walked by a stack of our own: a script may set the greatest depth as
 * high as Lua's stack allows.
 */
import type { LuaApi } from '../luaapi.ts'
import { type Address, type LuaState, LuaType } from '../luamemory.ts'
import type { ArrayMark } from './cjson-array.ts'
import { Setting, setting } from './cjson-settings.ts'
import { formatG } from './decimal.ts'
import { Elements } from './elements.ts'
import type { Output } from './output.ts'
import { Pairs } from './pairs.ts'

/** lua_checkstack refuses more slots than this to a C function (LUAI_MAXCSTACK). */
const STACK_SLOTS = 8000
/** What cjson asks for before it goes into a table. */
const SLOTS_AHEAD = 3
/** Units of work of each value. */
const VALUE_WORK = 8
/** Bytes of a string that are a unit. Log of 2. */
const SCANNED_BYTES_LOG = 2
const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

const [QUOTE, COMMA, COLON, ARRAY_BEGIN, ARRAY_END, OBJECT_BEGIN, OBJECT_END] = Buffer.from('",:[]{}')

/** How a byte of a string is written; undefined if as itself. */
const ESCAPES: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const short = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 34: '\\"', 47: '\\/', 92: '\\\\' }[byte]
  return short ?? (byte < 32 || byte === 127 ? '\\u00' + byte.toString(16).padStart(2, '0') : undefined)
})
/** 1 for the bytes that have an escape. */
const HAS_ESCAPE = Uint8Array.from(ESCAPES, (text) => (text === undefined ? 0 : 1))

/** A table that is being written: an array by its elements, an object by its pairs. */
interface OpenTable {
  readonly outer: OpenTable | undefined
  readonly depth: number
  /** Slots that C's encoder would have in use on Lua's stack, the table included. */
  readonly slots: number
  readonly contents: Elements | Pairs
  /** How many of them are written. */
  written: number
}

export class JsonEncoder {
  readonly #api: LuaApi
  readonly #out: Output
  readonly #arrays: ArrayMark
  #L: LuaState
  #settings: Address = 0
  #innermost: OpenTable | undefined

  constructor(api: LuaApi, out: Output, arrays: ArrayMark) {
    this.#api = api
    this.#out = out
    this.#arrays = arrays
    this.#L = api.L
  }

  /** Pushes the JSON text of a value. */
  encode(L: LuaState, settings: Address, slot: Address): void {
    this.#L = L
    this.#settings = settings
    this.#innermost = undefined
    this.#out.begin(L)
    this.#value(slot)
    while (this.#innermost !== undefined) this.#continue(this.#innermost)
    this.#out.push()
  }

  /** Writes a value; of a table, its beginning, which makes it the innermost. */
  #value(slot: Address): void {
    const api = this.#api
    api.work(VALUE_WORK)
    const type = api.typeIn(slot)
    if (type === LuaType.String) this.#string(slot)
    else if (type === LuaType.Number) this.#number(api.numberIn(slot))
    else if (type === LuaType.Table) this.#open(api.objectIn(slot))
    else if (type === LuaType.Boolean) this.#out.text(api.booleanIn(slot) ? 'true' : 'false')
    else if (type === LuaType.Nil || (type === LuaType.LightUserdata && api.objectIn(slot) === 0))
      this.#out.text('null')
    else this.#refuse(type, 'type not supported')
  }

  #open(table: Address): void {
    const api = this.#api
    const outer = this.#innermost
    const depth = outer === undefined ? 1 : outer.depth + 1
    const slots = outer === undefined ? 1 : outer.slots + (outer.contents instanceof Pairs ? 2 : 1)
    const maxDepth = setting(api, this.#settings, Setting.EncodeMaxDepth)
    if (depth > maxDepth || slots + SLOTS_AHEAD > STACK_SLOTS)
      api.error(this.#L, `Cannot serialise, excessive nesting (${depth})`)
    const isMarked = this.#arrays.isOn(table)
    const length = isMarked ? api.lengthOf(this.#L, table) : this.#arrayLength(table)
    // Elements and commas. A sparse array may ask for more than there is memory, and filling that would take long.
    this.#out.reserve(2 * Math.max(0, length))
    const isArray = isMarked || length > 0
    const contents = isArray ? new Elements(api, table, length) : new Pairs(api, table)
    this.#innermost = { outer, depth, slots, contents, written: 0 }
    this.#out.byte(isArray ? ARRAY_BEGIN : OBJECT_BEGIN)
  }

  /** The length of the array that a table is; -1, or less than 1 by an overflow that is cjson's own, for an object. */
  #arrayLength(table: Address): number {
    const pairs = new Pairs(this.#api, table)
    let max = 0
    let items = 0
    while (pairs.next()) {
      const key = pairs.keyType === LuaType.Number ? pairs.numberKey : 0
      if (!(key >= 1 && Math.floor(key) === key)) return -1
      // C's conversion to an int of what does not fit.
      if (key > max) max = key <= INT_MAX ? key : INT_MIN
      items++
    }
    return this.#isTooSparse(max, items) ? -1 : max
  }

  #isTooSparse(max: number, items: number): boolean {
    const ratio = setting(this.#api, this.#settings, Setting.SparseRatio)
    if (ratio === 0 || max <= Math.imul(items, ratio)) return false
    if (max <= setting(this.#api, this.#settings, Setting.SparseSafe)) return false
    if (setting(this.#api, this.#settings, Setting.SparseConvert) === 0)
      this.#refuse(LuaType.Table, 'excessively sparse array')
    return true
  }

  /** Writes the next element or pair of a table, or its end. */
  #continue(table: OpenTable): void {
    const { contents } = table
    const isObject = contents instanceof Pairs
    const hasNext = isObject ? contents.next() : table.written < contents.length
    if (!hasNext) {
      this.#out.byte(isObject ? OBJECT_END : ARRAY_END)
      this.#innermost = table.outer
      return
    }
    if (table.written++ > 0) this.#out.byte(COMMA)
    if (isObject) {
      this.#key(contents)
      this.#value(contents.valueSlot)
    } else {
      const slot = contents.slot(table.written)
      if (slot === undefined) this.#null()
      else this.#value(slot)
    }
  }

  /** An element that is not there. */
  #null(): void {
    this.#api.work(VALUE_WORK)
    this.#out.text('null')
  }

  #key(pairs: Pairs): void {
    const type = pairs.keyType
    if (type === LuaType.String) {
      this.#string(pairs.keySlot)
    } else if (type === LuaType.Number) {
      this.#out.byte(QUOTE)
      this.#number(pairs.numberKey)
      this.#out.byte(QUOTE)
    } else this.#refuse(type, 'table key must be a number or string')
    this.#out.byte(COLON)
  }

  #number(value: number): void {
    const invalid = setting(this.#api, this.#settings, Setting.EncodeInvalidNumbers)
    if (Number.isFinite(value) || invalid === 1)
      this.#out.text(formatG(value, setting(this.#api, this.#settings, Setting.NumberPrecision)))
    else if (invalid === 2) this.#out.text('null')
    else this.#refuse(LuaType.Number, 'must not be NaN or Inf')
  }

  #string(slot: Address): void {
    const out = this.#out
    const { u8 } = this.#api
    const start = this.#api.stringIn(slot)
    const end = start + this.#api.stringLengthIn(slot)
    out.byte(QUOTE)
    for (let at = start; at < end; ) {
      let plain = at
      while (plain < end && HAS_ESCAPE[u8[plain]] === 0) plain++
      this.#api.work((plain - at + 16) >> SCANNED_BYTES_LOG)
      out.copy(at, plain - at)
      if (plain < end) out.text(ESCAPES[u8[plain]]!)
      at = plain + 1
    }
    out.byte(QUOTE)
  }

  #refuse(type: number, reason: string): never {
    const api = this.#api
    return api.error(this.#L, `Cannot serialise ${api.cStringAt(api.c.lua_typename(this.#L, type))}: ${reason}`)
  }
}
