/**
 * JSON (RFC 8259) read as RedisJSON reads it: strictly, the last of equal keys counting in the place of the first, an integer
 * of 64 bits kept whole, any other number a double. What is wrong is said in the words and by the place that RedisJSON's parser
 * has for it (that of serde_json): line and column in bytes.
 *
 * Strings that are long are copied out of the text, since a slice of it would keep all of it in memory; keys that come again,
 * as in an array of alike objects, are one string.
 */
import { type Bytes, sliceOf, toArray } from '../../base/bytes.ts'
import { jsonSyntax, NOT_UTF8 } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { JsonArray, JsonDouble, type JsonNode, JsonObject } from './json.ts'
import { invalidUtf8At, utf8Of } from './utf8.ts'

/** As many levels of containers as one text may have. */
export const TEXT_LEVEL_MAX = 127

/** V8 makes a slice of what is longer. */
const COPIED_LENGTH = 12
/** An array that grew to this length has as much room again, or more. */
const GROWN_LENGTH = 12
/** Longer keys are hardly the same twice. */
const INTERNED_LENGTH = 64
const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

const TAB = 9
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const QUOTE = 34
const PLUS = 43
const COMMA = 44
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** The value that a text spells, or what is wrong with it. O(n). */
export function parseJson(text: Bytes, levelMax = TEXT_LEVEL_MAX): JsonNode | ReplyError {
  return new JsonParser(text, levelMax).parse()
}

class JsonParser {
  readonly #text: Bytes
  readonly #levelMax: number
  #at = 0
  #level = 0
  #error: ReplyError | undefined
  /** The text once more, made for the first string that is copied. */
  #bytes: Uint8Array | undefined
  #keys: Map<Bytes, Bytes> | undefined

  constructor(text: Bytes, levelMax: number) {
    this.#text = text
    this.#levelMax = levelMax
  }

  parse(): JsonNode | ReplyError {
    if (invalidUtf8At(this.#text) !== -1) return NOT_UTF8
    const node = this.#value()
    if (this.#error !== undefined) return this.#error
    if (this.#next() !== -1) return this.#failAhead('trailing characters')
    return node
  }

  /** The code unit at hand behind white space, which stays there; -1 at the end. */
  #next(): number {
    const text = this.#text
    let at = this.#at
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === SPACE || unit === NEWLINE || unit === RETURN || unit === TAB) continue
      this.#at = at
      return unit
    }
    this.#at = at
    return -1
  }

  #value(): JsonNode {
    const unit = this.#next()
    if (unit === QUOTE) {
      this.#at++
      return this.#string()
    }
    if (unit === MINUS || (unit >= ZERO && unit <= NINE)) return this.#number()
    if (unit === OPEN_OBJECT) return this.#object()
    if (unit === OPEN_ARRAY) return this.#array()
    if (unit === -1) return this.#failedAhead('EOF while parsing a value')
    if (unit === 116) return this.#word('true', true)
    if (unit === 102) return this.#word('false', false)
    if (unit === 110) return this.#word('null', null)
    return this.#failedAhead('expected value')
  }

