/** What JSON refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const JSON_PATH_COST = error('ERR the path visits too many nodes')
export const JSON_PATH_LONG = error('ERR the path is too long')

/** A path of JSON that is malformed, in RedisJSON's form; what it expected is told more roughly than there. */
export function malformedPath(path: Bytes, position: number, reason: Bytes): ReplyError {
  const shown =
    position >= path.length ? `${path} <<<<----` : `${path.slice(0, position)} ---->>>> ${path.slice(position)}`
  return error(oneLine(`Error occurred on position ${position}, "${shown}", ${reason}.`))
}

export const NOT_MODULE_INTEGER = error("Couldn't parse as integer")
export const JSON_WRONG_TYPE = error('Existing key has wrong Redis type')
export const JSON_NO_KEY = error("ERR could not perform this operation on a key that doesn't exist")
export const JSON_NOT_AT_ROOT = error('ERR new objects must be created at the root')
export const JSON_NOT_STATIC = error('ERR wrong static path')
export const JSON_NO_SUCH_INDEX = error('ERR array index out of range')
export const JSON_OUT_OF_BOUNDS = error('ERR index out of bounds')
export const JSON_TOO_DEEP = error('ERR recursion limit exceeded')
export const JSON_NOT_NUMBER = error('ERR bad input number')
export const JSON_NUMBER_OVERFLOW = error('ERR numeric overflow')
export const JSON_NOT_FINITE = error('ERR result is not a number')
export const JSON_COMPUTED_PATH = error('ERR a path that computes values cannot be written')
export const JSON_FORMAT_RESP2 = error('ERR FORMAT argument is not supported on RESP2')
export const JSON_WRONG_FORMAT = error('ERR wrong reply format')
export const JSON_LEGACY_FORMAT = error('Legacy paths are supported only with FORMAT STRINGS')
export const JSON_WORK = error('ERR the path finds more than one command may handle')
export const JSON_SET_FORMAT = error('ERR wrong format')
export const JSON_FPHA_TYPE = error('ERR invalid FPHA type')

/** The same, where RedisJSON puts its code in front, if it has none. */
export function withCode({ text }: ReplyError): ReplyError {
  return error(text.startsWith('ERR ') ? text : `ERR ${text}`)
}

export function jsonNoPath(path: Bytes): ReplyError {
  return error(oneLine(`ERR Path '${path}' does not exist`))
}

export function jsonNoPathOr(path: Bytes, or: Bytes): ReplyError {
  return error(oneLine(`ERR Path '${path}' does not exist or ${or}`))
}

export function jsonExpected(expected: Bytes, found: Bytes): ReplyError {
  return error(oneLine(`WRONGTYPE wrong type of path value - expected ${expected} but found ${found}`))
}

/** `type`: F16, BF16 or F32. */
export function jsonOutOfRange(type: Bytes): ReplyError {
  return error(`value out of range for ${type}`)
}
