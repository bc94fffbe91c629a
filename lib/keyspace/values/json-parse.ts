/**
 * JSON (RFC 8259) read as RedisJSON reads it: strictly, the last of equal keys counting in the place of the first, an integer
 * of 64 bits kept whole, any other number a double. Here are the containers; json-scan.ts has the words. What containers hold is
 * gathered on one stack for all of them. The weight of all is counted on the way, so that a text that makes more than there is
 * room for ends early.
 */
import { type Bytes, copyInto, isAscii } from '../../base/bytes.ts'
import { JSON_TOO_LARGE, NOT_UTF8 } from '../../base/errors.ts'
import { ReplyError } from '../../base/reply.ts'
import { stringWeight } from '../weight.ts'
import {
  ARRAY_BYTES,
  FEW_MEMBERS,
  ITEM_BYTES,
  itemsWeight,
  JsonArray,
  type JsonNode,
  JsonObject,
  MEMBER_BYTES,
  membersWeight,
  nodeWeight,
  OBJECT_BYTES,
} from './json-node.ts'
import { JsonScanner } from './json-scan.ts'
import { JsonShape } from './json-shape.ts'
import { MemberTable } from './json-table.ts'
import { invalidUtf8At } from './utf8.ts'

/** As many levels of containers as one text may have. */
export const TEXT_LEVEL_MAX = 127

/** So many lists of names are shared, and so many names that are in none of these, of names up to a length. */
const SHAPES_MAX = 2048
const INTERNED_MAX = 4096
const SHARED_BYTES_MAX = 4096
/** The array of bytes is kept for the next text up to this size. */
const KEPT_BYTES = 4 * 1024 * 1024
const FIRST_BYTES = 4096

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const NINE = 57
const COLON = 58
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

let kept: Uint8Array | undefined

/** A value, and what it weighs. */
export interface WeighedJson {
  readonly node: JsonNode
  readonly bytes: number
}

/** The value that a text spells, or what is wrong with it. O(n). */
export function parseJson(text: Bytes): JsonNode | ReplyError {
  const weighed = parseWeighed(text, TEXT_LEVEL_MAX, Infinity)
  return weighed instanceof ReplyError ? weighed : weighed.node
}

/** The same with its weight, which may be so many bytes at the most. */
export function parseWeighed(text: Bytes, levelMax: number, bytesMax: number): WeighedJson | ReplyError {
  // Behind the text stands a 0, at which all that is read ends.
  let bytes = kept
  kept = undefined
  if (bytes === undefined || bytes.length <= text.length) {
    bytes = new Uint8Array(Math.max(FIRST_BYTES, Math.min(KEPT_BYTES, 2 * text.length), text.length + 1))
  }
  copyInto(bytes, 0, text)
  bytes[text.length] = 0
  const weighed = new JsonParser(text, bytes, levelMax, bytesMax).parse()
  if (bytes.length <= KEPT_BYTES) kept = bytes
  return weighed
}

class JsonParser extends JsonScanner {
  readonly #levelMax: number
  readonly #bytesMax: number
  #level = 0
  /** What the containers hold that are open. The first place is not used: it makes V8 keep references from the start. */
  readonly #stack: JsonNode[] = [null]
  #top = 1
  readonly #noNames = new JsonShape()
  #shapesLeft = SHAPES_MAX
  #names: Map<Bytes, Bytes> | undefined = undefined
  /** The name that was read last. */
  #name: Bytes = ''

  constructor(text: Bytes, bytes: Uint8Array, levelMax: number, bytesMax: number) {
    super(text, bytes)
    this.#levelMax = levelMax
    this.#bytesMax = bytesMax
  }

  parse(): WeighedJson | ReplyError {
    if (!isAscii(this.text) && invalidUtf8At(this.bytes, this.text.length) !== -1) return NOT_UTF8
    const node = this.#value(this.next())
    if (this.error !== undefined) return this.error
    if (this.next() !== -1) return this.failAhead('trailing characters')
    return this.weight > this.#bytesMax ? JSON_TOO_LARGE : { node, bytes: this.weight }
  }

