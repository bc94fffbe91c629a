/**
 * One Lua instance and what runs in it. Functions are compiled once and kept by a number. A run ends by itself, by an
 * error, or by force: past its time (`lua-hard-time-limit`) an exception is thrown that Lua cannot catch. After
 * that, after an error of memory, or where a script got at what it may not change, the instance is given up (`isSpent`) and
 * its owner makes a new one; so does it with one whose memory grew large for nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import type { ScriptCall } from '../session/ports.ts'
import { SCRIPT_IN_SCRIPT, SCRIPT_UNKNOWN_ERROR, scriptFailure } from './errors.ts'
import { Gc, LuaApi, LuaStatus, REGISTRY_INDEX } from './luaapi.ts'
import { type Address, LuaType } from './luamemory.ts'
import type { Random } from './random.ts'
import { READONLY, type ReadonlyTables } from './readonly.ts'
import { pushRedisApi, type RedisApiHost } from './redisapi.ts'
import type { Run } from './run.ts'
import { installSandbox } from './sandbox.ts'
import { ReplyReader, ReplyTooLarge, scriptError } from './toreply.ts'
import { LuaPanic } from './wasm.ts'

/** Runs between two looks at the garbage collector. */
const GC_PERIOD = 50
/** From this use on the collector is then pushed on besides its own pace, by `GC_PERIOD` KB, as Redis always does. Unit: bytes. */
const PUSHED_BYTES = 4 * 2 ** 20
/** An instance that has taken more, and has little of it in use, is given up. Unit: bytes. */
const RECYCLED_BYTES = 64 * 2 ** 20

/**
 * Arguments whose strings are kept in Lua until another one comes at the same position: a call often has the keys of the one
 * before. Longer ones are not. Unit: bytes.
 */
const KEPT_ARGUMENTS = 32
const KEPT_BYTES = 64

/** Of no function: luaL_ref counts from 1. */
const NO_REF = 0

/** Positions on the stack of the main state; the tables of keys and arguments are those of the last script. */
const GLOBALS = 1
const ERROR_HANDLER = 2
const KEYS = 3
const ARGV = 4
const FIRST_KEPT = 5
const BOTTOM = ARGV + KEPT_ARGUMENTS
/** Room above, as Lua gives it to every function. */
const FREE_SLOTS = 20

export interface VmHost {
  readonly random: Random
  /** Bytes that Lua may take. */
  readonly memoryLimit: number
  readonly bareErrorReplies: boolean
  log(level: number, message: Bytes): void
  sha1(data: Bytes): Bytes
  /** Called now and then while a script runs, or without one while code is compiled or a library loaded. Throws to end it. */
  look(run: Run | undefined): void
}

export class Vm implements RedisApiHost {
  readonly api: LuaApi
  readonly #host: VmHost
  readonly #reader: ReplyReader
  readonly #keysName: Address
  readonly #argvName: Address
  readonly #kept: Bytes[] = new Array<Bytes>(KEPT_ARGUMENTS).fill('')
  readonly tables: ReadonlyTables
  run: Run | undefined
  /** It may not be used again. */
  isSpent = false
  #runs = 0
  /** The function that was called last, and where it stands. */
  #lastRef = NO_REF
  #lastFunction: Address = 0

