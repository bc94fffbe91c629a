/**
 * What a snapshot holds and whether all of it can be read, without a store: key by key, so that a file of any size can be
 * looked at. It is read as a server reads it, checksum included.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits } from '../../keyspace/value.ts'
import { Malformed } from '../format/input.ts'
import type { SnapshotEntry, SnapshotTaker } from '../snapshot/taker.ts'
import type { FileSource } from './files.ts'
import { takeSnapshot } from './filesteps.ts'

export class SnapshotCheck implements SnapshotTaker {
  readonly facts = new Map<Bytes, Bytes>()
  /** Keys of each type, and all of them. */
  readonly types = new Map<string, number>()
  keys = 0
  /** Those with a time, and those of them whose time is past. */
  volatileKeys = 0
  expiredKeys = 0
  /** Those that a server leaves out, as they hold nothing. */
  emptyKeys = 0
  libraries = 0
  /** The key that was read last, and its database. */
  lastKey: { readonly db: number; readonly key: Bytes } | undefined
  /** What the snapshot takes in its file, if all of it is whole. Unit: bytes. */
  length = 0
  /** What is wrong with it. */
  fault: string | undefined
  readonly #now: number

  /** Reads one. `now` in unix ms. @throws the system's error */
  constructor(source: FileSource, limits: EncodingLimits, now: number) {
    this.#now = now
    try {
      const steps = takeSnapshot(source, limits, this)
      let step = steps.next()
      while (!step.done) step = steps.next()
      this.length = step.value
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.fault = error.message
    }
  }

  fact(name: Bytes, value: Bytes): void {
    this.facts.set(name, value)
  }

  expect(): void {}

  library(): void {
    this.libraries++
  }

  empty(): void {
    this.emptyKeys++
  }

  entry({ db, key, value, expireAt }: SnapshotEntry): void {
    const type = typeof value === 'object' ? value.type : 'string'
    this.types.set(type, (this.types.get(type) ?? 0) + 1)
    this.keys++
    if (expireAt >= 0) this.volatileKeys++
    if (expireAt >= 0 && expireAt <= this.#now) this.expiredKeys++
    this.lastKey = { db, key }
  }
}
