/**
 * What a script returns, as a reply: the opposite of tolua.ts. Numbers lose their fraction, `false` and nil are nil, a table
 * ends at its first nil, and tables with one of the fields err, ok, double, big_number, verbatim_string, map, set stand for
 * the kinds that Lua has no word for. Fields are read raw, without metamethods, straight from Lua's memory.
 */
import type { Bytes } from '../base/bytes.ts'
import { oneLine } from '../base/errors.ts'
import { BigNumber, Double, MapReply, OK, type Reply, ReplyError, SetReply, Status, Verbatim } from '../base/reply.ts'
import { SCRIPT_STACK_LIMIT } from './errors.ts'
import type { LuaApi } from './luaapi.ts'
import { type Address, LuaType, NODE_BYTES, VALUE_BYTES } from './luamemory.ts'

/** Levels of tables. JavaScript's stack is what ends first here; Redis stops where Lua's does, at nearly 8000. */
const MAX_DEPTH = 1000

/** Units of work of each value, and what one takes besides a string's bytes. */
const VALUE_WORK = 8
const VALUE_BYTES_KEPT = 16

const INT64_MIN = -(2n ** 63n)

/** What a script returns would take more than Lua may have. */
export class ReplyTooLarge extends Error {}

export class ReplyReader {
  readonly #api: LuaApi
  /** What the script wants booleans to be. */
  #resp: 2 | 3 = 2
  /** Bytes that the reply may still take: a table or string may stand in it many times, and in Lua's memory once. */
  #room = 0

  constructor(api: LuaApi) {
    this.#api = api
  }

  /** The reply that the value in a slot stands for. Must not be called while Lua may free it. */
  read(slot: Address, resp: 2 | 3): Reply {
    this.#resp = resp
    this.#room = this.#api.maxBytes
    return this.#read(slot, 0)
  }

  #read(slot: Address, depth: number): Reply {
    const api = this.#api
    api.work(VALUE_WORK)
    this.#take(VALUE_BYTES_KEPT)
    switch (api.typeIn(slot)) {
      case LuaType.String:
        this.#take(api.stringLengthIn(slot))
        return api.bytesIn(slot)
      case LuaType.Number:
        return integerOf(api.numberIn(slot))
      case LuaType.Boolean:
        if (this.#resp === 3) return api.booleanIn(slot)
        return api.booleanIn(slot) ? 1 : null
      case LuaType.Table:
        if (depth > MAX_DEPTH) return SCRIPT_STACK_LIMIT
        return this.#readTable(api.objectIn(slot), depth + 1)
      default:
        return null
    }
  }

  #take(bytes: number): void {
    this.#room -= bytes
    if (this.#room < 0) throw new ReplyTooLarge()
  }