  constructor(host: VmHost) {
    this.#host = host
    this.api = new LuaApi(host.memoryLimit, () => host.look(this.run))
    this.#reader = new ReplyReader(this.api)
    this.#keysName = this.api.name('KEYS')
    this.#argvName = this.api.name('ARGV')
    this.tables = installSandbox(this.api, host.random, () => pushRedisApi(this.api, this))
    const { c, L } = this.api
    // Tables that will not do: where there are only functions, these globals must not exist.
    c.lua_createtable(L, 0, 2)
    c.lua_createtable(L, 0, 2)
    c.luaL_checkstack(L, KEPT_ARGUMENTS + FREE_SLOTS, this.api.name('too many arguments'))
    for (const bytes of this.#kept) this.api.pushBytes(L, bytes)
  }

  get bareErrorReplies(): boolean {
    return this.#host.bareErrorReplies
  }

  log(level: number, message: Bytes): void {
    this.#host.log(level, message)
  }

  sha1(data: Bytes): Bytes {
    return this.#host.sha1(data)
  }

  /** Bytes in use by Lua. */
  get usedBytes(): number {
    return this.api.usedBytes
  }

  /** Compiles a chunk. Returns the number under which it is kept; `refused` makes an error of what is wrong with it. */
  compile(code: Bytes, chunkName: Bytes, refused: (reason: Bytes) => ReplyError): number | ReplyError {
    const { api } = this
    const { c, L } = api
    return this.guarded<number | ReplyError>(() => {
      // Compiled code is refused, as in Redis: behind a blank, Lua reads it as text.
      const status = api.load(L, code.charCodeAt(0) === 27 ? ' ' + code : code, chunkName)
      if (status === LuaStatus.Ok) return c.luaL_ref(L, REGISTRY_INDEX)
      if (status === LuaStatus.MemoryError) this.isSpent = true
      return refused(api.toBytes(L, -1) ?? '')
    }, refused)
  }

  /** Forgets a function. */
  forget(ref: number): void {
    if (ref === this.#lastRef) this.#lastRef = NO_REF
    this.api.c.luaL_unref(this.api.L, REGISTRY_INDEX, ref)
  }

  /**
   * Calls a function for a run: a script, which finds KEYS and ARGV among the globals, or a function of a library, which is
   * given them.
   */
  call(run: Run, ref: number, { argv, firstKey, firstArg }: ScriptCall, isScript: boolean): Reply {
    const { c, L } = this.api
    if (this.run !== undefined) return SCRIPT_IN_SCRIPT
    this.run = run
    try {
      this.#pushFunction(ref)
      if (isScript) {
        this.#setArray(KEYS, this.#keysName, argv, firstKey, firstArg)
        this.#setArray(ARGV, this.#argvName, argv, firstArg, argv.length)
      } else {
        this.#pushArray(argv, firstKey, firstArg)
        this.#pushArray(argv, firstArg, argv.length)
      }
      const status = c.lua_pcall(L, isScript ? 0 : 2, 1, ERROR_HANDLER)
      const reply =
        status === LuaStatus.Ok ? this.#reader.read(this.api.topSlot(L), run.resp) : this.#failure(run, status)
      return this.#settle() ? reply : scriptFailure(run.name, READONLY)
    } catch (error) {
      return this.#broken(error, (reason) => scriptFailure(run.name, reason))
    } finally {
      this.run = undefined
    }
  }

  #pushFunction(ref: number): void {
    const { api } = this
    const { L } = api
    if (ref === this.#lastRef) {
      api.pushObject(L, this.#lastFunction, LuaType.Function)
      return
    }
    api.c.lua_rawgeti(L, REGISTRY_INDEX, ref)
    this.#lastRef = ref
    this.#lastFunction = api.objectIn(api.topSlot(L))
  }

  /** A table of arguments, from one position to before another. */
  #pushArray(argv: readonly Bytes[], from: number, to: number): void {
    const { api } = this
    this.#pushElements(argv, from, to)
    api.endTable(api.L, to - from)
  }

  #pushElements(argv: readonly Bytes[], from: number, to: number): void {
    const { api } = this
    const { L } = api
    const count = to - from
    api.beginTable(L, count)
    for (let i = 0; i < count; ) {
      this.#pushArgument(argv, from + i)
      api.addElement(L, count, ++i)
    }
  }

