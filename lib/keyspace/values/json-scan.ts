/**
 * The words of a JSON text: strings, numbers, `true`, `false` and `null`, read from an array of bytes, which is quicker than from a
 * string. Strings with escapes are decoded where they stand. A string that is long is made from there, since a slice of the text
 * would keep all of it in memory. What is wrong is said in the words and by the place that RedisJSON's parser has for it (that
 * of serde_json): line and column in bytes.
 */
import { type Bytes, sliceOf } from '../../base/bytes.ts'
import { jsonSyntax } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { numberWeight } from '../weight.ts'
import { BIGINT_BYTES, DOUBLE_BYTES, JsonDouble, type JsonNode } from './json-node.ts'
import { putCodePoint } from './utf8.ts'

/** V8 makes a slice of what is longer. */
const COPIED_LENGTH = 12
/** An integer of so many digits is exact as a number; one of more than UINT64_DIGITS is none of 64 bits. */
const EXACT_DIGITS = 15
const UINT64_DIGITS = 20
const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n
/** Powers that a double has exactly, as it does integers below 2^53: the quotient of both is the nearest number there is. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

const TAB = 9
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const QUOTE = 34
const PLUS = 43
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57
const BACKSLASH = 92
const LETTER_U = 117

/** What stands behind a backslash, by its byte: what it stands for; 0 for what is no such escape. */
const ESCAPES = new Uint8Array(256)
for (const [letter, byte] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  ESCAPES[letter.charCodeAt(0)] = byte.charCodeAt(0)
}

export class JsonScanner {
  protected readonly text: Bytes
  /** The bytes of the text, and a 0 behind them, at which all that is read ends. */
  protected readonly bytes: Uint8Array
  protected at = 0
  /** What was read so far weighs so much. */
  protected weight = 0
  protected error: ReplyError | undefined = undefined
  readonly #length: number

  constructor(text: Bytes, bytes: Uint8Array) {
    this.text = text
    this.bytes = bytes
    this.#length = text.length
  }

  /** The byte at hand behind white space, which stays there; -1 at the end. */
  protected next(): number {
    const bytes = this.bytes
    let at = this.at
    let byte = bytes[at]
    while (byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB) byte = bytes[++at]
    this.at = at
    return at < this.#length ? byte : -1
  }

