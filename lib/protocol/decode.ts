/**
 * Requests off the wire: RESP arrays of bulk strings, and inline commands. Bytes are fed as they arrive, cut anywhere;
 * `next` returns one command at a time. What was parsed of an unfinished command is kept, so nothing is read twice and
 * a large value arrives in linear time. Lengths announced by the client reserve nothing: memory is used only for bytes
 * that came. Every argument is copied out of the received chunk (`latin1Slice`), because a substring would keep the
 * whole chunk alive. Texts of errors and limits as in Redis's networking.c.
 */
import type { Bytes } from '../base/bytes.ts'
import { oneLine } from '../base/errors.ts'
import { PLACES_MAX, type Places } from '../base/places.ts'
import { splitWords } from '../base/words.ts'

declare global {
  interface Buffer {
    /** Node's own; quicker than toString('latin1'). */
    latin1Slice(start?: number, end?: number): string
  }
}

/** Where among the arguments of a command its keys stand. */
export interface KeyPlaces {
  /** Index of the first one that stands at a fixed place; 0 if there is none. */
  readonly first: number
  /** How many further the next one comes, in a row of keys; 0 if there is but one. */
  readonly step: number
  /** Index of the argument that says how many keys come right behind it; 0 if there is none. */
  readonly countAt: number
  /** False if their values are replaced without a look at them. */
  readonly areRead: boolean
}

/** Reads the arguments that are keys, in the decoder's place. */
export interface KeyReader {
  /** Undefined for a command that is not known. */
  placesOf(name: Bytes): KeyPlaces | undefined
  /** Will put what stands in the buffer from `start` to before `end` into `argv[index]`, before the buffer goes. */
  read(argv: Bytes[], index: number, buffer: Buffer, start: number, end: number, isRead: boolean): void
}

const NO_KEYS: KeyPlaces = { first: 0, step: 0, countAt: 0, areRead: false }

/** The client broke the protocol: answer with the error and close. */
export class ProtocolError {
  readonly text: Bytes
  constructor(text: Bytes) {
    this.text = 'ERR Protocol error: ' + text
  }
}

/**
 * Somebody makes a browser speak to us: `POST` or a `Host:` header stands where a command should. The connection is
 * closed without a word, before what follows in the body can do harm.
 */
export const HTTP_SPOKEN = new ProtocolError('')

/** Longest inline command, and longest `*` or `$` line. Unit: bytes. */
const INLINE_MAX = 64 * 1024
/** From this size a bulk string that is not complete is collected chunk by chunk instead of being re-joined. */
const LARGE_BULK = 32 * 1024
const COUNT_MAX = 2 ** 31 - 1
/** Longest command for whose arguments room is made before they come. */
const RESERVED_MAX = 64
/** What an argument takes besides its bytes: a reference, and the head of a string. */
const ARGUMENT_BYTES = 24
const NO_BYTES = Buffer.alloc(0)
/**
 * Longest command name, longest name of a script (its sha1) or function, and longest other argument (an option, a small
 * number), that is sought among recent words.
 */
const NAME_MAX = 16
const SCRIPT_MAX = 40
const WORD_MAX = 4
/** Longest key that is left to the reader of keys. */
export const KEY_MAX = 64
/**
 * A command of so many arguments, and no more bytes, is kept until the next one comes: scripts have the same keys, hashes
 * the same fields, at the same places again and again.
 */
const KEPT_MIN = 8
const KEPT_BYTES = 2048
/** Longest inline command that is taken by places. */
const PLACED_LINE_MAX = 1024
const CR = 13
const LF = 10
const SPACE = 32
const QUOTE = 34
const APOSTROPHE = 39
const ASTERISK = 42
const DOLLAR = 36
const ZERO = 48

