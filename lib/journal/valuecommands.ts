/**
 * The commands that make a key anew, for a base of commands: strings, lists, sets, hashes and sorted sets by the commands that
 * Redis writes for them, so many elements each; what those cannot say (streams with their groups, fields that expire,
 * documents, …) by RESTORE. They are made one at a time, and the value is read as they are.
 */
import type { Bytes } from '../base/bytes.ts'
import { formatDouble } from '../base/reply.ts'
import { NO_EXPIRY } from '../keyspace/db.ts'
import type { Value } from '../keyspace/value.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { ListValue } from '../keyspace/values/list.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { StringBuffer, stringBytes } from '../keyspace/values/string.ts'
import { ZSetValue } from '../keyspace/values/zset.ts'
import { writePayload } from '../persistence/snapshot/payload.ts'

/** Elements of one command, as in Redis. */
const ELEMENTS = 64

/** `expireAt` in unix ms, or NO_EXPIRY. */
export function* commandsOf(key: Bytes, value: Value, expireAt: number): Generator<Bytes[], void, undefined> {
  if (typeof value !== 'object' || value instanceof StringBuffer) yield ['SET', key, stringBytes(value)]
  else if (value instanceof ListValue) yield* ofList(key, value)
  else if (value instanceof SetValue) yield* ofSet(key, value)
  else if (value instanceof ZSetValue) yield* ofZSet(key, value)
  else if (value instanceof HashValue && (value.expiry === undefined || value.expiry.size === 0))
    yield* ofHash(key, value)
  else {
    yield ['RESTORE', key, expireAt === NO_EXPIRY ? '0' : '' + expireAt, writePayload(value), 'ABSTTL']
    return
  }
  if (expireAt !== NO_EXPIRY) yield ['PEXPIREAT', key, '' + expireAt]
}

function* ofList(key: Bytes, list: ListValue): Generator<Bytes[], void, undefined> {
  let argv = ['RPUSH', key]
  for (const node of list.nodes()) {
    for (const element of node.slice(0, node.count)) {
      if (argv.push(element) < ELEMENTS + 2) continue
      yield argv
      argv = ['RPUSH', key]
    }
  }
  if (argv.length > 2) yield argv
}

function* ofSet(key: Bytes, set: SetValue): Generator<Bytes[], void, undefined> {
  if (set.encoding !== 'hashtable') {
    const members = set.members().slice()
    for (let at = 0; at < members.length; at += ELEMENTS) yield ['SADD', key, ...members.slice(at, at + ELEMENTS)]
    return
  }
  for (let at = 0; at < set.length; ) {
    const argv = ['SADD', key]
    for (const end = Math.min(at + ELEMENTS, set.length); at < end; at++) argv.push(set.memberAt(at))
    yield argv
  }
}

function* ofZSet(key: Bytes, zset: ZSetValue): Generator<Bytes[], void, undefined> {
  for (let rank = 0; rank < zset.length; rank += ELEMENTS) {
    const argv = ['ZADD', key]
    zset.walk(rank, Math.min(ELEMENTS, zset.length - rank), false, (member, score) => {
      argv.push(formatDouble(score), member)
    })
    yield argv
  }
}

function* ofHash(key: Bytes, hash: HashValue): Generator<Bytes[], void, undefined> {
  if (hash.encoding !== 'hashtable') {
    const pairs = hash.pairsFrom(0)
    for (let at = 0; at < pairs.length; at += 2 * ELEMENTS) yield ['HMSET', key, ...pairs.slice(at, at + 2 * ELEMENTS)]
    return
  }
  for (let at = 0; at < hash.length; ) {
    const argv = ['HMSET', key]
    for (const end = Math.min(at + ELEMENTS, hash.length); at < end; at++) argv.push(hash.fieldAt(at), hash.valueAt(at))
    yield argv
  }
}
