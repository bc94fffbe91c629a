/**
 * A snapshot that comes in pieces, from a peer or from a file, and is read as it comes: a piece of work for as long as the
 * caller has time, and nothing for what is not all there. Where the bytes end in the midst of a key, its reading begins anew
 * when twice as many are there, so a large value is read in linear time. Bytes are held of what is not read yet, never
 * more than of one value; lengths that somebody announces reserve nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import { monotonic } from '../base/runtime.ts'
import { NO_EXPIRY } from '../keyspace/db.ts'
import type { EncodingLimits } from '../keyspace/value.ts'
import { Crc64 } from './crc64.ts'
import { Malformed, RdbInput } from './input.ts'
import { readValue } from './rdbread.ts'
import { Opcode, RDB_VERSION } from './rdbtypes.ts'
import { MAGIC } from './snapshot.ts'
import { CHECKSUM_BYTES, FIRST_WITH_CHECKSUM, type SnapshotEntry, skipModule } from './snapshotread.ts'

/** What a snapshot says, in its order. Whatever they throw ends the reading. */
export interface SnapshotTaker {
  fact(name: Bytes, value: Bytes): void
  /** The text of a library of functions. */
  library(code: Bytes): void
  entry(entry: SnapshotEntry): void
}

/** `more`: bytes are needed. `later`: time was up. `end`: all was read. */
export type Progress = 'more' | 'later' | 'end'

const HEADER_BYTES = 9
/** Bytes between two looks at the time; and what is read before one is worth it. */
const BYTES_PER_LOOK = 16 * 1024

/** So many bytes from where the reading began are needed, and are not here. */
class Shortage extends Error {
  readonly bytes: number
  constructor(bytes: number) {
    super()
    this.bytes = bytes
  }
}

/** An input behind whose end there is more, for all that is known. */
class PartialInput extends RdbInput {
  #start = 0
  /** Bytes that are still to come; Infinity where nobody knows. */
  #ahead = 0

  /** The next reading begins here. */
  begin(start: number, ahead: number): void {
    this.at = this.#start = start
    this.#ahead = ahead
  }

  override get left(): number {
    return this.end - this.at + this.#ahead
  }

  protected override fetch(length: number): void {
    this.check(length <= this.left, 'unexpected end')
    throw new Shortage(this.at - this.#start + length)
  }
}

export class SnapshotArrival {
  readonly #limits: EncodingLimits
  readonly #taker: SnapshotTaker
  readonly #mayBeFollowed: boolean
  readonly #crc = new Crc64()
  /** Bytes that were read. */
  readBytes = 0
  /** Bytes that are not here yet; `Infinity` where nobody knows how many there are. */
  #ahead: number
  #array: Uint8Array = new Uint8Array(0)
  /** Reads from that array. */
  #input = new PartialInput(this.#array)
  #at = 0
  #pieces: Uint8Array[] = []
  #waitingBytes = 0
  /** Bytes from `#at` on without which it is not worth to try. */
  #needs = HEADER_BYTES
  #version = 0
  #db = 0
  #expireAt = NO_EXPIRY
  #idle = -1
  #frequency = -1
  #hasEnded = false

  /** `length` in bytes, where it is known. `mayBeFollowed`: something else may stand behind it. */
  constructor(limits: EncodingLimits, taker: SnapshotTaker, length = Infinity, mayBeFollowed = false) {
    this.#limits = limits
    this.#taker = taker
    this.#ahead = length
    this.#mayBeFollowed = mayBeFollowed
  }

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.#array.length - this.#at + this.#waitingBytes
  }

  /** Takes the next piece, which must not be changed afterwards. */
  feed(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#waitingBytes += piece.length
    this.#ahead -= piece.length
  }

  /** No further piece will come. */
  close(): void {
    this.#ahead = 0
  }

