/**
 * The words of a JSONPath: blanks, names, strings, numbers, and what is said of one that is malformed. The parsers of
 * expression.ts and parse.ts extend it, and look ahead by one word at most, so that parsing is linear.
 *
 * RedisJSON and RFC 9535 differ in what they let pass; both are accepted here. Names behind a dot have RedisJSON's characters and
 * what is not ASCII; strings have the RFC's escapes, and control characters as they are; blanks may stand between all words.
 */
import { type Bytes, fromText } from '../../../base/bytes.ts'
import type { JsonNode } from '../../../keyspace/values/json-node.ts'
import { integerNode } from './number.ts'

/** So deep may parentheses, filters, calls and literals stand in one another. */
const DEPTH_MAX = 64

const NAME = /[\w\-`+#%$^/:\x80-\xff]+/y
const INTEGER = /-?(?:0|[1-9][0-9]*)/y
const DECIMAL = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const WORD = /[A-Za-z]\w*/y
const HEX = /[0-9a-fA-F]{4}/y

const ESCAPES = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['/', '/'],
  ['\\', '\\'],
])

/** Why a path is none: where it goes wrong, and what could have stood there. */
export class PathFault extends Error {
  override readonly name = 'PathFault'
  readonly position: number
  readonly expected: Bytes
  constructor(position: number, expected: Bytes) {
    super(expected)
    this.position = position
    this.expected = expected
  }
}

export abstract class PathScanner {
  protected readonly text: Bytes
  protected at = 0
  #depth = 0

  constructor(text: Bytes) {
    this.text = text
  }

  protected fail(expected: Bytes, position = this.at): never {
    throw new PathFault(position, `expected one of the following: ${expected}`)
  }

  /** Called where something opens that may hold itself. */
  protected open(): void {
    if (++this.#depth > DEPTH_MAX) throw new PathFault(this.at, 'nested too deep')
  }

  protected close(): void {
    this.#depth--
  }

  /** The next character, or '' behind the last. */
  protected peek(): string {
    return this.at < this.text.length ? this.text[this.at] : ''
  }

  /** The next character that is no blank; it is what stands at the place then. */
  protected skipBlanks(): string {
    for (;;) {
      const next = this.peek()
      if (next !== ' ' && next !== '\t' && next !== '\n' && next !== '\r') return next
      this.at++
    }
  }

  /** Passes over a text if it is what comes next. */
  protected take(text: Bytes): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** What a sticky expression finds here, if it does; passes over it. */
  protected read(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at
    const found = expression.exec(this.text)
    if (found === null) return undefined
    this.at += found[0].length
    return found
  }

  /** A name as it stands behind a dot; '' for none. */
  protected nameHere(): Bytes {
    return this.read(NAME)?.[0] ?? ''
  }

  /** A word of letters, as functions and operators have; '' for none. */
  protected wordHere(): Bytes {
    return this.read(WORD)?.[0] ?? ''
  }

  /** An integer; undefined for none. One that no double holds is near enough, as no array is so long. */
  protected integer(): number | undefined {
    const found = this.read(INTEGER)
    return found === undefined ? undefined : Number(found[0]) + 0
  }

  /** A number as JSON writes it. */
  protected number(): JsonNode {
    const start = this.at
    const found = this.read(DECIMAL)
    const node =
      found === undefined ? undefined : integerNode(found[0], found[2] !== undefined || found[3] !== undefined)
    return node ?? this.fail("'<number>'", start)
  }

  /** A string in either quotes, unescaped. */
  protected string(): Bytes {
    const quote = this.peek()
    let value = ''
    let from = ++this.at
    for (;;) {
      const next = this.peek()
      if (next === '') this.fail(quote)
      if (next === quote) break
      if (next !== '\\') this.at++
      else {
        value += this.text.slice(from, this.at)
        value += this.#escaped(quote)
        from = this.at
      }
    }
    return value + this.text.slice(from, this.at++)
  }

  /** What stands behind a backslash: an escape of JSON, or the quote. */
  #escaped(quote: string): Bytes {
    const start = this.at++
    const next = this.peek()
    this.at++
    if (next === quote) return next
    if (next === 'u') return this.#codePoint(start)
    return ESCAPES.get(next) ?? this.fail('an escape', start)
  }

  #codePoint(start: number): Bytes {
    const unit = this.#codeUnit(start)
    if (unit < 0xd800 || unit > 0xdfff) return fromText(String.fromCharCode(unit))
    if (unit > 0xdbff || !this.take('\\u')) this.fail('an escape', start)
    const low = this.#codeUnit(start)
    if (low < 0xdc00 || low > 0xdfff) this.fail('an escape', start)
    return fromText(String.fromCharCode(unit, low))
  }

  #codeUnit(start: number): number {
    const found = this.read(HEX)
    return found === undefined ? this.fail('an escape', start) : Number.parseInt(found[0], 16)
  }
}
