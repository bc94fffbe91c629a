/**
 * cjson.decode: as Redis's lua-cjson 2.1.0, error texts and the order in which tables are filled (and so the order of their
 * pairs) included. The containers that are open are kept in a list of our own: a script may set the greatest depth as
 * high as Lua's stack allows.
 */
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
import type { ArrayMark } from './cjson-array.ts'
import { JsonLexer, Token } from './cjson-lexer.ts'
import { Setting, setting } from './cjson-settings.ts'
import { pushNaN } from './double.ts'
import type { Output } from './output.ts'

/** Slots that Lua gives every C function beyond its arguments (LUA_MINSTACK). */
const FREE_SLOTS = 20
const OBJECT = -1

export class JsonDecoder {
  readonly #api: LuaApi
  readonly #lexer: JsonLexer
  readonly #arrays: ArrayMark
  #L: LuaState
  #maxDepth = 0
  #marksArrays = false
  /** The token at hand. */
  #token: Token = Token.End
  /** Of each open container: how many elements an array has, or OBJECT. */
  readonly #open: number[] = []
  /** Slots of Lua's stack in use. */
  #slots = 0

  constructor(api: LuaApi, buffer: Output, arrays: ArrayMark) {
    this.#api = api
    this.#lexer = new JsonLexer(api, buffer)
    this.#arrays = arrays
    this.#L = api.L
  }

  /** Pushes what the text of the only argument says. */
  decode(L: LuaState, settings: Address): void {
    const api = this.#api
    const text = api.c.luaL_checklstring(L, 1, 0)
    if (api.stringLengthIn(api.argSlot(L, 1)) >= 2 && (api.u8[text] === 0 || api.u8[text + 1] === 0))
      api.error(L, 'JSON parser does not support UTF-16 or UTF-32')
    this.#L = L
    this.#maxDepth = setting(api, settings, Setting.DecodeMaxDepth)
    this.#marksArrays = setting(api, settings, Setting.MarkArrays) !== 0
    this.#open.length = 0
    this.#slots = 1
    this.#lexer.begin(L, text, setting(api, settings, Setting.DecodeInvalidNumbers) !== 0)
    this.#token = this.#lexer.next()
    this.#document()
    this.#token = this.#lexer.next()
    if (this.#token !== Token.End) this.#unexpected('the end')
  }

  #document(): void {
    for (;;) {
      if (!this.#value()) continue
      do if (this.#open.length === 0) return
      while (this.#store())
    }
  }

  /** Pushes the value that the token at hand begins. False if it has elements: then the first of them is next. */
  #value(): boolean {
    const token = this.#token
    if (token !== Token.ObjectBegin && token !== Token.ArrayBegin) {
      this.#pushScalar(token)
      return true
    }
    const isObject = token === Token.ObjectBegin
    this.#descend(isObject ? 3 : 2)
    this.#api.c.lua_createtable(this.#L, 0, 0)
    if (!isObject && this.#marksArrays) this.#arrays.put(this.#L)
    this.#token = this.#lexer.next()
    if (this.#token === (isObject ? Token.ObjectEnd : Token.ArrayEnd)) return true
    this.#open.push(isObject ? OBJECT : 0)
    this.#slots += isObject ? 2 : 1
    if (isObject) this.#key()
    return false
  }

  /** Puts a value into the innermost container. True if that ends there, and so is a whole value itself. */
  #store(): boolean {
    const { c } = this.#api
    const innermost = this.#open.length - 1
    const isObject = this.#open[innermost] === OBJECT
    if (isObject) c.lua_rawset(this.#L, -3)
    else {
      const index = ++this.#open[innermost]
      if (!this.#api.storeTop(this.#L, index)) c.lua_rawseti(this.#L, -2, index)
    }
    this.#token = this.#lexer.next()
    if (this.#token === (isObject ? Token.ObjectEnd : Token.ArrayEnd)) {
      this.#open.pop()
      this.#slots -= isObject ? 2 : 1
      return true
    }
    if (this.#token !== Token.Comma) this.#unexpected(isObject ? 'comma or object end' : 'comma or array end')
    this.#token = this.#lexer.next()
    if (isObject) this.#key()
    return false
  }

  /** Pushes a key and goes over the colon. */
  #key(): void {
    if (this.#token !== Token.String) this.#unexpected('object key string')
    this.#lexer.pushString()
    this.#token = this.#lexer.next()
    if (this.#token !== Token.Colon) this.#unexpected('colon')
    this.#token = this.#lexer.next()
  }

  #descend(slots: number): void {
    const depth = this.#open.length + 1
    if (depth <= this.#maxDepth) {
      if (this.#slots + slots <= FREE_SLOTS || this.#api.c.lua_checkstack(this.#L, slots) !== 0) return
    }
    const at = this.#lexer.offset
    this.#api.error(this.#L, `Found too many nested data structures (${depth}) at character ${at}`)
  }

  #pushScalar(token: Token): void {
    const { c } = this.#api
    if (token === Token.String) this.#lexer.pushString()
    else if (token === Token.Number) this.#pushNumber(this.#lexer.number)
    else if (token === Token.Boolean) this.#api.pushBoolean(this.#L, this.#lexer.number !== 0)
    else if (token === Token.Null) c.lua_pushlightuserdata(this.#L, 0)
    else this.#unexpected('value')
  }

  #pushNumber(value: number): void {
    if (Number.isNaN(value)) pushNaN(this.#api, this.#L, this.#lexer.isNegativeNaN)
    else this.#api.pushNumber(this.#L, value)
  }

  #unexpected(expected: string): never {
    const { problem, index } = this.#lexer
    const found = this.#token === Token.Error ? problem : this.#token
    return this.#api.error(this.#L, `Expected ${expected} but found ${found} at character ${index + 1}`)
  }
}
