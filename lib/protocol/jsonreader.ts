/**
 * Long bodies, read in slices: 10 MB of brackets must not stop everybody else, nor cost more than a few times their size.
 * `JSON.parse` can do neither, so this reads the one grammar that bodies have (an array of scalars, or an array of such
 * arrays) by itself. What it takes and what it makes of it is what `parseCommand` and `parseCommands` (json.ts) do with
 * short bodies; a test compares them.
 *
 * A body is checked to its end before anything of it runs, without making a single value: nothing of a body that is wrong
 * anywhere is run. Then its commands are made one at a time, when they are asked for, so that a pipeline of a million
 * commands never stands in memory as a million arrays. Strings with escapes are decoded in place, since no escape is
 * shorter than what it stands for.
 */
import type { Bytes } from '../base/bytes.ts'
import { internedWord, LETTERS } from './decode.ts'

/** Bytes that are read before others get their turn: a few milliseconds at the most. */
const SLICE_BYTES = 128 * 1024

/** From so many arguments on, the room for them is taken at once: an array that grows leaves its smaller selves behind. */
const MANY = 1024

/** From so many bytes on, a string is long enough to be looked at by other means. */
const NEAR_BYTES = 48

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const POINT = 46
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93

/** What may come next, besides white space. */
const Expect = {
  /** The opening bracket of all. */
  Start: 0,
  /** A value, or the end of an array that is empty. */
  FirstValue: 1,
  Value: 2,
  /** A comma, or the end of the array. */
  Next: 3,
  /** Nothing. */
  End: 4,
} as const

export class JsonReader {
  readonly #bytes: Buffer
  /** The level at which values stand: 1 in `[1,2]`, 2 in `[[1],[2]]`. */
  readonly #depth: 1 | 2
  readonly #sliceBytes: number
  #at = 0
  #level = 0
  #expect: number = Expect.Start
  /** Where the check stands is within a string. */
  #inString = false
  #words: Uint32Array | undefined
  #isWrong = false
  #isChecked = false
  /** Values in the array of values that the check is in. */
  #values = 0
  /** Number of arguments of each command that has `MANY` of them or more, in order. */
  readonly #many: number[] = []
  #manyTaken = 0
  /** Number of commands, once the check has ended. */
  length = 0

  // Of the command that is being made.
  #isReading = false
  /** Its arguments so far: of one of many, in an array of its size, else in one that the next commands use, too. */
  readonly #few: Bytes[] = []
  #all: Bytes[] | undefined
  #index = 0
  #command: readonly Bytes[] = NOTHING
  /** Of the string that is being decoded: where it begins and how far it was written; -1 without one. */
  #from = -1
  #to = 0
  /** The next backslash at or behind `#at`. */
  #backslash = -1

  /** `depth` is 1 for a body that is one command, 2 for one that is a list of them. The bytes are ours from here on. */
  constructor(bytes: Buffer, depth: 1 | 2, sliceBytes = SLICE_BYTES) {
    this.#bytes = bytes
    this.#depth = depth
    this.#sliceBytes = sliceBytes
  }

  /** False if the body is not what it should be; known once `check` has ended. */
  get isRight(): boolean {
    return !this.#isWrong
  }

