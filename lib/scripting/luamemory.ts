/**
 * Lua's memory, read and in places written straight from JavaScript, for speed. Its layout (32-bit, Lua 5.1.5, at the end of
 * this file) is that of the one binary we use. The views `u8`, `i32`, `f64` change whenever Lua allocates: take them from
 * the object each time. Objects of Lua do not move, but what nothing on a stack refers to may be freed. A slot is the address
 * of a value on a stack or in a table.
 */
import { type Bytes, sliceOf } from '../base/bytes.ts'

/** Address of a lua_State: the main one, or that of a coroutine. */
export type LuaState = number
/** Address of something in Lua's memory. */
export type Address = number
export const LuaType = {
  None: -1,
  Nil: 0,
  Boolean: 1,
  LightUserdata: 2,
  Number: 3,
  String: 4,
  Table: 5,
  Function: 6,
  Userdata: 7,
  Thread: 8,
} as const

/**
 * Strings of Lua up to this length are kept as JavaScript has them, for they are often read again: those that fit into a small
 * block of the allocator (256 bytes) with their head and the zero at their end.
 */
export const SHORT = 256 - 17
/** How many of them: a power of 2. */
const SHORT_STRINGS = 8192
/** Units of work between two looks at the clock: some 0.5 ms. */
const WORK = 100_000
/** From SHORT on, of each string that becomes JavaScript's: so many bytes are a unit, for whatever is done with it. Log of 2. */
const WORK_BYTES_LOG = 2
/** Elements that a table may have room for and not hold, to be filled again. */
const SPARE_ELEMENTS = 16

export class LuaMemory {
  /** Never keep one of these across a call that may allocate. */
  u8!: Buffer
  i32!: Int32Array
  f64!: Float64Array
  readonly #shortStrings: Bytes[] = new Array<Bytes>(SHORT_STRINGS).fill('')
  /** Where the strings of `#shortStrings` stand in Lua's memory. */
  readonly #shortAddresses = new Int32Array(SHORT_STRINGS)
  #workLeft = WORK

  /**
   * Takes note of work that JavaScript does for a script, a unit being some 5 ns. What goes through data of a script says so
   * here, for else a script could keep it going without end. May throw, as a script that has had its time ends here.
   */
  work(units: number): void {
    this.#workLeft -= units
    if (this.#workLeft < 0) this.look()
  }

  /** Looks at the clock now. */
  look(): void {
    this.#workLeft = WORK
    this.onLook()
  }

  protected onLook(): void {}

  /** The memory is another buffer from now on. */
  protected view(buffer: ArrayBuffer): void {
    this.u8 = Buffer.from(buffer)
    this.i32 = new Int32Array(buffer)
    this.f64 = new Float64Array(buffer)
  }

  /** Bytes anywhere in Lua's memory. */
  bytesAt(address: Address, length: number): Bytes {
    return sliceOf(this.u8, address, address + length)
  }

  /** A C string, up to its zero. */
  cStringAt(address: Address): Bytes {
    const length = this.u8.indexOf(0, address) - address
    this.work(length >> WORK_BYTES_LOG)
    return this.bytesAt(address, length)
  }

  /** A string of Lua's by the address of its bytes. */
  protected stringAt(address: Address): Bytes {
    return this.#string(address - STRING_HEAD)
  }

  #string(string: Address): Bytes {
    const { u8 } = this
    const place = (string >>> 4) & (SHORT_STRINGS - 1)
    if (u8[string + LAYOUT.stringUnused] === 1 && this.#shortAddresses[place] === string)
      return this.#shortStrings[place]
    const length = this.i32[(string + LAYOUT.stringLength) >> 2]
    const bytes = u8.latin1Slice(string + STRING_HEAD, string + STRING_HEAD + length)
    if (length <= SHORT) this.#keepShort(string, bytes)
    else this.work(length >> WORK_BYTES_LOG)
    return bytes
  }

  /**
   * Keeps a short string for when it is read again: command names, field names and the like are, at each call of a script.
   * A byte of the string's head that Lua does not use says so, until the block is another's (allocator.wat).
   */
  #keepShort(string: Address, bytes: Bytes): void {
    const place = (string >>> 4) & (SHORT_STRINGS - 1)
    this.u8[string + LAYOUT.stringUnused] = 1
    this.#shortAddresses[place] = string
    this.#shortStrings[place] = bytes
  }

  /** The string on top of the stack is this one, and short. */
  protected keepTopString(L: LuaState, bytes: Bytes): void {
    this.#keepShort(this.objectIn(this.topSlot(L)), bytes)
  }

