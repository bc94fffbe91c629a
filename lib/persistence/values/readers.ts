/**
 * Values of many elements, read an element at a time: a reader that is cut off where bytes end goes on from the element
 * that was not all there, and whoever calls may stop between two. A value is built as it is read, and nobody sees it before
 * its end. Streams have a reader of their own (streamreader.ts).
 */
import type { Bytes } from '../../base/bytes.ts'
import { strtod } from '../../commands/number.ts'
import { Dict } from '../../keyspace/dict.ts'
import { Elements } from '../../keyspace/large/elements.ts'
import type { EncodingLimits } from '../../keyspace/value.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { EmptyCollection, integrityFault, Malformed, type RdbInput } from '../format/input.ts'
import { listpackElements } from '../format/listpack.ts'
import { ziplistElements } from '../format/packed.ts'
import { RdbType } from '../format/types.ts'
import { ArrayReader } from './array.ts'
import { CountedReader, EXPECTED_MAX, type ValueReader } from './countedreader.ts'
import { packedNode } from './packednode.ts'
import { StreamReader } from './streamreader.ts'

const PLAIN_NODE = 1
const PACKED_NODE = 2

/** A reader for a form of many elements; undefined for any other. */
export function readerFor(type: number, limits: EncodingLimits): ValueReader | undefined {
  switch (type) {
    case RdbType.List:
    case RdbType.ListQuicklistZiplist:
    case RdbType.ListQuicklist:
      return new ListReader(type, limits)
    case RdbType.Set:
      return new SetReader(limits)
    case RdbType.ZSetText:
    case RdbType.ZSet:
      return new ZSetReader(type, limits)
    case RdbType.Hash:
    case RdbType.HashExpiry:
    case RdbType.HashExpiryBefore:
      return new HashReader(type, limits)
    case RdbType.Stream:
      return new StreamReader(1)
    case RdbType.Stream2:
      return new StreamReader(2)
    case RdbType.Stream3:
      return new StreamReader(3)
    case RdbType.Stream4:
      return new StreamReader(4)
    case RdbType.Stream5:
      return new StreamReader(5)
    case RdbType.Array:
      return new ArrayReader()
  }
  return undefined
}

class ListReader extends CountedReader {
  readonly #type: number
  readonly #list: ListValue
  /** Where elements stand by themselves, as before Redis 3.2. */
  readonly #elements: Bytes[] = []

  constructor(type: number, limits: EncodingLimits) {
    super()
    this.#type = type
    this.#list = new ListValue(limits)
  }

  protected begin(input: RdbInput): number {
    return input.count()
  }

  protected readElement(input: RdbInput): void {
    if (this.#type === RdbType.List) this.#elements.push(input.string())
    else this.#readNode(input)
  }

  #readNode(input: RdbInput): void {
    const isZiplist = this.#type === RdbType.ListQuicklistZiplist
    const container = isZiplist ? PACKED_NODE : input.integer()
    if (container === PLAIN_NODE) {
      this.#list.adopt(plainNode(input))
      return
    }
    input.check(container === PACKED_NODE, 'Quicklist integrity check failed: unknown kind of node')
    const array = input.blob(false)
    try {
      if (!isZiplist && this.#adoptPacked(array)) return
      const elements = isZiplist ? ziplistElements(array) : listpackElements(array)
      if (elements.length > 0) this.#list.adopt(elements)
    } catch (error) {
      throw integrityFault(isZiplist ? 'Ziplist' : 'Listpack', error)
    }
  }

  /** False, and nothing is changed, if it must be read as others are. @throws Malformed */
  #adoptPacked(array: Uint8Array): boolean {
    const node = packedNode(array)
    if (node === undefined) return false
    this.#list.adoptPacked(node)
    return true
  }

