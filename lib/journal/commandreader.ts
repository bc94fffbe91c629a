/**
 * Commands of an append-only file, one after the other, of which no more is held than the command that is read. Lines that
 * begin with `#` are annotations. A file may end in the midst of a command (the process was killed while it wrote): that is told
 * apart from bytes that are none of a command's.
 */
import { type Bytes, MAX_BYTES, sliceOf } from '../base/bytes.ts'
import { PLACES_MAX, type Places } from '../base/places.ts'
import type { Source } from '../persistence/files/files.ts'

/** As much as is read of the file at a time. Unit: bytes. */
const WINDOW_BYTES = 2 ** 20
/** A longer line is no line of a command's. */
const LINE_MAX = 2 ** 16

/** An annotation of time, in unix seconds; any other is a remark. */
const TIMESTAMP = /^#TS:\d{1,15}\r?$/

const LF = 10
const CR = 13
const ZERO = 48
const HASH = 35
const DOLLAR = 36
const STAR = 42

/** What the reading came to, if not to a command. */
export const Stop = {
  /** All was read. */
  End: 'end',
  /** The file ends within a command. */
  Torn: 'torn',
  /** What comes next is no command. */
  Garbage: 'garbage',
  /** What comes next is later than `until`. */
  Later: 'later',
} as const
export type Stop = (typeof Stop)[keyof typeof Stop]

export class CommandReader {
  readonly #source: Source
  #window = new Uint8Array(0)
  #at = 0
  /** Offset in the file of the window's first byte. */
  #base: number
  /** Offset behind the last command or annotation that is whole. */
  offset: number
  /** Unix seconds of the last annotation of time; -1 before the first. */
  timestamp = -1
  /** Unix seconds: an annotation of a later time ends the reading. */
  until = Infinity
  readonly #isStrict: boolean

  /**
   * `source` is read from where it stands, which is `offset` in its file. `isStrict`: the end of an argument is looked at, as
   * redis-check-aof does; a server that loads does not.
   */
  constructor(source: Source, offset = 0, isStrict = false) {
    this.#source = source
    this.#isStrict = isStrict
    this.#base = offset
    this.offset = offset
  }

  /** The next command, or why there is none. @throws the system's error */
  next(): Bytes[] | Stop {
    for (;;) {
      const lead = this.#peek()
      if (lead === -1) return Stop.End
      if (lead === HASH) {
        const line = this.#line()
        if (line === undefined) return Stop.Torn
        if (TIMESTAMP.test(line)) {
          const timestamp = Number.parseInt(line.slice(4), 10)
          if (timestamp > this.until) return Stop.Later
          this.timestamp = timestamp
        }
        this.#settle()
        continue
      }
      if (lead !== STAR) return Stop.Garbage
      const argv = this.#command()
      if (Array.isArray(argv)) this.#settle()
      return argv
    }
  }

  /**
   * The next command by the places of its arguments. How many they are; 0, and nothing is read, where that cannot be told by what is
   * at hand, or they are not written in the plainest way: `next` tells then.
   */
  place(p: Places): number {
    const window = this.#window
    const { starts, ends } = p
    let i = this.#at
    if (window[i] !== STAR) return 0
    let count = 0
    for (let digit = window[++i] - ZERO; digit >= 0 && digit <= 9 && count < PLACES_MAX; digit = window[++i] - ZERO) {
      count = count * 10 + digit
    }
    if (window[i] !== CR || count > PLACES_MAX) return 0
    i += 2
    for (let k = 0; k < count; k++) {
      if (window[i] !== DOLLAR) return 0
      const digits = i + 1
      let length = 0
      for (let digit = window[++i] - ZERO; digit >= 0 && digit <= 9; digit = window[++i] - ZERO) {
        length = length * 10 + digit
      }
      if (window[i] !== CR || i === digits || length > MAX_BYTES) return 0
      starts[k] = i + 2
      i += 2 + length
      ends[k] = i
      i += 2
      if (i > window.length) return 0
    }
    if (count === 0) return 0
    p.use(window)
    p.count = count
    this.#at = i
    this.#settle()
    return count
  }

  #settle(): void {
    this.offset = this.#base + this.#at
  }

  #command(): Bytes[] | Stop {
    const count = this.#number()
    if (typeof count === 'string') return count
    if (count < 1) return Stop.Garbage
    const argv: Bytes[] = []
    for (let i = 0; i < count; i++) {
      const lead = this.#peek()
      if (lead !== DOLLAR) return lead === -1 ? Stop.Torn : Stop.Garbage
      const length = this.#number()
      if (typeof length === 'string') return length
      if (length < 0 || length > MAX_BYTES) return Stop.Garbage
      if (!this.#reach(length + 2)) return Stop.Torn
      argv.push(sliceOf(this.#window, this.#at, this.#at + length))
      this.#at += length + 2
      if (this.#isStrict && !this.#isLineEnd(this.#at - 2)) return Stop.Garbage
    }
    return argv
  }

  #isLineEnd(at: number): boolean {
    return this.#window[at] === CR && this.#window[at + 1] === LF
  }

  /** The number behind the lead of a line. */
  #number(): number | Stop {
    let value = 0
    let isNegative = false
    for (let at = this.#at + 1; ; at++) {
      if (at === this.#window.length) {
        const read = at - this.#at
        if (read > LINE_MAX) return Stop.Garbage
        if (!this.#reach(read + 1)) return Stop.Torn
        at = this.#at + read
      }
      const byte = this.#window[at]
      if (byte >= 48 && byte <= 57) {
        value = value * 10 + byte - 48
        if (value > MAX_BYTES) return Stop.Garbage
      } else if (byte === LF) {
        this.#at = at + 1
        return isNegative ? -value : value
      } else if (byte === 45 && at === this.#at + 1) isNegative = true
      else if (byte !== CR) return Stop.Garbage
    }
  }

  /** A whole line, without its end; undefined where the file ends before. */
  #line(): Bytes | undefined {
    for (let read = 0; ; read++) {
      if (this.#at + read === this.#window.length && !this.#reach(read + 1)) return undefined
      if (this.#window[this.#at + read] !== LF) continue
      const line = sliceOf(this.#window, this.#at, this.#at + read)
      this.#at += read + 1
      return line
    }
  }

  /** The next byte, which stays; -1 at the end. */
  #peek(): number {
    if (this.#at === this.#window.length && !this.#reach(1)) return -1
    return this.#window[this.#at]
  }

  /** Has so many bytes from here on in the window; false if the file has no more. */
  #reach(count: number): boolean {
    const here = this.#window.length - this.#at
    if (count <= here) return true
    if (count - here > this.#source.left) return false
    const size = Math.min(Math.max(count, WINDOW_BYTES), here + this.#source.left)
    const window = new Uint8Array(size)
    window.set(this.#window.subarray(this.#at))
    this.#source.read(window, here)
    this.#base += this.#at
    this.#window = window
    this.#at = 0
    return true
  }
}
