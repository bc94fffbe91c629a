/**
 * Values read from snapshots and from RESTORE's payloads, in every form that Redis wrote since 2.0; of modules' types,
 * those that are declared here. What does not make sense throws `Malformed`: an element twice, an empty collection, a count for which there are
 * not enough bytes. Encodings are chosen by the thresholds in force here, as Redis does when it loads. Forms of many elements
 * can be read a few at a time (readers.ts); the others, which Redis packs into one string, are read at once.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits, Value } from '../../keyspace/value.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { storedString } from '../../keyspace/values/string.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { EmptyCollection, integrityFault, Malformed, type RdbInput } from '../format/input.ts'
import { listpackElements } from '../format/listpack.ts'
import { intsetMembers, ziplistElements, zipmapElements } from '../format/packed.ts'
import { RdbType } from '../format/types.ts'
import { readModuleValue } from './moduletypes.ts'
import { expireFieldAt, readerFor, scoreOf } from './readers.ts'

/** Reads the content of a value in a form. @throws Malformed */
export function readValue(input: RdbInput, type: number, limits: EncodingLimits): Value {
  const reader = readerFor(type, limits)
  if (reader === undefined) return readAtOnce(input, type, limits)
  while (!reader.read(input));
  return reader.finish()
}

/** What is packed into one string. */
interface PackedForm {
  /** In Redis's words. */
  readonly name: string
  /** @throws Malformed */
  readonly read: (array: Uint8Array, limits: EncodingLimits) => Value
}

const PACKED_FORMS: ReadonlyMap<number, PackedForm> = new Map<number, PackedForm>([
  [
    RdbType.ListZiplist,
    { name: 'List ziplist', read: (array, limits) => ListValue.of(limits, [nonEmpty(ziplistElements(array))]) },
  ],
  [
    RdbType.SetIntset,
    { name: 'Intset', read: (array, limits) => setOf(intsetMembers(array), SetValue.gathering(limits)) },
  ],
  [RdbType.SetListpack, { name: 'Set listpack', read: packedSet }],
  [RdbType.ZSetZiplist, { name: 'Zset ziplist', read: (array, limits) => zsetOf(ziplistElements(array), limits) }],
  [RdbType.ZSetListpack, { name: 'Zset listpack', read: (array, limits) => zsetOf(listpackElements(array), limits) }],
  [RdbType.HashZipmap, { name: 'Zipmap', read: (array, limits) => hashOf(zipmapElements(array), limits) }],
  [RdbType.HashZiplist, { name: 'Hash ziplist', read: (array, limits) => hashOf(ziplistElements(array), limits) }],
  [RdbType.HashListpack, { name: 'Hash listpack', read: (array, limits) => hashOf(listpackElements(array), limits) }],
  [RdbType.HashListpackExpiry, { name: 'Hash listpack', read: packedExpiringHash }],
  [RdbType.HashListpackExpiryBefore, { name: 'Hash listpack', read: packedExpiringHash }],
])

/** Reads the content of a value in a form for which there is no reader. @throws Malformed */
export function readAtOnce(input: RdbInput, type: number, limits: EncodingLimits): Value {
  if (type === RdbType.String) return storedString(input.string())
  if (type === RdbType.Module) return readModuleValue(input, limits)
  const form = PACKED_FORMS.get(type)
  if (form === undefined) throw new Malformed(`unknown type of value ${type}`)
  if (type === RdbType.HashListpackExpiry) input.time()
  const array = input.blob()
  try {
    return form.read(array, limits)
  } catch (error) {
    throw integrityFault(form.name, error)
  }
}

function nonEmpty(elements: Bytes[]): Bytes[] {
  if (elements.length === 0) throw new EmptyCollection('an empty collection')
  return elements
}

function packedSet(array: Uint8Array, limits: EncodingLimits): SetValue {
  const members = listpackElements(array)
  return setOf(members, new SetValue(limits, undefined, members.length))
}

function setOf(members: Bytes[], set: SetValue): SetValue {
  set.expect(nonEmpty(members).length)
  for (const member of members) if (!set.add(member)) throw new Malformed('a member twice')
  return set
}

function zsetOf(elements: Bytes[], limits: EncodingLimits): ZSetValue {
  if (elements.length % 2 !== 0) throw new Malformed('a member without score')
  nonEmpty(elements)
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

function hashOf(pairs: Bytes[], limits: EncodingLimits): HashValue {
  if (nonEmpty(pairs).length % 2 !== 0) throw new Malformed('a field without value')
  const hash = new HashValue(limits)
  hash.grow(pairs, 0, pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    if (!hash.add(pairs[i], pairs[i + 1])) throw new Malformed('a field twice')
  }
  return hash
}

/** From field, value, time, … */
function packedExpiringHash(array: Uint8Array, limits: EncodingLimits): HashValue {
  const elements = listpackElements(array)
  if (elements.length % 3 !== 0) throw new Malformed('a field without time')
  const pairs: Bytes[] = []
  for (let i = 0; i < elements.length; i += 3) pairs.push(elements[i], elements[i + 1])
  const hash = hashOf(pairs, limits)
  for (let i = 0; i < elements.length; i += 3) expireFieldAt(hash, elements[i], Number(elements[i + 2]))
  return hash
}
