/**
 * A whole store in the format of Redis's snapshots (RDB): a header, facts about the writer, the keys of each database with
 * their times, an end and a checksum. Written under version 10, which Redis 7.0 and all later ones load, unless a value or
 * the caller asks for more.
 */
import type { Bytes } from '../base/bytes.ts'
import { REDIS_VERSION } from '../base/version.ts'
import { type Db, NO_EXPIRY } from '../keyspace/db.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { decayedFrequency } from '../keyspace/lfu.ts'
import type { EncodingLimits, Value } from '../keyspace/value.ts'
import { Crc64 } from './crc64.ts'
import { RdbInput, type Source } from './input.ts'
import { RdbOutput, type Sink } from './output.ts'
import { readValue } from './rdbread.ts'
import { Opcode, RDB_VERSION, RDB_VERSION_7_0 } from './rdbtypes.ts'
import { typeFor, versionFor, writeValue } from './rdbwrite.ts'

export const MAGIC = 'REDIS'
export const CHECKSUM_BYTES = 8
/** Since this version, what is not understood is an error, and the checksum stands at the end. */
export const FIRST_WITH_CHECKSUM = 5

/** Which of the two access words the keys have: see Db. 'none' leaves it out. */
export type AccessKind = 'idle' | 'frequency' | 'none'

export interface SnapshotOptions {
  /** The least version to write. */
  readonly version?: number
  readonly access?: AccessKind
  /** Texts of libraries of functions. */
  readonly functions?: readonly Bytes[]
  /** False leaves the keys out. */
  readonly data?: boolean
  /** Facts for the reader, beside those that every snapshot has. */
  readonly aux?: readonly (readonly [name: Bytes, value: Bytes])[]
}

/** One key of a snapshot. */
export interface SnapshotEntry {
  readonly db: number
  readonly key: Bytes
  readonly value: Value
  /** Unix ms, or NO_EXPIRY. */
  readonly expireAt: number
  /** Seconds without access, or -1. */
  readonly idle: number
  /** LFU counter, or -1. */
  readonly frequency: number
}

/** What a snapshot holds. */
export interface Snapshot {
  readonly entries: readonly SnapshotEntry[]
  /** Texts of libraries of functions. */
  readonly functions: readonly Bytes[]
}

/** Of a snapshot that is written. */
const PIECE_BYTES = 2 ** 20

/** All that the store holds, in pieces. Synchronous, so it is the state of one moment. O(n). @throws what the sink throws */
export function writeSnapshot(keyspace: Keyspace, options: SnapshotOptions, sink: Sink): void {
  const { access = 'none', aux = [], functions = [], data = true } = options
  const version = Math.max(options.version ?? 0, versionOf(keyspace))
  const crc = new Crc64()
  const output = new RdbOutput(PIECE_BYTES, (piece) => {
    crc.add(piece)
    sink(piece)
  })
  output.bytes(MAGIC + `${version}`.padStart(4, '0'))
  const facts = [
    ['redis-ver', REDIS_VERSION],
    ['redis-bits', '64'],
    ['ctime', `${Math.floor(keyspace.now / 1000)}`],
    ...aux,
    ['aof-base', '0'],
  ]
  for (const [name, value] of facts) {
    output.byte(Opcode.Aux)
    output.string(name)
    output.string(value)
  }
  writeFunctions(output, functions)
  for (const db of keyspace.dbs) if (data && db.size > 0) writeDb(output, db, keyspace, version, access)
  output.byte(Opcode.End)
  output.flush()
  sink(crc.sum)
}

function versionOf(keyspace: Keyspace): number {
  for (const db of keyspace.dbs) {
    if (db.fieldExpirySize === 0) continue
    for (const key of db.keys()) {
      const value = db.storedValue(key)
      if (value !== undefined && versionFor(value) > RDB_VERSION_7_0) return RDB_VERSION
    }
  }
  return RDB_VERSION_7_0
}

