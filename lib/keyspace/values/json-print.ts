/**
 * JSON written as RedisJSON writes it: members in their order, integers with all their digits, doubles with the fewest that
 * read back the same and always a point or an exponent (laid out as the ryu library does), control characters escaped and all
 * else as it is.
 *
 * The text is gathered in an array of bytes that the next document uses again, since gathering it as strings costs several
 * times as much.
 */
import { type Bytes, copyInto, MAX_BYTES, sliceOf } from '../../base/bytes.ts'
import { JsonArray, JsonDouble, type JsonNode, JsonObject } from './json-node.ts'

/** What stands between the parts of a document. */
export interface JsonLayout {
  readonly indent: Bytes
  readonly newline: Bytes
  readonly space: Bytes
}

const FIRST_BYTES = 4096
/** The array is kept for the next document up to this size. */
const KEPT_BYTES = 4 * 1024 * 1024
/** From so many bytes on, a string is looked at by other means. */
const LONG_STRING = 64

/** Digits of an integer whose places are reckoned in 32 bits. */
const SHORT_INTEGER = 1e9
const SHORT_INTEGER_BYTES = 10
/** So many decimals are made in the same way. */
const DECIMALS = 1e6
const SHORT_DOUBLE_BYTES = 18

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const POINT = 46
const ZERO = 48
const COLON = 58
const BACKSLASH = 92

let kept: Uint8Array | undefined

export class JsonWriter {
  #bytes: Uint8Array
  #length = 0
  readonly #layout: JsonLayout | undefined
  #depth = 0
  #isTooLong = false
  readonly #limit: number

  constructor(layout?: JsonLayout, limit = MAX_BYTES) {
    this.#bytes = kept ?? new Uint8Array(FIRST_BYTES)
    kept = undefined
    this.#layout = layout
    this.#limit = Math.min(limit, MAX_BYTES)
  }

  /** The text; undefined where it is longer than it may be. Nothing may be written afterwards. */
  finish(): Bytes | undefined {
    const text = this.#isTooLong ? undefined : sliceOf(this.#bytes, 0, this.#length)
    if (this.#bytes.length <= KEPT_BYTES) kept = this.#bytes
    return text
  }

  node(node: JsonNode): void {
    if (typeof node === 'string') this.string(node)
    else if (typeof node === 'number') this.#integer(node)
    else if (node instanceof JsonArray) this.array(node.items)
    else if (node instanceof JsonObject) this.object(node)
    else if (node instanceof JsonDouble) this.#double(node.value)
    else this.#text('' + node)
  }

  array(items: readonly JsonNode[]): void {
    this.open('[')
    for (let i = 0; i < items.length && !this.#isTooLong; i++) {
      this.next(i === 0)
      this.node(items[i])
    }
    this.close(']', items.length === 0)
  }

  object(object: JsonObject): void {
    const keys = object.keys()
    const nodes = object.nodes()
    this.open('{')
    for (let i = 0; i < keys.length && !this.#isTooLong; i++) {
      this.next(i === 0)
      this.key(keys[i])
      this.node(nodes[i])
    }
    this.close('}', keys.length === 0)
  }

  open(bracket: Bytes): void {
    this.#text(bracket)
    this.#depth++
  }

  /** Before an item or a member. */
  next(isFirst: boolean): void {
    if (!isFirst) this.#unit(COMMA)
    if (this.#layout !== undefined) this.#newLine(this.#layout)
  }

  close(bracket: Bytes, isEmpty: boolean): void {
    this.#depth--
    if (this.#layout !== undefined && !isEmpty) this.#newLine(this.#layout)
    this.#text(bracket)
  }

  key(key: Bytes): void {
    this.string(key)
    this.#unit(COLON)
    if (this.#layout !== undefined) this.#text(this.#layout.space)
  }

  string(string: Bytes): void {
    const { length } = string
    if (length > LONG_STRING) {
      if (NEEDS_ESCAPE.test(string)) this.#text(JSON.stringify(string))
      else {
        this.#unit(QUOTE)
        this.#text(string)
        this.#unit(QUOTE)
      }
      return
    }
    if (!this.#reserve(length + 2)) return
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const unit = string.charCodeAt(i)
      // JavaScript escapes what RedisJSON does, and of Bytes nothing else.
      if (unit < 32 || unit === QUOTE || unit === BACKSLASH) {
        this.#text(JSON.stringify(string))
        return
      }
      bytes[at++] = unit
    }
    bytes[at++] = QUOTE
    this.#length = at
  }

  #integer(integer: number): void {
    if (integer <= -SHORT_INTEGER || integer >= SHORT_INTEGER) {
      this.#text('' + integer)
      return
    }
    if (!this.#reserve(SHORT_INTEGER_BYTES)) return
    const bytes = this.#bytes
    if (integer < 0) bytes[this.#length++] = MINUS
    let left = integer < 0 ? -integer : integer
    let end = this.#length + 1
    for (let power = 10; power <= left; power *= 10) end++
    this.#length = end
    do {
      const tenth = (left / 10) | 0
      bytes[--end] = ZERO + left - tenth * 10
      left = tenth
    } while (left > 0)
  }

  /** A decimal of so few digits is the only one of no more that reads back the same. */
  #double(value: number): void {
    const magnitude = value < 0 ? -value : value
    const whole = Math.round(magnitude * DECIMALS)
    if (magnitude >= SHORT_INTEGER || whole < 100 || whole / DECIMALS !== magnitude) {
      this.#text(formatJsonDouble(value))
      return
    }
    if (!this.#reserve(SHORT_DOUBLE_BYTES)) return
    const integer = Math.floor(whole / DECIMALS)
    let left = whole - integer * DECIMALS
    if (value < 0) this.#bytes[this.#length++] = MINUS
    this.#integer(integer)
    this.#bytes[this.#length++] = POINT
    for (let unit = DECIMALS / 10; ; unit /= 10) {
      const digit = (left / unit) | 0
      this.#bytes[this.#length++] = ZERO + digit
      left -= digit * unit
      if (left === 0) return
    }
  }

  #newLine({ newline, indent }: JsonLayout): void {
    this.#text(newline)
    for (let left = indent === '' ? 0 : this.#depth; left > 0; left--) this.#text(indent)
  }

  #unit(unit: number): void {
    if (this.#reserve(1)) this.#bytes[this.#length++] = unit
  }

  #text(text: Bytes): void {
    if (!this.#reserve(text.length)) return
    copyInto(this.#bytes, this.#length, text)
    this.#length += text.length
  }

  /** False where there can be no room. */
  #reserve(count: number): boolean {
    const length = this.#length + count
    if (length <= this.#bytes.length) return true
    if (length > this.#limit) {
      this.#isTooLong = true
      return false
    }
    const grown = new Uint8Array(Math.min(MAX_BYTES, Math.max(length, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    return true
  }
}

const NEEDS_ESCAPE = /["\\\x00-\x1f]/

/** The text of a node; undefined where it is longer than a string can be. O(its size). */
export function printJson(node: JsonNode, layout?: JsonLayout): Bytes | undefined {
  const writer = new JsonWriter(layout)
  writer.node(node)
  return writer.finish()
}

/** A double that is finite, with a point or an exponent. */
export function formatJsonDouble(value: number): Bytes {
  const magnitude = Math.abs(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (magnitude !== 0 && (magnitude < 1e-5 || magnitude >= 1e16)) {
    return sign + magnitude.toExponential().replace('e+', 'e')
  }
  const text = '' + magnitude
  return sign + (Number.isInteger(magnitude) ? text + '.0' : text)
}
