/**
 * Values as Redis's snapshots hold them: a byte for the form, and the content. Under version 10 the forms are those that
 * Redis 7.0 reads; only hashes whose fields expire need newer ones. Under version 12 the encoding of every value and all
 * that is known of consumers is told too.
 */
import type { Bytes } from '../../base/bytes.ts'
import { formatDouble } from '../../base/reply.ts'
import type { Value } from '../../keyspace/value.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { ListNode } from '../../keyspace/values/listnode.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { StringBuffer, stringBytes } from '../../keyspace/values/string.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { ListpackOutput, listpackOf } from '../format/listpack.ts'
import type { RdbOutput } from '../format/output.ts'
import { intsetOf } from '../format/packed.ts'
import { RDB_VERSION, RDB_VERSION_7_0, RdbType } from '../format/types.ts'
import { writeArray } from './array.ts'
import { isModuleValue, writeModuleValue } from './moduletypes.ts'
import { formOf, STREAM_TYPES } from './stream.ts'
import { writeStream } from './streamparts.ts'

const PLAIN_NODE = 1
const PACKED_NODE = 2

/** The version that a reader of this value must know. */
export function versionFor(value: Value): number {
  return value instanceof HashValue && hasExpiry(value) ? RDB_VERSION : RDB_VERSION_7_0
}

/** The form in which a value is written. */
export function typeFor(value: Value, version: number): number {
  if (typeof value !== 'object') return RdbType.String
  if (value instanceof ListValue) return RdbType.ListQuicklist
  if (value instanceof SetValue) {
    if (value.encoding === 'intset') return RdbType.SetIntset
    return value.encoding === 'listpack' && version > RDB_VERSION_7_0 ? RdbType.SetListpack : RdbType.Set
  }
  if (value instanceof ZSetValue) return value.encoding === 'listpack' ? RdbType.ZSetListpack : RdbType.ZSet
  if (value instanceof HashValue) {
    if (!hasExpiry(value)) return value.encoding === 'hashtable' ? RdbType.Hash : RdbType.HashListpack
    return value.encoding === 'hashtable' ? RdbType.HashExpiry : RdbType.HashListpackExpiry
  }
  if (value instanceof ArrayValue) return RdbType.Array
  if (value instanceof StreamValue) return STREAM_TYPES[formOf(value, version)]
  return isModuleValue(value) ? RdbType.Module : RdbType.String
}

/** Writes the content of a value in the form that `typeFor` tells. */
export function writeValue(output: RdbOutput, value: Value, version: number): void {
  if (typeof value !== 'object') output.string(stringBytes(value))
  else if (value instanceof ListValue) writeList(output, value)
  else if (value instanceof SetValue) writeSet(output, value, typeFor(value, version))
  else if (value instanceof ZSetValue) writeZSet(output, value)
  else if (value instanceof HashValue) (hasExpiry(value) ? writeExpiringHash : writeHash)(output, value)
  else if (value instanceof ArrayValue) writeArray(output, value)
  else if (value instanceof StreamValue) writeStream(output, value, version)
  else if (value instanceof StringBuffer) output.string(value.toBytes())
  else writeModuleValue(output, value)
}

function writeList(output: RdbOutput, list: ListValue): void {
  const packed = list.packedBytes()
  if (packed !== undefined) {
    output.count(1)
    output.count(PACKED_NODE)
    output.blob(packed)
    return
  }
  output.count(list.nodeCount)
  for (const node of list.nodes()) writeListNode(output, list, node)
}

/** A node of a list whose number of nodes was written before. */
export function writeListNode(output: RdbOutput, list: ListValue, node: ListNode): void {
  const plain = node.plain && list.encoding !== 'listpack'
  output.count(plain ? PLAIN_NODE : PACKED_NODE)
  if (plain) output.string(node.at(0))
  else output.blob(listpackOfNode(node))
}

function listpackOfNode({ long, array, start, end, count }: ListNode): Uint8Array {
  if (long !== undefined) return listpackOf([long])
  const listpack = new ListpackOutput()
  listpack.elements(array.subarray(start, end), count)
  return listpack.finish()
}

function writeSet(output: RdbOutput, set: SetValue, type: number): void {
  const packed = type === RdbType.Set ? undefined : set.packedBytes()
  if (packed !== undefined) {
    output.blob(packed)
    return
  }
  const members = set.members()
  if (type === RdbType.SetIntset) output.blob(intsetOf(members))
  else if (type === RdbType.SetListpack) output.blob(listpackOf(members))
  else {
    output.count(members.length)
    for (const member of members) output.string(member)
  }
}

function writeZSet(output: RdbOutput, zset: ZSetValue): void {
  const packed = zset.packedBytes()
  if (packed !== undefined) {
    output.blob(packed)
    return
  }
  if (zset.encoding === 'listpack') {
    const pack = new ListpackOutput()
    zset.walk(0, zset.length, false, (member, score) => {
      pack.element(member)
      pack.element(formatDouble(score))
    })
    output.blob(pack.finish())
    return
  }
  output.count(zset.length)
  // From the greatest down, as Redis does: so its skiplist, and our tree, are built quickest.
  zset.walk(zset.length - 1, zset.length, true, (member, score) => {
    output.string(member)
    output.double(score)
  })
}

function writeHash(output: RdbOutput, hash: HashValue): void {
  if (hash.encoding === 'hashtable') {
    output.count(hash.length)
    hash.forEach(-Infinity, (field, value) => {
      output.string(field)
      output.string(value)
    })
    return
  }
  const packed = hash.packedBytes()
  if (packed !== undefined) {
    output.blob(packed)
    return
  }
  const pack = new ListpackOutput()
  hash.forEach(-Infinity, (field, value) => {
    pack.element(field)
    pack.element(value)
  })
  output.blob(pack.finish())
}

/**
 * A field of a hashtable, with its time if it has one; `earliest` is the time of the field that expires first, where any does.
 */
export function writeField(
  output: RdbOutput,
  field: Bytes,
  value: Bytes,
  expireAt: number | undefined,
  earliest: number | undefined,
): void {
  if (earliest !== undefined) output.count(expireAt === undefined ? 0 : expireAt - earliest + 1)
  output.string(field)
  output.string(value)
}

/** The earliest time first; in a table, the others are told as what they are later, plus one, and 0 for none. */
function writeExpiringHash(output: RdbOutput, hash: HashValue): void {
  const earliest = hash.expiry!.next()
  output.int64(earliest)
  if (hash.encoding === 'hashtable') {
    output.count(hash.length)
    hash.forEach(-Infinity, (field, value) => writeField(output, field, value, hash.expireAt(field), earliest))
    return
  }
  const pack = new ListpackOutput()
  hash.forEach(-Infinity, (field, value) => {
    pack.element(field)
    pack.element(value)
    pack.integer(hash.expireAt(field) ?? 0)
  })
  output.blob(pack.finish())
}

export function hasExpiry(hash: HashValue): boolean {
  return hash.expiry !== undefined && hash.expiry.size > 0
}