  /**
   * Bytes of the body, and those that the largest of its commands takes, about: a place in an array for each argument, and a
   * string of its own for those of three bytes and more.
   */
  get heldBytes(): number {
    const { length } = this.#bytes
    let most = 0
    for (const count of this.#many) most = Math.max(most, count)
    return length + most * (length >= 4 * most ? 32 : 8)
  }

  /** Checks the next slice. True at the end. */
  check(): boolean {
    if (this.#isChecked) return true
    const bytes = this.#bytes
    const stop = Math.min(this.#at + this.#sliceBytes, bytes.length)
    let i = this.#at
    while (i < stop) {
      if (this.#inString) i = this.#checkString(i, stop)
      else {
        const byte = bytes[i]
        if (byte === 32 || byte === 10 || byte === 13 || byte === 9) i++
        else i = this.#checkToken(byte, i)
      }
      if (i === -1) return this.#checked(false)
    }
    this.#at = i
    return i < bytes.length ? false : this.#checked(this.#expect === Expect.End)
  }

  #checked(isRight: boolean): true {
    this.#isChecked = true
    this.#isWrong = !isRight
    this.#at = 0
    return true
  }

  /** The position behind what stands at `i`, or in the string that begins there; -1 if it is wrong. */
  #checkToken(byte: number, i: number): number {
    const expect = this.#expect
    if (expect === Expect.Next) {
      if (byte === CLOSE) return this.#closed(i)
      if (byte !== COMMA) return -1
      this.#expect = Expect.Value
      return i + 1
    }
    if (byte === CLOSE) return expect === Expect.FirstValue ? this.#closed(i) : -1
    if (byte === OPEN) {
      if (this.#level === this.#depth || expect === Expect.End) return -1
      if (++this.#level === this.#depth) this.#values = 0
      this.#expect = Expect.FirstValue
      return i + 1
    }
    if (this.#level !== this.#depth || expect === Expect.End) return -1
    this.#values++
    this.#expect = Expect.Next
    if (byte === QUOTE) {
      this.#inString = true
      return i + 1
    }
    if (byte === MINUS || isDigit(byte)) return numberEnd(this.#bytes, i)
    if (byte === 116) return this.#wordEnd(i, 'true')
    if (byte === 102) return this.#wordEnd(i, 'false')
    return byte === 110 ? this.#wordEnd(i, 'null') : -1
  }

  #closed(i: number): number {
    if (this.#level === this.#depth) {
      this.length++
      if (this.#values >= MANY) this.#many.push(this.#values)
    }
    this.#expect = --this.#level === 0 ? Expect.End : Expect.Next
    return i + 1
  }

  #wordEnd(i: number, word: string): number {
    for (let j = 1; j < word.length; j++) if (this.#bytes[i + j] !== word.charCodeAt(j)) return -1
    return i + word.length
  }

  /** Goes on in a string. Of an escape that begins before `stop` all is looked at. */
  #checkString(start: number, stop: number): number {
    const bytes = this.#bytes
    const near = start + NEAR_BYTES
    let i = start
    while (i < stop) {
      if (i === near) i = this.#plainEnd(i, stop)
      if (i === stop) break
      const byte = bytes[i]
      if (byte < 32) return -1
      if (byte === QUOTE) {
        this.#inString = false
        return i + 1
      }
      if (byte !== BACKSLASH) i++
      else if (bytes[i + 1] === 117) {
        for (let j = 2; j < 6; j++) if (i + j >= bytes.length || hexOf(bytes[i + j]) === -1) return -1
        i += 6
      } else if (i + 1 < bytes.length && SHORT_ESCAPES[bytes[i + 1]] !== 0) i += 2
      else return -1
    }
    return i
  }

  /**
   * In a string that turns out to be long: a position, past the given one if that can be, up to which it is plain. What ends it
   * is sought as C does it, control characters four bytes at a time.
   */
  #plainEnd(start: number, stop: number): number {
    const bytes = this.#bytes
    const quote = bytes.subarray(0, stop).indexOf(QUOTE, start)
    const before = quote === -1 ? stop : quote
    const backslash = bytes.subarray(0, before).indexOf(BACKSLASH, start)
    const end = backslash === -1 ? before : backslash
    const words = (this.#words ??= wordsOf(bytes))
    const lead = -bytes.byteOffset & 3 // bytes before the first word
    let i = start + ((lead - start) & 3)
    if (i > end) return start
    for (let j = start; j < i; j++) if (bytes[j] < 32) return j
    for (let k = (i - lead) >> 2; i + 4 <= end; k++, i += 4) {
      const word = words[k]
      // A byte below 32 borrows from its highest bit, which it has not set itself.
      if (((word - 0x20202020) & ~word & 0x80808080) !== 0) break
    }
    return i
  }

  /** The command that was made last. */
  get command(): readonly Bytes[] {
    return this.#command
  }

  /** Goes on making the next command, of a body that was checked and is right. True once `command` is it. */
  advance(): boolean {
    const bytes = this.#bytes
    const stop = this.#at + this.#sliceBytes
    if (!this.#isReading) this.#begin()
    while (this.#at < stop) {
      if (this.#from !== -1) {
        if (!this.#decode(stop)) return false
        continue
      }
      const byte = bytes[this.#at]
      if (byte === QUOTE) this.#string()
      else if (byte === CLOSE) {
        this.#at++
        return this.#end()
      } else if (byte === MINUS || isDigit(byte)) {
        const start = this.#at
        let end = start + 1
        while (continuesNumber(bytes[end])) end++
        this.#at = end
        this.#add(textOf(bytes, start, end))
      } else if (byte > 96) this.#word(byte)
      else this.#at++
    }
    return false
  }

  /** Goes to the bracket with which the command begins, and behind it. */
  #begin(): void {
    this.#isReading = true
    // In a list, the first bracket of all comes before that of the first command.
    if (this.#at === 0 && this.#depth === 2) this.#at = this.#bytes.indexOf(OPEN) + 1
    this.#at = this.#bytes.indexOf(OPEN, this.#at) + 1
    this.#all = undefined
    this.#index = 0
  }

  #add(argument: Bytes): void {
    const index = this.#index++
    if (index < MANY - 1) this.#few[index] = argument
    else {
      this.#all ??= this.#roomForMany()
      this.#all[index] = argument
    }
  }

  #roomForMany(): Bytes[] {
    const all = new Array<Bytes>(this.#many[this.#manyTaken++])
    for (let i = 0; i < MANY - 1; i++) all[i] = this.#few[i]
    return all
  }

  #end(): true {
    this.#isReading = false
    this.#command = this.#all ?? (this.#index === 0 ? NOTHING : this.#few.slice(0, this.#index))
    this.#all = undefined
    return true
  }

  #word(first: number): void {
    const word = first === 116 ? 'true' : first === 102 ? 'false' : 'null'
    this.#at += word.length
    this.#add(word)
  }

  /** A string without escapes, or the beginning of one with escapes. */
  #string(): void {
    const bytes = this.#bytes
    const start = this.#at + 1
    let end = start
    const near = Math.min(start + 64, bytes.length)
    while (end < near && bytes[end] !== QUOTE && bytes[end] !== BACKSLASH) end++
    if (end === near) {
      end = bytes.indexOf(QUOTE, near)
      if (this.#backslash < near) {
        const next = bytes.indexOf(BACKSLASH, near)
        this.#backslash = next === -1 ? Infinity : next
      }
      end = Math.min(end, this.#backslash)
    }
    if (bytes[end] === BACKSLASH) {
      this.#from = start
      this.#to = end
      this.#at = end
      return
    }
    this.#at = end + 1
    this.#add(this.#index === 0 ? wordOf(bytes, start, end) : textOf(bytes, start, end))
  }

  /** Goes on decoding a string; true at its end. */
  #decode(stop: number): boolean {
    const bytes = this.#bytes
    let i = this.#at
    let to = this.#to
    while (i < stop) {
      const byte = bytes[i]
      if (byte === QUOTE) {
        this.#add(textOf(bytes, this.#from, to))
        this.#from = -1
        this.#at = i + 1
        return true
      }
      if (byte !== BACKSLASH) {
        bytes[to++] = byte
        i++
      } else if (bytes[i + 1] !== 117) {
        bytes[to++] = SHORT_ESCAPES[bytes[i + 1]]
        i += 2
      } else {
        const unit = unitAt(bytes, i + 2)
        i += 6
        const isHigh = (unit & 0xfc00) === 0xd800
        const low = isHigh && bytes[i] === BACKSLASH && bytes[i + 1] === 117 ? unitAt(bytes, i + 2) : 0
        if ((low & 0xfc00) === 0xdc00) {
          i += 6
          to = putCharacter(bytes, to, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff))
        } else to = putCharacter(bytes, to, (unit & 0xf800) === 0xd800 ? 0xfffd : unit)
      }
    }
    this.#at = i
    this.#to = to
    return false
  }
}

/** A command without a word. */
const NOTHING: readonly Bytes[] = []

/** What stands behind a backslash, by its byte: what it stands for; 0 for what is no escape. */
const SHORT_ESCAPES = new Uint8Array(256)
for (const [letter, byte] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  SHORT_ESCAPES[letter.charCodeAt(0)] = byte.charCodeAt(0)
}

/** The whole words of four bytes, at addresses that are multiples of four. */
function wordsOf(bytes: Buffer): Uint32Array {
  const lead = -bytes.byteOffset & 3
  return new Uint32Array(bytes.buffer, bytes.byteOffset + lead, Math.max(bytes.length - lead, 0) >> 2)
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}

/** Of a number that is known to be one: digits, `+`, `-`, `.`, `E`, `e`. */
function continuesNumber(byte: number): boolean {
  return isDigit(byte) || byte === 43 || byte === MINUS || byte === POINT || byte === 69 || byte === 101
}

/** The position behind the number at `i`; -1 if it is none. What may not follow a number is found out by who goes on. */
export function numberEnd(bytes: Buffer, start: number): number {
  let i = bytes[start] === MINUS ? start + 1 : start
  if (bytes[i] === 48) i++
  else if ((i = digitsEnd(bytes, i)) === -1) return -1
  if (bytes[i] === POINT && (i = digitsEnd(bytes, i + 1)) === -1) return -1
  if (bytes[i] !== 69 && bytes[i] !== 101) return i
  const sign = bytes[i + 1]
  return digitsEnd(bytes, sign === 43 || sign === MINUS ? i + 2 : i + 1)
}

/** The position behind one digit or more; -1 without any. */
function digitsEnd(bytes: Buffer, start: number): number {
  let i = start
  while (isDigit(bytes[i])) i++
  return i === start ? -1 : i
}

/** What a hexadecimal digit stands for; -1 for what is none. */
function hexOf(byte: number): number {
  if (isDigit(byte)) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

function unitAt(bytes: Buffer, i: number): number {
  return (hexOf(bytes[i]) << 12) | (hexOf(bytes[i + 1]) << 8) | (hexOf(bytes[i + 2]) << 4) | hexOf(bytes[i + 3])
}

/** Writes a character in UTF-8; the position behind it. */
function putCharacter(bytes: Buffer, start: number, code: number): number {
  let to = start
  if (code < 0x80) bytes[to++] = code
  else {
    if (code < 0x800) bytes[to++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[to++] = 0xe0 | (code >> 12)
      else {
        bytes[to++] = 0xf0 | (code >> 18)
        bytes[to++] = 0x80 | ((code >> 12) & 0x3f)
      }
      bytes[to++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[to++] = 0x80 | (code & 0x3f)
  }
  return to
}

/** Every text of two ASCII characters, once: there may be a million of them. */
const PAIRS: string[] = new Array(128 * 128).fill('')

function textOf(bytes: Buffer, start: number, end: number): Bytes {
  const length = end - start
  if (length > 2) return bytes.latin1Slice(start, end)
  if (length === 0) return ''
  const first = bytes[start]
  if (length === 1) return LETTERS[first]
  const second = bytes[start + 1]
  if ((first | second) > 127) return LETTERS[first] + LETTERS[second]
  const index = first * 128 + second
  return PAIRS[index] || (PAIRS[index] = LETTERS[first] + LETTERS[second])
}

/** A command's name, most likely. */
function wordOf(bytes: Buffer, start: number, end: number): Bytes {
  const length = end - start
  return length > 1 && length <= 16 ? internedWord(bytes, start, length) : textOf(bytes, start, end)
}
