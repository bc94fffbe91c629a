/** What scripts while they run refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../base/bytes.ts'
import { oneLine } from '../base/errors.ts'
import { error, type ReplyError } from '../base/reply.ts'

export const SCRIPT_STALE = error('ERR Can not execute the command on a stale replica')
export const RO_COMMAND_OF_WRITER = error('ERR Can not execute a script with write flag using *_ro command.')
export const SCRIPT_CALLS_UNKNOWN = error('ERR Unknown Redis command called from script')
export const SCRIPT_CALLS_WRONG_ARITY = error('ERR Wrong number of args calling Redis command from script')
export const SCRIPT_CALLS_NOSCRIPT = error('ERR This Redis command is not allowed from script')
export const SCRIPT_CALLS_WRITE = error('ERR Write commands are not allowed from read-only scripts.')
export const SCRIPT_CALLS_NOTHING = error('ERR Please specify at least one argument for this redis lib call')
export const SCRIPT_ARGUMENTS = error('ERR Lua redis lib command arguments must be strings or integers')
export const SCRIPT_ARGUMENT_COUNT = error('ERR wrong number of arguments')
export const SCRIPT_ARGUMENT_TYPES = error('ERR wrong number or type of arguments')
export const SCRIPT_SET_REPL_COUNT = error('ERR redis.set_repl() requires two arguments.')
export const SCRIPT_SET_REPL_FLAGS = error(
  'ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.',
)
export const SCRIPT_SETRESP_COUNT = error('ERR redis.setresp() requires one argument.')
export const SCRIPT_SETRESP_VERSION = error('ERR RESP version must be 2 or 3.')
export const SCRIPT_LOG_COUNT = error('ERR redis.log() requires two arguments or more.')
export const SCRIPT_LOG_NUMBER = error('ERR First argument must be a number (log level).')
export const SCRIPT_LOG_LEVEL = error('ERR Invalid debug level.')
export const SCRIPT_ACL_COMMAND = error('ERR Invalid command passed to redis.acl_check_cmd()')
export const SCRIPT_STACK_LIMIT = error('ERR reached lua stack limit')
export const SCRIPT_OOM = error(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
)
export const SCRIPT_IN_SCRIPT = error('ERR a script cannot run inside of another')
export const SCRIPT_UNKNOWN_ERROR = error('ERR unknown error')

/** `what` is the function of the `redis` table. */
export function onlyInsideScript(what: Bytes): ReplyError {
  return error(`ERR ${what} can only be called inside a script invocation`)
}

export function scriptCompilation(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error compiling script (new function): ${reason}`))
}

/** What went wrong is no error object of Redis's making: memory ran out, or the error handler failed. */
export function scriptFailure(name: Bytes, reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error running script ${name}, ${reason.slice(0, 100)}`))
}

/** The script was ended from outside, for a directive. */
export function scriptTimedOut(name: Bytes, limitMs: number, directive: string, wrote: boolean): ReplyError {
  const done = wrote ? 'it had written already, and what it wrote stays' : 'it had written nothing'
  return error(`ERR Script ${name} was ended after ${limitMs} ms (${directive}): ${done}`)
}

/** So was the compilation of one. */
export function compilationTimedOut(limitMs: number, directive: string): ReplyError {
  return error(`ERR The compilation of a script was ended after ${limitMs} ms (${directive})`)
}

export function invalidShebang(reason: Bytes): ReplyError {
  return error(oneLine(`ERR ${reason}`))
}

export const MISSING_LIBRARY_METADATA = error('ERR Missing library metadata')
export const INVALID_LIBRARY_METADATA = error('ERR Invalid library metadata')
export const LIBRARY_NAME_GIVEN_TWICE = error('ERR Invalid metadata value, name argument was given multiple times')
export const LIBRARY_NAME_MISSING = error('ERR Library name was not given')
export const INVALID_LIBRARY_NAME = error(
  'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
)
export const NO_FUNCTIONS_REGISTERED = error('ERR No functions registered')
export const FUNCTION_LOAD_TIMEOUT = error('ERR Error registering functions: ERR FUNCTION LOAD timeout')
export const FUNCTION_IN_LIBRARY_EXISTS = error('ERR Function already exists in the library')
export const FUNCTION_NAME_MISSING = error('ERR redis.register_function must get a function name argument')
export const REGISTER_ARITY = error('ERR wrong number of arguments to redis.register_function')
export const REGISTER_OUTSIDE_LOAD = error('ERR redis.register_function can only be called on FUNCTION LOAD command')

/** What is wrong with the arguments of redis.register_function. */
export function functionArgument(what: Bytes): ReplyError {
  return error(`ERR ${what}`)
}

export function libraryCompilation(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error compiling function: ${reason}`))
}

export function libraryRegistration(reason: Bytes): ReplyError {
  return error(oneLine(`ERR Error registering functions: ${reason}`))
}

export function invalidLibraryMetadata(word: Bytes): ReplyError {
  return error(oneLine(`ERR Invalid metadata value given: ${word}`))
}

export function engineNotFound(engine: Bytes): ReplyError {
  return error(oneLine(`ERR Engine '${engine}' not found`))
}

/** FUNCTION LOAD. */
export function libraryExists(name: Bytes): ReplyError {
  return error(`ERR Library '${name}' already exists`)
}

/** FUNCTION RESTORE. */
export function libraryExistsAlready(name: Bytes): ReplyError {
  return error(`ERR Library ${name} already exists`)
}

export function functionExists(name: Bytes): ReplyError {
  return error(`ERR Function ${name} already exists`)
}

export const SCRIPT_NO_CLUSTER = error("ERR Can not run script on cluster, 'no-cluster' flag is set.")