  #array(): JsonNode {
    if (!this.#enter()) return null
    const items: JsonNode[] = []
    for (;;) {
      let unit = this.#next()
      if (unit === CLOSE_ARRAY) break
      if (items.length > 0) {
        if (unit !== COMMA) return this.#failedAhead(unit === -1 ? 'EOF while parsing a list' : 'expected `,` or `]`')
        this.#at++
        unit = this.#next()
        if (unit === CLOSE_ARRAY) return this.#failedAhead('trailing comma')
      } else if (unit === -1) return this.#failedAhead('EOF while parsing a list')
      items.push(this.#value())
      if (this.#error !== undefined) return null
    }
    const array = new JsonArray(items.length <= GROWN_LENGTH ? items.slice() : items)
    array.level = this.#level
    this.#leave()
    return array
  }

  #object(): JsonNode {
    if (!this.#enter()) return null
    const members = new Map<Bytes, JsonNode>()
    const object = new JsonObject(members)
    object.level = this.#level
    for (let isFirst = true; ; isFirst = false) {
      let unit = this.#next()
      if (unit === CLOSE_OBJECT) break
      if (!isFirst) {
        if (unit !== COMMA)
          return this.#failedAhead(unit === -1 ? 'EOF while parsing an object' : 'expected `,` or `}`')
        this.#at++
        unit = this.#next()
        if (unit === CLOSE_OBJECT) return this.#failedAhead('trailing comma')
        if (unit === -1) return this.#failedAhead('EOF while parsing a value')
      } else if (unit === -1) return this.#failedAhead('EOF while parsing an object')
      if (unit !== QUOTE) return this.#failedAhead('key must be a string')
      this.#at++
      const key = this.#interned(this.#string())
      if (this.#error !== undefined) return null
      unit = this.#next()
      if (unit !== COLON) return this.#failedAhead(unit === -1 ? 'EOF while parsing an object' : 'expected `:`')
      this.#at++
      members.set(key, this.#value())
      if (this.#error !== undefined) return null
    }
    this.#leave()
    return object
  }

  #enter(): boolean {
    if (++this.#level > this.#levelMax) {
      this.#failAhead('recursion limit exceeded')
      return false
    }
    this.#at++
    return true
  }

  #leave(): void {
    this.#level--
    this.#at++
  }

  #interned(key: Bytes): Bytes {
    if (key.length > INTERNED_LENGTH) return key
    this.#keys ??= new Map()
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    this.#keys.set(key, key)
    return key
  }

  /** Behind the quotation mark. */
  #string(): Bytes {
    const text = this.#text
    const start = this.#at
    for (let at = start; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === QUOTE) {
        this.#at = at + 1
        return this.#copy(start, at)
      }
      if (unit === BACKSLASH) return this.#escapedString(start, at)
      if (unit < SPACE) {
        this.#at = at + 1
        this.#fail('control character (\\u0000-\\u001F) found while parsing a string')
        return ''
      }
    }
    this.#at = text.length
    this.#fail('EOF while parsing a string')
    return ''
  }

  #copy(start: number, end: number): Bytes {
    if (end - start <= COPIED_LENGTH) return this.#text.slice(start, end)
    this.#bytes ??= toArray(this.#text)
    return sliceOf(this.#bytes, start, end)
  }

  /** A string that begins at `start` and has its first escape at `at`. Escapes are shorter than what they stand for. */
  #escapedString(start: number, at: number): Bytes {
    const text = this.#text
    this.#bytes ??= toArray(text)
    const bytes = this.#bytes
    const decoded = new Uint8Array(stringEnd(text, at) - start)
    decoded.set(bytes.subarray(start, at))
    let length = at - start
    while (at < text.length) {
      const unit = text.charCodeAt(at++)
      if (unit === QUOTE) {
        this.#at = at
        return sliceOf(decoded, 0, length)
      }
      if (unit === BACKSLASH) {
        this.#at = at
        const escaped = this.#escape()
        if (this.#error !== undefined) return ''
        for (let i = 0; i < escaped.length; i++) decoded[length++] = escaped.charCodeAt(i)
        at = this.#at
      } else if (unit < SPACE) {
        this.#at = at
        this.#fail('control character (\\u0000-\\u001F) found while parsing a string')
        return ''
      } else decoded[length++] = unit
    }
    this.#at = at
    this.#fail('EOF while parsing a string')
    return ''
  }

  /** Behind the backslash. */
  #escape(): Bytes {
    if (this.#at >= this.#text.length) return this.#failedString('EOF while parsing a string')
    switch (this.#text[this.#at++]) {
      case '"':
        return '"'
      case '\\':
        return '\\'
      case '/':
        return '/'
      case 'b':
        return '\b'
      case 'f':
        return '\f'
      case 'n':
        return '\n'
      case 'r':
        return '\r'
      case 't':
        return '\t'
      case 'u':
        return this.#unicodeEscape()
      default:
        return this.#failedString('invalid escape')
    }
  }

  #unicodeEscape(): Bytes {
    const high = this.#hex()
    if (high === -1) return ''
    if (high < 0xd800 || high > 0xdfff) return utf8Of(high)
    if (high > 0xdbff) return this.#failedString('lone leading surrogate in hex escape')
    if (this.#text[this.#at++] !== '\\' || this.#text[this.#at++] !== 'u') {
      if (this.#at > this.#text.length) this.#at = this.#text.length
      return this.#failedString('unexpected end of hex escape')
    }
    const low = this.#hex()
    if (low === -1) return ''
    if (low < 0xdc00 || low > 0xdfff) return this.#failedString('lone leading surrogate in hex escape')
    return utf8Of(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
  }

  /** Four digits; -1 where there are none. */
  #hex(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4)
    this.#at += digits.length
    if (digits.length < 4) {
      this.#fail('EOF while parsing a string')
      return -1
    }
    if (/^[0-9a-fA-F]{4}$/.test(digits)) return Number.parseInt(digits, 16)
    this.#fail('invalid escape')
    return -1
  }

