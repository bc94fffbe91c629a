/**
 * JavaScript's own values at the door for code in this process: what may be sent as an argument, and what a reply becomes. What
 * cannot be meant (undefined, an object, NaN) is a TypeError before anything runs, never the text `undefined`.
 */
import { type Bytes, fromArray, fromText, toArray, toText } from '../base/bytes.ts'
import { notSendable } from '../base/errors.ts'
import { formatDouble, Kind, type Reply, type TaggedReply } from '../base/reply.ts'

/** What an argument may be: text is sent as UTF-8, an array or buffer as its bytes, anything else as JSON writes it. */
export type Argument = string | number | bigint | boolean | null | ArrayBufferView | ArrayBufferLike

/** A reply in JavaScript's own values: text, or Buffers where asked for; 64-bit integers past 2^53 are bigints. */
export type Plain<Text = string> = Text | number | bigint | null | CommandError | Plain<Text>[]

/** A command that failed. Thrown; inside an array (EXEC) it is a value. */
export class CommandError extends Error {
  override readonly name = 'ReplyError'
}

/** The bytes of an argument, `position` 0 being the command. @throws TypeError for what is none */
export function bytesOf(argument: unknown, position: number): Bytes {
  if (typeof argument === 'string') return fromText(argument)
  if (typeof argument === 'number' && !Number.isNaN(argument)) return '' + argument
  return bytesOfRare(argument, position)
}

function bytesOfRare(argument: unknown, position: number): Bytes {
  switch (typeof argument) {
    case 'bigint':
    case 'boolean':
      return '' + argument
    case 'object':
      if (argument === null) return 'null'
      if (ArrayBuffer.isView(argument)) return fromArray(argument)
      if (isBuffer(argument)) return fromArray(new Uint8Array(argument))
      throw new TypeError(notSendable(position, 'an object'))
    case 'number':
      throw new TypeError(notSendable(position, 'NaN'))
    case 'undefined':
      throw new TypeError(notSendable(position, 'undefined'))
    default:
      throw new TypeError(notSendable(position, `a ${typeof argument}`))
  }
}

/** Also of another realm, as tests run in. */
function isBuffer(value: object): value is ArrayBufferLike {
  return /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
}

/** What was called by the code of others. */
export type Entry = (...args: never[]) => unknown

/** The error, with a trace that begins where `entry` was called: V8 keeps ten frames, which those within would fill. */
export function tracedFrom(error: CommandError, entry: Entry): CommandError {
  Error.captureStackTrace?.(error, entry)
  return error
}

/** @throws CommandError, whose trace begins behind `entry` */
export function textOrThrow(reply: Reply, entry: Entry): Plain {
  if (typeof reply === 'string') return toText(reply)
  const plain = toPlain(reply, toText)
  if (plain instanceof CommandError) throw tracedFrom(plain, entry)
  return plain
}

/** @throws CommandError, whose trace begins behind `entry` */
export function bufferOrThrow(reply: Reply, entry: Entry): Plain<Buffer> {
  const plain = toPlain(reply, toArray)
  if (plain instanceof CommandError) throw tracedFrom(plain, entry)
  return plain
}

export function toPlain<Text>(reply: Reply, decode: (bytes: Bytes) => Text): Plain<Text> {
  if (typeof reply === 'string') return decode(reply)
  if (typeof reply === 'boolean') return reply ? 1 : 0
  if (typeof reply !== 'object' || reply === null) return reply
  if (Array.isArray(reply)) return reply.map((item) => toPlain(item, decode))
  const tagged = reply as TaggedReply
  switch (tagged.kind) {
    case Kind.Status:
    case Kind.Verbatim:
      return decode(tagged.text)
    case Kind.Error:
      return new CommandError(toText(tagged.text))
    case Kind.Double:
      return decode(tagged.text ?? formatDouble(tagged.value))
    case Kind.BigNumber:
      return decode(tagged.digits)
    case Kind.Map:
      return tagged.flat.map((item) => toPlain(item, decode))
    case Kind.Set:
    case Kind.Push:
    case Kind.Sequence:
      return tagged.items.map((item) => toPlain(item, decode))
    case Kind.Attributed:
      return toPlain(tagged.reply, decode)
    case Kind.NullArray:
    case Kind.NoReply:
      return null
  }
}