  /** Reads until a time by `monotonic`. @throws Malformed, and what the taker throws */
  read(endsAt: number): Progress {
    let lookAt = 0
    for (;;) {
      if (this.#hasEnded) return this.#checkRest()
      if (this.heldBytes < this.#needs && this.#ahead > 0) return 'more'
      if (this.#waitingBytes > 0 && this.#array.length - this.#at < this.#needs) this.#join()
      const before = this.#at
      if (!this.#readItem() && this.#waitingBytes === 0) return 'more'
      lookAt += this.#at - before
      if (lookAt < BYTES_PER_LOOK) continue
      lookAt = 0
      if (monotonic() >= endsAt) return 'later'
    }
  }

  #checkRest(): 'end' {
    if (this.#mayBeFollowed) return 'end'
    if (this.heldBytes > 0 || (this.#ahead !== 0 && this.#ahead !== Infinity))
      throw new Malformed('bytes behind the end')
    return 'end'
  }

  /** Makes one array of all that is here. What was read before stays as it is, for whoever has parts of it. */
  #join(): void {
    const rest = this.#array.subarray(this.#at)
    if (rest.length === 0 && this.#pieces.length === 1) this.#array = this.#pieces[0]
    else {
      const array = new Uint8Array(rest.length + this.#waitingBytes)
      array.set(rest)
      let at = rest.length
      for (const piece of this.#pieces) {
        array.set(piece, at)
        at += piece.length
      }
      this.#array = array
    }
    this.#at = 0
    this.#pieces = []
    this.#waitingBytes = 0
  }

  /** Reads an opcode with what belongs to it, or a key. False if it is not all there. */
  #readItem(): boolean {
    const ahead = this.#ahead + this.#waitingBytes
    if (this.#input.array !== this.#array) this.#input = new PartialInput(this.#array)
    const input = this.#input
    input.begin(this.#at, ahead)
    try {
      if (this.#version === 0) this.#readHeader(input)
      else this.#readNext(input)
    } catch (error) {
      if (!(error instanceof Shortage)) throw error
      this.#needs = Math.max(error.bytes, 2 * (this.#array.length - this.#at))
      // Of what is known to be the last there is no double.
      this.#needs = Math.max(error.bytes, Math.min(this.#needs, this.#array.length - this.#at + ahead))
      return false
    }
    if (!this.#hasEnded) this.#crc.add(this.#array, this.#at, input.at)
    this.readBytes += input.at - this.#at
    this.#at = input.at
    this.#needs = 1
    return true
  }

  #readHeader(input: RdbInput): void {
    input.check(input.bytes(MAGIC.length) === MAGIC, 'not a snapshot')
    const version = Number(input.bytes(4))
    input.check(version >= 1 && version <= RDB_VERSION, 'a snapshot of an unknown version')
    this.#version = version
  }

  #readNext(input: RdbInput): void {
    const type = input.byte()
    switch (type) {
      case Opcode.ExpireSeconds:
        this.#expireAt = input.int32() * 1000
        break
      case Opcode.ExpireMs:
        this.#expireAt = input.time()
        break
      case Opcode.Idle:
        this.#idle = Number(input.integer())
        break
      case Opcode.Frequency:
        this.#frequency = input.byte()
        break
      case Opcode.SelectDb:
        this.#db = Number(input.integer())
        break
      case Opcode.ResizeDb:
        input.integer()
        input.integer()
        break
      case Opcode.SlotInfo:
        for (let i = 0; i < 3; i++) input.integer()
        break
      case Opcode.Aux: {
        const name = input.string()
        this.#taker.fact(name, input.string())
        break
      }
      case Opcode.Function:
        this.#taker.library(input.string())
        break
      case Opcode.ModuleAux:
        skipModule(input)
        break
      case Opcode.End:
        this.#readEnd(input)
        break
      default:
        this.#readKey(input, type)
    }
  }

  #readKey(input: RdbInput, type: number): void {
    const key = input.string()
    const value = readValue(input, type, this.#limits)
    this.#taker.entry({
      db: this.#db,
      key,
      value,
      expireAt: this.#expireAt,
      idle: this.#idle,
      frequency: this.#frequency,
    })
    this.#expireAt = NO_EXPIRY
    this.#idle = this.#frequency = -1
  }

  /** A checksum of zeros says that there is none. */
  #readEnd(input: RdbInput): void {
    if (this.#version >= FIRST_WITH_CHECKSUM) {
      const claimed = input.raw(CHECKSUM_BYTES)
      this.#crc.add(this.#array, this.#at, this.#at + 1)
      const { sum } = this.#crc
      const isAbsent = claimed.every((byte) => byte === 0)
      input.check(isAbsent || claimed.every((byte, i) => byte === sum[i]), 'wrong checksum (CRC error)')
    }
    this.#hasEnded = true
  }
}
