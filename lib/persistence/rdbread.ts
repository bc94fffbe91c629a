/**
 * Values read from snapshots and from RESTORE's payloads, in every form that Redis wrote since 2.0; of modules' types,
 * those that are declared here. What does not make sense throws `Malformed`: an element twice, an empty collection, a count for which there are
 * not enough bytes. Encodings are chosen by the thresholds in force here, as Redis does when it loads.
 */
import type { Bytes } from '../base/bytes.ts'
import { strtod } from '../commands/number.ts'
import type { EncodingLimits, Value } from '../keyspace/value.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { ListValue } from '../keyspace/values/list.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { storedString } from '../keyspace/values/string.ts'
import { ZSetValue } from '../keyspace/values/zset.ts'
import { Malformed, type RdbInput } from './input.ts'
import { listpackElements } from './listpack.ts'
import { readModuleValue } from './moduletypes.ts'
import { intsetMembers, ziplistElements, zipmapElements } from './packed.ts'
import { readArray } from './rdbarray.ts'
import { readStream } from './rdbstream.ts'
import { RdbType } from './rdbtypes.ts'

const PLAIN_NODE = 1
const PACKED_NODE = 2

/** Reads the content of a value in a form. @throws Malformed */
export function readValue(input: RdbInput, type: number, limits: EncodingLimits): Value {
  switch (type) {
    case RdbType.String:
      return storedString(input.string())
    case RdbType.List:
      return listOf(readStrings(input, 1), limits)
    case RdbType.ListZiplist:
      return ListValue.of(limits, [nonEmpty(ziplistElements(input.blob()))])
    case RdbType.ListQuicklistZiplist:
    case RdbType.ListQuicklist:
      return readNodes(input, type, limits)
    case RdbType.Set:
      return setOf(readStrings(input, 1), SetValue.gathering(limits))
    case RdbType.SetIntset:
      return setOf(intsetMembers(input.blob()), SetValue.gathering(limits))
    case RdbType.SetListpack: {
      const members = listpackElements(input.blob())
      return setOf(members, new SetValue(limits, undefined, members.length))
    }
    case RdbType.ZSetText:
    case RdbType.ZSet:
      return readZSet(input, type, limits)
    case RdbType.ZSetZiplist:
      return zsetOf(ziplistElements(input.blob()), limits)
    case RdbType.ZSetListpack:
      return zsetOf(listpackElements(input.blob()), limits)
    case RdbType.Module:
      return readModuleValue(input, limits)
    case RdbType.Hash:
      return hashOf(readStrings(input, 2), limits)
    case RdbType.HashZipmap:
      return hashOf(zipmapElements(input.blob()), limits)
    case RdbType.HashZiplist:
      return hashOf(ziplistElements(input.blob()), limits)
    case RdbType.HashListpack:
      return hashOf(listpackElements(input.blob()), limits)
    case RdbType.HashExpiry:
    case RdbType.HashExpiryBefore:
      return readExpiringHash(input, type, limits)
    case RdbType.HashListpackExpiry:
      input.time()
      return expiringHashOf(listpackElements(input.blob()), limits)
    case RdbType.HashListpackExpiryBefore:
      return expiringHashOf(listpackElements(input.blob()), limits)
    case RdbType.Stream:
      return readStream(input, 1)
    case RdbType.Stream2:
      return readStream(input, 2)
    case RdbType.Stream3:
      return readStream(input, 3)
    case RdbType.Stream4:
      return readStream(input, 4)
    case RdbType.Stream5:
      return readStream(input, 5)
    case RdbType.Array:
      return readArray(input)
  }
  throw new Malformed(`unknown type of value ${type}`)
}

/** Strings behind their number, which counts them by ones or by pairs. */
function readStrings(input: RdbInput, step: number): Bytes[] {
  const count = input.count(step)
  const strings: Bytes[] = []
  for (let left = count * step; left > 0; left--) strings.push(input.string())
  return strings
}

function nonEmpty(elements: Bytes[]): Bytes[] {
  if (elements.length === 0) throw new Malformed('an empty collection')
  return elements
}

function listOf(elements: readonly Bytes[], limits: EncodingLimits): ListValue {
  if (elements.length === 0) throw new Malformed('an empty list')
  const list = new ListValue(limits)
  list.grow(elements, 0, elements.length)
  for (const element of elements) list.push(element, false)
  return list
}

