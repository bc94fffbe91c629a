/**
 * Keys that lie in records (keyspace/table/record.ts), gathered to be written to a snapshot together: their words are copied as they
 * are, in some 20 ns, and a kernel turns all into the format of snapshots at once. So who is about to change a key that a walk has
 * not come to waits for a copy, not for the writing.
 */
import { Form, HAS_TIME } from '../../keyspace/table/record.ts'
import type { Table } from '../../keyspace/table/table.ts'
import type { At } from '../../memory/arena.ts'
import { scratch } from '../../memory/scratch.ts'
import { HAS_FREQUENCY, HAS_IDLE } from '../../memory/twin/records.ts'
import type { Output } from '../format/output.ts'
import { RDB_VERSION_7_0 } from '../format/types.ts'
import type { AccessKind } from './snapshot.ts'

const WORDS = 2 ** 14
/** What one key takes at the most: its own words, and a key and a value of 1 KB. */
const KEY_WORDS = 520
/** No key is written in more than so many times its bytes here. */
const GROWTH = 2
const TWO_TO_32 = 2 ** 32

const ACCESS: Readonly<Record<AccessKind, number>> = { idle: HAS_IDLE, frequency: HAS_FREQUENCY, none: 0 }

export class RecordBatch {
  readonly #words = new Int32Array(WORDS)
  readonly #bytes = new Uint8Array(this.#words.buffer)
  /** Where what was written stands while the output takes it; who takes a piece of that takes its checksum where kernels work. */
  readonly #written = new Uint8Array(4 * WORDS * GROWTH)
  readonly #access: number
  readonly #takesSets: boolean
  readonly #compresses: boolean
  #used = 0

  constructor(version: number, access: AccessKind, compresses: boolean) {
    this.#access = ACCESS[access]
    this.#takesSets = version > RDB_VERSION_7_0
    this.#compresses = compresses
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  /** True if it may have no room for another key. */
  get isFull(): boolean {
    return this.#used > WORDS - KEY_WORDS
  }

  /** Whether it can have the key at an address. What Redis 7.0 cannot read must be written otherwise. */
  takes(table: Table, at: At): boolean {
    return at > 0 && (this.#takesSets || table.formOf(at) !== Form.Set)
  }

  /** Adds a key. `access`: seconds since the last one, or the counter of LFU. Returns its bytes here. */
  add(table: Table, at: At, access: number): number {
    const words = this.#words
    const start = this.#used
    const time = table.timeOf(at)
    let to = start + 2
    let shape = (table.shapeOf(at) & ~HAS_TIME) | this.#access
    if (time >= 0) {
      shape |= HAS_TIME
      words[to] = time
      words[to + 1] = time / TWO_TO_32
      to += 2
    }
    if (this.#access !== 0) words[to++] = access
    words[start] = shape
    words[start + 1] = table.lengthOf(at)
    this.#used = table.copyContent(at, words, to)
    return 4 * (this.#used - start)
  }

  /** Writes all of them, and is empty. */
  writeTo(output: Output): void {
    const length = 4 * this.#used
    const { kernels, base, u8 } = scratch((1 + GROWTH) * length)
    u8.set(this.#bytes.subarray(0, length), base)
    const into = base + length
    const written = kernels.writeRecords(base, this.#used, into, this.#compresses ? 1 : 0)
    this.#used = 0
    this.#written.set(u8.subarray(into, into + written))
    output.raw(this.#written.subarray(0, written))
  }
}
