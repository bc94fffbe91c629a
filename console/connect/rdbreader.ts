/**
 * A snapshot of Redis (RDB), cut into its keys, whose values are left as they are: what RESTORE takes of a value is what a snapshot holds of
 * it, with a footer. So nothing is understood of a value but where it ends. The format: rdb.h and rdb.c of Redis 7.4.
 */
import { type Bytes, fromArray } from '../wire/bytes.ts'
import { crc64 } from './crc64.ts'

export interface SnapshotKey {
  readonly db: number
  readonly key: Bytes
  /** Unix ms; -1 without an end. */
  readonly endsAt: number
  /** For RESTORE. */
  readonly dump: Bytes
}

export interface Snapshot {
  readonly keys: readonly SnapshotKey[]
  /** Texts of libraries of functions. */
  readonly libraries: readonly Bytes[]
}

export class BrokenSnapshot extends Error {}

const Opcode = {
  SlotInfo: 0xf4,
  Function: 0xf5,
  ModuleAux: 0xf7,
  Idle: 0xf8,
  Freq: 0xf9,
  Aux: 0xfa,
  ResizeDb: 0xfb,
  ExpiresAtMs: 0xfc,
  ExpiresAt: 0xfd,
  SelectDb: 0xfe,
  End: 0xff,
} as const

/** @throws BrokenSnapshot, also for a value of a type that is not known here */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  const reader = new RdbReader(bytes)
  const version = reader.header()
  const keys: SnapshotKey[] = []
  const libraries: Bytes[] = []
  let [db, endsAt] = [0, -1]
  for (;;) {
    const kind = reader.byte()
    switch (kind) {
      case Opcode.End:
        return { keys, libraries }
      case Opcode.SelectDb:
        db = reader.length()
        break
      case Opcode.ExpiresAtMs:
        endsAt = reader.integer(8)
        break
      case Opcode.ExpiresAt:
        endsAt = reader.integer(4) * 1000
        break
      case Opcode.Function:
        libraries.push(reader.string())
        break
      case Opcode.Aux:
        reader.skipStrings(2)
        break
      case Opcode.ResizeDb:
        reader.skipLengths(2)
        break
      case Opcode.SlotInfo:
        reader.skipLengths(3)
        break
      case Opcode.ModuleAux:
        reader.skipModule()
        break
      case Opcode.Idle:
        reader.length()
        break
      case Opcode.Freq:
        reader.byte()
        break
      default: {
        const key = reader.string()
        keys.push({ db, key, endsAt, dump: dumpOf(kind, reader.value(kind), version) })
        endsAt = -1
      }
    }
  }
}

function dumpOf(type: number, value: Uint8Array, version: number): Bytes {
  const body = new Uint8Array(value.length + 3)
  body[0] = type
  body.set(value, 1)
  body[body.length - 2] = version & 255
  body[body.length - 1] = version >> 8
  return fromArray(body) + crc64(body)
}

/** How the values of each type are made up: of single strings, or of a count and parts. */
const SINGLE = new Set([0, 9, 10, 11, 12, 13, 16, 17, 20])
const SKIPS: Readonly<Record<number, (reader: RdbReader) => void>> = {
  1: (reader) => reader.each(() => reader.skipStrings(1)),
  2: (reader) => reader.each(() => reader.skipStrings(1)),
  3: (reader) =>
    reader.each(() => {
      reader.skipStrings(1)
      reader.skipScore()
    }),
  4: (reader) => reader.each(() => reader.skipStrings(2)),
  5: (reader) =>
    reader.each(() => {
      reader.skipStrings(1)
      reader.skip(8)
    }),
  7: (reader) => reader.skipModule(),
  14: (reader) => reader.each(() => reader.skipStrings(1)),
  15: (reader) => reader.skipStream(1),
  18: (reader) =>
    reader.each(() => {
      reader.length()
      reader.skipStrings(1)
    }),
  19: (reader) => reader.skipStream(2),
  21: (reader) => reader.skipStream(3),
  24: (reader) => {
    reader.skip(8)
    reader.each(() => {
      reader.length()
      reader.skipStrings(2)
    })
  },
  25: (reader) => {
    reader.skip(8)
    reader.skipStrings(1)
  },
}

const MODULE_VALUES: Readonly<Record<number, (reader: RdbReader) => void>> = {
  1: (reader) => reader.skipLengths(1),
  2: (reader) => reader.skipLengths(1),
  3: (reader) => reader.skip(4),
  4: (reader) => reader.skip(8),
  5: (reader) => reader.skipStrings(1),
}

class RdbReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The version of the file. */
  header(): number {
    const match = /^REDIS(\d{4})$/.exec(fromArray(this.#bytes.subarray(0, 9)))
    if (match === null) throw new BrokenSnapshot('This is no snapshot of Redis.')
    this.#at = 9
    return Number(match[1])
  }

  byte(): number {
    this.#need(1)
    return this.#bytes[this.#at++]
  }

  skip(count: number): void {
    this.#need(count)
    this.#at += count
  }

  /** Little-endian. */
  integer(size: number): number {
    this.#need(size)
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#bytes[this.#at + i]
    this.#at += size
    return value
  }

  length(): number {
    const first = this.byte()
    if (first >> 6 === 0) return first
    if (first >> 6 === 1) return (first & 63) * 256 + this.byte()
    if (first === 0x80) return this.#bigEndian(4)
    if (first === 0x81) return this.#bigEndian(8)
    throw new BrokenSnapshot('The snapshot is broken: where a length is to be, there is none.')
  }

  /** A name, or the text of a library. */
  string(): Bytes {
    const start = this.#at
    const first = this.byte()
    if (first >> 6 !== 3) {
      this.#at = start
      const length = this.length()
      this.skip(length)
      return fromArray(this.#bytes.subarray(this.#at - length, this.#at))
    }
    const kind = first & 63
    if (kind > 2) return this.#unpacked()
    const bits = 8 << kind
    const value = this.integer(bits / 8)
    return String(value >= 2 ** (bits - 1) ? value - 2 ** bits : value)
  }

  skipStrings(count: number): void {
    for (let i = 0; i < count; i++) {
      const start = this.#at
      const first = this.byte()
      if (first >> 6 !== 3) {
        this.#at = start
        this.skip(this.length())
      } else if ((first & 63) <= 2) this.skip(1 << (first & 63))
      else {
        const packed = this.length()
        this.length()
        this.skip(packed)
      }
    }
  }

  skipLengths(count: number): void {
    for (let i = 0; i < count; i++) this.length()
  }

  each(part: () => void): void {
    for (let left = this.length(); left > 0; left--) part()
  }

  /** A score as text: its length in a byte, of which three stand for no number and the infinities. */
  skipScore(): void {
    const length = this.byte()
    if (length < 253) this.skip(length)
  }

  skipModule(): void {
    this.length()
    for (let kind = this.length(); kind !== 0; kind = this.length()) {
      const skip = MODULE_VALUES[kind]
      if (skip === undefined) throw new BrokenSnapshot('The snapshot is broken in a value of a module.')
      skip(this)
    }
  }

  /** `format`: the first, the second and the third form of a stream. */
  skipStream(format: 1 | 2 | 3): void {
    this.each(() => this.skipStrings(2))
    this.skipLengths(format === 1 ? 3 : 8)
    this.each(() => {
      this.skipStrings(1)
      this.skipLengths(format === 1 ? 2 : 3)
      this.each(() => {
        this.skip(24)
        this.length()
      })
      this.each(() => {
        this.skipStrings(1)
        this.skip(format === 3 ? 16 : 8)
        this.each(() => this.skip(16))
      })
    })
  }

  /** The bytes of a value of this type. */
  value(type: number): Uint8Array {
    const start = this.#at
    if (SINGLE.has(type)) this.skipStrings(1)
    else if (SKIPS[type] !== undefined) SKIPS[type](this)
    else throw new BrokenSnapshot(`The snapshot holds a value of the type ${type}, which is not known here.`)
    return this.#bytes.subarray(start, this.#at)
  }

  /** LZF: runs of bytes as they are, and copies of what came before. */
  #unpacked(): Bytes {
    const end = this.length()
    const length = this.length()
    const out = new Uint8Array(Math.min(length, UNPACKED_MAX))
    this.#need(end)
    const stop = this.#at + end
    let to = 0
    while (this.#at < stop) {
      const control = this.byte()
      if (control < 32) {
        for (let i = 0; i <= control; i++) out[to++] = this.byte()
        continue
      }
      const count = (control >> 5 === 7 ? 7 + this.byte() : control >> 5) + 2
      let from = to - ((control & 31) << 8) - this.byte() - 1
      for (let i = 0; i < count; i++) out[to++] = out[from++]
    }
    return fromArray(out)
  }

  #bigEndian(size: number): number {
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + this.byte()
    return value
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new BrokenSnapshot('The snapshot is broken off.')
  }
}

/** What a name or a library may be unpacked to. */
const UNPACKED_MAX = 64 * 1024 * 1024
