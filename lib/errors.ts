/**
 * Every error text once, byte-equal to Redis. Constants are made once because a fresh object per error costs more than
 * the command it refuses; a text that names its cause is a function. A ReplyError is the client's fault and is
 * returned as a value; only a lookup deep inside `Db` throws one (WRONGTYPE), which the engine turns back into a value.
 */
import type { Bytes } from './bytes.ts'
import { ReplyError } from './reply.ts'

const error = (text: Bytes): ReplyError => new ReplyError(text)

export const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')
export const SYNTAX = error('ERR syntax error')
export const NOT_INTEGER = error('ERR value is not an integer or out of range')
export const NOT_FLOAT = error('ERR value is not a valid float')
export const OUT_OF_RANGE = error('ERR value is out of range')
export const MUST_BE_POSITIVE = error('ERR value is out of range, must be positive')
export const NO_SUCH_KEY = error('ERR no such key')
export const INDEX_OUT_OF_RANGE = error('ERR index out of range')
export const OVERFLOW = error('ERR increment or decrement would overflow')
export const NAN_OR_INFINITY = error('ERR increment would produce NaN or Infinity')
export const STRING_TOO_LONG = error('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
export const OFFSET_OUT_OF_RANGE = error('ERR offset is out of range')
export const DB_OUT_OF_RANGE = error('ERR DB index is out of range')
export const INVALID_DB = error('ERR invalid DB index')
export const INVALID_CURSOR = error('ERR invalid cursor')
export const NOVALUES_OUTSIDE_HSCAN = error('ERR NOVALUES option can only be used in HSCAN')
export const NO_AUTH = error('NOAUTH Authentication required.')
export const WRONG_PASS = error('WRONGPASS invalid username-password pair or user is disabled.')
export const NO_PROTO = error('NOPROTO unsupported protocol version')
export const NOT_ALLOWED_IN_MULTI = error('ERR Command not allowed inside a transaction')
export const OOM = error("OOM command not allowed when used memory > 'maxmemory'.")
export const TIMEOUT_NOT_FLOAT = error('ERR timeout is not a float or out of range')
export const TIMEOUT_NEGATIVE = error('ERR timeout is negative')
export const UNBLOCKED = error('UNBLOCKED client unblocked via CLIENT UNBLOCK')
export const INTERNAL = error('ERR internal error')
export const MAX_CLIENTS = error('ERR max number of clients reached')
export const EMPTY_COMMAND = error('ERR empty command')

/** At most 128 bytes of the name and of the arguments are repeated, as in Redis. */
export function unknownCommand(argv: readonly Bytes[]): ReplyError {
  let args = ''
  for (let i = 1; i < argv.length && args.length < 128; i++) args += `'${argv[i].slice(0, 128 - args.length)}' `
  return error(`ERR unknown command '${argv[0].slice(0, 128)}', with args beginning with: ${args}`)
}

export function unknownSubcommand(command: Bytes, subcommand: Bytes): ReplyError {
  return error(`ERR unknown subcommand '${subcommand.slice(0, 128)}'. Try ${command.toUpperCase()} HELP.`)
}

/** `name` in lower case, a subcommand as `config|get`. */
export function wrongArity(name: Bytes): ReplyError {
  return error(`ERR wrong number of arguments for '${name}' command`)
}

export function invalidExpire(name: Bytes): ReplyError {
  return error(`ERR invalid expire time in '${name}' command`)
}

/** CR and LF would break a one-line error; Redis puts a space in their place. */
export function oneLine(text: Bytes): Bytes {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text
}