  #readTable(table: Address, depth: number): Reply {
    const api = this.#api
    if (api.nodeCountOf(table) === 1 && api.typeIn(api.nodesOf(table)) === LuaType.Nil) {
      return this.#readArray(table, undefined, depth)
    }
    const fields = this.#fieldsOf(table)
    return this.#readTagged(fields, depth) ?? this.#readArray(table, fields.numbers, depth)
  }

  /** A table that stands for something else than an array; undefined if it does not. */
  #readTagged(fields: Fields, depth: number): Reply | undefined {
    const api = this.#api
    const err = this.#string(fields, 'err')
    if (err !== undefined) return scriptError(err, this.#flag(fields, 'ignore_error_stats_update'))
    const ok = this.#string(fields, 'ok')
    if (ok !== undefined) return ok === 'OK' ? OK : new Status(oneLine(cString(ok)))
    const double = this.#slot(fields, 'double', LuaType.Number)
    if (double !== undefined) return new Double(api.numberIn(double))
    const digits = this.#string(fields, 'big_number')
    if (digits !== undefined) return new BigNumber(oneLine(digits))
    const verbatim = this.#slot(fields, 'verbatim_string', LuaType.Table)
    if (verbatim !== undefined) {
      const parts = this.#fieldsOf(api.objectIn(verbatim))
      const format = this.#string(parts, 'format')
      const text = this.#string(parts, 'string')
      if (format !== undefined && text !== undefined) return new Verbatim(text, (format + '   ').slice(0, 3))
    }
    const map = this.#slot(fields, 'map', LuaType.Table)
    if (map !== undefined) return new MapReply(this.#pairs(api.objectIn(map), depth, true))
    const set = this.#slot(fields, 'set', LuaType.Table)
    if (set !== undefined) return new SetReply(this.#pairs(api.objectIn(set), depth, false))
    return undefined
  }

  /** `numbers`: elements that were not added in order may stand in the hash part. */
  #readArray(table: Address, numbers: ReadonlyMap<number, Address> | undefined, depth: number): Reply[] {
    const api = this.#api
    const size = api.arraySizeOf(table)
    const array = api.arrayOf(table)
    const items: Reply[] = []
    for (let i = 0; i < size; i++) {
      const slot = array + i * VALUE_BYTES
      if (api.typeIn(slot) === LuaType.Nil) return items
      items.push(this.#read(slot, depth))
    }
    if (numbers === undefined) return items
    for (let i = size + 1; ; i++) {
      const slot = numbers.get(i)
      if (slot === undefined) return items
      items.push(this.#read(slot, depth))
    }
  }

  /** All keys of a table, with their values or without, in the order of `next`. */
  #pairs(table: Address, depth: number, values: boolean): Reply[] {
    const api = this.#api
    const flat: Reply[] = []
    for (let i = 0, size = api.arraySizeOf(table); i < size; i++) {
      const slot = api.arrayOf(table) + i * VALUE_BYTES
      if (api.typeIn(slot) === LuaType.Nil) continue
      flat.push(i + 1)
      if (values) flat.push(this.#read(slot, depth))
    }
    for (let i = 0, count = api.nodeCountOf(table); i < count; i++) {
      const slot = api.nodesOf(table) + i * NODE_BYTES
      if (api.typeIn(slot) === LuaType.Nil) continue
      flat.push(this.#read(slot + VALUE_BYTES, depth))
      if (values) flat.push(this.#read(slot, depth))
    }
    return flat
  }

  /** The hash part of a table, in one walk. */
  #fieldsOf(table: Address): Fields {
    const api = this.#api
    const names = new Map<Bytes, Address>()
    const numbers = new Map<number, Address>()
    api.work(VALUE_WORK * api.nodeCountOf(table))
    for (let i = 0, count = api.nodeCountOf(table); i < count; i++) {
      const slot = api.nodesOf(table) + i * NODE_BYTES
      if (api.typeIn(slot) === LuaType.Nil) continue
      const key = slot + VALUE_BYTES
      if (api.typeIn(key) === LuaType.Number) numbers.set(api.numberIn(key), slot)
      else if (api.typeIn(key) === LuaType.String && api.stringLengthIn(key) <= LONGEST_NAME) {
        names.set(api.bytesIn(key), slot)
      }
    }
    return { names, numbers }
  }

  #slot({ names }: Fields, name: Bytes, type: number): Address | undefined {
    const slot = names.get(name)
    return slot !== undefined && this.#api.typeIn(slot) === type ? slot : undefined
  }

  #string(fields: Fields, name: Bytes): Bytes | undefined {
    const slot = this.#slot(fields, name, LuaType.String)
    return slot === undefined ? undefined : this.#api.bytesIn(slot)
  }

  #flag(fields: Fields, name: Bytes): boolean {
    const slot = this.#slot(fields, name, LuaType.Boolean)
    return slot !== undefined && this.#api.booleanIn(slot)
  }

  /** What a script raised, without regard to its kind: the fields of Redis's error objects. */
  readError(slot: Address): RaisedError | Bytes | undefined {
    const api = this.#api
    if (api.typeIn(slot) === LuaType.String) return api.bytesIn(slot)
    if (api.typeIn(slot) !== LuaType.Table) return undefined
    const fields = this.#fieldsOf(api.objectIn(slot))
    const line = this.#slot(fields, 'line', LuaType.Number)
    return {
      err: this.#string(fields, 'err'),
      source: this.#string(fields, 'source'),
      line: line === undefined ? undefined : api.numberIn(line),
      counted: this.#flag(fields, 'ignore_error_stats_update'),
    }
  }
}

/** The hash part of a table: string keys and number keys, each with the slot of its value. */
interface Fields {
  readonly names: ReadonlyMap<Bytes, Address>
  readonly numbers: ReadonlyMap<number, Address>
}

/** An error object as the error handler of scripts makes it. */
export interface RaisedError {
  readonly err: Bytes | undefined
  readonly source: Bytes | undefined
  readonly line: number | undefined
  /** The statistics know of it. */
  readonly counted: boolean
}

/** `ignore_error_stats_update` */
const LONGEST_NAME = 25

/** An error as a script says it: without line ends, and up to a zero byte as in C. */
export function scriptError(text: Bytes, counted: boolean): ReplyError {
  return new ReplyError(oneLine(cString(text).replace(/[\r\n]+$/, '')), counted)
}

/** What C sees of a string: up to its first zero byte. */
export function cString(text: Bytes): Bytes {
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}

/** C's conversion of a double to 64 bits. */
function integerOf(number: number): number | bigint {
  const whole = Math.trunc(number)
  if (Number.isSafeInteger(whole)) return whole + 0
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : INT64_MIN
}