  #number(): JsonNode {
    const text = this.#text
    const start = this.#at
    let at = start
    const isNegative = text.charCodeAt(at) === MINUS
    if (isNegative) at++
    const first = text.charCodeAt(at)
    if (!(first >= ZERO && first <= NINE)) {
      this.#at = Math.min(at + 1, text.length)
      return this.#failed(at >= text.length ? 'EOF while parsing a value' : 'invalid number')
    }
    let number = first - ZERO
    at++
    if (first === ZERO) {
      if (isDigit(text.charCodeAt(at))) {
        this.#at = at
        return this.#failedAhead('invalid number')
      }
    } else
      for (let unit = text.charCodeAt(at); isDigit(unit); unit = text.charCodeAt(++at))
        number = number * 10 + (unit - ZERO)
    const unit = text.charCodeAt(at)
    if (unit !== POINT && (unit | 32) !== 101) {
      this.#at = at
      if (at - start <= 15 && !(isNegative && number === 0)) return isNegative ? -number : number
      return this.#longInteger(text.slice(start, at))
    }
    return this.#double(start, at)
  }

  #longInteger(digits: Bytes): JsonNode {
    const integer = BigInt(digits)
    if (integer !== 0n && integer >= INT64_MIN && integer <= UINT64_MAX) {
      const number = Number(integer)
      return Number.isSafeInteger(number) ? number : integer
    }
    return this.#finite(Number(digits))
  }

  /** A number with a fraction or an exponent, which begins at `at`. */
  #double(start: number, at: number): JsonNode {
    const text = this.#text
    if (text.charCodeAt(at) === POINT) {
      const fraction = ++at
      while (isDigit(text.charCodeAt(at))) at++
      if (at === fraction) {
        this.#at = at
        return this.#failedAhead(at >= text.length ? 'EOF while parsing a value' : 'invalid number')
      }
    }
    if ((text.charCodeAt(at) | 32) === 101) {
      const sign = text.charCodeAt(++at)
      if (sign === PLUS || sign === MINUS) at++
      const exponent = at
      while (isDigit(text.charCodeAt(at))) at++
      if (at === exponent) {
        this.#at = Math.min(at + 1, text.length)
        return this.#failed(at >= text.length ? 'EOF while parsing a value' : 'invalid number')
      }
    }
    this.#at = at
    return this.#finite(Number(text.slice(start, at)))
  }

  #finite(number: number): JsonNode {
    return Number.isFinite(number) ? new JsonDouble(number) : this.#failed('number out of range')
  }

  #word<T extends null | boolean>(word: Bytes, value: T): T | null {
    const text = this.#text
    const start = this.#at
    for (let i = 1; i < word.length; i++) {
      if (text[start + i] === word[i]) continue
      this.#at = Math.min(start + i + 1, text.length)
      return this.#failed(start + i >= text.length ? 'EOF while parsing a value' : 'expected ident')
    }
    this.#at = start + word.length
    return value
  }

  /** The fault is in what was read last. */
  #fail(what: Bytes): ReplyError {
    this.#error ??= this.#fault(what, this.#at)
    return this.#error
  }

  /** The fault is in what comes next. */
  #failAhead(what: Bytes): ReplyError {
    this.#error ??= this.#fault(what, Math.min(this.#text.length, this.#at + 1))
    return this.#error
  }

  #failed(what: Bytes): null {
    this.#fail(what)
    return null
  }

  #failedAhead(what: Bytes): null {
    this.#failAhead(what)
    return null
  }

  #failedString(what: Bytes): Bytes {
    this.#fail(what)
    return ''
  }

  #fault(what: Bytes, at: number): ReplyError {
    const text = this.#text
    let line = 1
    let lineStart = 0
    for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', lineStart)) {
      line++
      lineStart = end + 1
    }
    return jsonSyntax(what, line, at - lineStart)
  }
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE
}

/** Where a string ends whose first escape is at `at`, or the text. */
function stringEnd(text: Bytes, at: number): number {
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at
    if (unit === BACKSLASH) at++
  }
  return text.length
}
