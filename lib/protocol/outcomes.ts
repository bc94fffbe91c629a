/**
 * The answer to a pipeline, `[{"result":"OK"},{"result":1},…]`, written as bytes from where the replies stand: no value is made of
 * one that is plain. What needs care (errors, arrays, strings with escapes or past ASCII, long ones) is written by the JsonEncoder. There is
 * one for all pipelines, used from `begin` to `end` and by nobody else meanwhile.
 */
import type { Bytes } from '../base/bytes.ts'
import { OK as OK_REPLY, type Reply } from '../base/reply.ts'
import { JsonEncoder } from './json.ts'
import { PART_BYTES } from './long.ts'

const ROOM = 32 * 1024
/** A longer string is left to the encoder. Unit: bytes. */
const STRING_MAX = 1024
/** The most that is written of one reply. */
const PART_MAX = STRING_MAX + 32

const QUOTE = 34
const OPEN = 91
const BRACE = 125
const COMMA = 44
const [, ...RESULT] = Buffer.from('?{"result":"')
const OK = Buffer.from('{"result":"OK"}')
const NULL = Buffer.from('{"result":null}')
/** Of the beginning of a result what comes before a quote. */
const UNQUOTED = RESULT.length - 1

/** By byte: whether it stands for itself in a string of JSON. */
const PLAIN = new Uint8Array(256).fill(1, 32, 127)
PLAIN[QUOTE] = 0
PLAIN[92] = 0

export class Outcomes {
  readonly #bytes = Buffer.allocUnsafeSlow(ROOM)
  readonly #encoder = new JsonEncoder(false)
  #length = 0
  #text: Bytes = ''

  /** Goes on behind what was gathered of a pipeline; '' is nothing. */
  begin(text: Bytes): void {
    this.#text = text
    this.#length = 0
  }

  /** All that was gathered, without the closing bracket. */
  end(): Bytes {
    this.#flush()
    return this.#text
  }

  /** True from when what was gathered is so much that what comes behind is to leave by parts. */
  get isLong(): boolean {
    return this.#text.length + this.#length > PART_BYTES
  }

  ok(): void {
    this.#whole(OK)
  }

  nil(): void {
    this.#whole(NULL)
  }

  /** An integer whose digits stand somewhere, as they are to be written. */
  digits(bytes: Uint8Array, start: number, end: number): void {
    let to = this.#lead(UNQUOTED)
    for (let i = start; i < end; i++) this.#bytes[to++] = bytes[i]
    this.#bytes[to++] = BRACE
    this.#length = to
  }

  /** A string that stands somewhere. False, and nothing was written, for one that needs care. */
  string(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > STRING_MAX) return false
    const out = this.#bytes
    let to = this.#lead(RESULT.length)
    for (let i = start; i < end; i++) {
      const byte = bytes[i]
      if (PLAIN[byte] === 0) return false
      out[to++] = byte
    }
    out[to++] = QUOTE
    out[to++] = BRACE
    this.#length = to
    return true
  }

  /** Any reply that is not long: see long.ts. */
  reply(reply: Reply): void {
    if (reply === OK_REPLY) this.ok()
    else if (reply === null) this.nil()
    else if (typeof reply === 'number') this.#integer(reply)
    else this.outcome(reply)
  }

  /** The same, by the encoder. */
  outcome(reply: Reply): void {
    this.#flush()
    this.#text += this.#text === '' ? '[' : ','
    this.#encoder.outcome(reply)
    this.#text += this.#encoder.take()
  }

  #integer(integer: number): void {
    const digits = '' + integer
    let to = this.#lead(UNQUOTED)
    for (let i = 0; i < digits.length; i++) this.#bytes[to++] = digits.charCodeAt(i)
    this.#bytes[to++] = BRACE
    this.#length = to
  }

  #whole(outcome: Uint8Array): void {
    let to = this.#lead(0)
    for (let i = 0; i < outcome.length; i++) this.#bytes[to++] = outcome[i]
    this.#length = to
  }

  /** The bracket or comma before an outcome and so much of the beginning of a result. Returns where what follows goes, for which there is room. */
  #lead(length: number): number {
    this.#room()
    const bytes = this.#bytes
    let to = this.#length
    bytes[to++] = this.#length === 0 && this.#text === '' ? OPEN : COMMA
    for (let i = 0; i < length; i++) bytes[to++] = RESULT[i]
    return to
  }

  #room(): void {
    if (this.#length + PART_MAX > ROOM) this.#flush()
  }

  #flush(): void {
    if (this.#length === 0) return
    this.#text += this.#bytes.latin1Slice(0, this.#length)
    this.#length = 0
  }
}
