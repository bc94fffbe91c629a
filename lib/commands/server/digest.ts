/**
 * The digests of DEBUG DIGEST and DIGEST-VALUE, equal to those of genuine Redis, so that the contents of two servers can be
 * compared by 20 bytes. What has an order is mixed (XOR, then SHA-1 of the sum), what has none is only XORed.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Db } from '../../keyspace/db.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { Value } from '../../keyspace/value.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { INDEX_MAX } from '../../keyspace/values/array-index.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import { printJson } from '../../keyspace/values/json-print.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { MAX_ID, MIN_ID } from '../../keyspace/values/stream-id.ts'
import { StringBuffer, stringBytes } from '../../keyspace/values/string.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'

/** SHA-1 of bytes, as 20 bytes. */
export type Sha1 = (data: Bytes) => Bytes

const ZERO: Bytes = '\0'.repeat(20)

/** Redis's numbers of the types; that of arrays, whose digest no genuine server was compared with, is a free one. */
const TYPE_NUMBERS = { string: 0, list: 1, set: 2, zset: 3, hash: 4, 'ReJSON-RL': 5, stream: 6, array: 7 } as const

/** The digest of all databases. */
export function keyspaceDigest(keyspace: Keyspace, sha1: Sha1): Bytes {
  let digest = ZERO
  for (const db of keyspace.dbs) {
    if (db.size === 0) continue
    digest = mix(sha1, digest, uint32(db.index))
    for (const key of [...db.keys()]) {
      if (db.has(key)) digest = xor(digest, sha1(entryDigest(db, key, mix(sha1, ZERO, key), keyspace.now, sha1)))
    }
  }
  return digest
}

/** The digest of one key's value, its name left out; zeros for no key. */
export function valueDigest(db: Db, key: Bytes, now: number, sha1: Sha1): Bytes {
  return db.has(key) ? entryDigest(db, key, ZERO, now, sha1) : ZERO
}

function entryDigest(db: Db, key: Bytes, start: Bytes, now: number, sha1: Sha1): Bytes {
  const digest = contentDigest(db.peek(key)!, mix(sha1, start, uint32(TYPE_NUMBERS[db.typeOf(key)!])), now, sha1)
  return db.expireAt(key) === -1 ? digest : xor(digest, sha1('!!expire!!'))
}

function contentDigest(value: Value, digest: Bytes, now: number, sha1: Sha1): Bytes {
  if (typeof value !== 'object' || value instanceof StringBuffer) return mix(sha1, digest, stringBytes(value))
  if (value instanceof ListValue) {
    for (const element of value.values()) digest = mix(sha1, digest, element)
  } else if (value instanceof SetValue) {
    for (const member of value.members()) digest = xor(digest, sha1(member))
  } else if (value instanceof ZSetValue) {
    value.walk(0, value.length, false, (member, score) => {
      digest = xor(digest, sha1(mix(sha1, mix(sha1, ZERO, member), printScore(score))))
    })
  } else if (value instanceof HashValue) {
    value.forEach(now, (field, text) => {
      digest = xor(digest, sha1(mix(sha1, mix(sha1, ZERO, field), text)))
    })
  } else if (value instanceof StreamValue) {
    value.range(MIN_ID, MAX_ID, false, (id, pairs) => {
      digest = mix(sha1, digest, `${id.ms}.${id.seq}`)
      for (const text of pairs) digest = mix(sha1, digest, text)
      return true
    })
  } else if (value instanceof ArrayValue) {
    value.walk(0, INDEX_MAX, false, (index, text) => {
      digest = mix(sha1, mix(sha1, digest, `${index}`), text)
    })
  } else if (value instanceof JsonValue) digest = mix(sha1, digest, printJson(value.root) ?? '')
  else throw new Error(`no digest for ${value.type}`)
  return digest
}

function mix(sha1: Sha1, digest: Bytes, data: Bytes): Bytes {
  return sha1(xor(digest, sha1(data)))
}

function xor(a: Bytes, b: Bytes): Bytes {
  let sum = ''
  for (let i = 0; i < 20; i++) sum += String.fromCharCode(a.charCodeAt(i) ^ b.charCodeAt(i))
  return sum
}

/** Four bytes, the highest first. */
function uint32(number: number): Bytes {
  return String.fromCharCode(number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255)
}

/** As C's printf prints a double with %.17g. */
function printScore(score: number): Bytes {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf'
  const [digits, power] = score.toExponential(16).split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 17) return trimZeros(score.toFixed(16 - exponent))
  const magnitude = `${Math.abs(exponent)}`.padStart(2, '0')
  return `${trimZeros(digits)}e${exponent < 0 ? '-' : '+'}${magnitude}`
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}
