/**
 * JSON as Upstash's REST speaks it, without losing a byte. A body is read as latin1, so the UTF-8 of its strings arrives
 * as Bytes with nothing to convert, whatever it spells; only `\u` escapes beyond ASCII need a look. Numbers become the
 * text that stood in the body (`1.0`, `1e3`, integers past 2^53), which JSON.parse alone would lose. Replies are written
 * in RESP2's shapes; what is long leaves in parts, because no string can exceed V8's bound.
 */
import { type Bytes, fromText, toBase64, toText } from '../base/bytes.ts'
import { formatDouble, Kind, type Reply, ReplyError, type TaggedReply } from '../base/reply.ts'
import { isLong, itemsOf, PART_BYTES, textOf } from './long.ts'

/** A command of the body: Bytes, or undefined where an element is not a string, number, boolean or null. */
export type ParsedCommand = Bytes[] | undefined

/** The one command that a body holds as `[name, …]`; undefined if the body is anything else. */
export function parseCommand(body: Bytes): ParsedCommand {
  const text = foldEscapes(body)
  const parsed = parse(text)
  return Array.isArray(parsed) ? commandOf(parsed, new NumberTokens(text)) : undefined
}

/** The commands that a body holds as `[[name, …], …]`; undefined if the body is anything else. */
export function parseCommands(body: Bytes): Bytes[][] | undefined {
  const text = foldEscapes(body)
  const parsed = parse(text)
  if (!Array.isArray(parsed)) return undefined
  const numbers = new NumberTokens(text)
  const commands: Bytes[][] = []
  for (const item of parsed) {
    const command = Array.isArray(item) ? commandOf(item, numbers) : undefined
    if (command === undefined) return undefined
    commands.push(command)
  }
  return commands
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function commandOf(items: readonly unknown[], numbers: NumberTokens): ParsedCommand {
  const argv: Bytes[] = []
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item === 'string') argv.push(item)
    else if (typeof item === 'number') argv.push(numbers.next())
    else if (typeof item === 'boolean' || item === null) argv.push('' + item)
    else return undefined
  }
  return argv
}

/** The numbers of a JSON text that is known to be well formed, in order, as they are written. */
class NumberTokens {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): Bytes {
    const text = this.#text
    let i = this.#position
    for (; !startsNumber(text.charCodeAt(i)); i++) if (text.charCodeAt(i) === QUOTE) i = closingQuote(text, i)
    const start = i
    while (continuesNumber(text.charCodeAt(i))) i++
    this.#position = i
    return text.slice(start, i)
  }
}

const QUOTE = 34
const BACKSLASH = 92

function closingQuote(text: string, opening: number): number {
  let i = opening + 1
  for (; text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++
  return i
}

/** A digit or a minus. */
function startsNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45
}

/** What may follow: digits, `.`, `+`, `-`, `e`, `E`. */
function continuesNumber(code: number): boolean {
  return startsNumber(code) || code === 46 || code === 43 || code === 101 || code === 69
}

const ESCAPE = /\\(?:u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{4})|[\s\S])/g

/**
 * Puts the UTF-8 bytes in the place of every `\u` escape beyond ASCII, so that JSON.parse of the latin1 text yields Bytes.
 * A lone surrogate becomes U+FFFD, as in every encoder of UTF-8.
 */
function foldEscapes(body: Bytes): string {
  if (!body.includes('\\u')) return body
  return body.replace(ESCAPE, (written, high?: string, low?: string, unit?: string) => {
    if (high !== undefined) return fromText(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low!, 16)))
    if (unit === undefined) return written
    const code = Number.parseInt(unit, 16)
    return code < 128 ? written : fromText(String.fromCharCode(code))
  })
}

/** Writes `{"result":…}` objects: what is short at once, what is long part by part. */
export class JsonEncoder {
  readonly #base64: boolean
  #text = ''
  /** The text that is leaving part by part; an equal one may be put in its place. */
  longText: Bytes = ''

  /** `base64`: strings of results are encoded so, at any depth. */
  constructor(base64: boolean) {
    this.#base64 = base64
  }

  /** True if it is time to pass on what was written. */
  get full(): boolean {
    return this.#text.length > PART_BYTES
  }

  /** All that was written since the last call. */
  take(): Bytes {
    const text = this.#text
    this.#text = ''
    return text
  }

  /** Text that is JSON already. */
  raw(json: Bytes): void {
    this.#text += json
  }

