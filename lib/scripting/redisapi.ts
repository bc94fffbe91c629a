/**
 * The table `redis` of scripts: call, pcall and what stands around them. The functions find the run they belong to in
 * `host.run`; outside of one, while a library is loaded, those that need one refuse.
 */
import type { Bytes } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import { REDIS_VERSION } from '../base/version.ts'
import { Target } from '../engine/engine.ts'
import {
  onlyInsideScript,
  SCRIPT_ACL_COMMAND,
  SCRIPT_ARGUMENT_COUNT,
  SCRIPT_ARGUMENT_TYPES,
  SCRIPT_ARGUMENTS,
  SCRIPT_CALLS_NOTHING,
  SCRIPT_LOG_COUNT,
  SCRIPT_LOG_LEVEL,
  SCRIPT_LOG_NUMBER,
  SCRIPT_SET_REPL_COUNT,
  SCRIPT_SET_REPL_FLAGS,
  SCRIPT_SETRESP_COUNT,
  SCRIPT_SETRESP_VERSION,
} from './errors.ts'
import { formatG } from './libraries/decimal.ts'
import type { LuaApi, LuaFunction } from './luaapi.ts'
import { type LuaState, LuaType, VALUE_BYTES } from './luamemory.ts'
import type { Run } from './run.ts'
import { pushError, pushReply } from './tolua.ts'
import { cString } from './toreply.ts'
import { traceLine } from './trace.ts'

/** Units of work of a short command, and of each argument. */
const CALL_WORK = 64
const ARGUMENT_WORK = 8
/** Lua leaves room for so many values besides the arguments. */
const FEW = 16

/** What the functions need to know. */
export interface RedisApiHost {
  /** The script that runs. */
  readonly run: Run | undefined
  /** `lua-bare-error-replies` */
  readonly bareErrorReplies: boolean
  /** Writes to the log; `level` 0 (debug) to 3 (warning). */
  log(level: number, message: Bytes): void
  /** In hexadecimal. */
  sha1(data: Bytes): Bytes
}

/** Pushes the table. */
export function pushRedisApi(api: LuaApi, host: RedisApiHost): void {
  const { c, L } = api
  c.lua_createtable(L, 0, 24)
  api.register(L, {
    call: (L) => call(api, L, host, true),
    pcall: (L) => call(api, L, host, false),
    error_reply: (L) => errorReply(api, L, host),
    status_reply: (L) => statusReply(api, L),
    sha1hex: (L) => sha1hex(api, L, host),
    setresp: (L) => setresp(api, L, host),
    set_repl: (L) => setRepl(api, L, host),
    acl_check_cmd: (L) => aclCheckCmd(api, L, host),
    replicate_commands: answering(api, 1),
    breakpoint: answering(api, 0),
    debug: (L) => debug(api, L, host),
  })
  registerLog(api, host)
  registerVersion(api)
  const { File, Replicas, All } = Target
  setNumbers(api, { REPL_NONE: 0, REPL_AOF: File, REPL_SLAVE: Replicas, REPL_REPLICA: Replicas, REPL_ALL: All })
}

/** redis.log and its levels, into the table on top of the stack. */
export function registerLog(api: LuaApi, host: RedisApiHost): void {
  api.register(api.L, { log: (L) => log(api, L, host) })
  setNumbers(api, { LOG_DEBUG: 0, LOG_VERBOSE: 1, LOG_NOTICE: 2, LOG_WARNING: 3 })
}

export function registerVersion(api: LuaApi): void {
  const [major, minor, patch] = REDIS_VERSION.split('.').map(Number)
  setNumbers(api, { REDIS_VERSION_NUM: (major << 16) | (minor << 8) | patch })
  api.pushBytes(api.L, REDIS_VERSION)
  api.c.lua_setfield(api.L, -2, api.name('REDIS_VERSION'))
}

function setNumbers(api: LuaApi, numbers: Readonly<Record<string, number>>): void {
  for (const [name, number] of Object.entries(numbers)) {
    api.c.lua_pushnumber(api.L, number)
    api.c.lua_setfield(api.L, -2, api.name(name))
  }
}

/** A function that does nothing and says so. */
function answering({ c }: LuaApi, value: 0 | 1): LuaFunction {
  return (L) => {
    c.lua_pushboolean(L, value)
    return 1
  }
}

/** Raises an error object. */
export function raiseError(api: LuaApi, L: LuaState, error: ReplyError): never {
  pushError(api, L, error, error.counted)
  return api.raise(L)
}

/** redis.call(command, …) and redis.pcall */
function call(api: LuaApi, L: LuaState, { run }: RedisApiHost, raises: boolean): number {
  if (run === undefined) raiseError(api, L, onlyInsideScript('redis.call/pcall'))
  const argv = readArgv(api, L)
  if (argv instanceof ReplyError) {
    pushError(api, L, argv, false)
    return raises ? api.raise(L) : 1
  }
  const reply = run.call(argv)
  if (run.wasShort) api.work(CALL_WORK + ARGUMENT_WORK * argv.length)
  else api.look()
  const isRaised = raises && reply instanceof ReplyError
  // A call that stands by itself wants nothing back, and then no table need be made of the reply.
  if (!isRaised && api.wantedResults(L) === 0) return 0
  // Many arguments may have left no room; a few have not.
  if (argv.length > FEW) api.c.lua_settop(L, 0)
  pushReply(api, L, reply, run.resp)
  return isRaised ? api.raise(L) : 1
}

