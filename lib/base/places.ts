/**
 * The arguments of commands by their places in the buffer that they were read into, in which RESP is written in the plainest
 * way: no string is made of one until somebody asks for it. Those of several commands stand one behind the other; `first` and
 * `count` say which command is looked at. Places die with the read: what waits must take text.
 */
import { type Bytes, sliceOf } from './bytes.ts'

/** Arguments that are noted together. */
export const PLACES_MAX = 512

const NOTHING = new Uint8Array(0)

export class Places {
  bytes: Uint8Array = NOTHING
  view: DataView = new DataView(NOTHING.buffer)
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Of those that are keys: their hashes. */
  readonly hashes: Int32Array
  /** Index of the command's name. */
  first = 0
  /** The command's arguments, with its name. */
  count = 0

  constructor(max = PLACES_MAX) {
    this.starts = new Int32Array(max)
    this.ends = new Int32Array(max)
    this.hashes = new Int32Array(max)
  }

  /** The places are in this buffer from now on. */
  use(bytes: Uint8Array): void {
    if (bytes === this.bytes) return
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Where an argument of the command begins, and its end. */
  start(index: number): number {
    return this.starts[this.first + index]
  }

  end(index: number): number {
    return this.ends[this.first + index]
  }

  length(index: number): number {
    return this.ends[this.first + index] - this.starts[this.first + index]
  }

  /** The hash of an argument that is a key. */
  hash(index: number): number {
    return this.hashes[this.first + index]
  }

  text(index: number): Bytes {
    return sliceOf(this.bytes, this.starts[this.first + index], this.ends[this.first + index])
  }

  /** Where the command begins, in RESP, with its number of arguments; it ends two bytes behind the last of them. */
  get commandStart(): number {
    const { first } = this
    return this.starts[first] - HEADS_BYTES - digits(this.count) - digits(this.ends[first] - this.starts[first])
  }

  get commandEnd(): number {
    return this.ends[this.first + this.count - 1] + LINE_END_BYTES
  }

  /**
   * Whether the command is RESP as others read it: a reader passes over the two bytes that end an argument, and over the second
   * one that ends a line, whatever they are. The words of an inline command stand behind spaces.
   */
  get isPlain(): boolean {
    const { bytes, starts, ends, first, count } = this
    if (bytes[this.commandStart + digits(count) + LINE_END_BYTES] !== LF) return false
    for (let i = first; i < first + count; i++) {
      if (bytes[starts[i] - 1] !== LF || bytes[ends[i]] !== CR || bytes[ends[i] + 1] !== LF) return false
    }
    return true
  }

  /** The command as others take it; those before `from`, of which nobody asks, are left empty. */
  argv(from = 0): Bytes[] {
    const argv = new Array<Bytes>(this.count)
    for (let i = 0; i < argv.length; i++) argv[i] = i < from ? '' : this.text(i)
    return argv
  }

  /** The argument as a number if it is a canonical safe integer; NaN if it is not. */
  integer(index: number): number {
    const start = this.starts[this.first + index]
    const end = this.ends[this.first + index]
    const { bytes } = this
    const negative = bytes[start] === MINUS
    let i = negative ? start + 1 : start
    if (end - i > SAFE_DIGITS || end <= i) return Number.NaN
    let number = bytes[i] - ZERO
    if (!(number > 0 && number <= 9)) return number === 0 && end - start === 1 ? 0 : Number.NaN
    while (++i < end) {
      const digit = bytes[i] - ZERO
      if (!(digit >= 0 && digit <= 9)) return Number.NaN
      number = number * 10 + digit
    }
    if (number > Number.MAX_SAFE_INTEGER) return Number.NaN
    return negative ? -number : number
  }
}

/** Of a number below PLACES_MAX. */
function digits(number: number): number {
  return number < 10 ? 1 : number < 100 ? 2 : 3
}

const LINE_END_BYTES = 2
/** `*` and `$`, and the ends of both lines, without the numbers between. */
const HEADS_BYTES = 6
const LF = 10
const CR = 13
const MINUS = 45
const ZERO = 48
/** Digits of the longest safe integer. */
const SAFE_DIGITS = 16