  /** The value that begins with this byte. */
  #value(first: number): JsonNode {
    if (first === QUOTE) {
      this.at++
      const string = this.string()
      this.weight += stringWeight(string.length)
      return string
    }
    if (first === MINUS || (first >= ZERO && first <= NINE)) return this.number()
    if (first === OPEN_OBJECT) return this.#object()
    if (first === OPEN_ARRAY) return this.#array()
    if (first === -1) return this.failedAhead('EOF while parsing a value')
    if (first === 116) return this.word('true', true)
    if (first === 102) return this.word('false', false)
    if (first === 110) return this.word('null', null)
    return this.failedAhead('expected value')
  }

  #array(): JsonNode {
    if (!this.#enter(ARRAY_BYTES)) return null
    const base = this.#top
    let next = this.next()
    if (next === -1) return this.failedAhead('EOF while parsing a list')
    while (next !== CLOSE_ARRAY) {
      const item = this.#value(next)
      if (!this.#holds(item, ITEM_BYTES)) return null
      next = this.next()
      if (next === COMMA) {
        this.at++
        next = this.next()
        if (next === CLOSE_ARRAY) return this.failedAhead('trailing comma')
      } else if (next !== CLOSE_ARRAY) {
        return this.failedAhead(next === -1 ? 'EOF while parsing a list' : 'expected `,` or `]`')
      }
    }
    const items = this.#taken(base)
    this.weight += itemsWeight(items.length) - ITEM_BYTES * items.length
    const array = new JsonArray(items)
    array.level = this.#level
    this.#leave()
    return array
  }

  #object(): JsonNode {
    if (!this.#enter(OBJECT_BYTES)) return null
    const base = this.#top
    let shape = this.#noNames
    for (let isMore = this.#firstName(); isMore; isMore = this.#nextName()) {
      const longer = this.#longer(shape)
      if (longer === undefined) return this.error === undefined ? this.#many(shape, base) : null
      shape = longer
      const member = this.#member()
      if (!this.#holds(member, MEMBER_BYTES)) return null
    }
    if (this.error !== undefined) return null
    const nodes = this.#taken(base)
    this.weight += membersWeight(nodes.length) - MEMBER_BYTES * nodes.length
    return this.#closed(new JsonObject(shape.keys, nodes))
  }

  /** Goes on with an object that is not of few members with names that differ, behind the first name that is not in its shape. */
  #many(shape: JsonShape, base: number): JsonNode {
    const table = new MemberTable<JsonNode>()
    for (const [i, key] of shape.keys.entries()) table.set(key, this.#stack[base + i])
    this.#top = base
    let isMore = true
    while (isMore) {
      const name = this.#name
      const member = this.#member()
      const before = table.get(name)
      if (before === undefined) this.weight += MEMBER_BYTES + stringWeight(name.length)
      else this.weight -= nodeWeight(before)
      if (!this.#fits()) return null
      table.set(name, member)
      isMore = this.#nextName()
      if (isMore) this.#name = this.#interned(this.string())
    }
    if (this.error !== undefined) return null
    this.weight += membersWeight(table.size) - MEMBER_BYTES * table.size
    return this.#closed(JsonObject.of(table))
  }

  #closed(object: JsonObject): JsonObject {
    object.level = this.#level
    this.#leave()
    return object
  }

  #enter(bytes: number): boolean {
    if (++this.#level > this.#levelMax) {
      this.failAhead('recursion limit exceeded')
      return false
    }
    this.weight += bytes
    this.at++
    return true
  }

  #leave(): void {
    this.#level--
    this.at++
  }

  /** Puts a node on the stack, unless something is wrong. */
  #holds(node: JsonNode, bytes: number): boolean {
    this.weight += bytes
    if (!this.#fits()) return false
    this.#stack[this.#top++] = node
    return true
  }

  #fits(): boolean {
    if (this.weight > this.#bytesMax) this.error ??= JSON_TOO_LARGE
    return this.error === undefined
  }

  #taken(base: number): JsonNode[] {
    const nodes = base === this.#top ? [] : this.#stack.slice(base, this.#top)
    this.#top = base
    return nodes
  }

  /** Goes behind the quotation mark of an object's first name; false if there is none, or something else. */
  #firstName(): boolean {
    const next = this.next()
    if (next === CLOSE_OBJECT) return false
    if (next === -1) this.failAhead('EOF while parsing an object')
    else if (next !== QUOTE) this.failAhead('key must be a string')
    this.at++
    return next === QUOTE
  }

  /** The same behind a member. */
  #nextName(): boolean {
    let next = this.next()
    if (next === CLOSE_OBJECT || this.error !== undefined) return false
    if (next !== COMMA) {
      this.failAhead(next === -1 ? 'EOF while parsing an object' : 'expected `,` or `}`')
      return false
    }
    this.at++
    next = this.next()
    if (next === CLOSE_OBJECT) this.failAhead('trailing comma')
    else if (next === -1) this.failAhead('EOF while parsing a value')
    else if (next !== QUOTE) this.failAhead('key must be a string')
    this.at++
    return next === QUOTE
  }

  /** Reads a name, which is `#name` then. The shape that has it behind its others; undefined for none, or if something is wrong. */
  #longer(shape: JsonShape): JsonShape | undefined {
    const { recent } = shape
    let longer: JsonShape | undefined
    if (recent !== undefined && this.#isAhead(recent)) {
      this.#name = recent.key
      longer = recent
    } else {
      const name = this.#interned(this.string())
      if (this.error !== undefined) return undefined
      this.#name = name
      if (name.length > SHARED_BYTES_MAX) return undefined
      longer = shape.with(name)
      if (longer === undefined) {
        if (this.#shapesLeft === 0 || shape.size === FEW_MEMBERS || shape.has(name)) return undefined
        this.#shapesLeft--
        longer = shape.add(name)
      }
    }
    this.weight += stringWeight(this.#name.length)
    return longer
  }

  /** Goes behind the last name of a shape, if it is what comes next. */
  #isAhead({ key, isPlain }: JsonShape): boolean {
    if (!isPlain) return false
    const bytes = this.bytes
    let at = this.at
    for (let i = 0; i < key.length; i++) if (bytes[at++] !== key.charCodeAt(i)) return false
    if (bytes[at] !== QUOTE) return false
    this.at = at + 1
    return true
  }

  /** Behind a name. */
  #member(): JsonNode {
    if (this.error !== undefined) return null
    const next = this.next()
    if (next !== COLON) return this.failedAhead(next === -1 ? 'EOF while parsing an object' : 'expected `:`')
    this.at++
    return this.#value(this.next())
  }

  #interned(name: Bytes): Bytes {
    if (name.length > SHARED_BYTES_MAX) return name
    this.#names ??= new Map()
    const known = this.#names.get(name)
    if (known !== undefined) return known
    if (this.#names.size < INTERNED_MAX) this.#names.set(name, name)
    return name
  }
}