  /** How many arguments a JavaScript function was called with: lua_gettop without leaving JavaScript. */
  argCount(L: LuaState): number {
    const { i32 } = this
    return (i32[(L + LAYOUT.top) >> 2] - i32[(L + LAYOUT.base) >> 2]) / VALUE_BYTES
  }

  /** lua_settop without leaving JavaScript, to no more values than there are. */
  dropTo(L: LuaState, count: number): void {
    const { i32 } = this
    i32[(L + LAYOUT.top) >> 2] = i32[(L + LAYOUT.base) >> 2] + count * VALUE_BYTES
  }

  /** Pushes an object that something refers to. */
  pushObject(L: LuaState, object: Address, type: number): void {
    const slot = this.#pushType(L, type)
    this.i32[slot >> 2] = object
  }

  /** Whether so many values may be pushed; if not, lua_checkstack makes room. */
  protected hasRoom(L: LuaState, slots: number): boolean {
    const { i32 } = this
    const call = i32[(L + LAYOUT.call) >> 2]
    return i32[(call + LAYOUT.callTop) >> 2] - i32[(L + LAYOUT.top) >> 2] >= slots * VALUE_BYTES
  }

  /** How many results the caller of a JavaScript function wants; -1 for all there are. */
  wantedResults(L: LuaState): number {
    const call = this.i32[(L + LAYOUT.call) >> 2]
    return this.i32[(call + LAYOUT.callResults) >> 2]
  }

  /** lua_pushnumber without leaving JavaScript. */
  pushNumber(L: LuaState, value: number): void {
    const slot = this.#pushType(L, LuaType.Number)
    this.f64[slot >> 3] = value
  }

  /** lua_pushboolean without leaving JavaScript. */
  pushBoolean(L: LuaState, value: boolean): void {
    const slot = this.#pushType(L, LuaType.Boolean)
    this.i32[slot >> 2] = value ? 1 : 0
  }

  /** lua_pushvalue without leaving JavaScript. */
  pushSlot(L: LuaState, slot: Address): void {
    const { i32 } = this
    const top = i32[(L + LAYOUT.top) >> 2]
    this.#copyValue(slot, top)
    i32[(L + LAYOUT.top) >> 2] = top + VALUE_BYTES
  }

  /** Puts the value on top of the stack, which stays there, into a slot of a stack as well. Not of a table: Lua must know. */
  keepTop(L: LuaState, slot: Address): void {
    this.#copyValue(this.topSlot(L), slot)
  }