export class Decoder {
  #buffer: Buffer = NO_BYTES
  /** What is still to be read stands from `#offset` to before `#end`. */
  #offset = 0
  #end = 0
  /** The buffer is the caller's, who will use it again. */
  #borrowed = false
  #argv: Bytes[] = []
  /** Arguments read of the command being read. */
  #filled = 0
  /** Arguments still to come for the command being read. */
  #missing = 0
  /** Length of the bulk string being read; -1 before its `$` line. */
  #bulkLength = -1
  #large: Buffer[] | undefined
  #largeBytes = 0
  #argvBytes = 0
  /** The last command of many arguments, and whether the one being read is compared with it. */
  #kept: readonly (Bytes | undefined)[] = []
  #compares = false
  readonly #keys: KeyReader | undefined
  /** Index of the next argument that is probably a key, how many further the one after it comes, and where they end. */
  #nextKey = 0
  #keyStep = 0
  #keyEnd = 0
  /** See `KeyPlaces`. */
  #countAt = 0
  #areRead = true
  /** The last command's name, and what is known of it: often the same comes again. */
  #lastName: Bytes = ''
  #lastPlaces: KeyPlaces | undefined
  /** Longest first argument that is sought among recent words: only what names a script is long and comes again. */
  #firstMax = 0
  /** Longest bulk string that is accepted (`proto-max-bulk-len`). */
  bulkMax: number
  /** Before authentication a stranger may send only short commands, as in Redis. */
  restricted = false

  constructor(bulkMax: number, keys?: KeyReader) {
    this.bulkMax = bulkMax
    this.#keys = keys
  }

  /** Bytes held: received, and not yet returned by `next`. */
  get pendingBytes(): number {
    return this.#end - this.#offset + this.#largeBytes + this.#argvBytes
  }

