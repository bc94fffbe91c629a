/**
 * The tokens of JSON text as Redis's lua-cjson 2.1.0 takes it, read where the text stands in Lua's memory. The text is a Lua
 * string, so a NUL follows it; as in C the first NUL is the end. Beyond JSON it takes what C's strtod takes of
 * what begins like a number: hexadecimal, leading zeros, infinities and NaN, unless the settings forbid it.
 */
import { strtod } from '../../commands/number.ts'
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
import type { Output } from './output.ts'

/** By their names in cjson's error texts. */
export const Token = {
  ObjectBegin: 'T_OBJ_BEGIN',
  ObjectEnd: 'T_OBJ_END',
  ArrayBegin: 'T_ARR_BEGIN',
  ArrayEnd: 'T_ARR_END',
  String: 'T_STRING',
  Number: 'T_NUMBER',
  Boolean: 'T_BOOLEAN',
  Null: 'T_NULL',
  Colon: 'T_COLON',
  Comma: 'T_COMMA',
  End: 'T_END',
  Error: 'T_ERROR',
} as const

export type Token = (typeof Token)[keyof typeof Token]

const code = (char: string): number => char.charCodeAt(0)

/** The tokens of one byte, by that byte. */
const ONE_BYTE = new Array<Token | undefined>(256).fill(undefined)
for (const [char, token] of [
  ['{', Token.ObjectBegin],
  ['}', Token.ObjectEnd],
  ['[', Token.ArrayBegin],
  [']', Token.ArrayEnd],
  [',', Token.Comma],
  [':', Token.Colon],
  ['\0', Token.End],
] as const)
  ONE_BYTE[code(char)] = token

const [QUOTE, BACKSLASH, UNICODE, MINUS, PLUS, DOT, ZERO, NINE] = Buffer.from('"\\u-+.09')
/** Units of work of a token, and bytes that are a unit (log of 2). */
const TOKEN_WORK = 16
const SCANNED_BYTES_LOG = 2
const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map((word) => Buffer.from(word))
const WORD_STARTS = new Set([...'fiInNt'].map(code))

/** The byte that a backslash and a letter stand for; 0 if for none. */
const MEANT = new Uint8Array(256)
for (const [letter, meant] of ['""', '\\\\', '//', 'b\b', 't\t', 'n\n', 'f\f', 'r\r']) MEANT[code(letter)] = code(meant)

/** A number of up to so many digits is exact when summed up digit by digit. */
const EXACT_DIGITS = 15
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent)
/** The longest beginning that C's strtod would read. */
const STRTOD =
  /^[+-]?(?:0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan(?:\(\w*\))?)/i
/** What strict JSON forbids of numbers that strtod reads. */
const INVALID_NUMBER = /^(?:\+|-?(?:0[x\d]|inf|nan))/i

export class JsonLexer {
  readonly #api: LuaApi
  /** Strings with escapes are put together here. */
  readonly #unescaped: Output
  #L: LuaState
  #start: Address = 0
  #at: Address = 0
  #allowsInvalidNumbers = true

  /** Where the last token begins, or the error in it is; counted from 0. */
  index = 0
  /** What is wrong, after `Token.Error`. */
  problem = ''
  /** The value of the last Number or (0 or 1) Boolean. */
  number = 0
  /** True if the last number is a NaN with its sign bit set. */
  isNegativeNaN = false
  /** The last String, if it stands in the text as it is; else its address is 0 and it is in `#unescaped`. */
  #string: Address = 0
  #stringLength = 0

  constructor(api: LuaApi, unescaped: Output) {
    this.#api = api
    this.#unescaped = unescaped
    this.#L = api.L
  }

  begin(L: LuaState, text: Address, allowsInvalidNumbers: boolean): void {
    this.#L = L
    this.#start = text
    this.#at = text
    this.#allowsInvalidNumbers = allowsInvalidNumbers
  }

  /** How far the text has been read, in bytes. */
  get offset(): number {
    return this.#at - this.#start
  }

