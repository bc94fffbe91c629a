/**
 * Replies are values, not bytes: EXEC, scripts, REST and in-process calls read them as they are, and only
 * `protocol/encode.ts` turns them into RESP. The plain kinds are JavaScript's own: a string is a bulk string, a number
 * or bigint an integer, null the nil of the protocol at hand, an array an array, a boolean RESP3's boolean (1 or 0 in
 * RESP2). What JavaScript has no word for is one of the classes below, told apart by `kind`, so that a switch suffices.
 */
import type { Bytes } from './bytes.ts'

export type Reply = Bytes | number | bigint | boolean | null | readonly Reply[] | TaggedReply

export type TaggedReply =
  | Status
  | ReplyError
  | Double
  | MapReply
  | SetReply
  | Push
  | Verbatim
  | BigNumber
  | NullArray
  | NoReply
  | Attributed
  | Sequence

/** The tags that `kind` takes. Small integers, so a switch over them compiles to a jump table. */
export const Kind = {
  Status: 0,
  Error: 1,
  Double: 2,
  Map: 3,
  Set: 4,
  Push: 5,
  Verbatim: 6,
  BigNumber: 7,
  NullArray: 8,
  NoReply: 9,
  Attributed: 10,
  Sequence: 11,
} as const

/** A simple string such as +OK. `wire` is its whole RESP form, made once. */
export class Status {
  readonly kind = Kind.Status
  readonly text: Bytes
  readonly wire: Bytes
  constructor(text: Bytes) {
    this.text = text
    this.wire = '+' + text + '\r\n'
  }
}

/** A client's error. `text` begins with its code, as in `WRONGTYPE Operation …`. A value that is returned, rarely thrown. */
export class ReplyError {
  readonly kind = Kind.Error
  readonly text: Bytes
  /** The statistics have counted it already, where a script passes on what a command of it answered. */
  readonly counted: boolean
  constructor(text: Bytes, counted = false) {
    this.text = text
    this.counted = counted
  }
}

/** An error as the lists of texts have them. */
export function error(text: Bytes): ReplyError {
  return new ReplyError(text)
}

/** A double: `,1.5` in RESP3, a bulk string in RESP2. `text` is set where it is not printed as `formatDouble` does. */
export class Double {
  readonly kind = Kind.Double
  readonly value: number
  readonly text: Bytes | undefined
  constructor(value: number, text?: Bytes) {
    this.value = value
    this.text = text
  }
}

/** Pairs as one flat array [key, value, …]: `%` in RESP3, a flat array in RESP2. */
export class MapReply {
  readonly kind = Kind.Map
  readonly flat: readonly Reply[]
  constructor(flat: readonly Reply[]) {
    this.flat = flat
  }
}

/** `~` in RESP3, an array in RESP2. */
export class SetReply {
  readonly kind = Kind.Set
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** Out-of-band data: `>` in RESP3, an array in RESP2. */
export class Push {
  readonly kind = Kind.Push
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** Text with a three-letter format (`txt`, `mkd`): `=` in RESP3, a bulk string in RESP2. */
export class Verbatim {
  readonly kind = Kind.Verbatim
  readonly format: Bytes
  readonly text: Bytes
  constructor(text: Bytes, format: Bytes = 'txt') {
    this.text = text
    this.format = format
  }
}

/** An integer of any length: `(` in RESP3, a bulk string in RESP2. */
export class BigNumber {
  readonly kind = Kind.BigNumber
  readonly digits: Bytes
  constructor(digits: Bytes) {
    this.digits = digits
  }
}

/** A reply with something said about it: `|` and flat pairs before it in RESP3, the reply alone in RESP2. */
export class Attributed {
  readonly kind = Kind.Attributed
  readonly attributes: readonly Reply[]
  readonly reply: Reply
  constructor(attributes: readonly Reply[], reply: Reply) {
    this.attributes = attributes
    this.reply = reply
  }
}

/** Several replies to one command, one after the other: the confirmations of SUBSCRIBE. */
export class Sequence {
  readonly kind = Kind.Sequence
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** `*-1` in RESP2 where a plain null would be `$-1`; `_` in RESP3. */
class NullArray {
  readonly kind = Kind.NullArray
}

export type { NullArray }

/** The command answered by other means (pushes), or the client asked for silence. Encodes to nothing. */
class NoReply {
  readonly kind = Kind.NoReply
}

export type { NoReply }

export const OK = new Status('OK')
export const QUEUED = new Status('QUEUED')
export const PONG = new Status('PONG')
export const NULL_ARRAY = new NullArray()
export const NO_REPLY = new NoReply()

/** True for an error value. */
export function isError(reply: Reply): reply is ReplyError {
  return reply instanceof ReplyError
}

/**
 * The decimal form that Redis (7.2 and later) prints for a double: integers below 2^62 in full, everything else with the
 * fewest digits that read back the same, laid out as the fpconv library of its source tree does it (which turns to
 * exponents at other bounds than JavaScript). `inf`, `-inf`, `nan`, `-0`.
 */
export function formatDouble(value: number): Bytes {
  if (Number.isInteger(value)) {
    const magnitude = Math.abs(value)
    if (magnitude < 1e15) return Object.is(value, -0) ? '-0' : '' + value
    if (magnitude <= 2 ** 62) return BigInt(value).toString()
  }
  if (value === Infinity) return 'inf'
  if (value === -Infinity) return '-inf'
  if (Number.isNaN(value)) return 'nan'
  return layOutDigits(value)
}

function layOutDigits(value: number): Bytes {
  const sign = value < 0 ? '-' : ''
  const scientific = Math.abs(value).toExponential()
  const e = scientific.indexOf('e')
  const digits = scientific[0] + scientific.slice(2, e)
  const exponent = +scientific.slice(e + 1)
  const zeros = exponent - digits.length + 1 // digits * 10^zeros is the value
  if (zeros >= 0 && Math.abs(exponent) < digits.length + 7) return sign + digits + '0'.repeat(zeros)
  if (zeros < 0 && (zeros > -7 || Math.abs(exponent) < 4)) {
    const point = digits.length + zeros
    if (point <= 0) return sign + '0.' + '0'.repeat(-point) + digits
    return sign + digits.slice(0, point) + '.' + digits.slice(point)
  }
  const fraction = digits.length > 1 ? '.' + digits.slice(1) : ''
  return sign + digits[0] + fraction + 'e' + (exponent < 0 ? '-' : '+') + Math.abs(exponent)
}