  /**
   * Makes a global of the arguments from one position to before another: the table of the last script, which nothing else
   * refers to now that it has ended, or a new one if the script has left more in it.
   */
  #setArray(position: number, name: Address, argv: readonly Bytes[], from: number, to: number): void {
    const { api } = this
    const { L } = api
    const count = to - from
    this.#pushElements(argv, from, to)
    const slot = api.argSlot(L, position)
    if (api.endInTable(L, count, slot)) return
    api.endTable(L, count)
    api.keepTop(L, slot)
    api.c.lua_setfield(L, GLOBALS, name)
  }

  #pushArgument(argv: readonly Bytes[], at: number): void {
    const { api } = this
    const { L } = api
    const bytes = argv[at]
    if (at >= KEPT_ARGUMENTS || bytes.length > KEPT_BYTES) api.pushWhole(L, bytes)
    else if (this.#kept[at] === bytes) api.pushSlot(L, api.argSlot(L, FIRST_KEPT + at))
    else {
      api.pushWhole(L, bytes)
      api.keepTop(L, api.argSlot(L, FIRST_KEPT + at))
      this.#kept[at] = bytes
    }
  }

  /** Pushes the table that holds the globals of scripts. */
  pushGlobals(): void {
    this.api.c.lua_pushvalue(this.api.L, GLOBALS)
  }

  /** The text of what was raised, which is on top of the stack. */
  raisedText(status: number): Bytes {
    if (status === LuaStatus.MemoryError) this.isSpent = true
    const raised = this.#reader.readError(this.api.topSlot(this.api.L))
    if (typeof raised === 'string') return `ERR ${raised}`
    return raised?.err ?? SCRIPT_UNKNOWN_ERROR.text
  }

  /** The error on top of the stack as the client sees it: with the name of the script and the line. */
  #failure(run: Run, status: number): ReplyError {
    if (status === LuaStatus.MemoryError) this.isSpent = true
    const raised = this.#reader.readError(this.api.topSlot(this.api.L))
    if (raised === undefined || typeof raised === 'string')
      return scriptFailure(run.name, raised ?? 'execution failure')
    const text = raised.err ?? SCRIPT_UNKNOWN_ERROR.text
    const { source, line } = raised
    const where = source === undefined || line === undefined ? '' : ` script: ${run.name}, on ${source}:${line}.`
    return scriptError(text + where, raised.counted)
  }

  /**
   * Does something with the instance that may go wrong beyond what Lua can mend: then it is spent, and `otherwise` says what
   * comes of it.
   */
  guarded<T>(act: () => T, otherwise: (reason: Bytes) => T | ReplyError): T | ReplyError {
    if (this.run !== undefined) return SCRIPT_IN_SCRIPT
    try {
      const result = act()
      return this.#settle() ? result : otherwise(READONLY)
    } catch (error) {
      return this.#broken(error, otherwise)
    }
  }

  /** Cleans up after a use. False if something was written that may not be. */
  #settle(): boolean {
    this.api.dropTo(this.api.L, BOTTOM)
    if (++this.#runs % GC_PERIOD === 0) this.#clean()
    if (this.tables.intact) return true
    this.isSpent = true
    return false
  }

  /** After an exception that went through Lua's frames. One that is a ReplyError was thrown to end a script. */
  #broken<T>(error: unknown, otherwise: (reason: Bytes) => T | ReplyError): T | ReplyError {
    this.isSpent = true
    if (error instanceof ReplyError) return error
    if (error instanceof RangeError) return otherwise('stack overflow') // of JavaScript's
    // What else would be raised outside of any pcall?
    if (error instanceof LuaPanic || error instanceof ReplyTooLarge) return otherwise('not enough memory')
    throw error
  }

  #clean(): void {
    const { c, L, memoryBytes } = this.api
    // A script may have stopped it. If not, to restart it would be to begin its next round at once.
    if (this.api.isCollectorStopped(L)) c.lua_gc(L, Gc.Restart, 0)
    if (this.usedBytes > PUSHED_BYTES) c.lua_gc(L, Gc.Step, GC_PERIOD)
    if (memoryBytes > RECYCLED_BYTES && this.usedBytes < memoryBytes / 4) this.isSpent = true
  }
}