  /** Behind the quotation mark. */
  protected string(): Bytes {
    const bytes = this.bytes
    const start = this.at
    let at = start
    let byte = bytes[at]
    while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++at]
    if (byte === BACKSLASH) return this.#escapedString(start, at)
    if (byte !== QUOTE) return this.#unended(at)
    this.at = at + 1
    return at - start <= COPIED_LENGTH ? this.text.slice(start, at) : sliceOf(bytes, start, at)
  }

  /** A string that begins at `start` and has its first escape at `at`. Escapes are shorter than what they stand for. */
  #escapedString(start: number, at: number): Bytes {
    const bytes = this.bytes
    let end = at
    for (;;) {
      const byte = bytes[at++]
      if (byte === QUOTE) {
        this.at = at
        return sliceOf(bytes, start, end)
      }
      if (byte !== BACKSLASH) {
        if (byte < SPACE) return this.#unended(at - 1)
        bytes[end++] = byte
        continue
      }
      const escaped = ESCAPES[bytes[at]]
      if (escaped !== 0) {
        bytes[end++] = escaped
        at++
        continue
      }
      this.at = at
      const codePoint = this.#codePoint()
      if (codePoint === -1) return ''
      end = putCodePoint(bytes, end, codePoint)
      at = this.at
    }
  }

  /** A string that is not ended before a place where it cannot go on. */
  #unended(at: number): Bytes {
    const isEnd = at >= this.#length
    this.at = isEnd ? this.#length : at + 1
    this.#fail(
      isEnd ? 'EOF while parsing a string' : 'control character (\\u0000-\\u001F) found while parsing a string',
    )
    return ''
  }

  /** Behind a backslash with which none of the short escapes begins; -1 if something is wrong. */
  #codePoint(): number {
    if (this.at >= this.#length) return this.#failedEscape('EOF while parsing a string')
    if (this.bytes[this.at++] !== LETTER_U) return this.#failedEscape('invalid escape')
    const high = this.#hexadecimal()
    if (high === -1 || high < 0xd800 || high > 0xdfff) return high
    if (high > 0xdbff) return this.#failedEscape('lone leading surrogate in hex escape')
    if (this.bytes[this.at++] !== BACKSLASH || this.bytes[this.at++] !== LETTER_U) {
      if (this.at > this.#length) this.at = this.#length
      return this.#failedEscape('unexpected end of hex escape')
    }
    const low = this.#hexadecimal()
    if (low === -1) return -1
    if (low < 0xdc00 || low > 0xdfff) return this.#failedEscape('lone leading surrogate in hex escape')
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
  }

  /** Four digits; -1 where there are none. */
  #hexadecimal(): number {
    const end = this.at + 4
    if (end > this.#length) {
      this.at = this.#length
      return this.#failedEscape('EOF while parsing a string')
    }
    let code = 0
    for (; this.at < end; this.at++) code = code * 16 + digitOf(this.bytes[this.at])
    return Number.isNaN(code) ? this.#failedEscape('invalid escape') : code
  }

  protected number(): JsonNode {
    const bytes = this.bytes
    const start = this.at
    const isNegative = bytes[start] === MINUS
    const first = isNegative ? start + 1 : start
    if (!isDigit(bytes[first])) {
      this.at = Math.min(first + 1, this.#length)
      return this.#failed(first >= this.#length ? 'EOF while parsing a value' : 'invalid number')
    }
    let at = first + 1
    let number = bytes[first] - ZERO
    if (number === 0) {
      if (isDigit(bytes[at])) {
        this.at = at
        return this.failedAhead('invalid number')
      }
    } else for (let byte = bytes[at]; isDigit(byte); byte = bytes[++at]) number = number * 10 + (byte - ZERO)
    const byte = bytes[at]
    if (byte === POINT || (byte | 32) === 101) return this.#fraction(start, first, at, number)
    this.at = at
    if (at - first > EXACT_DIGITS || (isNegative && number === 0)) return this.#longInteger(start, first, at)
    if (isNegative) number = -number
    this.weight += numberWeight(number)
    return number
  }

  #longInteger(start: number, first: number, end: number): JsonNode {
    const digits = this.text.slice(start, end)
    if (end - first <= UINT64_DIGITS) {
      const integer = BigInt(digits)
      if (integer !== 0n && integer >= INT64_MIN && integer <= UINT64_MAX) {
        const number = Number(integer)
        const isExact = Number.isSafeInteger(number)
        this.weight += isExact ? numberWeight(number) : BIGINT_BYTES
        return isExact ? number : integer
      }
    }
    return this.#double(Number(digits))
  }

  /** A number that begins at `start`, its digits at `first`, and at `at` its fraction or exponent; before these it is `number`. */
  #fraction(start: number, first: number, at: number, number: number): JsonNode {
    const bytes = this.bytes
    let decimals = 0
    if (bytes[at] === POINT) {
      const point = at++
      for (let byte = bytes[at]; isDigit(byte); byte = bytes[++at]) number = number * 10 + (byte - ZERO)
      decimals = at - point - 1
      if (decimals === 0) {
        this.at = at
        return this.failedAhead(at >= this.#length ? 'EOF while parsing a value' : 'invalid number')
      }
    }
    if ((bytes[at] | 32) === 101) {
      const sign = bytes[++at]
      if (sign === PLUS || sign === MINUS) at++
      const exponent = at
      while (isDigit(bytes[at])) at++
      if (at === exponent) {
        this.at = Math.min(at + 1, this.#length)
        return this.#failed(at >= this.#length ? 'EOF while parsing a value' : 'invalid number')
      }
    } else if (number <= Number.MAX_SAFE_INTEGER && decimals < POWERS_OF_TEN.length) {
      this.at = at
      const magnitude = number / POWERS_OF_TEN[decimals]
      return this.#double(first === start ? magnitude : -magnitude)
    }
    this.at = at
    return this.#double(Number(this.text.slice(start, at)))
  }

  #double(number: number): JsonNode {
    if (!Number.isFinite(number)) return this.#failed('number out of range')
    this.weight += DOUBLE_BYTES
    return new JsonDouble(number)
  }

  protected word<T extends null | boolean>(word: Bytes, value: T): T | null {
    const bytes = this.bytes
    const start = this.at
    for (let i = 1; i < word.length; i++) {
      if (bytes[start + i] === word.charCodeAt(i)) continue
      this.at = Math.min(start + i + 1, this.#length)
      return this.#failed(start + i >= this.#length ? 'EOF while parsing a value' : 'expected ident')
    }
    this.at = start + word.length
    return value
  }

  /** The fault is in what was read last. */
  #fail(what: Bytes): ReplyError {
    this.error ??= this.#fault(what, this.at)
    return this.error
  }

  /** The fault is in what comes next. */
  protected failAhead(what: Bytes): ReplyError {
    this.error ??= this.#fault(what, Math.min(this.#length, this.at + 1))
    return this.error
  }

  #failed(what: Bytes): null {
    this.#fail(what)
    return null
  }

  protected failedAhead(what: Bytes): null {
    this.failAhead(what)
    return null
  }

  #failedEscape(what: Bytes): -1 {
    this.#fail(what)
    return -1
  }

  #fault(what: Bytes, at: number): ReplyError {
    const text = this.text
    let line = 1
    let lineStart = 0
    for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', lineStart)) {
      line++
      lineStart = end + 1
    }
    return jsonSyntax(what, line, at - lineStart)
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

/** What a hexadecimal digit stands for; NaN for what is none. */
function digitOf(byte: number): number {
  if (isDigit(byte)) return byte - ZERO
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN
}