  /** Pushes the last String. */
  pushString(): void {
    if (this.#string === 0) this.#unescaped.push()
    else this.#api.c.lua_pushlstring(this.#L, this.#string, this.#stringLength)
  }

  next(): Token {
    const { u8 } = this.#api
    const before = this.#at
    let byte = u8[this.#at]
    while (byte === 32 || byte === 9 || byte === 10 || byte === 13) byte = u8[++this.#at]
    this.#api.work(TOKEN_WORK + ((this.#at - before) >> SCANNED_BYTES_LOG))
    this.index = this.offset
    if (byte === QUOTE) return this.#readString(u8)
    const token = ONE_BYTE[byte]
    if (token !== undefined) {
      if (token !== Token.End) this.#at++
      return token
    }
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#readNumber(u8)
    if (byte === PLUS || WORD_STARTS.has(byte)) return this.#readWord()
    return this.#error('invalid token')
  }

  #error(problem: string): Token {
    this.index = this.offset
    this.problem = problem
    return Token.Error
  }

  #readString(u8: Uint8Array): Token {
    const start = ++this.#at
    let at = start
    for (;;) {
      const byte = u8[at]
      if (byte === QUOTE) break
      if (byte === 0 || byte === BACKSLASH) return this.#readEscapedString(u8, at)
      at++
    }
    this.#string = start
    this.#stringLength = at - start
    this.#api.work((at - start) >> SCANNED_BYTES_LOG)
    this.#at = at + 1
    return Token.String
  }

  /** The rest of a string that is plain up to `at`. */
  #readEscapedString(u8: Uint8Array, at: Address): Token {
    const out = this.#unescaped
    out.begin(this.#L)
    for (let plain = this.#at; ; at++) {
      const byte = u8[at]
      if (byte !== QUOTE && byte !== 0 && byte !== BACKSLASH) continue
      this.#api.work(TOKEN_WORK + ((at - plain) >> SCANNED_BYTES_LOG))
      out.copy(plain, at - plain)
      this.#at = at
      if (byte === 0) return this.#error('unexpected end of string')
      if (byte === QUOTE) break
      const problem = this.#readEscape(u8)
      if (problem !== undefined) return this.#error(problem)
      plain = this.#at
      at = plain - 1
    }
    this.#string = 0
    this.#at++
    return Token.String
  }

  /** Goes over an escape, with what it stands for added; or says what is wrong with it. */
  #readEscape(u8: Uint8Array): string | undefined {
    const letter = u8[this.#at + 1]
    if (letter === UNICODE) return this.#readUnicodeEscape() ? undefined : 'invalid unicode escape code'
    const meant = MEANT[letter]
    if (meant === 0) return 'invalid escape code'
    this.#unescaped.byte(meant)
    this.#at += 2
    return undefined
  }

  /** `\uXXXX`, or two of them for a code point beyond the 16-bit ones; false for anything else. */
  #readUnicodeEscape(): boolean {
    const units = /^\\u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?/i.exec(this.#api.bytesAt(this.#at, 12))
    if (units === null) return false
    const unit = Number.parseInt(units[1], 16)
    if (unit < 0xd800 || unit > 0xdfff) {
      this.#addCodePoint(unit)
      this.#at += 6
      return true
    }
    if (unit > 0xdbff || units[2] === undefined) return false
    this.#addCodePoint(0x10000 + ((unit & 0x3ff) << 10) + (Number.parseInt(units[2], 16) & 0x3ff))
    this.#at += 12
    return true
  }

  /** UTF-8. */
  #addCodePoint(point: number): void {
    const out = this.#unescaped
    if (point <= 0x7f) {
      out.byte(point)
      return
    }
    const continuations = point <= 0x7ff ? 1 : point <= 0xffff ? 2 : 3
    out.byte((0xff00 >> (continuations + 1)) | (point >> (6 * continuations)))
    for (let left = continuations - 1; left >= 0; left--) out.byte(0x80 | ((point >> (6 * left)) & 0x3f))
  }

  /** An integer, perhaps with a fraction, of few digits, which is nearly all numbers there are; others go the long way. */
  #readNumber(u8: Uint8Array): Token {
    const isNegative = u8[this.#at] === MINUS
    const first = isNegative ? this.#at + 1 : this.#at
    let at = first
    let value = 0
    let byte = u8[at]
    for (; byte >= ZERO && byte <= NINE; byte = u8[++at]) value = value * 10 + (byte - ZERO)
    let digits = at - first
    if (digits === 0 || (digits > 1 && u8[first] === ZERO)) return this.#readOddNumber()
    if (byte === DOT) {
      const point = at
      for (byte = u8[++at]; byte >= ZERO && byte <= NINE; byte = u8[++at]) value = value * 10 + (byte - ZERO)
      const decimals = at - point - 1
      digits += decimals
      // Both are exact, so their quotient is the nearest double.
      value /= POWERS_OF_TEN[decimals]
    }
    // An exponent or the x of hexadecimal goes on with the number.
    if (digits > EXACT_DIGITS || (byte | 0x20) === 0x65 || (byte | 0x20) === 0x78) return this.#readOddNumber()
    this.number = isNegative ? -value : value
    this.#at = at
    return Token.Number
  }

  #readOddNumber(): Token {
    const text = this.#wordAt()
    if (!this.#allowsInvalidNumbers && INVALID_NUMBER.test(text)) return this.#error('invalid number')
    const read = STRTOD.exec(text)?.[0]
    if (read === undefined) return this.#error('invalid number')
    this.number = strtod(read) ?? Number.NaN
    this.isNegativeNaN = read[0] === '-'
    this.#at += read.length
    return Token.Number
  }

  #readWord(): Token {
    if (this.#isNext(TRUE)) return this.#boolean(1, TRUE.length)
    if (this.#isNext(FALSE)) return this.#boolean(0, FALSE.length)
    if (this.#isNext(NULL)) {
      this.#at += NULL.length
      return Token.Null
    }
    if (this.#allowsInvalidNumbers && INVALID_NUMBER.test(this.#wordAt())) return this.#readOddNumber()
    return this.#error('invalid token')
  }

  #boolean(value: number, length: number): Token {
    this.number = value
    this.#at += length
    return Token.Boolean
  }

  #isNext(word: Uint8Array): boolean {
    const { u8 } = this.#api
    for (let i = 0; i < word.length; i++) if (u8[this.#at + i] !== word[i]) return false
    return true
  }

  /** What could belong to a number or word from here on. */
  #wordAt(): string {
    const { u8 } = this.#api
    let end = this.#at
    while (isWordByte(u8[end])) end++
    return this.#api.bytesAt(this.#at, end - this.#at)
  }
}

/** Digits, letters, `_` and `+-.()`. */
function isWordByte(byte: number): boolean {
  if (byte >= ZERO && byte <= NINE) return true
  const lower = byte | 0x20
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    byte === 0x5f ||
    (byte >= 0x28 && byte <= 0x2e && byte !== 0x2a && byte !== 0x2c)
  )
}