/** The arguments of a call as those of a command. */
function readArgv(api: LuaApi, L: LuaState): Bytes[] | ReplyError {
  const count = api.argCount(L)
  if (count === 0) return SCRIPT_CALLS_NOTHING
  const argv: Bytes[] = new Array<Bytes>(count)
  let room = api.maxBytes
  for (let i = 0, slot = api.argSlot(L, 1); i < count; i++, slot += VALUE_BYTES) {
    const type = api.typeIn(slot)
    if (type === LuaType.String) {
      // One long string may be many arguments.
      room -= api.stringLengthIn(slot)
      if (room < 0) api.memoryError(L)
      argv[i] = api.bytesIn(slot)
    } else if (type === LuaType.Number) argv[i] = formatNumber(api.numberIn(slot), api.isNegativeIn(slot))
    else return SCRIPT_ARGUMENTS
  }
  return argv
}

/** `%.17g`. JavaScript does not see the sign of what is not a number. */
function formatNumber(number: number, isNegative: boolean): Bytes {
  if (Number.isNaN(number)) return isNegative ? '-nan' : 'nan'
  return Number.isSafeInteger(number) && !Object.is(number, -0) ? '' + number : formatG(number, 17)
}

/** redis.error_reply(text) */
function errorReply(api: LuaApi, L: LuaState, host: RedisApiHost): number {
  if (api.argCount(L) !== 1 || api.typeIn(api.argSlot(L, 1)) !== LuaType.String) {
    pushError(api, L, SCRIPT_ARGUMENT_TYPES, false)
    return 1
  }
  const text = cString(api.bytesIn(api.argSlot(L, 1))).replace(/^-/, '')
  const space = text.indexOf(' ')
  const message = text.slice(space + 1).replace(/^[\r\n]+|[\r\n]+$/g, '')
  const bare = space === -1 && host.bareErrorReplies
  const errorCode = space === -1 ? 'ERR' : text.slice(0, space)
  pushError(api, L, new ReplyError(bare ? message : `${errorCode} ${message}`), false)
  return 1
}

/** redis.status_reply(text) */
function statusReply(api: LuaApi, L: LuaState): number {
  if (api.argCount(L) !== 1 || api.typeIn(api.argSlot(L, 1)) !== LuaType.String) {
    pushError(api, L, SCRIPT_ARGUMENT_TYPES, false)
    return 1
  }
  api.c.lua_createtable(L, 0, 1)
  api.c.lua_pushvalue(L, 1)
  api.c.lua_setfield(L, -2, api.name('ok'))
  return 1
}

/** redis.sha1hex(text) */
function sha1hex(api: LuaApi, L: LuaState, host: RedisApiHost): number {
  if (api.argCount(L) !== 1) raiseError(api, L, SCRIPT_ARGUMENT_COUNT)
  api.pushBytes(L, host.sha1(api.toBytes(L, 1) ?? ''))
  return 1
}

/** redis.setresp(2 or 3) */
function setresp(api: LuaApi, L: LuaState, { run }: RedisApiHost): number {
  if (run === undefined) raiseError(api, L, onlyInsideScript('redis.setresp'))
  if (api.argCount(L) !== 1) raiseError(api, L, SCRIPT_SETRESP_COUNT)
  const version = Math.trunc(api.c.lua_tonumber(L, 1))
  if (version !== 2 && version !== 3) return raiseError(api, L, SCRIPT_SETRESP_VERSION)
  run.resp = version
  return 0
}

/** redis.set_repl(flags) */
function setRepl(api: LuaApi, L: LuaState, { run }: RedisApiHost): number {
  if (run === undefined) raiseError(api, L, onlyInsideScript('redis.set_repl'))
  if (api.argCount(L) !== 1) raiseError(api, L, SCRIPT_SET_REPL_COUNT)
  const targets = api.c.lua_tonumber(L, 1) | 0
  if ((targets & ~Target.All) !== 0) raiseError(api, L, SCRIPT_SET_REPL_FLAGS)
  run.targets = targets
  return 0
}

/** redis.acl_check_cmd(command, …) */
function aclCheckCmd(api: LuaApi, L: LuaState, { run }: RedisApiHost): number {
  if (run === undefined) raiseError(api, L, onlyInsideScript('redis.acl_check_cmd'))
  const argv = readArgv(api, L)
  if (argv instanceof ReplyError) return raiseError(api, L, argv)
  const allowed = run.allows(argv)
  if (allowed === undefined) return raiseError(api, L, SCRIPT_ACL_COMMAND)
  api.c.lua_pushboolean(L, allowed ? 1 : 0)
  return 1
}

/** redis.debug(value, …) */
function debug(api: LuaApi, L: LuaState, { run }: RedisApiHost): number {
  if (run?.session.trace !== undefined) run.session.trace.push(traceLine(api, L, run))
  return 0
}

/** redis.log(level, text, …) */
function log(api: LuaApi, L: LuaState, host: RedisApiHost): number {
  const count = api.argCount(L)
  if (count < 2) raiseError(api, L, SCRIPT_LOG_COUNT)
  if (api.c.lua_isnumber(L, 1) === 0) raiseError(api, L, SCRIPT_LOG_NUMBER)
  const level = Math.trunc(api.c.lua_tonumber(L, 1))
  if (!(level >= 0 && level <= 3)) raiseError(api, L, SCRIPT_LOG_LEVEL)
  // Who may only read does not fill a disk.
  if (host.run?.session.user.isReader) return 0
  const words: Bytes[] = []
  let room = api.maxBytes
  for (let arg = 2; arg <= count; arg++) {
    const word = api.toBytes(L, arg)
    if (word === undefined) continue
    room -= word.length
    if (room < 0) api.memoryError(L)
    words.push(word)
  }
  host.log(level, words.join(' '))
  return 0
}
