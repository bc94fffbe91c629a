/**
 * A snapshot that comes in pieces, from a peer, a file or a walk, and is read as it comes: the one reader of whole snapshots.
 * It works for as long as the caller has time. Where the bytes end in the midst of a key or of a value, reading goes on from the
 * last element that was all there (values/readers.ts); of the few forms that have no such elements, it begins anew when twice as
 * many bytes are there, so all is read in linear time. No more is held than what is not read yet; lengths that somebody
 * announces reserve nothing.
 */
import type { Bytes } from '../../base/bytes.ts'
import { monotonic } from '../../base/runtime.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import type { EncodingLimits, Value } from '../../keyspace/value.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import { Crc64 } from '../format/crc64.ts'
import { EmptyCollection, Malformed, type RdbInput } from '../format/input.ts'
import { PartialInput, Shortage } from '../format/partialinput.ts'
import { Opcode, RDB_VERSION, RdbType } from '../format/types.ts'
import { EXPECTED_MAX, type ValueReader } from '../values/countedreader.ts'
import { readAtOnce } from '../values/read.ts'
import { readerFor } from '../values/readers.ts'
import { PlacedBatch } from './placedbatch.ts'
import { MAGIC } from './snapshot.ts'
import type { SnapshotTaker } from './taker.ts'

/** `more`: bytes are needed. `later`: time was up. `end`: all was read. */
export type Progress = 'more' | 'later' | 'end'

export interface ArrivalOptions {
  /** Bytes of the snapshot, or of all that comes, where that is known. */
  readonly length?: number
  /** Something else may stand behind the snapshot. */
  readonly mayBeFollowed?: boolean
}

const HEADER_BYTES = 9
const CHECKSUM_BYTES = 8
/** Since this version there is a checksum at the end. */
const FIRST_WITH_CHECKSUM = 5
/** A key takes more. */
const KEY_BYTES = 4
/** Bytes between two looks at the time. */
const BYTES_PER_LOOK = 16 * 1024
/** What an array for an input is longer. An input of so many bytes is not copied to be read, and its array not kept. */
const ROOM_BYTES = 64 * 1024
const KEPT_BYTES = 4 * 2 ** 20

export class SnapshotArrival {
  readonly #limits: EncodingLimits
  readonly #taker: SnapshotTaker
  readonly #mayBeFollowed: boolean
  readonly #crc = new Crc64()
  /** Bytes that are not here yet; `Infinity` where nobody knows how many there are. */
  #ahead: number
  #input = new PartialInput(new Uint8Array(0), 0)
  /** Offset in the input of what the checksum has not seen. */
  #summedTo = 0
  #pieces: Uint8Array[] = []
  #waitingBytes = 0
  /** Bytes from the input's mark on without which it is not worth to try. */
  #needs = HEADER_BYTES
  #version = 0
  /** Of the key that comes. */
  readonly #facts = { db: 0, expireAt: NO_EXPIRY, idle: -1, frequency: -1 }
  /** Of our own, for inputs. */
  #window = new Uint8Array(0)
  /** Undefined for who has no use for places. */
  readonly #batch: PlacedBatch | undefined
  /** The key whose value is being read. */
  #key: Bytes = ''
  #reader: ValueReader | undefined
  #hasEnded = false

