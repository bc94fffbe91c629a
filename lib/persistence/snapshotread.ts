/**
 * Snapshots that are read: see snapshot.ts. What is not understood, and what is not as its checksum says, is an error.
 */
import type { Bytes } from '../base/bytes.ts'
import { NO_EXPIRY } from '../keyspace/db.ts'
import type { EncodingLimits, Value } from '../keyspace/value.ts'
import { RdbInput, type Source } from './input.ts'
import { readValue } from './rdbread.ts'
import { Opcode, RDB_VERSION } from './rdbtypes.ts'
import { MAGIC } from './snapshot.ts'

export const CHECKSUM_BYTES = 8
/** Since this version there is a checksum at the end. */
export const FIRST_WITH_CHECKSUM = 5

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
  /** What it takes in its file. Unit: bytes. */
  readonly length: number
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
        return { entries, functions, length: input.offset }
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