  /** The same, and what the arguments of an unfinished command take besides: many that are empty fill memory, too. */
  get heldBytes(): number {
    return this.pendingBytes + (this.#missing === 0 ? 0 : this.#filled * ARGUMENT_BYTES)
  }

  /** True if `next` has nothing more to read. */
  get drained(): boolean {
    return this.#offset === this.#end
  }

  /** Takes the next piece of the stream: the first bytes of a buffer, which is lent until `settle`. */
  feed(chunk: Buffer, length = chunk.length): void {
    const rest = this.#end - this.#offset
    this.#borrowed = rest === 0
    this.#buffer = this.#borrowed ? chunk : Buffer.concat([this.#rest(), chunk.subarray(0, length)], rest + length)
    this.#offset = 0
    this.#end = rest + length
  }

  /** Gives the buffer back: what was not read yet is copied. */
  settle(): void {
    if (this.#borrowed) this.#keepRest()
  }

  /** Where `place` reads; until the buffer is settled one may go back. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get offset(): number {
    return this.#offset
  }

  set offset(offset: number) {
    this.#offset = offset
  }

  /**
   * Takes the next command by the places of its arguments, which are noted from an index on, if it is there whole and in the
   * plainest form. Returns how many they are; 0 for all that `next` must look at, of which nothing is taken.
   */
  place(p: Places, index: number): number {
    if (this.#missing !== 0) return 0
    const buffer = this.#buffer
    const { starts, ends } = p
    let i = this.#offset
    if (i + 4 > this.#end) return 0
    if (buffer[i] !== ASTERISK) return this.#placeWords(p, index)
    let count = buffer[++i] - ZERO
    if (!(count > 0 && count <= 9)) return 0
    for (let digit = buffer[++i] - ZERO; digit >= 0 && digit <= 9 && count < PLACES_MAX; digit = buffer[++i] - ZERO)
      count = count * 10 + digit
    if (buffer[i] !== CR || count > PLACES_MAX - index) return 0
    i += 2
    for (let k = index; k < index + count; k++) {
      if (buffer[i] !== DOLLAR) return 0
      let length = buffer[++i] - ZERO
      if (!(length >= 0 && length <= 9)) return 0
      if (length === 0) i++
      else {
        for (let digit = buffer[++i] - ZERO; digit >= 0 && digit <= 9; digit = buffer[++i] - ZERO)
          length = length * 10 + digit
      }
      if (buffer[i] !== CR || length > this.bulkMax) return 0
      starts[k] = i + 2
      i += 2 + length
      ends[k] = i
      i += 2
      if (i > this.#end) return 0
    }
    this.#offset = i
    return count
  }

  /** The same of an inline command: a short line of words with one space between, none of them quoted. */
  #placeWords({ starts, ends }: Places, index: number): number {
    const buffer = this.#buffer
    const stop = Math.min(this.#end - 1, this.#offset + PLACED_LINE_MAX)
    let start = this.#offset
    for (let i = start, k = index; i < stop && k < PLACES_MAX; i++) {
      const byte = buffer[i]
      if (byte > SPACE && byte !== QUOTE && byte !== APOSTROPHE) continue
      if (i === start || (byte !== SPACE && (byte !== CR || buffer[i + 1] !== LF))) return 0
      starts[k] = start
      ends[k++] = i
      start = i + 1
      if (byte === SPACE) continue
      this.#offset = i + 2
      return k - index
    }
    return 0
  }

  /** The next complete command (never empty), undefined if more bytes are needed, or the client's error. */
  next(): Bytes[] | ProtocolError | undefined {
    for (;;) {
      if (this.#missing === 0) {
        if (this.#offset >= this.#end) return this.#release()
        if (this.#buffer[this.#offset] !== ASTERISK) {
          const inline = this.#inline()
          if (inline === undefined || inline instanceof ProtocolError || inline.length > 0) return inline
          continue
        }
        const count = this.#line('mbulk')
        if (typeof count !== 'number') return count
        if (Number.isNaN(count) || count > COUNT_MAX) return new ProtocolError('invalid multibulk length')
        if (count > 10 && this.restricted) return new ProtocolError('unauthenticated multibulk length')
        if (count <= 0) continue
        this.#missing = count
        // An array that grows takes room for seventeen at once.
        this.#argv = count <= RESERVED_MAX ? new Array<Bytes>(count) : []
        this.#filled = 0
        this.#argvBytes = 0
        this.#compares = count === this.#kept.length
      }
      const error = this.#bulks()
      if (error !== undefined) return error
      if (this.#missing > 0) return this.#keepRest()
      const argv = this.#argv
      if (argv.length >= KEPT_MIN) this.#kept = this.#argvBytes <= KEPT_BYTES ? argv : []
      this.#argv = []
      this.#argvBytes = 0
      return argv
    }
  }

  /** Reads bulk strings until the command is complete or the bytes run out. */
  #bulks(): ProtocolError | undefined {
    while (this.#missing > 0) {
      if (this.#bulkLength === -1) {
        if (this.#offset >= this.#end) return undefined
        const lead = this.#buffer[this.#offset]
        if (lead !== DOLLAR) return this.#notBulk(lead)
        const length = this.#line('bulk')
        if (typeof length !== 'number') return length
        if (!(length >= 0 && length <= this.bulkMax)) return new ProtocolError('invalid bulk length')
        if (length > 16384 && this.restricted) return new ProtocolError('unauthenticated bulk length')
        this.#bulkLength = length
      }
      if (!this.#argument(this.#bulkLength)) return undefined
      this.#argvBytes += this.#bulkLength
      this.#bulkLength = -1
      this.#filled++
      this.#missing--
    }
    return undefined
  }

  /** Reads an argument of a known length. False if it is not all there. */
  #argument(length: number): boolean {
    const index = this.#filled
    if (!this.#compares || !this.#takeKept(index, length)) {
      if (index === this.#nextKey && index !== 0 && length > WORD_MAX && length <= KEY_MAX) return this.#key(length)
      const isWord = length <= WORD_MAX || (index <= 1 && length <= (index === 0 ? NAME_MAX : this.#firstMax))
      const argument = isWord ? this.#word(length) : this.#bulk(length)
      if (argument === undefined) return false
      this.#argv[index] = argument
      if (index === 0) {
        this.#expectKeys(argument)
        return true
      }
    }
    if (index === this.#countAt) this.#expectCounted(this.#argv[index])
    else if (index === this.#nextKey) this.#passKey()
    return true
  }

  /** Takes an argument if it is the one that was kept for its place; false if it is another, or not all there. */
  #takeKept(index: number, length: number): boolean {
    // The reader of keys may not have filled its places yet; of those of MSET and its like it knows more.
    const kept = index === 0 || (this.#keyStep !== 0 && this.#countAt === 0) ? undefined : this.#kept[index]
    const start = this.#offset
    if (kept === undefined || kept.length !== length || this.#end - start < length + 2) return false
    const buffer = this.#buffer
    for (let i = 0; i < length; i++) if (kept.charCodeAt(i) !== buffer[start + i]) return false
    this.#offset = start + length + 2
    this.#argv[index] = kept
    return true
  }

  #expectKeys(name: Bytes): void {
    const places = this.#placesOf(name)
    this.#nextKey = places.first
    this.#keyStep = places.step
    this.#keyEnd = COUNT_MAX
    this.#countAt = places.countAt
    this.#areRead = places.areRead
    this.#firstMax = places.countAt === 2 && places.first === 0 ? SCRIPT_MAX : 0
  }

  /** Strangers, who may not know what keys there are, get no help with theirs. */
  #placesOf(name: Bytes): KeyPlaces {
    if (this.#keys === undefined || this.restricted) return NO_KEYS
    if (name !== this.#lastName) {
      this.#lastName = name
      this.#lastPlaces = this.#keys.placesOf(name)
    }
    return this.#lastPlaces ?? NO_KEYS
  }

  /** The argument that says how many keys follow. Those of a command that is compared with the last are often the same. */
  #expectCounted(count: Bytes): void {
    this.#nextKey = 0
    if (this.#filled + this.#missing >= KEPT_MIN) return
    const first = this.#filled + 1
    this.#keyEnd = Math.min(first + Number(count) * this.#keyStep, COUNT_MAX)
    if (first < this.#keyEnd) this.#nextKey = first
  }

  #key(length: number): boolean {
    const start = this.#offset
    if (this.#end - start < length + 2) return false
    this.#offset = start + length + 2
    this.#keys!.read(this.#argv, this.#filled, this.#buffer, start, start + length, this.#areRead)
    this.#passKey()
    return true
  }

  #passKey(): void {
    const next = this.#nextKey + this.#keyStep
    this.#nextKey = next < this.#keyEnd ? next : 0
  }

  /** Something else stands where a `$` line should; it is judged when its line is complete, as Redis does. */
  #notBulk(lead: number): ProtocolError | undefined {
    const end = this.#find(CR, this.#offset)
    if (end === -1 && this.#end - this.#offset > INLINE_MAX) return new ProtocolError('too big bulk count string')
    if (end === -1 || end + 1 >= this.#end) return undefined
    return new ProtocolError(`expected '$', got '${oneLine(String.fromCharCode(lead))}'`)
  }

  /** The name of a command, or a short argument: often seen before, and then found without making a new string. */
  #word(length: number): Bytes | undefined {
    const start = this.#offset
    if (this.#end - start < length + 2) return undefined
    this.#offset = start + length + 2
    return length === 1 ? LETTERS[this.#buffer[start]] : internedWord(this.#buffer, start, length)
  }

  /** The bulk string of a known length with its CRLF, or undefined if it is not all there. */
  #bulk(length: number): Bytes | undefined {
    const start = this.#offset
    if (this.#large === undefined) {
      if (this.#end - start >= length + 2) {
        this.#offset = start + length + 2
        return length === 0 ? '' : this.#buffer.latin1Slice(start, start + length)
      }
      if (length < LARGE_BULK) return undefined
      this.#large = []
    }
    const taken = this.#buffer.subarray(start, Math.min(this.#end, start + length + 2 - this.#largeBytes))
    this.#offset += taken.length
    if (taken.length > 0) this.#large.push(this.#borrowed ? Buffer.from(taken) : taken)
    this.#largeBytes += taken.length
    if (this.#largeBytes < length + 2) return undefined
    const whole = this.#large.length === 1 ? this.#large[0] : Buffer.concat(this.#large, length + 2)
    this.#large = undefined
    this.#largeBytes = 0
    return whole.latin1Slice(0, length)
  }

  /** The integer of a `*` or `$` line; NaN if it is not one; undefined if the line is not complete. */
  #line(what: 'mbulk' | 'bulk'): number | ProtocolError | undefined {
    const buffer = this.#buffer
    const stop = this.#end
    let i = this.#offset + 1
    let number = 0
    let digits = 0
    const negative = buffer[i] === 45
    if (negative) i++
    const zero = buffer[i] === 48
    for (; i < stop; i++) {
      const code = buffer[i]
      if (code === CR) {
        if (i + 1 >= stop) return undefined
        this.#offset = i + 2
        if (digits === 0 || digits > 19 || (zero && (digits > 1 || negative))) return Number.NaN
        return negative ? -number : number
      }
      if (code < 48 || code > 57) break
      number = number * 10 + code - 48
      digits++
    }
    // Not a plain number so far: find the end of the line before judging it.
    const end = this.#find(CR, i)
    if (end === -1 || end + 1 >= stop) {
      return stop - this.#offset > INLINE_MAX ? new ProtocolError(`too big ${what} count string`) : undefined
    }
    this.#offset = end + 2
    return Number.NaN
  }

  /** An inline command; empty for a blank line; undefined if the line is not complete. */
  #inline(): Bytes[] | ProtocolError | undefined {
    const end = this.#find(LF, this.#offset)
    const length = (end === -1 ? this.#end : end) - this.#offset
    if (end === -1) return length > INLINE_MAX ? new ProtocolError('too big inline request') : this.#keepRest()
    const stop = this.#buffer[end - 1] === CR && end > this.#offset ? end - 1 : end
    const line = this.#buffer.latin1Slice(this.#offset, stop)
    this.#offset = end + 1
    const words = splitWords(line)
    if (words === undefined) return new ProtocolError('unbalanced quotes in request')
    return words.length > 0 && /^(post|host:)$/i.test(words[0]) ? HTTP_SPOKEN : words
  }

  /** Where a byte stands next, from a position on; -1 for nowhere. */
  #find(byte: number, from: number): number {
    const at = this.#buffer.indexOf(byte, from)
    return at < this.#end ? at : -1
  }

  #rest(): Buffer {
    return this.#buffer.subarray(this.#offset, this.#end)
  }

  /** All bytes are used up: lets the chunk go. */
  #release(): undefined {
    this.#buffer = NO_BYTES
    this.#offset = 0
    this.#end = 0
    this.#borrowed = false
    return undefined
  }

  /** Copies a short rest out of its chunk, so that an idle connection holds only what it sent. */
  #keepRest(): undefined {
    if (this.#offset === this.#end) return this.#release()
    if (this.#offset === 0 && !this.#borrowed) return undefined
    this.#buffer = Buffer.from(this.#rest())
    this.#end -= this.#offset
    this.#offset = 0
    this.#borrowed = false
    return undefined
  }
}

/**
 * Recent words as they were spelled, one per hash value. A hit costs a comparison byte by byte and gives a string whose
 * hash V8 has already computed; a miss puts the new spelling in the place of the old. Bounded by its size.
 */
const WORDS: string[] = new Array(512).fill('')
/** The words of one byte. */
export const LETTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
/** How many of a word's bytes count for its place. */
const HASHED = 16

/** A word out of a buffer; the very string of the last time, if it was seen lately. */
export function internedWord(buffer: Buffer, start: number, length: number): Bytes {
  let hash = length
  const hashed = Math.min(length, HASHED)
  for (let i = 0; i < hashed; i++) hash = (hash * 33 + buffer[start + i]) & 511
  const word = WORDS[hash]
  let same = word.length === length
  for (let i = 0; same && i < length; i++) same = word.charCodeAt(i) === buffer[start + i]
  if (same) return word
  return (WORDS[hash] = buffer.latin1Slice(start, start + length))
}