function readNodes(input: RdbInput, type: number, limits: EncodingLimits): ListValue {
  const nodes: Bytes[][] = []
  for (let left = input.count(); left > 0; left--) {
    if (type === RdbType.ListQuicklistZiplist) {
      nodes.push(ziplistElements(input.blob()))
      continue
    }
    const container = input.integer()
    input.check(container === PLAIN_NODE || container === PACKED_NODE, 'unknown kind of node')
    nodes.push(container === PLAIN_NODE ? [input.string()] : listpackElements(input.blob()))
  }
  const filled = nodes.filter((elements) => elements.length > 0)
  if (filled.length === 0) throw new Malformed('an empty list')
  return ListValue.of(limits, filled)
}

function setOf(members: readonly Bytes[], set: SetValue): SetValue {
  if (members.length === 0) throw new Malformed('an empty set')
  set.expect(members.length)
  for (const member of members) if (!set.add(member)) throw new Malformed('a member twice')
  return set
}

function readZSet(input: RdbInput, type: number, limits: EncodingLimits): ZSetValue {
  const members: Bytes[] = []
  const scores: number[] = []
  for (let left = input.count(2); left > 0; left--) {
    members.push(input.string())
    scores.push(type === RdbType.ZSet ? input.double() : readScore(input))
  }
  return zsetFrom(members, scores, limits)
}

/** A score as text behind its length, of which the last three stand for what has no digits. */
function readScore(input: RdbInput): number {
  const length = input.byte()
  if (length === 255) return -Infinity
  if (length === 254) return Infinity
  return length === 253 ? Number.NaN : scoreOf(input.bytes(length))
}

function scoreOf(text: Bytes): number {
  const score = strtod(text)
  if (score === undefined) throw new Malformed('a score that is no number')
  return score
}

function zsetOf(elements: readonly Bytes[], limits: EncodingLimits): ZSetValue {
  if (elements.length % 2 !== 0) throw new Malformed('a member without score')
  const members: Bytes[] = []
  const scores: number[] = []
  for (let i = 0; i < elements.length; i += 2) {
    members.push(elements[i])
    scores.push(scoreOf(elements[i + 1]))
  }
  return zsetFrom(members, scores, limits)
}

function zsetFrom(members: readonly Bytes[], scores: readonly number[], limits: EncodingLimits): ZSetValue {
  if (members.length === 0) throw new Malformed('an empty sorted set')
  if (new Set(members).size !== members.length) throw new Malformed('a member twice')
  if (scores.some(Number.isNaN)) throw new Malformed('a score that is no number')
  return ZSetValue.of(limits, members, scores)
}

function hashOf(pairs: readonly Bytes[], limits: EncodingLimits): HashValue {
  if (pairs.length === 0 || pairs.length % 2 !== 0) throw new Malformed('a field without value')
  const hash = new HashValue(limits)
  hash.grow(pairs, 0, pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    if (!hash.set(pairs[i], pairs[i + 1])) throw new Malformed('a field twice')
  }
  return hash
}

function readExpiringHash(input: RdbInput, type: number, limits: EncodingLimits): HashValue {
  const earliest = type === RdbType.HashExpiry ? input.time() - 1 : 0
  const pairs: Bytes[] = []
  const times: number[] = []
  for (let left = input.count(3); left > 0; left--) {
    const later = Number(input.integer())
    times.push(later === 0 ? 0 : later + earliest)
    pairs.push(input.string(), input.string())
  }
  return withTimes(pairs, times, limits)
}

/** From field, value, time, … */
function expiringHashOf(elements: readonly Bytes[], limits: EncodingLimits): HashValue {
  if (elements.length % 3 !== 0) throw new Malformed('a field without time')
  const pairs: Bytes[] = []
  const times: number[] = []
  for (let i = 0; i < elements.length; i += 3) {
    pairs.push(elements[i], elements[i + 1])
    times.push(Number(elements[i + 2]))
  }
  return withTimes(pairs, times, limits)
}

/** `times` in unix ms, 0 for a field that lasts. */
function withTimes(pairs: readonly Bytes[], times: readonly number[], limits: EncodingLimits): HashValue {
  const hash = hashOf(pairs, limits)
  for (const [i, time] of times.entries()) {
    if (!Number.isSafeInteger(time) || time < 0) throw new Malformed('a time that is none')
    if (time > 0) hash.setExpireAt(pairs[2 * i], time)
  }
  return hash
}
