/**
 * A base that consists of commands (`aof-use-rdb-preamble no`): what makes each key anew. Strings, lists, sets, hashes and
 * sorted sets by the commands that Redis writes for them, so many elements each; what those cannot say (streams with their
 * groups, fields that expire, documents, …) by RESTORE.
 */
import { type Bytes, toArray } from '../base/bytes.ts'
import { formatDouble } from '../base/reply.ts'
import { type Db, NO_EXPIRY } from '../keyspace/db.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Value } from '../keyspace/value.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { ListValue } from '../keyspace/values/list.ts'
import { SetValue } from '../keyspace/values/set.ts'
import { StringBuffer, stringBytes } from '../keyspace/values/string.ts'
import { ZSetValue } from '../keyspace/values/zset.ts'
import { writePayload } from '../persistence/payload.ts'
import { CommandParts, selectBytes } from './commandbytes.ts'

/** Elements of one command, as in Redis. */
const ELEMENTS = 64

/** Text from which on it is passed on. Unit: bytes. */
const PIECE_BYTES = 2 ** 16

export interface BaseOptions {
  /** Texts of libraries of functions. */
  readonly functions: readonly Bytes[]
  /** Unix seconds, for an annotation at the beginning; undefined for none. */
  readonly timestamp: number | undefined
}

/** All that the store holds, as of now, in pieces. O(n). */
export function writeCommands(keyspace: Keyspace, options: BaseOptions, sink: (piece: Uint8Array) => void): void {
  const output = new PieceOutput(sink)
  if (options.timestamp !== undefined) output.raw(`#TS:${options.timestamp}\r\n`)
  for (const code of options.functions) output.add(['FUNCTION', 'LOAD', code])
  for (const db of keyspace.dbs) {
    if (db.size === 0) continue
    output.raw(selectBytes(db.index))
    for (const key of db.keys()) writeKey(output, db, key)
  }
  output.end()
}

class PieceOutput {
  readonly #parts = new CommandParts()
  readonly #sink: (piece: Uint8Array) => void
  #bytes = 0

  constructor(sink: (piece: Uint8Array) => void) {
    this.#sink = sink
  }

  raw(bytes: Bytes): void {
    this.#parts.raw(bytes)
  }

  add(argv: readonly Bytes[]): void {
    this.#parts.add(argv)
    for (const argument of argv) this.#bytes += argument.length
    if (this.#bytes > PIECE_BYTES) this.end()
  }

  end(): void {
    this.#parts.end()
    for (const part of this.#parts.parts) this.#sink(toArray(part))
    this.#parts.clear()
    this.#bytes = 0
  }
}

function writeKey(output: PieceOutput, db: Db, key: Bytes): void {
  const value = db.storedValue(key)!
  const expireAt = db.expireAt(key)
  if (!writeValue(output, key, value)) {
    output.add(['RESTORE', key, expireAt === NO_EXPIRY ? '0' : '' + expireAt, writePayload(value), 'ABSTTL'])
  } else if (expireAt !== NO_EXPIRY) output.add(['PEXPIREAT', key, '' + expireAt])
}

/** False for a value for which there is no such command. */
function writeValue(output: PieceOutput, key: Bytes, value: Value): boolean {
  if (typeof value !== 'object' || value instanceof StringBuffer) {
    output.add(['SET', key, stringBytes(value)])
    return true
  }
  const batch = new Batch(output, key)
  if (value instanceof ListValue) {
    batch.name = 'RPUSH'
    for (const element of value.values()) batch.add(element)
  } else if (value instanceof SetValue) {
    batch.name = 'SADD'
    for (const member of value.members()) batch.add(member)
  } else if (value instanceof ZSetValue) {
    batch.name = 'ZADD'
    value.walk(0, value.length, false, (member, score) => batch.add(formatDouble(score), member))
  } else if (value instanceof HashValue && (value.expiry === undefined || value.expiry.size === 0)) {
    batch.name = 'HMSET'
    value.forEach(-Infinity, (field, content) => batch.add(field, content))
  } else return false
  batch.end()
  return true
}

/** Elements that are gathered into commands. */
class Batch {
  name = ''
  readonly #output: PieceOutput
  readonly #key: Bytes
  #items: Bytes[] = []
  #count = 0

  constructor(output: PieceOutput, key: Bytes) {
    this.#output = output
    this.#key = key
  }

  add(first: Bytes, second?: Bytes): void {
    this.#items.push(first)
    if (second !== undefined) this.#items.push(second)
    if (++this.#count === ELEMENTS) this.end()
  }

  end(): void {
    if (this.#count === 0) return
    this.#output.add([this.name, this.#key, ...this.#items])
    this.#items = []
    this.#count = 0
  }
}
