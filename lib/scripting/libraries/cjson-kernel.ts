/**
 * cjson.encode and cjson.decode as they are compiled from kernels/cjson (Rust): a module that works in Lua's memory, beside its
 * binary. It says by a number how it ended; errors are raised here. It is compiled with the first call of a process.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type LuaApi, REGISTRY_INDEX } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
import { cjsonModule } from '../modules.ts'
import type { ArrayMark } from './cjson-array.ts'
import { pushNumberAt } from './cjson-number.ts'
import { Setting, setting } from './cjson-settings.ts'
import { formatG } from './decimal.ts'

/** How a call ends, other than with 0: kernels/cjson/state.rs. */
const Outcome = { Unexpected: 1, TooDeep: 2, NoMemory: 3, Refused: 4 } as const

/** From `Outcome.Refused` on: why a value cannot be written. */
const REFUSALS = [
  'type not supported',
  'table key must be a number or string',
  'must not be NaN or Inf',
  'excessively sparse array',
]
/** What was expected, by its number: kernels/cjson/decode.rs. */
const EXPECTED = [
  'value',
  'the end',
  'comma or object end',
  'comma or array end',
  'object key string',
  'colon',
] as const
/** Tokens by their numbers, and what is wrong with what is none: kernels/cjson/lexer.rs. */
const FOUND = [
  'T_OBJ_BEGIN',
  'T_OBJ_END',
  'T_ARR_BEGIN',
  'T_ARR_END',
  'T_STRING',
  'T_NUMBER',
  'T_BOOLEAN',
  'T_NULL',
  'T_COLON',
  'T_COMMA',
  'T_END',
  'invalid token',
  'invalid number',
  'unexpected end of string',
  'invalid unicode escape code',
  'invalid escape code',
] as const

/** The state of kernels/cjson/state.rs, what of it is read or written here, in words of 32 bits, and what it refers to. */
const STATE_BYTES = 128
const STATE = {
  at: 0,
  start: 1,
  index: 2,
  expected: 3,
  found: 4,
  settings: 8,
  anchors: 9,
  classes: 10,
  keys: 16,
} as const
/** CLASSES of shapes.rs, with CLASS_BYTES each, and KEYS_MAX, with four. */
const CLASSES = 64
const CLASSES_BYTES = 16 * CLASSES
const KEYS_BYTES = 4 * 1024

interface Exports {
  decode(L: LuaState, state: Address): number
  encode(L: LuaState, state: Address, slot: Address): number
}

export class JsonKernel {
  readonly #api: LuaApi
  readonly #arrays: ArrayMark
  readonly #state: Address
  readonly #kernel: Exports

  /** For a function that runs on `L`. Raises "not enough memory". */
  constructor(api: LuaApi, arrays: ArrayMark, L: LuaState) {
    this.#api = api
    this.#arrays = arrays
    this.#kernel = api.beside(cjsonModule(), {
      look: () => api.look(),
      mark: (L: LuaState) => arrays.put(L),
      marked: (L: LuaState, table: Address) => this.#markedLength(L, table),
      odd: (L: LuaState) => this.#pushOdd(L),
      print: (value: number, precision: number, at: Address) => this.#print(value, precision, at),
    }) as unknown as Exports
    this.#state = this.#makeState(L)
  }

  #makeState(L: LuaState): Address {
    const api = this.#api
    const bytes = STATE_BYTES + CLASSES_BYTES + KEYS_BYTES
    const state = api.c.malloc(bytes)
    if (state === 0) api.memoryError(L)
    api.c.lua_createtable(L, CLASSES, 0)
    const anchors = api.objectIn(api.topSlot(L))
    api.c.luaL_ref(L, REGISTRY_INDEX)
    api.u8.fill(0, state, state + bytes)
    const words = state >> 2
    api.i32[words + STATE.anchors] = anchors
    api.i32[words + STATE.classes] = state + STATE_BYTES
    api.i32[words + STATE.keys] = state + STATE_BYTES + CLASSES_BYTES
    return state
  }

  #word(which: number): number {
    return this.#api.i32[(this.#state >> 2) + which]
  }

  #take(settings: Address): void {
    this.#api.i32[(this.#state >> 2) + STATE.settings] = settings
  }

  /** Pushes what the string on top of the stack says. */
  decode(L: LuaState, settings: Address): void {
    this.#take(settings)
    const outcome = this.#kernel.decode(L, this.#state)
    if (outcome === 0) return
    const api = this.#api
    const index = this.#word(STATE.index)
    if (outcome === Outcome.Unexpected) {
      const expected = EXPECTED[this.#word(STATE.expected)]
      api.error(L, `Expected ${expected} but found ${FOUND[this.#word(STATE.found)]} at character ${index + 1}`)
    }
    if (outcome === Outcome.NoMemory) api.memoryError(L)
    const at = this.#word(STATE.at) - this.#word(STATE.start)
    api.error(L, `Found too many nested data structures (${index}) at character ${at}`)
  }

  /** Pushes the JSON text of a value. */
  encode(L: LuaState, settings: Address, slot: Address): void {
    this.#take(settings)
    const outcome = this.#kernel.encode(L, this.#state, slot)
    if (outcome === 0) return
    const api = this.#api
    if (outcome === Outcome.NoMemory) api.memoryError(L)
    if (outcome === Outcome.TooDeep) api.error(L, `Cannot serialise, excessive nesting (${this.#word(STATE.index)})`)
    api.error(L, `Cannot serialise ${this.#typeName(L)}: ${REFUSALS[outcome - Outcome.Refused]}`)
  }

  #typeName(L: LuaState): Bytes {
    const api = this.#api
    return api.cStringAt(api.c.lua_typename(L, this.#word(STATE.found)))
  }

  #markedLength(L: LuaState, table: Address): number {
    return this.#arrays.isOn(table) ? this.#api.lengthOf(L, table) : -1
  }

  #pushOdd(L: LuaState): number {
    const allows = setting(this.#api, this.#word(STATE.settings), Setting.DecodeInvalidNumbers) !== 0
    return pushNumberAt(this.#api, L, this.#word(STATE.at), allows)
  }

  #print(value: number, precision: number, at: Address): number {
    const text = formatG(value, precision)
    const { u8 } = this.#api
    for (let i = 0; i < text.length; i++) u8[at + i] = text.charCodeAt(i)
    return text.length
  }
}