  /** `{"result":…}`, or `{"error":…}` for an error. For short replies: see `isLong`. */
  outcome(reply: Reply): void {
    if (typeof reply === 'object' && reply !== null && 'kind' in reply) {
      if (reply.kind === Kind.Error) {
        this.#error(reply)
        return
      }
      // The one status that base64 leaves alone, and only here: the SDK looks for it.
      if (reply.kind === Kind.Status && reply.text === 'OK') {
        this.#text += '{"result":"OK"}'
        return
      }
    }
    this.#text += '{"result":'
    this.#value(reply)
    this.#text += '}'
  }

  /** `{"push":[…]}`, for what was not asked for, and is short. */
  push(items: readonly Reply[]): void {
    this.#text += '{"push":'
    this.#array(items)
    this.#text += '}'
  }

  /** The same of a reply, or of a push, that is long. What is left at the end is still to be taken. */
  *long(reply: Reply): Generator<Bytes, void> {
    const isPush = typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === Kind.Push
    if (reply instanceof ReplyError) yield* this.#longError(reply)
    else {
      this.#text += isPush ? '{"push":' : '{"result":'
      yield* this.#longValue(reply)
      this.#text += '}'
    }
  }

  *#longValue(reply: Reply): Generator<Bytes, void> {
    if (reply instanceof ReplyError) {
      yield* this.#longError(reply)
      return
    }
    const items = itemsOf(reply)
    if (items === undefined) {
      yield* this.#longString(textOf(reply), this.#base64)
      return
    }
    this.#text += '['
    for (let i = 0; i < items.length; i++) {
      if (i !== 0) this.#text += ','
      if (isLong(items[i])) yield* this.#longValue(items[i])
      else this.#value(items[i])
      if (this.full) yield this.take()
    }
    this.#text += ']'
  }

  *#longError(error: ReplyError): Generator<Bytes, void> {
    this.#text += '{"error":'
    yield* this.#longString(error.text, false)
    this.#text += '}'
  }

  *#longString(bytes: Bytes, base64: boolean): Generator<Bytes, void> {
    this.longText = bytes
    this.#text += '"'
    for (let i = 0; i < this.longText.length; ) {
      const end = base64 ? i + PART_BYTES : characterEnd(this.longText, i + PART_BYTES)
      const slice = this.longText.slice(i, end)
      this.#text += base64 ? toBase64(slice) : quoted(slice).slice(1, -1)
      yield this.take()
      i = end
    }
    this.longText = ''
    this.#text += '"'
  }

  #error(error: ReplyError): void {
    this.#text += '{"error":' + quoted(error.text) + '}'
  }

  #value(reply: Reply): void {
    if (typeof reply === 'string') this.#string(reply)
    else if (typeof reply === 'number' || typeof reply === 'bigint') this.#text += reply
    else if (reply === null) this.#text += 'null'
    else if (typeof reply === 'boolean') this.#text += reply ? '1' : '0'
    else if (Array.isArray(reply)) this.#array(reply)
    else this.#tagged(reply as TaggedReply)
  }

  #array(items: readonly Reply[]): void {
    this.#text += '['
    for (let i = 0; i < items.length; i++) {
      if (i !== 0) this.#text += ','
      this.#value(items[i])
    }
    this.#text += ']'
  }

  #tagged(reply: TaggedReply): void {
    switch (reply.kind) {
      case Kind.Status:
      case Kind.Verbatim:
        this.#string(reply.text)
        return
      case Kind.Error:
        this.#error(reply)
        return
      case Kind.Double:
        this.#string(reply.text ?? formatDouble(reply.value))
        return
      case Kind.BigNumber:
        this.#string(reply.digits)
        return
      case Kind.Map:
        this.#array(reply.flat)
        return
      case Kind.Set:
      case Kind.Push:
        this.#array(reply.items)
        return
      case Kind.Attributed:
        this.#value(reply.reply)
        return
      case Kind.NullArray:
      case Kind.NoReply:
      case Kind.Sequence:
        this.#text += 'null'
    }
  }

  #string(bytes: Bytes): void {
    this.#text += this.#base64 ? '"' + toBase64(bytes) + '"' : quoted(bytes)
  }
}

const NEEDS_ESCAPE = /["\\\x00-\x1f\x7f-\xff]/

/** A JSON string with the UTF-8 bytes of its text; bytes that are not UTF-8 become U+FFFD. */
export function quoted(bytes: Bytes): Bytes {
  return NEEDS_ESCAPE.test(bytes) ? JSON.stringify(fromText(toText(bytes))) : '"' + bytes + '"'
}

/** The last position up to `end` at which no UTF-8 character is cut in two. */
function characterEnd(bytes: Bytes, end: number): number {
  if (end >= bytes.length) return bytes.length
  for (let i = end; i > end - 4; i--) if ((bytes.charCodeAt(i) & 0xc0) !== 0x80) return i
  return end
}