  constructor(limits: EncodingLimits, taker: SnapshotTaker, options: ArrivalOptions = {}) {
    const { length = Infinity, mayBeFollowed = false } = options
    this.#limits = limits
    this.#taker = taker
    if (taker.placed !== undefined) this.#batch = new PlacedBatch(taker)
    this.#ahead = length
    this.#mayBeFollowed = mayBeFollowed
  }

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.#input.end - this.#input.mark + this.#waitingBytes
  }

  /** Bytes that were read: all of the snapshot, at its end. */
  get readBytes(): number {
    return this.#input.before + this.#input.mark
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
    for (;;) {
      if (this.#hasEnded) return this.#checkRest()
      if (this.heldBytes < this.#needs && this.#ahead > 0) return 'more'
      if (this.#input.end - this.#input.mark < this.#needs) this.#join()
      const progress = this.#readItems(endsAt)
      if (progress !== undefined) return progress
    }
  }

  /** Reads all of a snapshot whose pieces are at hand. @throws Malformed, and what the taker throws */
  readAll(pieces: Iterable<Uint8Array>): void {
    for (const piece of pieces) {
      this.feed(piece)
      if (this.read(Infinity) === 'end' && this.#mayBeFollowed) return
    }
    this.finish()
  }

  /** Nothing more will come: reads the rest. @throws Malformed */
  finish(): void {
    this.close()
    if (this.read(Infinity) !== 'end') throw new Malformed('unexpected end')
  }

  #checkRest(): 'end' {
    if (this.#mayBeFollowed) return 'end'
    if (this.heldBytes > 0 || (this.#ahead !== 0 && this.#ahead !== Infinity))
      throw new Malformed('bytes behind the end')
    return 'end'
  }

  /** Makes one array of all that is here, with room behind it unless that is one large piece. */
  #join(): void {
    const { array, mark, end, before } = this.#input
    this.#crc.add(array, this.#summedTo, mark)
    this.#summedTo = 0
    const rest = end - mark
    const length = rest + this.#waitingBytes
    let joined = this.#pieces[0]
    if (this.#pieces.length !== 1 || rest > 0 || length < KEPT_BYTES) {
      joined = this.#roomFor(length)
      joined.set(array.subarray(mark, end))
      let at = rest
      for (const piece of this.#pieces) {
        joined.set(piece, at)
        at += piece.length
      }
    }
    this.#input = new PartialInput(joined, before + mark, length)
    this.#batch?.use(joined, length)
    this.#pieces = []
    this.#waitingBytes = 0
  }

  /** An array of our own for so many bytes, which may be the one before. */
  #roomFor(length: number): Uint8Array {
    const kept = this.#window
    if (length + ROOM_BYTES / 2 <= kept.length) return kept
    const array = new Uint8Array(length + ROOM_BYTES)
    if (length < KEPT_BYTES) this.#window = array
    return array
  }

  /** Reads what is here of the input. Undefined where there is more to do at once. */
  #readItems(endsAt: number): Progress | undefined {
    const input = this.#input
    input.ahead = this.#ahead + this.#waitingBytes
    this.#needs = 1
    let lookAt = input.at + BYTES_PER_LOOK
    try {
      while (!this.#hasEnded) {
        this.#readItem(input)
        input.settle()
        if (input.at < lookAt) continue
        if (monotonic() >= endsAt) {
          this.#batch?.handOver()
          return 'later'
        }
        lookAt = input.at + BYTES_PER_LOOK
      }
      return undefined
    } catch (error) {
      if (error instanceof EmptyCollection) {
        this.#leaveOut(input)
        return monotonic() >= endsAt ? 'later' : undefined
      }
      if (!(error instanceof Shortage)) throw error
      this.#batch?.handOver()
      input.at = input.mark
      const here = input.end - input.mark
      // Of what is known to be the last there is no double.
      this.#needs = Math.max(error.bytes, Math.min(2 * here, here + input.ahead))
      return this.#waitingBytes === 0 ? 'more' : undefined
    }
  }

  /** Reads some elements of a value, or an opcode with what belongs to it. */
  #readItem(input: RdbInput): void {
    if (this.#reader !== undefined) {
      if (!this.#reader.read(input)) return
      const value = this.#reader.finish()
      this.#reader = undefined
      this.#take(value)
    } else if (this.#version === 0) this.#readHeader(input)
    else this.#readNext(input)
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
        this.#facts.expireAt = input.int32() * 1000
        break
      case Opcode.ExpireMs:
        this.#facts.expireAt = input.time()
        break
      case Opcode.Idle:
        this.#facts.idle = Number(input.integer())
        break
      case Opcode.Frequency:
        this.#facts.frequency = input.byte()
        break
      case Opcode.SelectDb:
        this.#batch?.handOver()
        this.#facts.db = Number(input.integer())
        break
      case Opcode.ResizeDb:
        this.#expect(input, input.integer(), input.integer())
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

  /** No more room is made than for keys that can be there, of some bytes each. */
  #expect(input: RdbInput, keys: U64, volatileKeys: U64): void {
    const most = Math.min(input.left / KEY_BYTES, EXPECTED_MAX)
    this.#taker.expect(this.#facts.db, Math.min(Number(keys), most), Math.min(Number(volatileKeys), most))
  }

  #readKey(input: RdbInput, type: number): void {
    if (type === RdbType.String && this.#batch?.read(input, this.#facts)) {
      this.#forgetKey()
      return
    }
    this.#batch?.handOver()
    this.#key = input.string()
    const reader = readerFor(type, this.#limits)
    const value = reader === undefined ? readAtOnce(input, type, this.#limits) : undefined
    if (value === undefined) this.#reader = reader
    else this.#take(value)
  }

  /** The value of the key is whole. */
  #take(value: Value): void {
    const { db, expireAt, idle, frequency } = this.#facts
    this.#taker.entry({ db, key: this.#key, value, expireAt, idle, frequency })
    this.#forgetKey()
  }

  /** What was read of the value of the key is all of it, and nothing. */
  #leaveOut(input: RdbInput): void {
    input.settle()
    this.#reader = undefined
    this.#taker.empty(this.#key)
    this.#forgetKey()
  }

  #forgetKey(): void {
    const facts = this.#facts
    facts.expireAt = NO_EXPIRY
    facts.idle = facts.frequency = -1
  }

  /** A checksum of zeros says that there is none. */
  #readEnd(input: RdbInput): void {
    this.#batch?.handOver()
    if (this.#version >= FIRST_WITH_CHECKSUM) {
      const { at } = input
      const claimed = input.raw(CHECKSUM_BYTES)
      this.#crc.add(input.array, this.#summedTo, at)
      const { sum } = this.#crc
      const isAbsent = claimed.every((byte) => byte === 0)
      input.check(isAbsent || claimed.every((byte, i) => byte === sum[i]), 'wrong checksum (CRC error)')
    }
    this.#hasEnded = true
  }
}

/** What a module kept for itself: its id, then values behind their kinds, up to kind 0. */
function skipModule(input: RdbInput): void {
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