  finish(): ListValue {
    const list = this.#list
    if (this.#type === RdbType.List) {
      list.grow(this.#elements, 0, this.#elements.length)
      for (const element of this.#elements) list.push(element, false)
    } else list.settle()
    if (list.length === 0) throw new EmptyCollection('an empty list')
    return list
  }
}

/** A node of one long element. */
function plainNode(input: RdbInput): Bytes[] {
  const element = input.string()
  input.check(element !== '', 'a plain node without element')
  return [element]
}

class SetReader extends CountedReader {
  readonly #set: SetValue

  constructor(limits: EncodingLimits) {
    super()
    this.#set = SetValue.gathering(limits)
  }

  protected begin(input: RdbInput): number {
    const count = input.count()
    if (count === 0) throw new EmptyCollection('an empty set')
    this.#set.expect(Math.min(count, EXPECTED_MAX), true)
    return count
  }

  protected readElement(input: RdbInput): void {
    const member = input.string()
    if (!this.#set.add(member)) throw new Malformed('a member twice')
  }

  finish(): SetValue {
    return this.#set
  }
}

class ZSetReader extends CountedReader {
  readonly #type: number
  readonly #limits: EncodingLimits
  readonly #members: Bytes[] = []
  readonly #scores: number[] = []
  readonly #scoreOf = new Dict<number>()
  /** In place of all these, if it is large. */
  #elements: Elements | undefined

  constructor(type: number, limits: EncodingLimits) {
    super()
    this.#type = type
    this.#limits = limits
  }

  protected begin(input: RdbInput): number {
    const count = input.count(2)
    if (count === 0) throw new EmptyCollection('an empty sorted set')
    if (count >= Elements.least && count > this.#limits['zset-max-listpack-entries']) this.#elements = new Elements()
    const table = this.#elements ?? this.#scoreOf
    table.expect(Math.min(count, EXPECTED_MAX))
    return count
  }

  protected readElement(input: RdbInput): void {
    const member = input.string()
    const score = this.#type === RdbType.ZSet ? input.double() : readScore(input)
    if (Number.isNaN(score)) throw new Malformed('a score that is no number')
    if (this.#elements !== undefined) {
      if (this.#elements.addNewScored(member, score) === 0) throw new Malformed('a member twice')
      return
    }
    if (this.#scoreOf.addNew(member, score) === -1) throw new Malformed('a member twice')
    this.#members.push(member)
    this.#scores.push(score)
  }

  finish(): ZSetValue {
    if (this.#elements !== undefined) return ZSetValue.large(this.#limits, this.#elements)
    return ZSetValue.of(this.#limits, this.#members, this.#scores, this.#scoreOf)
  }
}

/** A score as text behind its length, of which the last three stand for what has no digits. */
function readScore(input: RdbInput): number {
  const length = input.byte()
  if (length === 255) return -Infinity
  if (length === 254) return Infinity
  return length === 253 ? Number.NaN : scoreOf(input.bytes(length))
}

export function scoreOf(text: Bytes): number {
  const score = strtod(text)
  if (score === undefined) throw new Malformed('a score that is no number')
  return score
}

class HashReader extends CountedReader {
  readonly #type: number
  readonly #hash: HashValue
  /** What the times of the fields are counted from. Unix ms. */
  #from = 0

  constructor(type: number, limits: EncodingLimits) {
    super()
    this.#type = type
    this.#hash = new HashValue(limits)
  }

  protected begin(input: RdbInput): number {
    if (this.#type === RdbType.HashExpiry) this.#from = input.time() - 1
    const count = input.count(this.#type === RdbType.Hash ? 2 : 3)
    if (count === 0) throw new EmptyCollection('an empty hash')
    this.#hash.expect(Math.min(count, EXPECTED_MAX))
    return count
  }

  protected readElement(input: RdbInput): void {
    const later = this.#type === RdbType.Hash ? 0 : Number(input.integer())
    const field = input.string()
    const value = input.string()
    if (!this.#hash.add(field, value)) throw new Malformed('a field twice')
    if (later !== 0) expireFieldAt(this.#hash, field, later + this.#from)
  }

  finish(): HashValue {
    return this.#hash
  }
}

/** Gives a field its time, in unix ms; 0 for none. */
export function expireFieldAt(hash: HashValue, field: Bytes, time: number): void {
  if (!Number.isSafeInteger(time) || time < 0) throw new Malformed('a time that is none')
  if (time > 0) hash.setExpireAt(field, time)
}
