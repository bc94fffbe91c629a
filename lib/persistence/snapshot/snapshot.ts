/**
 * A whole store in the format of Redis's snapshots (RDB): a header, facts about the writer, the keys of each database with
 * their times, an end and a checksum. Written under version 10, which Redis 7.0 and all later ones load, unless a value or
 * the caller asks for more.
 */
import type { Bytes } from '../../base/bytes.ts'
import { REDIS_VERSION } from '../../base/version.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import type { DbWalk } from '../../keyspace/dbwalk.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { decayedFrequency, type LfuClock } from '../../keyspace/lfu.ts'
import type { RdbOutput } from '../format/output.ts'
import { Opcode, RDB_VERSION, RDB_VERSION_7_0 } from '../format/types.ts'

/** With what every snapshot begins. */
export const MAGIC = 'REDIS'

/** Which of the two access words the keys have: see Db. 'none' leaves it out. */
export type AccessKind = 'idle' | 'frequency' | 'none'

export interface SnapshotOptions {
  /** The least version to write. */
  readonly version?: number
  readonly access?: AccessKind
  /** Texts of libraries of functions. */
  readonly functions?: readonly Bytes[]
  /** Compresses long strings. */
  readonly compresses?: boolean
  /** False leaves the keys out. */
  readonly data?: boolean
  /** It is the base of an append-only log. */
  readonly isBase?: boolean
  /** Facts for the reader, beside those that every snapshot has. */
  readonly aux?: readonly (readonly [name: Bytes, value: Bytes])[]
}

/** The least version that can say all that the store holds, or what the options ask for. */
export function snapshotVersion(keyspace: Keyspace, { version = 0, data = true }: SnapshotOptions): number {
  const needed = data && keyspace.dbs.some((db) => db.hasExpiringFields) ? RDB_VERSION : RDB_VERSION_7_0
  return Math.max(version, needed)
}

/** What stands before the keys. `now` in unix ms. */
export function writeHead(output: RdbOutput, version: number, now: number, options: SnapshotOptions): void {
  const { aux = [], functions = [], isBase = false } = options
  output.bytes(MAGIC + `${version}`.padStart(4, '0'))
  const facts = [
    ['redis-ver', REDIS_VERSION],
    ['redis-bits', '64'],
    ['ctime', `${Math.floor(now / 1000)}`],
    ...aux,
    ['aof-base', isBase ? '1' : '0'],
  ]
  for (const [name, value] of facts) {
    output.byte(Opcode.Aux)
    output.string(name)
    output.string(value)
  }
  writeFunctions(output, functions)
}

/** The keys that follow are in this database. With its size, for the reader to make room, where that was not told yet. */
export function writeSelect(output: RdbOutput, { index, size, volatileSize }: DbWalk, withSize: boolean): void {
  output.byte(Opcode.SelectDb)
  output.count(index)
  if (!withSize) return
  output.byte(Opcode.ResizeDb)
  output.count(size)
  output.count(volatileSize)
}

/**
 * What stands before a key and the form of its value: its time in unix ms, or NO_EXPIRY, and its access word (see Db). `seconds`: unix
 * seconds from which its idle time counts.
 */
export function writeKeyHead(
  output: RdbOutput,
  expireAt: number,
  access: number,
  kind: AccessKind | undefined,
  seconds: number,
  clock: LfuClock,
): void {
  if (expireAt !== NO_EXPIRY) {
    output.byte(Opcode.ExpireMs)
    output.int64(expireAt)
  }
  if (kind === 'idle') {
    output.byte(Opcode.Idle)
    output.count(accessFact(access, kind, seconds, clock))
  } else if (kind === 'frequency') {
    output.byte(Opcode.Frequency)
    output.byte(accessFact(access, kind, seconds, clock))
  }
}

/** What a snapshot tells of an access word: seconds until now, or the counter of LFU. */
export function accessFact(access: number, kind: AccessKind | undefined, seconds: number, clock: LfuClock): number {
  if (kind === 'idle') return Math.max(0, seconds - access)
  return kind === 'frequency' ? decayedFrequency(access, clock) : 0
}

/** What stands behind the keys, before the checksum of all. */
export function writeEnd(output: RdbOutput): void {
  output.byte(Opcode.End)
}

/** Libraries of functions, in a snapshot and in what FUNCTION DUMP gives. */
export function writeFunctions(output: RdbOutput, functions: readonly Bytes[]): void {
  for (const code of functions) {
    output.byte(Opcode.Function)
    output.string(code)
  }
}
