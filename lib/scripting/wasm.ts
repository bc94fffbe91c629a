/**
 * Brings up the WebAssembly build of Lua 5.1 without Emscripten's own JavaScript: the binary needs 28 functions, most of
 * them for files and dates that a script may not have. All of it is synchronous (5 ms, once a process for the
 * compilation), so a first script waits for nothing. The memory that the binary may take is bounded here: where it may
 * not grow, malloc fails and Lua raises "not enough memory".
 */
import { luaModule, wrapperModule } from './modules.ts'

const PAGE_BYTES = 65536

/** What is thrown in place of C's longjmp; `invoke_vii` is the setjmp. It must pass through every JavaScript frame between. */
export const LONGJMP = Symbol('longjmp')

/** Lua has given up: an error outside of any protected call. The instance is of no use any more. */
export class LuaPanic extends Error {}

/** A function of the binary: all arguments and results are 32-bit integers or doubles. */
type WasmFunction = (...args: number[]) => number

export interface WasmInstance {
  readonly exports: Record<string, WasmFunction>
  readonly memory: WebAssembly.Memory
  readonly table: WebAssembly.Table
}

/**
 * An instance of its own memory, at most `maxBytes`. `onGrow` is called when views of the memory became void; `check` each
 * time the binary has used up its fuel, and may throw (tests/scripting/luafuel.ts).
 */
export function instantiate(maxBytes: number, onGrow: () => void, check: () => void = () => {}): WasmInstance {
  const { exports } = new WebAssembly.Instance(luaModule(), {
    env: { ...environment(() => instance, maxBytes, onGrow), check },
    wasi_snapshot_preview1: wasi(() => instance.memory),
  })
  const instance: WasmInstance = {
    exports: exports as Record<string, WasmFunction>,
    memory: exports['memory'] as WebAssembly.Memory,
    table: exports['__indirect_function_table'] as WebAssembly.Table,
  }
  instance.exports['__wasm_call_ctors']()
  return instance
}

function environment(own: () => WasmInstance, maxBytes: number, onGrow: () => void): WebAssembly.ModuleImports {
  /** Functions of the table by their index, for a look into the table is slow; the binary's own stay where they are. */
  const functions: WasmFunction[] = []

  /** C's setjmp: calls a function of the table, and stops here what LONGJMP ends. */
  function invoke(index: number, a: number, b: number): void {
    const { exports, table } = own()
    const stack = exports['stackSave']()
    try {
      ;(functions[index] ??= table.get(index))(a, b)
    } catch (error) {
      exports['stackRestore'](stack)
      if (error !== LONGJMP) throw error
      exports['setThrew'](1, 0)
    }
  }

  function grow(bytes: number): number {
    const { memory } = own()
    bytes >>>= 0
    if (bytes > maxBytes) return 0
    // Some room more than asked for, so that a growing script does not ask each time.
    const wanted = Math.min(maxBytes, Math.max(bytes, Math.floor(memory.buffer.byteLength * 1.2)))
    try {
      memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / PAGE_BYTES))
    } catch {
      return 0
    }
    onGrow()
    return 1
  }

  return {
    invoke_vii: invoke,
    _emscripten_throw_longjmp() {
      throw LONGJMP
    },
    exit() {
      throw new LuaPanic('unprotected error in a call of the Lua API')
    },
    emscripten_resize_heap: grow,
    emscripten_date_now: () => Date.now(),
    _emscripten_get_now_is_monotonic: () => 1,
    // Files, processes and calendars: the libraries that use them are not opened.
    strftime: fails,
    __syscall_openat: fails,
    __syscall_fcntl64: fails,
    __syscall_ioctl: fails,
    __syscall_dup3: fails,
    __syscall_unlinkat: fails,
    __syscall_rmdir: fails,
    __syscall_renameat: fails,
    __syscall_readlinkat: fails,
    _emscripten_system: fails,
    _tzset_js: fails,
    _mktime_js: fails,
    _localtime_js: fails,
    _gmtime_js: fails,
  }
}

/** The only thing that is ever written is Lua's word of farewell before `exit`. */
function wasi(memory: () => WebAssembly.Memory): WebAssembly.ModuleImports {
  return {
    fd_write(_file: number, vectors: number, count: number, written: number) {
      const view = new DataView(memory().buffer)
      let bytes = 0
      for (let i = 0; i < count; i++) bytes += view.getUint32(vectors + 8 * i + 4, true)
      view.setUint32(written, bytes, true)
      return 0
    },
    fd_read: fails,
    fd_close: fails,
    fd_seek: fails,
    environ_get: () => 0,
    environ_sizes_get(count: number, bytes: number) {
      const view = new DataView(memory().buffer)
      view.setUint32(count, 0, true)
      view.setUint32(bytes, 0, true)
      return 0
    },
  }
}

function fails(): number {
  return -1
}

/** A function that the table takes: of one 32-bit integer, which gives one, as all are that Lua calls. */
export function wrapFunction(fn: (argument: number) => unknown): WasmFunction {
  return new WebAssembly.Instance(wrapperModule(), { e: { f: fn } }).exports['f'] as WasmFunction
}