function writeDb(output: RdbOutput, db: Db, keyspace: Keyspace, version: number, access: AccessKind): void {
  output.byte(Opcode.SelectDb)
  output.count(db.index)
  output.byte(Opcode.ResizeDb)
  output.count(db.size)
  output.count(db.volatileSize)
  const seconds = Math.floor(keyspace.now / 1000)
  for (const key of db.keys()) {
    const value = db.storedValue(key)!
    const expireAt = db.expireAt(key)
    if (expireAt !== NO_EXPIRY) {
      output.byte(Opcode.ExpireMs)
      output.int64(expireAt)
    }
    if (access === 'idle') {
      output.byte(Opcode.Idle)
      output.count(Math.max(0, seconds - db.accessOf(key)))
    } else if (access === 'frequency') {
      output.byte(Opcode.Frequency)
      output.byte(decayedFrequency(db.accessOf(key), keyspace))
    }
    output.byte(typeFor(value, version))
    output.string(key)
    writeValue(output, value, version)
  }
}

/** Libraries of functions, in a snapshot and in what FUNCTION DUMP gives. */
export function writeFunctions(output: RdbOutput, functions: readonly Bytes[]): void {
  for (const code of functions) {
    output.byte(Opcode.Function)
    output.string(code)
  }
}

/** What a snapshot holds. @throws Malformed */
export function readSnapshot(from: Source, limits: EncodingLimits): Snapshot {
  const input: RdbInput = new RdbInput(from)
  input.check(input.bytes(MAGIC.length) === MAGIC, 'not a snapshot')
  const version = Number(input.bytes(4))
  input.check(version >= 1 && version <= RDB_VERSION, 'a snapshot of an unknown version')
  const entries: SnapshotEntry[] = []
  const functions: Bytes[] = []
  let db = 0
  let expireAt = NO_EXPIRY
  let idle = -1
  let frequency = -1
  for (;;) {
    const type = input.byte()
    switch (type) {
      case Opcode.ExpireSeconds:
        expireAt = input.int32() * 1000
        break
      case Opcode.ExpireMs:
        expireAt = input.time()
        break
      case Opcode.Idle:
        idle = Number(input.integer())
        break
      case Opcode.Frequency:
        frequency = input.byte()
        break
      case Opcode.SelectDb:
        db = Number(input.integer())
        break
      case Opcode.ResizeDb:
        input.integer()
        input.integer()
        break
      case Opcode.SlotInfo:
        for (let i = 0; i < 3; i++) input.integer()
        break
      case Opcode.Aux:
        input.string()
        input.string()
        break
      case Opcode.Function:
        functions.push(input.string())
        break
      case Opcode.ModuleAux:
        skipModule(input)
        break
      case Opcode.End:
        if (version >= FIRST_WITH_CHECKSUM) checkEnd(input)
        return { entries, functions }
      default: {
        const key = input.string()
        entries.push({ db, key, value: readValue(input, type, limits), expireAt, idle, frequency })
        expireAt = NO_EXPIRY
        idle = frequency = -1
      }
    }
  }
}

/** A checksum of zeros says that there is none. */
function checkEnd(input: RdbInput): void {
  const sum = input.checksum()
  const claimed = input.raw(CHECKSUM_BYTES)
  const isAbsent = claimed.every((byte) => byte === 0)
  input.check(isAbsent || claimed.every((byte, i) => byte === sum[i]), 'wrong checksum')
}

/** What a module kept for itself: its id, then values behind their kinds, up to kind 0. */
export function skipModule(input: RdbInput): void {
  for (let i = 0; i < 3; i++) input.integer()
  for (let kind = input.integer(); kind !== 0; kind = input.integer()) {
    if (kind === 1 || kind === 2) input.integer()
    else if (kind === 3) input.float()
    else if (kind === 4) input.double()
    else {
      input.check(kind === 5, 'unknown data of a module')
      input.string()
    }
  }
}
