/** Whoever is told what a snapshot holds, as it is read. */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { Value } from '../../keyspace/value.ts'

/** What a snapshot tells of a key beside its name and value. */
export interface KeyFacts {
  readonly db: number
  /** Unix ms, or NO_EXPIRY. */
  readonly expireAt: number
  /** Seconds without access, or -1. */
  readonly idle: number
  /** LFU counter, or -1. */
  readonly frequency: number
}

/** One key of a snapshot. */
export interface SnapshotEntry extends KeyFacts {
  readonly key: Bytes
  readonly value: Value
}

/** What a snapshot says, in its order. Whatever they throw ends the reading. */
export interface SnapshotTaker {
  fact(name: Bytes, value: Bytes): void
  /** So many keys of a database follow, some of which have an expiry; or others, as it is nothing but a hint. */
  expect(db: number, keys: number, volatileKeys: number): void
  /** The text of a library of functions. */
  library(code: Bytes): void
  /** A key that is left out, as its collection has no elements. */
  empty(key: Bytes): void
  entry(entry: SnapshotEntry): void
  /**
   * A key and a string that are short, by their places 0 and 1, to be taken at once; who has no use for places is given text. Before, some
   * are told together, each second of the places a key.
   */
  placed?(p: Places, facts: KeyFacts): void
  ahead?(db: number, p: Places, count: number): void
}