  #copyValue(from: Address, to: Address): void {
    const { i32 } = this
    i32[to >> 2] = i32[from >> 2]
    i32[(to + 4) >> 2] = i32[(from + 4) >> 2]
    i32[(to + 8) >> 2] = i32[(from + 8) >> 2]
  }

  #pushType(L: LuaState, type: number): Address {
    const { i32 } = this
    const slot = i32[(L + LAYOUT.top) >> 2]
    i32[(slot + 8) >> 2] = type
    i32[(L + LAYOUT.top) >> 2] = slot + VALUE_BYTES
    return slot
  }

  /** The slot of an argument, counted from 1, which must exist. */
  argSlot(L: LuaState, arg: number): Address {
    return this.i32[(L + LAYOUT.base) >> 2] + (arg - 1) * VALUE_BYTES
  }

  /** The slot of the value on top of the stack. */
  topSlot(L: LuaState): Address {
    return this.i32[(L + LAYOUT.top) >> 2] - VALUE_BYTES
  }

  typeIn(slot: Address): number {
    return this.i32[(slot + 8) >> 2]
  }

  numberIn(slot: Address): number {
    return this.f64[slot >> 3]
  }

  /** The sign bit of a number. */
  isNegativeIn(slot: Address): boolean {
    return this.i32[(slot + 4) >> 2] < 0
  }

  booleanIn(slot: Address): boolean {
    return this.i32[slot >> 2] !== 0
  }

  /** The bytes of a slot that holds a string. */
  bytesIn(slot: Address): Bytes {
    return this.#string(this.i32[slot >> 2])
  }

  /** Where the bytes of a slot's string begin; a zero follows them. */
  stringIn(slot: Address): Address {
    return this.i32[slot >> 2] + STRING_HEAD
  }

  stringLengthIn(slot: Address): number {
    return this.i32[(this.i32[slot >> 2] + LAYOUT.stringLength) >> 2]
  }

  /** The table (or other object) of a slot: what the functions below take. */
  objectIn(slot: Address): Address {
    return this.i32[slot >> 2]
  }

  /** The slots of a table's array part: [first, number of them]; the elements 1, 2, … up to the first nil. */
  arrayOf(table: Address): Address {
    return this.i32[(table + LAYOUT.tableArray) >> 2]
  }

  arraySizeOf(table: Address): number {
    return this.i32[(table + LAYOUT.tableArraySize) >> 2]
  }

  /** The slots of a table's hash part: value at the address, key 16 bytes further on, the next one 32 bytes on. */
  nodesOf(table: Address): Address {
    return this.i32[(table + LAYOUT.tableNodes) >> 2]
  }

  /** How many nodes there are; 1 for an empty hash part. Unused ones hold nil. */
  nodeCountOf(table: Address): number {
    return 1 << this.u8[table + LAYOUT.tableNodesLog]
  }

  metatableOf(table: Address): Address {
    return this.i32[(table + LAYOUT.tableMetatable) >> 2]
  }

  /**
   * Whether `refill` may make a table one of `count` elements: it has room for them, not much more, and nothing else about it,
   * and it is not one that the collector has done with and would have to look at again.
   */
  protected canRefill(table: Address, count: number): boolean {
    const spare = this.arraySizeOf(table) - count
    return (
      spare >= 0 &&
      spare <= SPARE_ELEMENTS &&
      this.nodeCountOf(table) === 1 &&
      this.typeIn(this.nodesOf(table)) === LuaType.Nil &&
      this.metatableOf(table) === 0 &&
      (this.u8[table + LAYOUT.mark] & MARKED_BLACK) === 0
    )
  }

  /** Moves the `count` values on top of the stack into a table, as its only elements. */
  protected refill(L: LuaState, table: Address, count: number): void {
    const { i32 } = this
    const top = i32[(L + LAYOUT.top) >> 2]
    const first = top - count * VALUE_BYTES
    const array = this.arrayOf(table)
    for (let at = 0; at < count * VALUE_BYTES; at += 4) i32[(array + at) >> 2] = i32[(first + at) >> 2]
    for (let i = count; i < this.arraySizeOf(table); i++) i32[(array + i * VALUE_BYTES + 8) >> 2] = LuaType.Nil
    i32[(L + LAYOUT.top) >> 2] = first
  }

  /** Makes of what a slot of the stack holds a table that is in use elsewhere. */
  protected makeTable(slot: Address, table: Address): void {
    this.i32[slot >> 2] = table
    this.i32[(slot + 8) >> 2] = LuaType.Table
  }

  /** Whether the collector was told to stop. */
  isCollectorStopped(L: LuaState): boolean {
    const { i32 } = this
    return i32[(i32[(L + LAYOUT.global) >> 2] + LAYOUT.threshold) >> 2] === NO_THRESHOLD
  }

  /** The first of these tables that has an array part, or another hash part than it had; -1 for none. */
  firstTouched(tables: readonly Address[], nodes: readonly Address[]): number {
    const { i32 } = this
    for (let i = 0; i < tables.length; i++) {
      if (i32[(tables[i] + LAYOUT.tableArraySize) >> 2] !== 0) return i
      if (i32[(tables[i] + LAYOUT.tableNodes) >> 2] !== nodes[i]) return i
    }
    return -1
  }

  /** Moves the `count` values below the new table on top of the stack into it, as elements 1 to `count`. */
  protected gather(L: LuaState, count: number): void {
    const { i32 } = this
    const tableSlot = this.topSlot(L)
    const table = i32[tableSlot >> 2]
    const first = tableSlot - count * VALUE_BYTES
    const array = this.arrayOf(table)
    for (let at = 0; at < count * VALUE_BYTES; at += 4) i32[(array + at) >> 2] = i32[(first + at) >> 2]
    i32[first >> 2] = table
    i32[(first + 8) >> 2] = LuaType.Table
    i32[(L + LAYOUT.top) >> 2] = first + VALUE_BYTES
  }
}

/** Size of a value on a stack or in a table: eight bytes of it, and its type as the next four. */
export const VALUE_BYTES = 16
/** Size of a node of a table: value, key, link. */
export const NODE_BYTES = 32
/** Where the bytes of a string begin, from the address of the string. */
const STRING_HEAD = 16

/** Set in the mark of an object that the collector has looked at, and of all that it refers to. */
const MARKED_BLACK = 4

/** Where the use of memory at which the collector goes on would be, if it may not: MAX_LUMEM as a signed number. */
const NO_THRESHOLD = -3

/** Offsets within lua_State, global_State, CallInfo, TString, Table, and all objects. */
const LAYOUT = {
  top: 8,
  base: 12,
  global: 16,
  threshold: 64,
  call: 20,
  callTop: 8,
  callResults: 16,
  mark: 5,
  stringUnused: 7,
  stringLength: 12,
  tableNodesLog: 7,
  tableMetatable: 8,
  tableArray: 12,
  tableNodes: 16,
  tableArraySize: 28,
} as const
