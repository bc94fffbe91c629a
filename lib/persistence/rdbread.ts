/**
 * Values read from snapshots and from RESTORE's payloads, in every form that Redis wrote since 2.0; of modules' types,
 * those that are declared here. What does not make sense throws `Malformed`: an element twice, an empty collection, a count for which there are
 * not enough bytes. Encodings are chosen by the thresholds in force here, as Redis does when it loads. Forms of many elements
 * can be read a few at a time (valuereaders.ts); the others, which Redis packs into one string, are read at once.
 */
import type { Bytes } from '../base/bytes.ts'
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
import { RdbType } from './rdbtypes.ts'
import { expireFieldAt, readerFor, scoreOf } from './valuereaders.ts'

/** Reads the content of a value in a form. @throws Malformed */
export function readValue(input: RdbInput, type: number, limits: EncodingLimits): Value {
  const reader = readerFor(type, limits)
  if (reader === undefined) return readAtOnce(input, type, limits)
  while (!reader.read(input));
  return reader.finish()
}

/** Reads the content of a value in a form for which there is no reader. @throws Malformed */
export function readAtOnce(input: RdbInput, type: number, limits: EncodingLimits): Value {
  switch (type) {
    case RdbType.String:
      return storedString(input.string())
    case RdbType.ListZiplist:
      return ListValue.of(limits, [nonEmpty(ziplistElements(input.blob()))])
    case RdbType.SetIntset:
      return setOf(intsetMembers(input.blob()), SetValue.gathering(limits))
    case RdbType.SetListpack: {
      const members = listpackElements(input.blob())
      return setOf(members, new SetValue(limits, undefined, members.length))
    }
    case RdbType.ZSetZiplist:
      return zsetOf(ziplistElements(input.blob()), limits)
    case RdbType.ZSetListpack:
      return zsetOf(listpackElements(input.blob()), limits)
    case RdbType.Module:
      return readModuleValue(input, limits)
    case RdbType.HashZipmap:
      return hashOf(zipmapElements(input.blob()), limits)
    case RdbType.HashZiplist:
      return hashOf(ziplistElements(input.blob()), limits)
    case RdbType.HashListpack:
      return hashOf(listpackElements(input.blob()), limits)
    case RdbType.HashListpackExpiry:
      input.time()
      return expiringHashOf(listpackElements(input.blob()), limits)
    case RdbType.HashListpackExpiryBefore:
      return expiringHashOf(listpackElements(input.blob()), limits)
  }
  throw new Malformed(`unknown type of value ${type}`)
}

function nonEmpty(elements: Bytes[]): Bytes[] {
  if (elements.length === 0) throw new Malformed('an empty collection')
  return elements
}

function setOf(members: Bytes[], set: SetValue): SetValue {
  set.expect(nonEmpty(members).length)
  for (const member of members) if (!set.add(member)) throw new Malformed('a member twice')
  return set
}

function zsetOf(elements: readonly Bytes[], limits: EncodingLimits): ZSetValue {
  if (elements.length % 2 !== 0) throw new Malformed('a member without score')
  if (elements.length === 0) throw new Malformed('an empty sorted set')
  const members: Bytes[] = []
  const scores: number[] = []
  for (let i = 0; i < elements.length; i += 2) {
    members.push(elements[i])
    scores.push(scoreOf(elements[i + 1]))
  }
  if (new Set(members).size !== members.length) throw new Malformed('a member twice')
  if (scores.some(Number.isNaN)) throw new Malformed('a score that is no number')
  return ZSetValue.of(limits, members, scores)
}

function hashOf(pairs: readonly Bytes[], limits: EncodingLimits): HashValue {
  if (pairs.length === 0 || pairs.length % 2 !== 0) throw new Malformed('a field without value')
  const hash = new HashValue(limits)
  hash.grow(pairs, 0, pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    if (!hash.add(pairs[i], pairs[i + 1])) throw new Malformed('a field twice')
  }
  return hash
}

/** From field, value, time, … */
function expiringHashOf(elements: readonly Bytes[], limits: EncodingLimits): HashValue {
  if (elements.length % 3 !== 0) throw new Malformed('a field without time')
  const pairs: Bytes[] = []
  for (let i = 0; i < elements.length; i += 3) pairs.push(elements[i], elements[i + 1])
  const hash = hashOf(pairs, limits)
  for (let i = 0; i < elements.length; i += 3) expireFieldAt(hash, elements[i], Number(elements[i + 2]))
  return hash
}
